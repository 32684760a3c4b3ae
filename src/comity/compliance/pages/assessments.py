"""The worksheet of an assessment as a page that saves each line, and as a workbook; the programme of assessments."""

from __future__ import annotations

from collections.abc import Iterable
from copy import copy
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import get_language, gettext_lazy, ngettext
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from comity.compliance.catalogue import entry
from comity.compliance.inquiry import Inquiry
from comity.compliance.models import Assessment, Line
from comity.compliance.models.assessments import Task
from comity.compliance.operations.programme import programme
from comity.compliance.pages import access, words
from comity.compliance.rules.scoring import FIRST, TOP, Method, Stand
from comity.compliance.worksheet import findings, workbook
from comity.compliance.worksheet import lines as worksheet
from comity.intake.tables import Unreadable
from comity.parties.pointers import kind_by
from comity.records.access import may, readable_record
from comity.records.forms import messages_of
from comity.records.kind import kind_named
from comity.web.gate import actor_of, go, page, person_of
from comity.web.panels import panel

SHOWN = 100
UPLOAD_AT_MOST = 8 << 20
STANDS = {
    Stand.CONTRADICTION: gettext_lazy("Contradiction"), Stand.UNPROVEN: gettext_lazy("Not proven"),
    Stand.OPEN: gettext_lazy("Open"), Stand.UNANSWERED: gettext_lazy("Unanswered"),
    Stand.EXISTS: gettext_lazy("Evidence already exists"), Stand.WAITING: gettext_lazy("Waiting"),
    Stand.CONFIRMED: gettext_lazy("Confirmed"),
}  # fmt: skip


class Shown:
    """A line with its words in the reader's language."""

    def __init__(self, line: Line, found: dict[str, Any]) -> None:
        self.line, self.entry, self.stand = line, entry(line.requirement), worksheet.standing(line)
        chinese = (get_language() or "").startswith("zh")
        self.text = (self.entry.text_zh if chinese else self.entry.text) if self.entry else ""
        self.reason = line.reason_zh if chinese else line.reason_en
        self.label, self.verdict = STANDS[self.stand], words.verdict(line.verdict)
        self.finding = found.get(line.finding_ref)
        self.evidence = [(ref, kind.url) for ref in line.evidence.split() if (kind := kind_by(ref))]


def _assessment(request: HttpRequest, ref: str) -> Assessment:
    record: Assessment = readable_record(kind_named("assessment"), person_of(request), ref)
    if record.type != Assessment.Type.INTERNAL:
        raise Http404
    return record


def _open(request: HttpRequest, record: Assessment) -> bool:
    return record.status == Assessment.Status.IN_PROGRESS and may(actor_of(request), record, "edit")


def _head(record: Assessment) -> dict[str, Any]:
    """What stands above every worksheet: its fields, its score, and how many lines stand how."""
    lines = worksheet.ordered(record)
    counts = [(one, STANDS[one], count) for one, count in worksheet.counts(lines).items() if count]
    score = worksheet.scored(record)
    shown = None
    if score.value is not None:
        shown = f"{score.value:.1f} / {TOP}" if record.scoring == Method.MATURITY else f"{score.value:.0%}"
    return {"record": record, "lines": lines, "counts": counts, "score": score, "shown": shown,
            "fields": list(workbook.head(record))[:-1]}  # fmt: skip


@require_GET
@page
def sheet(request: HttpRequest, name: str) -> HttpResponseBase:
    """The worksheet: contradictions first, then what is open; narrowed by how lines stand."""
    record = _assessment(request, name)
    context = _head(record)
    wanted = request.GET.get("stand", "")
    rows = [one for one in context["lines"] if wanted not in FIRST or worksheet.standing(one) == wanted]
    start = int(asked) if (asked := request.GET.get("from", "")).isdecimal() and len(asked) < 7 else 0
    found = findings.of_lines(rows)
    context |= {"wanted": wanted, "more": start + SHOWN if len(rows) > start + SHOWN else 0}
    return _whole(request, context, (Shown(one, found) for one in rows[start : start + SHOWN]))


def _whole(request: HttpRequest, context: dict[str, Any], rows: Iterable[Shown], status: int = 200) -> HttpResponse:
    record = context["record"]
    context |= {
        "rows": list(rows), "tasks": Task.choices, "open": _open(request, record), "upload": UPLOAD_AT_MOST >> 20,
        "levels": range(TOP + 1) if record.scoring == Method.MATURITY else (),
    }  # fmt: skip
    return render(request, "compliance/worksheet.html", context, status=status)


@require_POST
@page
def save(request: HttpRequest, name: str, pk: int) -> HttpResponseBase:
    """Save one line; 409 where somebody else answered it meanwhile, 422 for what is wrong.

    Without scripts, what is refused comes back as a page with this line alone, as it was filled in.
    """
    record = _assessment(request, name)
    status, problems, theirs = 200, [], None
    version = request.POST.get("version", "")
    if not version.isdecimal() or len(version) > 9 or not record.lines.filter(pk=pk).exists():
        raise Http404
    try:
        line = worksheet.answer(record, pk, request.POST.dict(), int(version), actor_of(request))
    except worksheet.Changed as changed:
        status, line, theirs = 409, changed.line, changed.line
    except ValidationError as error:
        line = record.lines.get(pk=pk)
        status, problems = 422, [text for texts in messages_of(error).values() for text in texts]
    part = bool(request.headers.get("HX-Request"))
    if not part and status == 200:
        return go(request, reverse("compliance:worksheet", args=[record.ref]))
    row = Shown(line, findings.of_lines([line]))
    context = {"row": row, "problems": problems, "theirs": theirs, "saved": status == 200}
    if part:
        return render(request, "compliance/worksheet_said.html", context, status=status)
    row.line = copy(line)
    for name in worksheet.ANSWERED:
        setattr(row.line, name, request.POST.get(name, ""))
    level = request.POST.get("maturity", "")
    row.line.maturity = int(level) if level in map(str, range(TOP + 1)) else None
    return _whole(request, _head(record) | context, [row], status)


@require_GET
@page
def take_out(request: HttpRequest, name: str) -> HttpResponseBase:
    """The worksheet as a workbook, to be filled offline."""
    record = _assessment(request, name)
    return FileResponse(workbook.written(record), as_attachment=True, filename=f"{record.ref}.xlsx")


@require_POST
@page
def load(request: HttpRequest, name: str) -> HttpResponseBase:
    """A filled workbook: first its differences, and once they are confirmed, what they change."""
    record, problems, loaded = _assessment(request, name), [], None
    actor = actor_of(request)
    try:
        worksheet.permit(record, actor)
        if "confirmed" in request.POST:
            loaded = workbook.again(record, request.POST["confirmed"])
            done = workbook.take_over(record, loaded, actor)
            return _taken(request, record, done)
        given = request.FILES.get("file")
        if given is None or not given.size or given.size > UPLOAD_AT_MOST:
            raise Unreadable(_("Choose a workbook of at most %(n)d MB.") % {"n": UPLOAD_AT_MOST >> 20})
        loaded = workbook.load(record, given.read())
    except Unreadable as error:
        problems = [str(error)]
    except worksheet.Changed as error:
        problems = [_("Somebody answered %(name)s meanwhile. Load the workbook again.") % {"name": error}]
    except ValidationError as error:
        problems = [text for texts in messages_of(error).values() for text in texts]
    context = {
        "record": record, "loaded": loaded, "problems": problems, "confirmed": workbook.kept(loaded) if loaded else "",
    }  # fmt: skip
    return render(request, "compliance/worksheet_load.html", context, status=422 if problems else 200)


def _taken(request: HttpRequest, record: Assessment, done: int) -> HttpResponse:
    messages.success(request, ngettext("%(n)d line taken over.", "%(n)d lines taken over.", done) % {"n": done})
    return go(request, reverse("compliance:worksheet", args=[record.ref]))


@require_GET
@access.readers
def programme_page(request: HttpRequest) -> HttpResponseBase:
    """Each section of each standard: risk, frequency, last and next assessment; what is late comes first."""
    inquiry, person = Inquiry(), person_of(request)
    known = access.standards_of(person)
    wanted = request.GET.get("standard", "")
    code = wanted if wanted in known else next(iter(known), "")
    rows = sorted(programme(code, inquiry), key=lambda one: (not one.late, not one.unplanned))
    plans = may(person, kind_named("assessment"), "edit")
    context = {"standards": known.items(), "code": code, "rows": rows, "plans": plans}
    return render(request, "compliance/programme.html", context)


@panel("assessment", "compliance/worksheet_panel.html", place="main", order=10, label=gettext_lazy("Worksheet"))
def worksheet_panel(record: Any, request: HttpRequest) -> dict[str, Any] | None:
    """How the lines stand, and the way to them."""
    return _head(record) if record.type == Assessment.Type.INTERNAL and record.as_of else None
