"""Whether a complaint stays in one state for longer than that state has time (process 1.2, PG-004-29)."""

from __future__ import annotations

from typing import Any

from django.db.models import Q

from comity.cases.rules.words import Status
from comity.records.facts import Timed, clock

UNTIL = {
    Status.RECEIVED: "ack_due_at", Status.ACKNOWLEDGED: "triage_due_at", Status.ASSESSED: "investigate_due_at",
    Status.INVESTIGATING: "resolve_due_at", Status.ACTING: "resolve_due_at",
    Status.AWAITING_CUSTOMER: "pause_ends_at", Status.RESOLVED: "confirm_due_at",
}  # fmt: skip
"""The deadline by which each state is left; what waits for an improvement has none."""


@clock("state_limit of case")
def state_limit(inquiry: Any) -> Timed:
    """Late where the deadline of the state it is in has passed; a state without one never is."""
    late = running = Q(pk__in=[])
    for status, due in UNTIL.items():
        late |= Q(status=status.value, **{f"{due}__lt": inquiry.as_of})
        running |= Q(status=status.value, **{f"{due}__gte": inquiry.as_of})
    return Timed(late, running)
