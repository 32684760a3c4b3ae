"""Rules over cases: their clocks."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import time_machine
from django.utils import timezone

from comity.cases.models import Case, Escalation
from comity.communications.models import Communication
from comity.records import write
from comity.records.kind import kind_named
from comity.records.trail import Actor
from tests.compliance.proofs import proof
from tests.worlds import World

MOMENTS = (
    "acknowledged_at", "classified_at", "assigned_at", "assessed_at", "answered_at", "investigating_at", "resolved_at",
    "ack_due_at", "place_due_at", "triage_due_at", "answer_due_at", "investigate_due_at", "resolve_due_at", "warn_at",
    "far_over_at", "tell_at",
)  # fmt: skip


def ago(**time: float) -> datetime:
    return timezone.now() - timedelta(**time)


def complaint(world: World, **columns: Any) -> Any:
    """A complaint of the world's customer on which no clock runs but what the columns say."""
    made = world.create(
        "case", "service_desk", customer=world.customer.ref, contact=world.contact.ref, service=world.service.ref,
        channel="phone", description="The line was down.", wanted_remedy="A credit.", topic="availability",
    )  # fmt: skip
    values = {"entered_late": False, **dict.fromkeys(MOMENTS), **columns}
    return put(made, **values)


def put(case: Any, **columns: Any) -> Any:
    """The same case with these columns, past every rule of the write path."""
    Case.objects.filter(pk=case.pk).update(**columns)
    return Case.objects.get(pk=case.pk)


def last_friday() -> datetime:
    """Friday at 18:00, when the office is closed, at least a week ago."""
    day = ago(days=7).replace(hour=18, minute=0, second=0, microsecond=0)
    return day - timedelta(days=(day.weekday() - 4) % 7)


def escalation(world: World, case: Any, level: int, at: datetime) -> Any:
    """The case put up to a level at that moment."""
    rule = Actor.system("ISO20000-7.1-22")
    values = {"case": case, "level": level, "trigger": "staff", "raised_at": at}
    return write.create(kind_named("escalation"), values, actor=rule, unit=case.unit)


class InTime:
    """One complaint; the clock is stopped before its deadline, then after it, then before it."""

    due, done = "", ""

    def met(self, world: World) -> None:
        self.case: Any = complaint(world, **{self.due: ago(hours=2), self.done: ago(hours=3)})

    def gap(self, world: World) -> None:
        put(self.case, **{self.done: ago(hours=1)})

    def repair(self, world: World) -> None:
        put(self.case, **{self.done: ago(hours=3)})


@proof("clock_met", rule="clock_met", clock="complaint_acknowledge", population="complaints_received")
@proof("clock complaint_acknowledge", rule="clock_met", clock="complaint_acknowledge", population="complaints_open")
class Acknowledge(InTime):
    due, done = "ack_due_at", "acknowledged_at"


@proof("clock case_classification", rule="clock_met", clock="case_classification", population="cases_received")
class Classify(InTime):
    """Of whatever comes in, not of complaints alone."""

    due, done = "place_due_at", "classified_at"

    def met(self, world: World) -> None:
        super().met(world)
        put(self.case, classification="praise")


@proof("clock complaint_assignment", rule="clock_met", clock="complaint_assignment", population="complaints_open")
class Assign(InTime):
    due, done = "place_due_at", "assigned_at"


@proof("clock complaint_triage", rule="clock_met", clock="complaint_triage", population="complaints_open")
class Triage(InTime):
    due, done = "triage_due_at", "assessed_at"


@proof("clock complaint_response", rule="clock_met", clock="complaint_response", population="complaints_open")
class Answer(InTime):
    due, done = "answer_due_at", "answered_at"


@proof("clock complaint_investigation", rule="clock_met", clock="complaint_investigation", population="complaints_open")
class Investigate(InTime):
    due, done = "investigate_due_at", "investigating_at"


@proof("clock complaint_resolve", rule="clock_met", clock="complaint_resolve", population="complaints_open")
class Resolve(InTime):
    due, done = "resolve_due_at", "resolved_at"


@proof("clock complaint_record", rule="clock_met", clock="complaint_record", population="complaints_received")
class Register:
    """Entered within its time; an entry that came late does not become timely but by another time of receipt."""

    def met(self, world: World) -> None:
        self.case: Any = complaint(world)

    def gap(self, world: World) -> None:
        put(self.case, entered_late=True)

    def repair(self, world: World) -> None:
        put(self.case, entered_late=False)


@proof("clock complaint_progress", rule="clock_met", clock="complaint_progress", population="complaints_open")
class Progress:
    """Who was told a result waits for nothing more; who waits for it hears how it stands."""

    def met(self, world: World) -> None:
        complaint(world, status="resolved", tell_at=ago(days=9))
        self.case: Any = complaint(world, tell_at=ago(days=-1))

    def gap(self, world: World) -> None:
        put(self.case, tell_at=ago(days=1))

    def repair(self, world: World) -> None:
        put(self.case, tell_at=ago(days=-1))


@proof("clock case_activity", rule="clock_met", clock="case_activity", population="complaints_open")
class Activity:
    """What a rule does by itself is no activity; what a person writes is."""

    def met(self, world: World) -> None:
        with time_machine.travel(ago(days=40)):
            self.busy, self.silent = complaint(world), complaint(world)
        for case in (self.busy, self.silent):
            write.post(case, "We have asked the carrier.", actor=world.actor("complaint_handler"))

    def gap(self, world: World) -> None:
        with time_machine.travel(ago(days=40)):
            self.silent = complaint(world)
        write.note_auto(self.silent, "Looked at.", Actor.system("BRM-3.3-23"))

    def repair(self, world: World) -> None:
        write.post(self.silent, "We have asked the carrier.", actor=world.actor("complaint_handler"))


@proof("clock complaint_escalation", rule="clock_met", clock="complaint_escalation", population="complaints_high")
class Escalate:
    """Rated major and put up at once; rated critical it should have gone one level higher."""

    def met(self, world: World) -> None:
        self.case: Any = complaint(world, severity="major", assessed_at=ago(days=20))
        escalation(world, self.case, 1, ago(days=20))

    def gap(self, world: World) -> None:
        put(self.case, severity="critical")

    def repair(self, world: World) -> None:
        escalation(world, self.case, 2, ago(days=20))


@proof("clock complaint_escalation", rule="clock_met", clock="complaint_escalation", population="complaints_open")
class EscalateByAge:
    """The process manager hears of a missed deadline at the next opening of the office, and not a day later."""

    def met(self, world: World) -> None:
        friday = last_friday()
        self.case: Any = complaint(world, received_at=friday - timedelta(days=20), resolve_due_at=friday)
        self.raised = escalation(world, self.case, 2, friday + timedelta(days=2, hours=16))  # Monday at 10

    def gap(self, world: World) -> None:
        Escalation.objects.filter(pk=self.raised.pk).update(raised_at=last_friday() + timedelta(days=3, hours=20))

    def repair(self, world: World) -> None:
        Escalation.objects.filter(pk=self.raised.pk).update(raised_at=last_friday() + timedelta(hours=1))


@proof("clock complaint_escalation", rule="clock_met", clock="complaint_escalation", population="complaints_open")
class EscalateRejected:
    """An old escalation does not answer a new rejection."""

    def met(self, world: World) -> None:
        self.case: Any = complaint(world, received_at=ago(days=40))
        escalation(world, self.case, 3, ago(days=30))

    def gap(self, world: World) -> None:
        put(self.case, reject_count=1, resolve_from=ago(days=20))

    def repair(self, world: World) -> None:
        escalation(world, self.case, 2, ago(days=20))


@proof("clock complaint_record", rule="clock_met", clock="complaint_record", population="communications_complaint")
class Brought:
    """Somebody complained in a letter: the case to which it is linked, or of which it speaks, was registered in time.

    Then that case turns out to have been registered days later.
    """

    def met(self, world: World) -> None:
        by, values = "relationship_manager", {"direction": "inbound", "topic": "complaint", "summary": "It is down"}
        values |= {"customer": world.customer.ref, "occurred_at": ago(days=30)}
        letters = [world.create("communication", by, **values) for _n in range(2)]
        self.cases = [complaint(world, entered_at=ago(days=30)) for _letter in letters]
        Communication.objects.filter(pk=letters[0].pk).update(subject_ref=self.cases[0].ref)
        write.link(letters[1], "led_to", self.cases[1], actor=world.actor(by))

    def gap(self, world: World) -> None:
        put(self.cases[1], entered_at=ago(days=20))

    def repair(self, world: World) -> None:
        put(self.cases[1], entered_at=ago(days=30))


@proof("clock state_limit", rule="clock_met", clock="state_limit", population="complaints_open")
class Standstill:
    """One complaint is yet to be confirmed by its customer in time, the other waits for an improvement; then the
    customer's time is over."""

    def met(self, world: World) -> None:
        complaint(world, status="awaiting_improvement", resolve_due_at=ago(days=9))
        self.case: Any = complaint(world, status="resolved", confirm_due_at=ago(days=-2))

    def gap(self, world: World) -> None:
        put(self.case, confirm_due_at=ago(days=1))

    def repair(self, world: World) -> None:
        put(self.case, status="closed", closed_at=ago(days=0))
