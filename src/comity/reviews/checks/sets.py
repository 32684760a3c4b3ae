"""Sets of reviews, and of what comes of them, that the requirements name in words."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db.models import Max, Q, QuerySet

from comity.cases.models import Case
from comity.records.facts import Rows, population
from comity.reviews.checks.names import day_of, held, lately
from comity.reviews.models import Review, ReviewPoint, Type

TOP = 3


@population("reviews_service_scheduled")
def reviews_service_scheduled(as_of: datetime, rows: Rows, *, inquiry: Any) -> Rows:
    """Those with a date; the day for which they are planned is the day they are due."""
    return rows.filter(starts_on__isnull=False)


@population("reviews_since_previous")
def reviews_since_previous(as_of: datetime, rows: Rows, *, inquiry: Any) -> Rows:
    """Held between the analysis of relationships before the newest one and that one."""
    times = list(held(as_of, Type.BRM_ANALYSIS).values_list("held_at", flat=True)[:2])
    since = times[1] if len(times) > 1 else inquiry.before("evidence_window_days")
    return rows.filter(held_at__gt=since, held_at__lte=times[0] if times else as_of)


@population("reviews_operational_retained")
def reviews_operational_retained(as_of: datetime, rows: Rows, *, inquiry: Any) -> Rows:
    """All that are there: nothing is disposed of before its time, and what was leaves no row."""
    return rows


@population("reviews_management_retained")
def reviews_management_retained(as_of: datetime, rows: Rows, *, inquiry: Any) -> Rows:
    """As those of operations."""
    return rows


def _newest(groups: Sequence[tuple[int, int]], rows: Rows) -> Rows:
    """The newest complaint of each service and topic."""
    wanted = Q(pk__in=[])
    for service, topic in groups:
        wanted |= Q(service=service, topic=topic)
    newest = rows.filter(wanted).order_by().values("service", "topic").annotate(newest=Max("pk"))
    return rows.filter(pk__in=newest.values("newest"))


def _points(as_of: datetime) -> QuerySet[ReviewPoint]:
    analyses = held(as_of, Type.COMPLAINT_ANALYSIS).filter(held_at__gt=lately(as_of)).order_by()
    return ReviewPoint.objects.filter(review__in=analyses.values("pk"))


@population("complaint_topics_top")
def complaint_topics_top(as_of: datetime, rows: Rows, *, inquiry: Any) -> Rows:
    """Service and topic that stood first, second or third in an analysis (PG-004-34)."""
    points = _points(as_of).filter(list=ReviewPoint.List.RECURRING, service__isnull=False, topic__isnull=False)
    ranked: dict[int, list[tuple[int, int]]] = {}
    for review, service, topic in points.order_by("-number", "pk").values_list("review", "service", "topic"):
        ranked.setdefault(review, []).append((service, topic))
    return _newest([group for groups in ranked.values() for group in groups[:TOP]], rows)


@population("complaint_groups_root_cause")
def complaint_groups_root_cause(as_of: datetime, rows: Rows, *, inquiry: Any) -> Rows:
    """Service and topic of which an analysis decided to search for the root cause (BRM-3.3-20)."""
    points = _points(as_of).filter(outcome=ReviewPoint.Outcome.ROOT_CAUSE)
    named = points.filter(service__isnull=False, topic__isnull=False).values_list("service", "topic")
    cases = Case.objects.filter(pk__in=points.filter(case__isnull=False).values("case"))
    of_cases = cases.filter(service__isnull=False, topic__isnull=False).values_list("service", "topic")
    return _newest(sorted({*named, *of_cases}), rows)


@population("actions_of_complaint_analysis")
def actions_of_complaint_analysis(as_of: datetime, rows: Rows, *, inquiry: Any) -> Rows:
    """Those that the newest analysis, or one of its points, gave rise to."""
    newest = held(as_of, Type.COMPLAINT_ANALYSIS).first()
    return rows.filter(source_ref__in=_refs([newest])) if newest else rows.none()


def _refs(reviews: Sequence[Review]) -> list[str]:
    """The references of reviews and of their points."""
    return [
        *(one.ref for one in reviews),
        *ReviewPoint.objects.filter(review__in=reviews).values_list("ref", flat=True),
    ]


@population("actions_of_operational_reviews")
def actions_of_operational_reviews(as_of: datetime, rows: Rows, *, inquiry: Any) -> Rows:
    """Nothing of them is disposed of before its time."""
    return rows


@population("actions_of_management_reviews")
def actions_of_management_reviews(as_of: datetime, rows: Rows, *, inquiry: Any) -> Rows:
    """As those of operations."""
    return rows


@population("versions_newer")
def versions_newer(as_of: datetime, rows: Rows, *, inquiry: Any) -> Rows:
    """Those that were released; which of them was, after the review in question, is asked of the pair."""
    return rows.filter(released_at__lte=as_of)


@population("measurements_workload")
def measurements_workload(as_of: datetime, rows: Rows, *, inquiry: Any) -> Rows:
    """Values of limits of workload, for periods that ended in the one examined."""
    begin, end = inquiry.period
    return rows.filter(period_end__gte=day_of(begin), period_end__lte=day_of(end))
