"""Pages of their own: the master list, starters, preview, comparison, paper."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from comity.accounts.models import Person
from comity.documents import operations, starters
from comity.documents.forms import Blocks, named
from comity.documents.models import Document, DocumentVersion
from comity.documents.reading import compared, parts_of
from comity.documents.reports import master_list, printed, reference
from comity.documents.types import DocumentType
from comity.records.access import may, readable
from comity.records.kind import kind_of
from comity.reports import html, pdf
from comity.reports.blocks import for_press, for_workbook
from comity.reports.sheets import workbook
from comity.web.gate import actor_of, go, page, person_of


@page
def listed(request: HttpRequest) -> HttpResponse:
    """Every revision of every document, and first what the reader still has to confirm."""
    person = person_of(request)
    report = master_list(person)
    context = {"report": report, "body": html.shown(report.blocks), "to_read": operations.to_read(person)}
    return render(request, "documents/master_list.html", context)


@page
def listed_on_paper(request: HttpRequest) -> HttpResponse:
    report = master_list(person_of(request))
    return pdf.answer(pdf.printed("report", for_press(report)), report.anchor)


@page
def listed_in_workbook(request: HttpRequest) -> HttpResponseBase:
    report = master_list(person_of(request))
    return FileResponse(workbook(for_workbook(report)), as_attachment=True, filename=f"{report.anchor}.xlsx")


def _may_begin(person: Person) -> None:
    if not may(person, kind_of(Document), "create"):
        raise PermissionDenied


@page
def beginnings(request: HttpRequest) -> HttpResponse:
    """The starters, with how many documents of each type there are; one press makes a document with its draft."""
    person = person_of(request)
    _may_begin(person)
    if request.method == "POST":
        asked, language = request.POST.get("type", ""), request.POST.get("language", get_language() or "en")
        if asked not in starters.types():
            raise Http404
        made = operations.from_starter(asked, language, actor_of(request))
        messages.success(request, _("%(ref)s is begun. Make its words true, and hand it in.") % {"ref": made.ref})
        return go(request, f"{made.url}edit/")
    known = dict(DocumentType.choices)
    held = list(readable(kind_of(Document), person).filter(archived_at=None).values_list("type", flat=True))
    found = [
        {
            "type": one, "label": known[one], "count": held.count(one),
            "sections": [section.label for section in starters.sections_of(one)],
        }
        for one in sorted(starters.types(), key=lambda one: str(known[one]))
    ]  # fmt: skip
    return render(request, "documents/starters.html", {"starters": found})


@require_POST
@page
def preview(request: HttpRequest) -> HttpResponse:
    """What was typed as it will be read; nothing is kept."""
    asked = named(request.POST.get("document", ""))
    document = readable(kind_of(Document), person_of(request)).filter(ref=asked).first()
    sections: Any = Blocks().value_from_datadict(request.POST, None, "sections")
    sections = sections if isinstance(sections, dict) else {}
    found = list(parts_of(document.type if document else "", request.POST.get("body", "")[:100_000], sections))
    return render(request, "documents/preview.html", {"document": document, "parts": found})


@require_POST
@page
def draft(request: HttpRequest, record: Document) -> HttpResponse:
    """Begin the next version, with the words of the last one."""
    _may_begin(person_of(request))
    made = operations.next_draft(record, actor_of(request))
    return go(request, f"{made.url}edit/")


@page
def compare(request: HttpRequest, record: DocumentVersion) -> HttpResponse:
    """Two versions side by side: this one, and the one named, or else the one before it."""
    rows = readable(record.kind, person_of(request)).filter(document=record.document_id).exclude(pk=record.pk)
    asked = request.GET.get("with", "")
    other = (
        rows.filter(ref=asked).first()
        if asked
        else rows.filter(version_no__lt=record.version_no).order_by("-version_no").first()
    )
    if other is None:
        raise Http404
    old, new = sorted((record, other), key=lambda one: one.version_no)
    choice = list(rows.order_by("-version_no").defer("body", "sections"))
    context = {"kind": record.kind, "record": record, "old": old, "new": new, "other": other, "others": choice}
    return render(request, "documents/compare.html", context | {"parts": compared(old, new)})


@page
def on_paper(request: HttpRequest, record: DocumentVersion) -> HttpResponse:
    """The version as PDF."""
    report = printed(record)
    return pdf.answer(pdf.printed("report", for_press(report, reference(record))), report.anchor)
