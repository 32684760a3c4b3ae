"""The preview of an erasure with its confirmation, how far it is, its certificate, and the mark of a hold."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from comity.privacy import erasing
from comity.privacy import preview as previewing
from comity.privacy.models import DataSubjectRequest, Erasure, LegalHold
from comity.records.access import readable, readable_record
from comity.records.hanging import has
from comity.records.kind import kind_named
from comity.records.trail import Refused
from comity.reports import pdf
from comity.reports.blocks import for_press
from comity.web.gate import actor_of, go, page, person_of
from comity.web.panels import panel


def _asked(request: HttpRequest, ref: str) -> Any:
    """The request of that reference, for those who decide on erasures."""
    person = person_of(request)
    found = readable_record(kind_named("data_subject_request"), person, ref)
    if not erasing.may_erase(person):
        raise PermissionDenied
    return found


@page
def preview(request: HttpRequest, asked: str) -> HttpResponse:
    """What would be removed, anonymised and kept, and why; typing the number of the request begins it."""
    one = _asked(request, asked)
    refused: tuple[str, ...] = ()
    if request.method == "POST":
        try:
            said = request.POST
            left = said.getlist("spared"), said.getlist("common")
            erasing.begin(one, actor_of(request), said.get("number", ""), *left)
        except Refused as wrong:
            refused = wrong.missing
        else:
            messages.success(request, _("It has begun. The page of the request shows how far it is."))
            return go(request, one.url)
    shown = {
        "record": one, "found": previewing.of(one, person_of(request)), "refused": refused,
        "hindrances": [] if refused else [*erasing.hindrances(one, person_of(request))],
    }  # fmt: skip
    return render(request, "privacy/preview.html", shown, status=409 if refused else 200)


@page
def certificate(request: HttpRequest, asked: str) -> HttpResponse:
    """What was done, on paper."""
    one = _asked(request, asked)
    made = Erasure.objects.filter(request=one).exclude(ended_at=None).select_related("request", "begun_by").first()
    if made is None:
        raise Http404
    report = previewing.certificate(made)
    return pdf.answer(pdf.printed("report", for_press(report, one.ref)), report.anchor)


@panel("data_subject_request", "privacy/erasure.html", place="main", order=10, label=gettext_lazy("Erasure"))
def erasure(record: Any, request: HttpRequest) -> dict[str, Any] | None:
    """The way to the preview, how far it is, or what was done."""
    if record.type != DataSubjectRequest.Type.DELETION:
        return None
    made = Erasure.objects.filter(request=record).first()
    officer = erasing.may_erase(person_of(request))
    if made is None and not (officer and record.open):
        return None
    return {"made": made, "officer": officer, "done": sum(made.counts.values()) if made else 0}


@panel("*", "privacy/hold.html", place="side", order=5, label=gettext_lazy("Legal hold"))
def hold(record: Any, request: HttpRequest) -> dict[str, Any] | None:
    """That a record is under hold, since when and why."""
    if not has(record, "holds"):
        return None
    rows = readable(kind_named("legal_hold"), person_of(request))
    held = list(rows.filter(subject_ref=record.ref, status=LegalHold.Status.HELD).order_by("pk"))
    return {"holds": held} if held else None
