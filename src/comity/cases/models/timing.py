"""The instants on a case: what is due when, what the rules look at next. Reckoned when something changes, then stored.

Nothing here decides; the rules do. Nothing here writes; the write path does.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from django.utils import timezone

from comity.agreements.operations import Commitment, Commitments
from comity.cases.rules import deadlines as rules
from comity.cases.rules.deadlines import Clock
from comity.cases.rules.escalation import Trigger, level_for
from comity.cases.rules.intake import entered_late
from comity.cases.rules.notices import progress_days
from comity.cases.rules.words import BEFORE_RESULT, Classification, Severity, Status
from comity.clocks.explanation import explain
from comity.clocks.parameters import held, limit, number
from comity.clocks.rules import Duration, WorkingCalendar, counted, due
from comity.documents.models import DocumentVersion
from comity.documents.operations import Definitions
from comity.documents.types import DocumentType

if TYPE_CHECKING:
    from comity.cases.models.case import Case
    from comity.clocks.explanation import Explanation

INPUTS = frozenset({
    "classification", "severity", "received_at", "first_dissatisfied_at", "customer", "service", "resolve_from",
    "pauses",
})  # fmt: skip
COLUMN: Mapping[Clock, str] = {
    Clock.ACKNOWLEDGE: "ack_due_at",
    Clock.TRIAGE: "triage_due_at",
    Clock.ANSWER: "answer_due_at",
    Clock.INVESTIGATE: "investigate_due_at",
    Clock.RESOLVE: "resolve_due_at",
}
STOPPED_BY: Mapping[Clock, str] = {
    Clock.ACKNOWLEDGE: "acknowledged_at",
    Clock.TRIAGE: "assessed_at",
    Clock.ANSWER: "answered_at",
    Clock.INVESTIGATE: "investigating_at",
    Clock.RESOLVE: "resolved_at",
}


LIMITS = (*rules.PARAMETER.values(), "complaint_update_days", "complaint_wait_days", "repeat_days")


@dataclass(frozen=True)
class Measures:
    """Parameters, promises and definitions in hand: read for one case, or for a whole batch of new ones."""

    limits: Mapping[str, Duration]
    warn_share: float
    top_factor: float
    commitments: Commitments
    definitions: Definitions
    procedures: Definitions

    @classmethod
    def load(cls) -> Measures:
        with held():
            found = {name: limit(name) for name in LIMITS}
            share, factor = number("escalation_warn_share"), number("escalation_top_factor")
        types = DocumentType.COMPLAINT_DEFINITION, DocumentType.COMPLAINT_PROCEDURE
        definitions, procedures = Definitions.each(*types)
        return cls(found, share, factor, Commitments.load(), definitions, procedures)

    def commitment(self, case: Case) -> Commitment:
        """What the customer's agreement in force at receipt promises, and the calendar it is counted in."""
        return self.commitments.of(case.customer, case.service_id, case.clock_from)

    def definition(self, case: Case) -> DocumentVersion | None:
        """The version of the complaint definition that held for the customer at receipt."""
        return self.definitions.of(case.customer, case.received_at)


def measures_of(case: Case) -> Measures:
    """Those that the form put into the case's hands, else its own."""
    known = case.__dict__.get("_measures")
    if known is None:
        known = case.__dict__["_measures"] = Measures.load()
    return known


def commitment_of(case: Case) -> Commitment:
    """What binds for this case, read once for a case in hand and again when its customer, service or time changes."""
    key = (case.customer_id, case.service_id, case.clock_from)
    known = case.__dict__.get("_commitment")
    if known is None or known[0] != key:
        known = case.__dict__["_commitment"] = (key, measures_of(case).commitment(case))
    return known[1]


def calendar_of(case: Case) -> WorkingCalendar:
    """The calendar of the customer's agreement, else the organization's."""
    return commitment_of(case).calendar


def running(case: Case) -> dict[Clock, rules.Deadline]:
    """Every clock of this case as it stands."""
    bound = commitment_of(case)
    promised = {Clock(name): time for name, time in bound.times(case.severity).items() if name in rules.PROMISABLE}
    return rules.deadlines(
        bound.calendar, Classification(case.classification), Severity(case.severity), case.clock_from,
        measures_of(case).limits.__getitem__, promised=promised, resolve_from=case.resolve_from,
        pauses=case.counted_pauses,
    )  # fmt: skip


def reckon(case: Case) -> None:
    """Set every deadline anew from receipt, severity, agreement and pauses. A breach that is known stays known."""
    measures, calendar, found = measures_of(case), calendar_of(case), running(case)
    case.__dict__["_plainly"] = any(deadline.plainly for deadline in found.values())
    for clock, column in COLUMN.items():
        setattr(case, column, found[clock].due_at if clock in found else None)
    case.place_due_at, _measured = counted(calendar, case.clock_from, measures.limits["complaint_ack_hours"])
    case.warn_at = case.far_over_at = None
    if resolve := found.get(Clock.RESOLVE):
        case.warn_at, case.far_over_at = rules.warn_and_far_over(
            calendar, resolve, measures.warn_share, measures.top_factor, case.counted_pauses
        )
    if case._state.adding:
        from_receipt(case)
        told_again(case, case.received_at)


def from_receipt(case: Case) -> None:
    """What follows from the time of receipt alone: whether it was entered in time, which definition and procedure
    held."""
    measures = measures_of(case)
    record_due = due(calendar_of(case), case.received_at, measures.limits["complaint_record_hours"])
    case.entered_late = entered_late(case.entered_at or timezone.now(), record_due)
    case.definition = measures.definition(case)
    case.procedure = measures.procedures.of(case.customer, case.received_at)


def told_again(case: Case, at: datetime) -> None:
    """Something was told to the customer now: the next progress notice is due so much later, or never."""
    case.news_due_at = None
    if not case.is_complaint:
        case.tell_at = None
        return
    usual = measures_of(case).limits["complaint_update_days"]
    days = progress_days(case.wish, round(usual.value), anonymous=case.anonymous or not case.customer_id)
    case.tell_at = due(calendar_of(case), at, Duration(days, usual.unit)) if days else None


def follow(case: Case) -> None:
    """Set the next deadline that people see, and the next instant at which the rules must look. No query."""
    case.next_due_at = min(visible_deadlines(case), default=None)
    case.sweep_at = min(rule_instants(case), default=None)
    if case.sweep_at and case.rules_wait_until:
        case.sweep_at = max(case.sweep_at, case.rules_wait_until)


def visible_deadlines(case: Case) -> Iterator[datetime]:
    """Deadlines that still run."""
    if not case.is_open:
        return
    if case.status == Status.RESOLVED:
        if case.confirm_due_at:
            yield case.confirm_due_at
        return
    for clock, column in COLUMN.items():
        at = getattr(case, column)
        if at is None or getattr(case, STOPPED_BY[clock]) is not None:
            continue
        if clock == Clock.RESOLVE and case.waits_for_improvement:
            continue
        yield at
    yield from (at for at in (case.promised_at, case.news_due_at) if at)


def age_instants(case: Case) -> Iterator[tuple[datetime, Trigger]]:
    """Age triggers that have not sent the case up yet, each with its instant."""
    if case.status not in BEFORE_RESULT or not case.is_complaint:
        return
    suspended = case.waits_for_improvement
    known: tuple[tuple[datetime | None, Trigger], ...] = (
        (None if case.answered_at else case.answer_due_at, Trigger.ANSWER_MISSED),
        (None if suspended else case.warn_at, Trigger.AGE_80),
        (None if suspended else case.resolve_due_at, Trigger.RESOLVE_MISSED),
        (
            case.resolve_due_at if case.severity == Severity.CRITICAL and not suspended else None,
            Trigger.CRITICAL_OVERDUE,
        ),
        (None if suspended else case.far_over_at, Trigger.AGE_150),
    )
    for at, trigger in known:
        if at is not None and level_for(trigger, case.escalation_level) is not None:
            yield at, trigger


def rule_instants(case: Case) -> Iterator[datetime]:
    """When a rule will have something to do, whatever people do."""
    entered = case.entered_at or timezone.now()
    if case.is_complaint and case.topic_checked_at is None:
        back = timedelta(days=measures_of(case).limits["repeat_days"].value)
        if case.received_at > entered - back:  # what an import brings from before is not looked at
            yield entered  # closed within the minute or not
    if not case.is_open:
        return
    if case.status == Status.RESOLVED:
        if case.confirm_due_at:
            yield case.confirm_due_at
        if case.remind_at and not case.reminded_at:
            yield case.remind_at
        return
    yield from (at for at, _trigger in age_instants(case))
    if case.resolve_due_at and not case.waits_for_improvement and not breach_kept(case):
        yield case.resolve_due_at
    if case.status == Status.AWAITING_CUSTOMER and case.pause_ends_at:
        yield case.pause_ends_at
    if case.tell_at:
        yield case.tell_at


def start_confirming(case: Case, told_at: datetime) -> None:
    """The customer may confirm or reject from the result notice on; one reminder goes out half-way."""
    calendar, allowed = calendar_of(case), measures_of(case).limits["complaint_confirm_days"]
    case.confirm_due_at = due(calendar, told_at, allowed)
    case.remind_at, case.reminded_at = due(calendar, told_at, allowed * 0.5), None


def confirm_later(case: Case, now: datetime) -> None:
    """Where the reminder itself was late, whoever reads it still has half the time to confirm after it."""
    if case.confirm_due_at and case.confirm_due_at <= now and not case.anonymous:
        case.confirm_due_at = due(calendar_of(case), now, measures_of(case).limits["complaint_confirm_days"] * 0.5)


def start_resolving_anew(case: Case, at: datetime) -> None:
    """A rejected or reopened case has a new resolution clock; whatever the old one showed is kept."""
    keep_breach(case, case.resolved_at or at)
    case.resolve_from, case.resolved_at, case.confirm_due_at, case.remind_at = at, None, None, None
    case.paused_from = case.pause_ends_at = case.told_due_at = None
    reckon(case)


def keep_breach(case: Case, now: datetime) -> bool:
    """Put a missed resolution deadline on record, once for each clock; later speed does not erase it."""
    due_at = case.resolve_due_at
    if due_at is None or now <= due_at or case.waits_for_improvement or breach_kept(case):
        return False
    case.breached = True
    case.breaches = [*case.breaches, {"due_at": due_at.isoformat(), "resolve_from": _begun(case).isoformat()}]
    return True


def breach_kept(case: Case) -> bool:
    """Is it on record that the resolution clock of now was missed? One that began anew may be missed again."""
    return any(breach["resolve_from"] == _begun(case).isoformat() for breach in case.breaches)


def _begun(case: Case) -> datetime:
    return case.resolve_from or case.clock_from


def take_back(case: Case, begun: datetime, now: datetime) -> list[str]:
    """Judge lateness anew after the clocks were found to have begun at a wrong time: what was missed on the clock from
    `begun` rested on an error, what is missed on the right one is missed. Returns the deadlines taken back."""
    if case.resolve_from is not None:
        return []  # the clock that runs began at a step, not at the receipt
    wrong = [breach for breach in case.breaches if breach["resolve_from"] == begun.isoformat()]
    case.breaches = [breach for breach in case.breaches if breach not in wrong]
    case.breached = bool(case.breaches)
    keep_breach(case, now)
    left = [breach["due_at"] for breach in case.breaches]
    return [breach["due_at"] for breach in wrong if breach["due_at"] not in left]


def why(case: Case, clock: Clock) -> Explanation | None:
    """Why this date: calendar, holidays, pauses, day by day."""
    deadline = running(case).get(clock)
    if deadline is None:
        return None
    pauses = case.counted_pauses if clock == Clock.RESOLVE else []
    return explain(calendar_of(case), deadline.start, deadline.allowed, pauses)
