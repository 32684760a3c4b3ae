"""The three lists that an analysis finds filled in: what keeps coming, what found no end, what was grave."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext_noop, override

from comity.cases.figures.facts import OPEN, begin_of, counted
from comity.cases.models import Case
from comity.cases.models.choices import CloseGround
from comity.cases.rules import figures as months
from comity.cases.rules.topics import densest
from comity.cases.rules.words import Severity
from comity.clocks.parameters import number
from comity.records.bulk import create_many
from comity.records.kind import kind_of
from comity.records.write import Actor
from comity.reviews.models import Review, ReviewPoint

MOST = 2000  # entries of one list; a period with more is too long to be talked about
GRAVE = [severity.value for severity in Severity if severity.grave]
WHY = {
    "no_agreement": gettext_noop("closed without agreement"),
    "reopened": gettext_noop("reopened"),
    "over_clock": gettext_noop("open past its time"),
    "analysis": gettext_noop("missed its time or was rejected"),
}
Entry = dict[str, Any]


def ends(review: Review) -> tuple[datetime, datetime]:
    """The first instant of the period and the first after it."""
    first, last = review.months
    return begin_of(first), begin_of(months.after(last))


def _within(review: Review) -> QuerySet[Case]:
    """What is in the figures, in the review's unit and below it."""
    return Case.objects.filter(counted(), unit__path__startswith=review.unit.path)


def complaints(review: Review) -> QuerySet[Case]:
    """Every complaint of the period, by its receipt."""
    begin, end = ends(review)
    return _within(review).filter(received_at__gte=begin, received_at__lt=end)


def recurring(review: Review) -> Iterator[Entry]:
    """Service and topic with so many complaints within the time that makes them repeated, one of them in the period."""
    begin, end = ends(review)
    least, days = round(number("repeat_count")), round(number("repeat_days"))
    rows = _within(review).filter(received_at__gte=begin - timedelta(days=days), received_at__lt=end)
    rows = rows.filter(topic__isnull=False, service__isnull=False)
    often = rows.values("service__ref", "topic__code", "topic").annotate(n=Count("pk")).filter(n__gte=least)
    for group in often.order_by("-n", "service__ref", "topic"):
        same = rows.filter(service__ref=group["service__ref"], topic=group["topic"])
        times = list(same.order_by("received_at").values_list("received_at", flat=True))
        now = sum(at >= begin for at in times)
        if now and densest(times, days) >= least:
            yield {"service": group["service__ref"], "topic": group["topic__code"], "number": now}


def unsettled(review: Review) -> Iterator[Entry]:
    """Closed without agreement, reopened, or open past their time; and what an earlier analysis was to look at."""
    begin, end = ends(review)
    over = Q(status__in=OPEN, resolve_due_at__lt=min(end, timezone.now()))
    without = Q(close_ground=CloseGround.NO_AGREEMENT, closed_at__gte=begin, closed_at__lt=end)
    known = ReviewPoint.objects.filter(list=ReviewPoint.List.UNSETTLED, status=ReviewPoint.Status.CONCLUDED)
    before = known.exclude(review=review).filter(case__isnull=False).values("case")
    marked = (Q(for_analysis=True) | Q(reopen_count__gt=0)) & ~Q(pk__in=before)
    rows = _within(review).filter(over | without | marked, received_at__lt=end).order_by("received_at", "pk")
    for case in rows.only("ref", "close_ground", "reopen_count", "status", "resolve_due_at"):
        late = case.status in OPEN and case.resolve_due_at and case.resolve_due_at < end
        held = case.close_ground == CloseGround.NO_AGREEMENT
        why = "no_agreement" if held else "reopened" if case.reopen_count else "over_clock" if late else "analysis"
        yield {"case": case.ref, "why": WHY[why]}


def grave(review: Review) -> Iterator[Entry]:
    """Grave by severity or by consequence, whatever became of them."""
    rows = complaints(review).filter(Q(severity__in=GRAVE) | Q(consequence__in=GRAVE)).order_by("received_at", "pk")
    for case in rows.only("ref", "severity"):
        with override("en"):
            yield {"case": case.ref, "why": str(case.get_severity_display())}


def wanted(review: Review) -> Iterator[tuple[str, Entry]]:
    lists = {"recurring": recurring, "unsettled": unsettled, "grave": grave}
    for name, entries in lists.items():
        for entry in entries(review):
            yield name, entry


def fill(review: Review, actor: Actor) -> tuple[int, int]:
    """Put on the lists what is missing there: how many were added, and how many found no place."""
    known = review.points.values_list("list", "case__ref", "service__ref", "topic__code")
    there = {tuple(word or "" for word in row) for row in known}
    counts = Counter(row[0] for row in there)
    rows, left = [], 0
    for name, entry in wanted(review):
        if (name, entry.get("case", ""), entry.get("service", ""), entry.get("topic", "")) in there:
            continue
        counts[name] += 1
        if counts[name] > MOST:
            left += 1
        else:
            rows.append({"review": review.ref, "list": name, **entry})
    made = create_many(kind_of(ReviewPoint), rows, actor=actor)
    if made.errors:
        raise ValueError(made.errors[0])
    return len(made.created), left
