"""Whether customers were told of improvements as they wish (BRM-3.2.4-7)."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from comity.clocks.models import standard
from comity.communications.models import Communication
from comity.improvement.models import Improvement
from comity.improvement.rhythm import Rhythm
from comity.records.facts import Part, Rows

RESULT = Communication.Purpose.IMPROVEMENT_RESULT
RUNNING = (Improvement.Status.APPROVED, Improvement.Status.PLANNED, Improvement.Status.IN_PROGRESS)


def wants_result(improvement: Improvement) -> bool:
    """Whether its customer wishes to hear the result. Silence is no wish, but who was not asked may want it."""
    return improvement.customer_id is not None and improvement.reporting != Improvement.Reporting.NONE


def result_told(improvement: Improvement) -> bool:
    """Whether the result was told since it was done."""
    said = Communication.objects.filter(
        subject_ref=improvement.ref, purpose=RESULT, direction="outbound", status="recorded"
    )
    return said.filter(occurred_at__date__gte=improvement.implemented_on).exists()


def end_told(improvement: Improvement) -> bool:
    """Whether whoever wants to hear the result was told since the approval that there will be none."""
    said = Communication.objects.filter(
        subject_ref=improvement.ref, purpose__in=(RESULT, Communication.Purpose.DECISION), direction="outbound",
        status="recorded", occurred_at__gte=improvement.approved_at,
    )  # fmt: skip
    return not wants_result(improvement) or said.exists()


def told_as_wished(as_of: datetime, rows: Rows, notify_days: float) -> Part:
    """Improvements for a customer: the wish is on record, the result was told in time, and news came in its rhythm.

    Silence is no wish: who wants no report says so.
    """
    scope = rows.filter(customer__isnull=False)
    since = standard().add_days(as_of, -int(notify_days))
    told = Communication.objects.filter(
        subject_ref=OuterRef("ref"), direction="outbound", status="recorded", occurred_at__lte=as_of
    )
    wrong = Q(reporting="")
    done = Q(implemented_on__lte=timezone.localtime(since).date()) & ~Q(reporting=Improvement.Reporting.NONE)
    wrong |= done & ~Q(Exists(told.filter(purpose=RESULT, occurred_at__date__gte=OuterRef("implemented_on"))))
    for wish in (Rhythm.MONTHLY, Rhythm.QUARTERLY):
        before = since - timedelta(days=wish.days)
        news = Q(reporting=wish.value, status__in=RUNNING, approved_at__lte=before)
        wrong |= news & ~Q(Exists(told.filter(occurred_at__gt=before)))
    return scope, scope.filter(wrong)
