"""The scorecard as a page, on paper and as a workbook; each of the same report."""

from __future__ import annotations

import re
from datetime import date

from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from comity.accounts.rights import rights_of
from comity.accounts.roles import CONTACTS
from comity.cases.figures.facts import day_of
from comity.records.access import readable_record
from comity.records.kind import kind_named
from comity.reports import pdf
from comity.reports.blocks import for_press, for_workbook
from comity.reports.html import shown
from comity.reports.sheets import workbook
from comity.supply.reading import PERIODS, Scorecard
from comity.supply.report import Printed, asked
from comity.supply.rules import Length, Period
from comity.web.gate import page, person_of

LENGTHS = {Length.MONTH: _("Month"), Length.QUARTER: _("Quarter"), Length.YEAR: _("Year")}
EARLIEST = 1990


def _printed(request: HttpRequest, supplier: str) -> Printed:
    """What the address asks for; without a period, the quarter that runs. It is ours: contacts have other pages."""
    person = person_of(request)
    if rights_of(person).roles <= CONTACTS:
        raise Http404
    record = readable_record(kind_named("supplier"), person, supplier)
    return Printed(Scorecard(record, period_of(request)), person)


def period_of(request: HttpRequest) -> Period:
    """The period asked for, at most the present one."""
    today = day_of(timezone.now())
    length = request.GET.get("period", "")
    found = re.fullmatch(r"(\d{4})-(0[1-9]|1[0-2])(-\d\d)?", request.GET.get("at", "").strip())
    day = date(int(found[1]), int(found[2]), 1) if found and int(found[1]) >= EARLIEST else today
    return Period.of(Length(length) if length in set(Length) else Length.QUARTER, min(day, today))


@page
def scorecard(request: HttpRequest, supplier: str) -> HttpResponse:
    """The period asked for, and the seven before it."""
    printed = _printed(request, supplier)
    period = printed.card.period
    running = period.last >= day_of(timezone.now())
    context = {
        "supplier": printed.card.supplier, "period": period, "lengths": LENGTHS.items(), "query": asked(period),
        "before": asked(period.back(1)), "after": "" if running else asked(period.back(-1)), "running": running,
        "body": shown(printed.blocks()), "periods": PERIODS,
    }  # fmt: skip
    return render(request, "supply/scorecard.html", context)


@page
def scorecard_pdf(request: HttpRequest, supplier: str) -> HttpResponse:
    """The same on paper."""
    report = _printed(request, supplier).report()
    return pdf.answer(pdf.printed("report", for_press(report, supplier)), report.anchor)


@page
def scorecard_workbook(request: HttpRequest, supplier: str) -> HttpResponseBase:
    """The same as a workbook."""
    report = _printed(request, supplier).report()
    return FileResponse(workbook(for_workbook(report)), as_attachment=True, filename=f"{report.anchor}.xlsx")
