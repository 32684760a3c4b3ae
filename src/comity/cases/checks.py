"""How cases and escalations answer to the words of requirements."""

from __future__ import annotations

from typing import Any

from django.db.models import F, Q

from comity.cases.models import Case, Escalation
from comity.cases.rules import words
from comity.records.facts import Fact, Timed, clock, tie, vocabulary

vocabulary(
    "case", Case,
    number="ref", type="classification", recorder="entered_by", next_due="next_due_at",
    status=Fact("status", words={"open": tuple(status.value for status in words.OPEN)}),
    topic="topic",
)  # fmt: skip
vocabulary("escalation", Escalation)

tie("case", "customer", "customer")
tie("case", "contact", "contact")
tie("case", "service", "service")
tie("escalation", "case", "case")
tie("escalation", "customer", "customer")


def against(due: str, done: str, as_of: Any) -> Timed:
    """How cases stand with a deadline that is kept beside what ends it."""
    late = Q(**{f"{done}__gt": F(due)}) | Q(**{f"{done}__isnull": True, f"{due}__lt": as_of})
    return Timed(late, Q(**{f"{done}__isnull": True, f"{due}__gte": as_of}))


@clock("complaint_record")
def complaint_record(inquiry: Any) -> Timed:
    """Registered in time after it came in."""
    return Timed(Q(entered_late=True), Q(pk__in=[]))


@clock("complaint_acknowledge")
def complaint_acknowledge(inquiry: Any) -> Timed:
    """Acknowledged in time; who stays anonymous cannot be."""
    found = against("ack_due_at", "acknowledged_at", inquiry.as_of)
    return Timed(found.late, found.running, Q(anonymous=True))


@clock("case_classification")
def case_classification(inquiry: Any) -> Timed:
    """The classification confirmed by a named person in time."""
    return against("ack_due_at", "classified_at", inquiry.as_of)


@clock("complaint_assignment")
def complaint_assignment(inquiry: Any) -> Timed:
    """A handler named in time."""
    return against("ack_due_at", "assigned_at", inquiry.as_of)


@clock("complaint_triage")
def complaint_triage(inquiry: Any) -> Timed:
    """Severity and consequence set in time."""
    return against("triage_due_at", "assessed_at", inquiry.as_of)


@clock("complaint_response")
def complaint_response(inquiry: Any) -> Timed:
    """A substantive answer in time."""
    return against("answer_due_at", "answered_at", inquiry.as_of)


@clock("complaint_investigation")
def complaint_investigation(inquiry: Any) -> Timed:
    """Under investigation in time, or resolved at first contact."""
    found = against("investigate_due_at", "investigating_at", inquiry.as_of)
    return Timed(
        found.late & Q(resolved_at__isnull=True) | Q(investigating_at__gt=F("investigate_due_at")), found.running
    )


@clock("complaint_resolve")
def complaint_resolve(inquiry: Any) -> Timed:
    """Resolved in time; a breach stays one. Exempt while it was explained in time that the level cannot solve it."""
    found = against("resolve_due_at", "resolved_at", inquiry.as_of)
    exempt = Q(not_solvable_within_level=True, explained_at__isnull=False)
    return Timed(found.late | Q(breached=True), found.running, exempt)
