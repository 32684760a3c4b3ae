"""Whether reviews took place as they should, and dealt with what they have to (BRM-3.2, BRM-3.3, CSMS:2003 17)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db.models import Q

from comity.parties.passed import passed
from comity.records.facts import Part, Rows, Timed, Unrecorded, clock, kinds_spoken, predicate
from comity.reviews.checks.names import SAID, N, S, attended, held, lately
from comity.reviews.models import Agenda, Review, ReviewPoint, Type

STATES = {"inputs_compiled": S.PREPARED.value, "decisions_issued": S.REPORTED.value}
"""What other machines of the catalogue call our states."""


@predicate("path of review")
def path(as_of: datetime, rows: Rows, *, states: Sequence[str]) -> Part:
    """The mandatory states of a review, in order, told by its trail (BRM-3.2)."""
    return passed(rows, [STATES.get(state, state) for state in states])


@clock("state_limit of review")
def state_limit(inquiry: Any) -> Timed:
    """Held by its day, and reported in time after that; later states have no limit."""
    planned = Q(status__in=(S.PLANNED, S.PREPARED))
    met, since = Q(status__in=(S.HELD, S.MINUTED)), inquiry.before("review_report_days")
    late = planned & Q(starts_on__lt=inquiry.today) | met & Q(held_at__lte=since)
    return Timed(late, planned & Q(starts_on__gte=inquiry.today) | met & Q(held_at__gt=since))


@predicate("topics of review")
def topics(
    as_of: datetime, rows: Rows, *, topics: Sequence[str], entry: str = "notes", none_allowed: bool = False
) -> Part:
    """Each topic has an entry of that nature; where it is allowed, one that says there was nothing will do."""
    wrong = Q(pk__in=[])
    for topic in topics:
        wanted = SAID if entry == "notes" else SAID & Q(nature=entry) | _also(entry)
        said = ReviewPoint.objects.filter(wanted | Q(nothing=True) if none_allowed else wanted, agenda=topic)
        wrong |= ~Q(pk__in=said.order_by().values("review"))
    return rows, rows.filter(wrong)


def _also(nature: str) -> Q:
    """Which entries serve for another nature: a decision concludes, and what is said of a trend says where it goes."""
    if nature == N.CONCLUSION:
        return SAID & ~Q(nature=N.NOTES)
    if nature == N.DIRECTION:
        return SAID & Q(agenda__in=(Agenda.TREND.value, Agenda.PREVENTIVE_TREND.value))
    return SAID & Q(nature=N.DECISION) if nature == N.VERDICT else Q(pk__in=[])


@predicate("named in review")
def named(as_of: datetime, rows: Rows, *, reviews: Rows) -> Part:
    """Cases named with a conclusion, one by one or by service and topic, in one of these reviews (BRM-3.3-17)."""
    points = ReviewPoint.objects.filter(SAID, review__in=reviews.order_by().values("pk"))
    groups = points.filter(list=ReviewPoint.List.RECURRING, service__isnull=False, topic__isnull=False)
    found = Q(pk__in=points.filter(case__isnull=False).values("case"))
    for service, topic in groups.order_by().values_list("service", "topic").distinct():
        found |= Q(service=service, topic=topic)
    return rows, rows.exclude(found)


@predicate("review_mode_proven")
def review_mode_proven(as_of: datetime, rows: Rows | None) -> Part:
    """Held with a contact of the customer present. What a third party asked needs a survey that proves it (BRM-3.2)."""
    scope = held(as_of, Type.SERVICE).filter(held_at__gt=lately(as_of))
    if scope.filter(mode=Review.Mode.THIRD_PARTY).exists() and "survey" not in kinds_spoken():
        raise Unrecorded("survey")
    spoken_with = Q(mode__in=(Review.Mode.MEETING, Review.Mode.VIDEO, Review.Mode.PHONE)) & attended(as_of)
    return scope, scope.exclude(spoken_with)
