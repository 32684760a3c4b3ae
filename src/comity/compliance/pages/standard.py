"""A standard as its clauses: each requirement with verdict, reason and counts; filtered, searched, taken out."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import groupby
from typing import Any

from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _

from comity.compliance.catalogue import Requirement, Standard
from comity.compliance.operations import computing
from comity.compliance.operations.moments import day_of, end_of
from comity.compliance.pages import access, board, drawing, findings, words
from comity.reports.sheets import Sheet, workbook
from comity.web.export import harmless
from comity.web.gate import person_of


@dataclass(frozen=True)
class Row:
    """A requirement with the answer that is kept; `answer` is None before the first computation."""

    requirement: Requirement
    clause: str
    answer: Any
    reason: str
    depth: int
    counted: bool
    proxy: bool
    findings: Sequence[Any] = ()

    @property
    def text(self) -> str:
        return words.text(self.requirement)

    @property
    def url(self) -> str:
        return words.url(self.requirement)

    @property
    def shown(self) -> str:
        return words.shown(self.answer) if self.answer else ""

    @property
    def verdict(self) -> str:
        return words.verdict(self.shown) if self.answer else ""

    @property
    def below(self) -> bool:
        """Is the verdict that of a requirement below it?"""
        return bool(self.answer) and not self.answer.excluded and self.answer.own != self.answer.verdict


@dataclass(frozen=True)
class Wanted:
    """What the address asks for; a value that makes no sense asks for nothing."""

    verdicts: frozenset[str]
    clause: str
    evidence: str
    since: date | None
    text: str
    counted: bool

    @classmethod
    def of(cls, asked: Any) -> Wanted:
        evidence = asked.get("evidence", "")
        return cls(
            frozenset(asked.getlist("verdict")) & set(board.SHOWN), asked.get("clause", ""),
            evidence if evidence in words.EVIDENCE else "", day_of(asked.get("since", "")),
            asked.get("q", "").strip().casefold(), asked.get("counted") == "yes",
        )  # fmt: skip

    def takes(self, row: Row) -> bool:
        one, answer = row.requirement, row.answer
        if self.verdicts and row.shown not in self.verdicts:
            return False
        if self.clause and row.clause != self.clause:
            return False
        if (self.evidence and one.evidence != self.evidence) or (self.counted and not row.counted):
            return False
        if self.since and not (answer and answer.since > end_of(self.since - timedelta(days=1))):
            return False
        return self.text in f"{one.id} {one.text} {one.text_zh} {one.check} {row.reason}".casefold()

    def __bool__(self) -> bool:
        return bool(self.verdicts or self.clause or self.evidence or self.since or self.text or self.counted)


def rows(
    standard: Standard, answers: Mapping[str, Any], reasons: Mapping[str, str], found_against: Mapping[str, Any]
) -> list[Row]:
    """All requirements in the order of the standard, each below its parent."""
    counted, depths = {one.id for one in standard.counted}, dict[str, int]()
    clauses = words.clauses(standard)
    found = []
    for one in standard.requirements:
        depths[one.id] = depths.get(one.parent, -1) + 1
        answer = answers.get(one.id)
        reason = reasons.get(one.id, "")
        proxy = one.id in standard.proxies
        found.append(
            Row(one, clauses[one.clause], answer, reason, min(depths[one.id], 5), one.id in counted, proxy,
                found_against.get(one.id, ()))
        )  # fmt: skip
    return found


def _asked(request: HttpRequest, code: str) -> tuple[Standard, Mapping[str, Any], list[Row], Wanted]:
    person = person_of(request)
    standard = access.standard_at(person, code)
    answers = {name: one for name, one in computing.latest().items() if one.standard == standard.code}
    every = rows(standard, answers, words.reasons(person, answers.values()), findings.by_requirement(person))
    return standard, answers, every, Wanted.of(request.GET)


@access.readers
def show(request: HttpRequest, standard: str) -> HttpResponse:
    """The clauses with their requirements, as far as they meet the filters."""
    found, answers, every, wanted = _asked(request, standard)
    shown = [row for row in every if wanted.takes(row)]
    counts = Counter(row.shown for row in every)
    context = {
        "standard": found,
        "title": words.title(found),
        "standing": board.standing(found, answers),
        "groups": [(name, list(part)) for name, part in groupby(shown, lambda row: row.clause)],
        "clauses": words.clauses(found).values(),
        "verdicts": [(one, words.word(one), counts[one]) for one in board.SHOWN if counts[one]],
        "evidence": words.EVIDENCE.items(),
        "wanted": wanted,
        "n": len(shown),
        "all": len(every),
        "query": request.GET.urlencode(),
        "trend": drawing.trend([found.code]),
        "answered": bool(answers),
        "today": timezone.localdate(),
    }
    part = request.headers.get("HX-Target") == "list"
    response = render(request, f"compliance/standard.html{'#list' if part else ''}", context)
    response["Vary"] = "HX-Request, HX-Target, Cookie"
    return response


@access.readers
def take_out(request: HttpRequest, standard: str) -> HttpResponseBase:
    """What the filters leave, as CSV or as a workbook."""
    found, _answers, every, wanted = _asked(request, standard)
    heads = [_("Requirement"), _("Clause"), _("Text"), _("Verdict"), _("Reason"), _("Looked at"), _("Gaps"),
             _("Still have time"), _("Evidence"), _("Counts"), _("Sign only"), _("Since")]  # fmt: skip
    lines = [_line(row) for row in every if wanted.takes(row)]
    name = f"{found.code}-{timezone.localdate():%Y-%m-%d}"
    if request.GET.get("format") == "xlsx":
        return FileResponse(workbook([Sheet(found.code, heads, lines)]), as_attachment=True, filename=f"{name}.xlsx")
    return HttpResponse(
        _csv([heads, *lines]), content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}.csv"'},
    )  # fmt: skip


def _line(row: Row) -> list[Any]:
    one, answer, yes = row.requirement, row.answer, {True: _("yes"), False: _("no")}
    numbers = [answer.population, answer.gaps, answer.pending] if answer else [None, None, None]
    return [
        one.id, row.clause, row.text, words.word(row.shown), row.reason, *numbers,
        str(words.EVIDENCE.get(one.evidence, one.evidence)), yes[row.counted], yes[row.proxy],
        timezone.localtime(answer.since).replace(tzinfo=None, microsecond=0) if answer else None,
    ]  # fmt: skip


def _csv(lines: Iterable[Iterable[Any]]) -> str:
    """With the mark by which spreadsheets know the encoding; nothing in it acts as a formula."""
    text = io.StringIO()
    csv.writer(text).writerows([harmless(value) for value in line] for line in lines)
    return "\ufeff" + text.getvalue()
