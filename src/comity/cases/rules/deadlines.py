"""The clocks of a complaint: how long each step may take, when it is due, and what a figure calls it.

All clocks start at the time of receipt and count business time. Acknowledging and answering never pause; resolving
pauses only while the customer is asked. A breach is never erased by later speed (ISO/IEC 20000-1:2011 7.1, BRM-3.3-3,
BRM-3.3-10, BRM-3.3-12, CSMS:2003 10.1 and 10.2).
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from comity.cases.rules.words import Classification, Severity
from comity.clocks.rules import Duration, WorkingCalendar, counted, due, elapsed

Pause = tuple[datetime, datetime]
Parameters = Callable[[str], Duration]


class Clock(StrEnum):
    """What is timed."""

    RECORD = "record"
    ACKNOWLEDGE = "acknowledge"
    TRIAGE = "triage"
    ANSWER = "answer"
    INVESTIGATE = "investigate"
    RESOLVE = "resolve"
    CONFIRM = "confirm"


PARAMETER: Mapping[Clock, str] = {
    Clock.RECORD: "complaint_record_hours",
    Clock.ACKNOWLEDGE: "complaint_ack_hours",
    Clock.TRIAGE: "complaint_triage_days",
    Clock.ANSWER: "complaint_response_days",
    Clock.INVESTIGATE: "complaint_investigate_days",
    Clock.RESOLVE: "complaint_resolve_days",
    Clock.CONFIRM: "complaint_confirm_days",
}
BY_SEVERITY: Mapping[Clock, Mapping[Severity, Duration]] = {  # normal ones are parameters
    Clock.ACKNOWLEDGE: {
        Severity.CRITICAL: Duration(1, "bh"),
        Severity.MAJOR: Duration(4, "bh"),
        Severity.MINOR: Duration(8, "bh"),
    },
    Clock.ANSWER: {
        Severity.CRITICAL: Duration(4, "bh"),
        Severity.MAJOR: Duration(1, "bd"),
        Severity.MINOR: Duration(5, "bd"),
    },
    Clock.RESOLVE: {
        Severity.CRITICAL: Duration(2, "bd"),
        Severity.MAJOR: Duration(5, "bd"),
        Severity.MINOR: Duration(20, "bd"),
    },
}
PROMISABLE = tuple(BY_SEVERITY)
CLOCKS_OF: Mapping[Classification, tuple[Clock, ...]] = {
    Classification.COMPLAINT: (Clock.ACKNOWLEDGE, Clock.TRIAGE, Clock.ANSWER, Clock.INVESTIGATE, Clock.RESOLVE),
    Classification.ENQUIRY: (Clock.ACKNOWLEDGE, Clock.ANSWER),
    Classification.SUGGESTION: (Clock.ANSWER,),
    Classification.SERVICE_REQUEST: (),
    Classification.PRAISE: (),
}


def limit(
    clock: Clock, severity: Severity, parameter: Parameters, promised: Mapping[Clock, Duration] | None = None
) -> Duration:
    """How long a step may take: what the customer's agreement promises, else the table, else the parameter."""
    if promised and clock in promised:
        return promised[clock]
    return BY_SEVERITY.get(clock, {}).get(severity) or parameter(PARAMETER[clock])


@dataclass(frozen=True)
class Deadline:
    """One running clock: from when, how long, until when; `plainly` where its calendar has too little working time."""

    clock: Clock
    start: datetime
    allowed: Duration
    due_at: datetime
    plainly: bool = False


def deadlines(
    calendar: WorkingCalendar,
    classification: Classification,
    severity: Severity,
    received_at: datetime,
    parameter: Parameters,
    *,
    promised: Mapping[Clock, Duration] | None = None,
    resolve_from: datetime | None = None,
    pauses: Sequence[Pause] = (),
) -> dict[Clock, Deadline]:
    """Every clock that runs on such a case; resolving may have begun anew after a rejection or reopening."""
    found = {}
    for clock in CLOCKS_OF[classification]:
        allowed = limit(clock, severity, parameter, promised)
        resolving = clock == Clock.RESOLVE
        start = resolve_from or received_at if resolving else received_at
        at, measured = counted(calendar, start, allowed, pauses if resolving else ())
        found[clock] = Deadline(clock, start, measured, at, plainly=measured != allowed)
    return found


def warn_and_far_over(
    calendar: WorkingCalendar, resolve: Deadline, share: float, factor: float, pauses: Sequence[Pause] = ()
) -> tuple[datetime, datetime]:
    """When so large a share of the resolve clock has run (80 %), and when so many times as much has (1.5)."""
    return (
        due(calendar, resolve.start, resolve.allowed * share, pauses),
        due(calendar, resolve.start, resolve.allowed * factor, pauses),
    )


def waiting_used(calendar: WorkingCalendar, pauses: Sequence[Pause]) -> float:
    """Business seconds of the waiting budget that earlier pauses have taken."""
    return sum(elapsed(calendar, start, end) for start, end in pauses)


def waiting_left(calendar: WorkingCalendar, asked_at: datetime, pauses: Sequence[Pause], budget: Duration) -> Duration:
    """What a pause that begins now may last: the budget without what earlier ones have used."""
    whole = elapsed(calendar, asked_at, due(calendar, asked_at, budget))
    return Duration(max(0.0, whole - waiting_used(calendar, pauses)) / 3600, "bh")


def waiting_ends(
    calendar: WorkingCalendar, asked_at: datetime, pauses: Sequence[Pause], budget: Duration
) -> datetime | None:
    """When a pause that begins now ends by itself; None when nothing of the budget is left."""
    left = waiting_left(calendar, asked_at, pauses, budget)
    return due(calendar, asked_at, left) if left.value > 0 else None


def reopenable_until(closed_at: datetime, reopen_days: int) -> datetime:
    """After this the same complaint is registered anew and linked as a follow-up."""
    return closed_at + timedelta(days=reopen_days)


class Figure(StrEnum):
    """How a case counts on the resolve clock; exactly one of these."""

    IN_TIME = "in_time"
    LATE = "late"
    OPEN = "open"
    OPEN_LATE = "open_late"
    WAITING = "waiting_for_improvement"


def figure(
    due_at: datetime, resolved_at: datetime | None, now: datetime, *, breached: bool = False, waiting: bool = False
) -> Figure:
    """What the figures call a case. An old breach counts as late whatever came after it.

    A case that waits (or waited) for an improvement, explained to the customer in time, is listed apart: never late
    on this clock, and never in time either (BRM-3.3-12, BRM-3.3-15).
    """
    late = breached or (resolved_at or now) > due_at
    if waiting and not breached:
        return Figure.WAITING
    if resolved_at is not None:
        return Figure.LATE if late else Figure.IN_TIME
    return Figure.OPEN_LATE if late else Figure.OPEN


def extension_missing(reason: str, new_due_at: datetime | None, due_at: datetime, outside_body: str) -> list[str]:
    """What an extended deadline must name: reason, a later date, and the outside body the customer may turn to."""
    given = {
        "reason": bool(reason.strip()),
        "new_due_at": new_due_at is not None and new_due_at > due_at,
        "outside_body": bool(outside_body.strip()),
    }
    return [name for name, there in given.items() if not there]
