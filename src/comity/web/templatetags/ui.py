"""What the templates of every room may use: icons, times, states, the shell's own pieces."""

from collections.abc import Container
from typing import Any

from django import template
from django.utils.safestring import SafeString

from comity.accounts.rights import rights_of
from comity.accounts.roles import Role
from comity.records.models import Record
from comity.web import cells, icons, navigation
from comity.web.panels import Panel

register = template.Library()
register.simple_tag(icons.icon, name="icon")
register.simple_tag(cells.value, name="shown")
register.simple_tag(cells.status, name="status_of")
register.simple_tag(cells.options)
register.filter("when", cells.when)
register.filter("deadline", cells.deadline)


@register.simple_tag
def link(record: Record, known: Container[Record], words: str = "") -> SafeString:
    """Reference and name of a record, or these words, leading to it where it is known that the reader may follow."""
    return cells.lead(record, words or f"{record.ref} {record}", record in known)


@register.simple_tag(takes_context=True, name="navigation")
def _navigation(context: dict[str, Any]) -> navigation.Navigation:
    return navigation.of(context["request"])


@register.simple_tag(takes_context=True)
def show_panel(context: Any, panel: Panel, found: dict[str, Any]) -> SafeString:
    """A panel's template, with what its function found, in the page's own context."""
    with context.push(**found):
        return context.template.engine.get_template(panel.template).render(context)  # type: ignore[no-any-return]


@register.simple_tag(takes_context=True)
def acting_groups(context: dict[str, Any]) -> list[tuple[str, str, bool]]:
    """The choice of those who hold the administrator group beside others: one or the other, never both."""
    person = context["request"].user
    if not rights_of(person).must_choose:
        return []
    acts, others = person.acting_group == Role.ADMINISTRATOR, rights_of(person).held - {Role.ADMINISTRATOR}
    names = ", ".join(sorted(str(role.label) for role in others))
    return [("", names, not acts), (str(Role.ADMINISTRATOR), str(Role.ADMINISTRATOR.label), acts)]


@register.inclusion_tag("ui/problems.html")
def problem_list(loose: Any, *shown: Any) -> dict[str, Any]:
    """The summary over forms: nothing while nothing is wrong."""
    forms = [form for one in shown for form in (one if isinstance(one, list) else [one])]
    return {"loose": loose, "forms": [form for form in forms if form.is_bound and form.errors]}


@register.filter
def initials(name: str) -> str:
    """Two letters for a round sign: Anna Berg -> AB, Mei -> ME, 王小明 -> 小明."""
    words = str(name).split() or ["·"]
    if len(words) > 1:
        return (words[0][0] + words[-1][0]).upper()
    return words[0][:2].upper() if words[0].isascii() else words[0][-2:]


@register.filter
def message_icon(tag: str) -> str:
    return {"success": "circle-check", "warning": "triangle-alert", "error": "circle-alert"}.get(tag, "info")
