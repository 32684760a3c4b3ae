"""The results of a survey as a page, on paper and as a workbook, and the draw done again."""

from __future__ import annotations

from django.contrib import messages
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from comity.records.access import readable_record
from comity.records.kind import kind_of
from comity.reports import pdf
from comity.reports.blocks import for_press, for_workbook
from comity.reports.html import shown
from comity.reports.sheets import workbook
from comity.satisfaction.drawing import same_again
from comity.satisfaction.models import Survey, SurveySample
from comity.satisfaction.report import Results
from comity.web.gate import go, page, person_of


def _survey(request: HttpRequest, ref: str) -> Survey:
    survey: Survey = readable_record(kind_of(Survey), person_of(request), ref)
    return survey


@page
def results(request: HttpRequest, survey: str) -> HttpResponse:
    """What was answered, and how far it carries."""
    record = _survey(request, survey)
    body = shown(Results(record, person_of(request)).report().blocks)
    return render(request, "satisfaction/results.html", {"survey": record, "body": body})


@page
def results_pdf(request: HttpRequest, survey: str) -> HttpResponse:
    """The same on paper."""
    record = _survey(request, survey)
    report = Results(record, person_of(request)).report()
    return pdf.answer(pdf.printed("report", for_press(report, record.ref)), record.ref)


@page
def results_workbook(request: HttpRequest, survey: str) -> HttpResponseBase:
    """The same as a workbook."""
    record = _survey(request, survey)
    book = workbook(for_workbook(Results(record, person_of(request)).report()))
    return FileResponse(book, as_attachment=True, filename=f"{record.ref}.xlsx")


@require_POST
@page
def redraw(request: HttpRequest, survey: str) -> HttpResponse:
    """Draw again from the frame and the seed that were kept, and say whether the same people come out."""
    record = _survey(request, survey)
    sample = SurveySample.objects.filter(survey=record).first()
    if sample is None:
        raise Http404
    if same_again(sample):
        messages.success(request, _("Drawn again from frame and seed: the same people."))
    else:
        messages.error(request, _("Drawn again from frame and seed: not the same people. Somebody has changed them."))
    return go(request, record.url)
