"""Sets of cases that the requirements name in words, each as one question to the rows (process 1.3, 1.4, 1.7)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db.models import F, Q

from comity.cases.checks.clocks import explained_in_time
from comity.cases.checks.names import IS_OPEN, UNRESOLVED
from comity.cases.rules.words import Ground, Severity
from comity.records.facts import Rows, population
from comity.records.models import Entry

GRAVE = [severity.value for severity in Severity if severity.grave]


def overdue(as_of: datetime) -> Q:
    """Open past the resolution clock, without having been explained in time."""
    return UNRESOLVED & Q(resolve_due_at__lt=as_of) & ~explained_in_time()


def received(inquiry: Any) -> Q:
    """Received in the period examined: that of a review, else the window."""
    begin, end = inquiry.period
    return Q(received_at__gte=begin, received_at__lte=end)


@population("cases_of_period")
def cases_of_period(as_of: datetime, rows: Rows, *, inquiry: Any) -> Rows:
    """Whatever came in."""
    return rows.filter(received(inquiry))


@population("complaints_of_period")
def complaints_of_period(as_of: datetime, rows: Rows, *, inquiry: Any) -> Rows:
    """The complaints that came in."""
    return rows.filter(received(inquiry))


@population("complaints_grave")
def complaints_grave(as_of: datetime, rows: Rows, *, inquiry: Any) -> Rows:
    """Grave by severity or by consequence, whatever became of them (BRM-3.3-19)."""
    return rows.filter(received(inquiry), Q(severity__in=GRAVE) | Q(consequence__in=GRAVE))


@population("complaints_unsettled")
def complaints_unsettled(as_of: datetime, rows: Rows, *, inquiry: Any) -> Rows:
    """Closed without agreement, reopened, or open past their time (BRM-3.3-18)."""
    begin, end = inquiry.period
    without = Q(close_ground=Ground.NO_AGREEMENT.value, closed_at__gte=begin, closed_at__lte=end)
    again = Q(reopen_count__gt=0, resolve_from__gte=begin, resolve_from__lte=end)
    return rows.filter(without | again | overdue(as_of) & Q(resolve_due_at__lte=end))


@population("complaints_overdue_or_rejected")
def complaints_overdue_or_rejected(as_of: datetime, rows: Rows, *, inquiry: Any) -> Rows:
    """Open past their time, or with a result that the customer rejected lately."""
    since = inquiry.before("evidence_window_days")
    rejected = Entry.objects.filter(act="reject", happened_at__gt=since, at__lte=as_of)
    return rows.filter(overdue(as_of) | Q(reject_count__gt=0, ref__in=rejected.values("ref")))


@population("complaints_overdue_or_high")
def complaints_overdue_or_high(as_of: datetime, rows: Rows, *, inquiry: Any) -> Rows:
    """Became overdue at any time, or rated major or critical."""
    late = Q(breached=True) | Q(resolved_at__gt=F("resolve_due_at")) | (IS_OPEN & overdue(as_of))
    return rows.filter(late | Q(severity__in=GRAVE))
