"""What the templates of every room may use: icons, times, the shell's own pieces."""

from datetime import date
from typing import Any

from django import template
from django.conf import settings
from django.urls import NoReverseMatch, reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from comity.web import cells, icons, navigation

register = template.Library()

THEMES = (("auto", _("As the device"), "monitor"), ("light", _("Light"), "sun"), ("dark", _("Dark"), "moon"))
MESSAGE_ICONS = {"success": "circle-check", "warning": "triangle-alert", "error": "circle-alert"}

register.simple_tag(icons.icon, name="icon")
register.simple_tag(cells.value, name="shown")
register.simple_tag(cells.status, name="status_of")


@register.simple_tag(takes_context=True, name="navigation")
def _navigation(context: dict[str, Any]) -> navigation.Navigation:
    return navigation.of(context["request"])


@register.simple_tag
def themes() -> Any:
    return THEMES


@register.simple_tag(takes_context=True)
def acting_groups(context: dict[str, Any]) -> list[tuple[str, str, bool]]:
    return navigation.acting_groups(context["request"].user)


@register.inclusion_tag("ui/problems.html")
def problem_list(loose: Any, *shown: Any) -> dict[str, Any]:
    """The summary over a form: nothing while nothing is wrong."""
    forms = [form for one in shown for form in (one if isinstance(one, list) else [one])]
    return {"loose": loose, "forms": [form for form in forms if form.is_bound and form.errors]}


@register.simple_tag
def sign_out_url() -> str:
    """Where a session ends; the page of the sign-in library if it is there."""
    try:
        return reverse("account_logout")
    except NoReverseMatch:
        return settings.LOGIN_URL


@register.filter
def initials(name: str) -> str:
    """Two letters for a round sign: Anna Berg -> AB, 王小明 -> 小明."""
    words = str(name).split()
    if not words:
        return "·"
    if len(words) == 1:
        return words[0][-2:] if not words[0].isascii() else words[0][:2].upper()
    return (words[0][0] + words[-1][0]).upper()


@register.filter
def message_icon(tag: str) -> str:
    return MESSAGE_ICONS.get(tag, "info")


@register.filter
def when(value: date | None) -> SafeString:
    return cells.when(value)
