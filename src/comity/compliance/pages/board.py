"""The board: how each standard stands, what changed, what is worst; and the button that computes anew."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_POST

from comity.compliance.catalogue import Requirement, Standard
from comity.compliance.models import Computation, Kept
from comity.compliance.operations import computing
from comity.compliance.pages import access, drawing, words
from comity.compliance.pages.changed import turned
from comity.compliance.pages.words import EXCLUDED
from comity.compliance.rules.verdicts import Verdict
from comity.jobs.models import Job
from comity.web.gate import go, person_of

WORST, WEEK, TASK = 10, timedelta(days=7), "comity.compliance.jobs.compute"
JUDGED = (Verdict.MET, Verdict.GAP, Verdict.WAIVED)
SHOWN = (*Kept.values, EXCLUDED)


@dataclass(frozen=True)
class Standing:
    """How a standard stands: the number of requirements that count with each verdict."""

    standard: Standard
    counts: Mapping[str, int]

    @property
    def judged(self) -> int:
        """Those that were exercised and could be assessed."""
        return sum(self.counts.get(one, 0) for one in JUDGED)

    @property
    def share(self) -> int | None:
        """Met of those judged, in whole percent and never rounded up to all."""
        return drawing.share(self.counts)

    @property
    def total(self) -> int:
        return sum(self.counts.values())

    @property
    def url(self) -> str:
        return f"/compliance/{self.standard.code}/"

    @property
    def title(self) -> str:
        return words.title(self.standard)

    @property
    def figures(self) -> list[tuple[Any, int, str]]:
        """Verdict, how many, and where they are listed."""
        return [
            (words.verdict(one), n, f"{self.url}?verdict={one}&counted=yes")
            for one in SHOWN
            if (n := self.counts.get(one, 0))
        ]

    @property
    def bar(self) -> str:
        return drawing.bar([(one, self.counts.get(one, 0)) for one in SHOWN])


def standing(standard: Standard, answers: Mapping[str, Any]) -> Standing:
    """From the answers that are kept. Leaves are counted: no parents, lead-ins, repetitions or recommendations."""
    kept = (answers[one.id] for one in standard.counted if one.id in answers)
    return Standing(standard, Counter(words.shown(one) for one in kept))


def worst(known: Iterable[Requirement], answers: Mapping[str, Any]) -> list[Any]:
    """Gaps: what counts first, then those in which most falls short."""
    found = [(one, answers[one.id]) for one in known if one.id in answers and words.shown(answers[one.id]) == "gap"]
    own = [pair for pair in found if pair[1].own == Verdict.GAP]
    return sorted(own, key=lambda pair: (not pair[0].scored, -pair[1].gaps, pair[0].id))


@access.readers
def show(request: HttpRequest) -> HttpResponse:
    """All standards that the person may see. What is kept is shown; nothing is computed here."""
    person, now = person_of(request), timezone.now()
    standards = access.standards_of(person)
    answers = {name: one for name, one in computing.latest().items() if one.standard in standards}
    known = [one for standard in standards.values() for one in standard.requirements]
    gaps = worst(known, answers)
    changes = turned(now - WEEK, standards, answers)
    shown = gaps[:WORST]
    told = words.reasons(person, [answer for _one, answer in shown])
    context = {
        "standings": [standing(one, answers) for one in standards.values()],
        "worst": [(one, words.text(one), words.url(one), answer, told[one.id]) for one, answer in shown],
        "more": len(gaps) - len(shown),
        "changes": changes[:WORST],
        "changed": len(changes),
        "since": timezone.localdate(now - WEEK),
        "trend": drawing.trend(standards),
        **_computation(request),
    }
    return render(request, "compliance/board.html", context)


def _computation(request: HttpRequest) -> dict[str, Any]:
    """When it was looked at last, and whether the worker is at it."""
    job = Job.objects.filter(name=TASK, state__in=(Job.State.READY, Job.State.RUNNING)).order_by("-pk").first()
    last = Computation.objects.order_by("-as_of").first()
    return {"job": job, "last": last, "may_compute": access.computes(person_of(request))}


@access.readers
def progress(request: HttpRequest) -> HttpResponse:
    """How far the worker is; the page is drawn anew when it has finished."""
    found = _computation(request)
    if not found["job"] and request.headers.get("HX-Request"):
        return go(request, "/compliance/")
    return render(request, "compliance/computation.html", found)


@require_POST
@access.readers
def compute(request: HttpRequest) -> HttpResponse:
    """Let the worker look at everything now; once, however often it is asked."""
    from comity.compliance.jobs import compute as task

    if not access.computes(person_of(request)):
        raise PermissionDenied
    if not _computation(request)["job"]:
        task.enqueue()
    return go(request, "/compliance/")
