"""Escalation: three independent triggers, rejection and the customer's wish, and who answers (BRM-3.3, 7.1, 8.3.2)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from comity.cases.rules.words import Severity

COMPLAINT_OWNER, PROCESS_MANAGER, OPERATIONS_DIRECTOR = LEVELS = (1, 2, 3)
TOP = OPERATIONS_DIRECTOR


class Trigger(StrEnum):
    """Why a case went up."""

    AGE_80 = "age_80"
    ANSWER_MISSED = "answer_missed"
    RESOLVE_MISSED = "resolve_missed"
    AGE_150 = "age_150"
    SEVERITY_MAJOR = "severity_major"
    SEVERITY_CRITICAL = "severity_critical"
    CRITICAL_OVERDUE = "critical_overdue"
    REPETITION = "repetition"
    CUSTOMER = "customer"
    REOPENED = "reopened"
    REJECTED = "rejected"
    REJECTED_AGAIN = "rejected_again"
    OBJECTION = "objection"
    SILENCE = "silence"
    OWNERS_LINE = "owners_line"
    STAFF = "staff"
    PROMISE = "promise"


LEVEL: Mapping[Trigger, int] = {
    Trigger.AGE_80: COMPLAINT_OWNER,
    Trigger.ANSWER_MISSED: COMPLAINT_OWNER,
    Trigger.RESOLVE_MISSED: PROCESS_MANAGER,
    Trigger.AGE_150: OPERATIONS_DIRECTOR,
    Trigger.SEVERITY_MAJOR: COMPLAINT_OWNER,
    Trigger.SEVERITY_CRITICAL: PROCESS_MANAGER,
    Trigger.CRITICAL_OVERDUE: OPERATIONS_DIRECTOR,
    Trigger.REPETITION: OPERATIONS_DIRECTOR,
    Trigger.CUSTOMER: COMPLAINT_OWNER,
    Trigger.REOPENED: COMPLAINT_OWNER,
    Trigger.REJECTED: PROCESS_MANAGER,
    Trigger.REJECTED_AGAIN: OPERATIONS_DIRECTOR,
    Trigger.OBJECTION: COMPLAINT_OWNER,
    Trigger.SILENCE: PROCESS_MANAGER,
    Trigger.OWNERS_LINE: PROCESS_MANAGER,
    Trigger.STAFF: COMPLAINT_OWNER,
    Trigger.PROMISE: COMPLAINT_OWNER,
}
ONE_UP = frozenset({
    Trigger.REJECTED, Trigger.REJECTED_AGAIN, Trigger.OBJECTION, Trigger.SILENCE, Trigger.CUSTOMER, Trigger.PROMISE,
})  # fmt: skip


def level_for(trigger: Trigger, current: int) -> int | None:
    """The level a trigger sends the case to; None when the case has been there already and nothing new is asked.

    Rejection, objection, silence and the customer's own wish always climb one step, however high the case stands,
    and ask the top again when there is no step left; silence at the top has nowhere to go.
    """
    named = LEVEL[trigger]
    if trigger in ONE_UP:
        if trigger == Trigger.SILENCE and current >= TOP:
            return None
        return min(TOP, max(named, current + 1))
    return named if named > current else None


def severity_trigger(severity: Severity) -> Trigger | None:
    """What the rating itself sets off, at assessment and whenever it is raised."""
    return {Severity.MAJOR: Trigger.SEVERITY_MAJOR, Severity.CRITICAL: Trigger.SEVERITY_CRITICAL}.get(severity)


def rejection_trigger(earlier_rejections: int, reopenings: int = 0) -> Trigger:
    """The first refusal of a result goes to the process manager, any further one to the operations director."""
    return Trigger.REJECTED_AGAIN if earlier_rejections + reopenings else Trigger.REJECTED


def reopening_trigger(earlier_reopenings: int, rejections: int = 0) -> Trigger:
    """One reopening puts the case on level 1 at least, a second on the operations director's desk."""
    return Trigger.REJECTED_AGAIN if earlier_reopenings + rejections else Trigger.REOPENED


@dataclass(frozen=True)
class Ages:
    """The instants at which age alone escalates a case; None where the clock was stopped in time or never ran."""

    answer_due_at: datetime | None = None
    warn_at: datetime | None = None
    resolve_due_at: datetime | None = None
    far_over_at: datetime | None = None


def age_triggers(ages: Ages, now: datetime, severity: Severity) -> list[Trigger]:
    """All the age triggers that have been reached, lowest level first."""
    reached = [
        (ages.warn_at, Trigger.AGE_80),
        (ages.answer_due_at, Trigger.ANSWER_MISSED),
        (ages.resolve_due_at, Trigger.RESOLVE_MISSED),
        (ages.resolve_due_at if severity == Severity.CRITICAL else None, Trigger.CRITICAL_OVERDUE),
        (ages.far_over_at, Trigger.AGE_150),
    ]
    return [trigger for at, trigger in reached if at is not None and at < now]


def strongest(triggers: Sequence[Trigger], current: int) -> tuple[Trigger, int] | None:
    """The one escalation to raise when several triggers are found at once: the highest level, first named wins."""
    asked = [(trigger, level) for trigger in triggers if (level := level_for(trigger, current)) is not None]
    return max(asked, key=lambda pair: pair[1]) if asked else None


@dataclass(frozen=True)
class Addressee:
    """Who has to answer, at which level, and whom the chain passed over because the complaint is about them."""

    level: int
    person: int | None
    skipped: tuple[int, ...] = ()


def addressee(chain: Mapping[int, Sequence[int]], level: int, about: frozenset[int], handler: int | None) -> Addressee:
    """First holder from this level upwards who is neither complained about nor the handler (ISO 10002, objectivity).

    When the whole chain is named in the complaint the escalation stays at the top without a person: a gap that shows.
    """
    skipped: list[int] = []
    for step in range(level, TOP + 1):
        for person in chain.get(step, ()):
            if person not in about and person != handler:
                return Addressee(step, person, tuple(skipped))
            skipped.append(person)
    return Addressee(TOP, None, tuple(skipped))
