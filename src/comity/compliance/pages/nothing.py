"""On the page of a record: saying, with a reason, that there is nothing to record where the catalogue allows that."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import FieldDoesNotExist, ValidationError
from django.http import HttpRequest, HttpResponseBase
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from comity.cases.models import Case
from comity.compliance.operations import nothing
from comity.records.access import may
from comity.records.forms import messages_of
from comity.records.kind import Kind
from comity.web import cells
from comity.web.gate import actor_of, go, page, person_of
from comity.web.panels import EVERY, panel


def called(kind: Kind, name: str) -> str:
    """What people call the field; what should be tied to the record is no field."""
    if name == nothing.LINKS:
        return _("Something it leads to or depends on")
    try:
        return cells.capital(str(getattr(kind.field(name), "verbose_name", name)))
    except FieldDoesNotExist:
        return cells.capital(name.replace("_", " "))


@panel(EVERY, "compliance/nothing.html", place="side", order=60, label=gettext_lazy("Nothing to record"))
def statements(record: Any, request: HttpRequest) -> dict[str, Any] | None:
    """What was said, and what may still be said by this reader; nothing on pages where neither is."""
    names = nothing.allowed(record.kind)
    if not names:
        return None
    lines = [(line, [called(record.kind, name) for name in line.changes]) for line in nothing.stated(record)]
    said = {name for line, _names in lines for name in line.changes}
    early = isinstance(record, Case) and not record.left_investigating_at  # until then nobody asks
    mine = not early and may(person_of(request), record, "edit")
    open_ = [(name, called(record.kind, name), names[name]) for name in names if mine and name not in said]
    return {"lines": lines, "open": open_} if lines or open_ else None


@require_POST
@page
def say(request: HttpRequest, record: Any) -> HttpResponseBase:
    """One statement; back to the record."""
    try:
        told = request.POST.get("name", ""), request.POST.get("reason", "")
        nothing.state(record, *told, actor=actor_of(request))
    except ValidationError as error:
        for text in messages_of(error).values():
            messages.error(request, " ".join(text))
    else:
        messages.success(request, _("It is on record that there is none."))
    return go(request, record.url)
