"""The analysis as a page, on paper and as a workbook; each of the same report."""

from __future__ import annotations

from typing import Any

from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render

from comity.accounts.models import Person
from comity.records.access import readable_record
from comity.records.kind import kind_named
from comity.reports import pdf
from comity.reports.blocks import for_press, for_workbook
from comity.reports.html import shown
from comity.reports.sheets import workbook
from comity.reviews.analysis import Analysis
from comity.reviews.asking import Question
from comity.reviews.review_report import of_review
from comity.web.gate import page, person_of


@page
def analysis(request: HttpRequest) -> HttpResponse:
    """The figures of the period asked for, or of the last twelve months."""
    person = person_of(request)
    question = Question.of(person, request.GET)
    made = Analysis(question, person)
    context = {"question": question, "figures": made.figures, "body": shown(made.report().blocks)}
    return render(request, "reviews/analysis.html", context, status=400 if question.wrong else 200)


@page
def analysis_pdf(request: HttpRequest) -> HttpResponse:
    """The same on paper."""
    person = person_of(request)
    report = Analysis(Question.of(person, request.GET), person).report()
    return pdf.answer(pdf.printed("report", for_press(report)), report.anchor)


@page
def analysis_workbook(request: HttpRequest) -> HttpResponseBase:
    """The same as a workbook."""
    person = person_of(request)
    report = Analysis(Question.of(person, request.GET), person).report()
    return FileResponse(workbook(for_workbook(report)), as_attachment=True, filename=f"{report.anchor}.xlsx")


def _analysis(person: Person, ref: str) -> Any:
    """The analysis of that reference; other reviews have no figures to print."""
    record = readable_record(kind_named("review"), person, ref)
    if not record.is_analysis:
        raise Http404
    return record


@page
def review_pdf(request: HttpRequest, review: str) -> HttpResponse:
    """The report of a review as it stands now."""
    person = person_of(request)
    record = _analysis(person, review)
    return pdf.answer(pdf.printed("report", for_press(of_review(record, person), record.ref)), record.ref)


@page
def review_workbook(request: HttpRequest, review: str) -> HttpResponseBase:
    """The same as a workbook."""
    person = person_of(request)
    record = _analysis(person, review)
    book = workbook(for_workbook(of_review(record, person)))
    return FileResponse(book, as_attachment=True, filename=f"{record.ref}.xlsx")
