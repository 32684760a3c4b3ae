"""What the desk sees of the open door: the secret addresses of a case, and what a form brought."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied
from django.db.models import OuterRef
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext_lazy, gettext_noop
from django.views.decorators.http import require_POST

from comity.intake.public.tracking import Tracking
from comity.parties.pages import parts
from comity.records import write
from comity.records.access import may, readable, readable_record
from comity.records.hanging import hangs, has
from comity.records.kind import kind_named
from comity.records.trail import Actor
from comity.web.gate import go, page, person_of
from comity.web.panels import panel

SHOWN = 10
REVOKED = gettext_noop("A tracking link was revoked: it opens nothing any more.")

hangs("tracking", lambda _kind: Tracking.objects.filter(case=OuterRef("pk")), of="case")


@panel("case", "intake/tracking.html", place="side", order=40, label=gettext_lazy("Tracking links"))
def links(record: Any, request: HttpRequest) -> dict[str, Any] | None:
    """The addresses under which whoever complained follows this case."""
    rows = list(Tracking.objects.filter(case=record.pk)) if has(record, "tracking") else []
    return {"links": rows, "may_revoke": may(person_of(request), record, "edit")} if rows else None


parts(
    "public_form", "form_question", "form", gettext_lazy("Questions"),
    lambda one: (f"{one.position}. {one}", one.label_zh, gettext_lazy("must be answered") if one.required else ""),
    "position",
)  # fmt: skip


@panel("public_form", "intake/form.html", place="side", order=5, label=gettext_lazy("On the web"))
def brought(record: Any, request: HttpRequest) -> dict[str, Any]:
    """Where the form is, and the cases that came by it, as far as the reader may see them."""
    cases = readable(kind_named("case"), person_of(request)).filter(public_form=record)
    return {"link": request.build_absolute_uri(record.link), "count": cases.count(),
            "cases": cases.order_by("-received_at")[:SHOWN]}  # fmt: skip


@require_POST
@page
def revoke(request: HttpRequest, case: str, pk: int) -> HttpResponse:
    """End one address at once, for example because it got into wrong hands."""
    person = person_of(request)
    record = readable_record(kind_named("case"), person, case)
    if not may(person, record, "edit"):
        raise PermissionDenied
    rows = Tracking.objects.filter(case=record.pk, pk=pk, revoked_at__isnull=True)
    if not rows.update(revoked_at=timezone.now()):
        raise Http404
    write.note_auto(record, REVOKED, Actor(person, "web", "tracking_revoked"))
    return go(request, record.url)
