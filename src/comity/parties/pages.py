"""What this room adds to pages: where one person acted on both sides of a separation; the parts of a process."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from comity.parties.pointers import pointed
from comity.parties.separation import uses
from comity.records.access import may, readable
from comity.records.kind import kind_named
from comity.web.gate import person_of
from comity.web.panels import panel

SEPARATED = ("customer", "document_version", "agreement_version", "improvement")


def declared(record: Any, request: HttpRequest) -> dict[str, Any] | None:
    """Each use of the exception, with its reason."""
    lines = list(uses().filter(kind=record.kind.name, record_id=record.pk))
    return {"lines": lines} if lines else None


for _kind in SEPARATED:
    panel(_kind, "parties/declared.html", place="side", order=3, label=_("Declared instead of separated"))(declared)


def parts(
    whole: str, part: str, path: str, label: str | Promise, tell: Callable[[Any], Iterable[Any]], order: str = "pk",
    **given: str,
) -> None:  # fmt: skip
    """A panel on the page of a whole with its parts that the reader may see, and the way to a further one, which
    begins with what is `given`."""

    def answer(record: Any, request: HttpRequest) -> dict[str, Any] | None:
        person, kind = person_of(request), kind_named(part)
        named = [field.name for field in kind.model._meta.fields if field.many_to_one]
        rows = readable(kind, person).filter(**{path: record}, archived_at__isnull=True).order_by(order, "pk")
        rows = rows.select_related(*named)
        lines = [(row, " · ".join(str(one) for one in tell(row) if one)) for row in rows]
        more = getattr(record, "open", True) and may(person, kind, "create")
        new = f"{kind.url}new/?{urlencode({path: record.ref, **given})}" if more else ""
        return {"lines": lines, "new": new, "what": kind.label} if lines or new else None

    answer.__name__ = part
    panel(whole, "parties/parts.html", order=20, label=label)(answer)


def leads(whole: str, *names: str) -> None:
    """A panel with the records that these fields of a record name, as far as the reader may see them."""

    def answer(record: Any, request: HttpRequest) -> dict[str, Any] | None:
        person, field = person_of(request), record.kind.field
        found = [(field(name).verbose_name, one) for name in names if (one := pointed(getattr(record, name), person))]
        return {"found": found} if found else None

    answer.__name__ = "leads"
    panel(whole, "parties/leads.html", place="side", order=2, label=_("Leads to"))(answer)


parts(
    "process", "process_step", "process", _("Steps"),
    lambda step: (f"{step.position}. {step.name}", step.get_owner_role_display(), step.operator), "position",
)  # fmt: skip
parts("supplier", "contact", "supplier", _("Contacts"), lambda one: (one.name, one.email, one.phone), type="supplier")
parts("process", "process_role", "process", _("Roles"), lambda role: (role.get_role_display(), role.duties))
parts(
    "process", "process_interface", "process", _("Interfaces"),
    lambda one: (one.name, one.get_direction_display(), one.contact_own, one.contact_other),
)  # fmt: skip
parts(
    "contact", "consent", "contact", _("What they wish to be asked and told"),
    lambda one: (one.get_purpose_display(), one.get_type_display(), one.chosen_at and f"{one.chosen_at:%Y-%m-%d}"),
)  # fmt: skip
