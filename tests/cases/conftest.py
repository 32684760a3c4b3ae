"""A complaint desk at work: the fixture `desk` registers cases and brings them to any state; time stands still."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.utils import timezone

from comity.cases.jobs import sweep_cases, sweep_escalations
from comity.cases.models import Case, Escalation
from comity.clocks.models import _rules
from comity.communications.models import Communication
from comity.improvement.models import Action
from comity.records import write
from comity.records.models import Entry
from comity.records.trail import Actor
from tests.worlds import World, world

__all__ = ["Desk", "world"]

RATED = {
    "severity": "normal",
    "consequence": "normal",
    "target_clear": True,
    "content_clear": True,
    "demand_clear": True,
}
FOUND = {
    "facts": "The link was down for three hours.",
    "views_of_parties": "Aster: no notice. Desk: notice went to an old address.",
    "cause_category": "process",
}
RESULT = {
    "outcome": "We credit one month.",
    "outcome_reasons": "The target was missed.",
    "cause_area": "service",
    "improvement_need": False,
}
ENDING = {name: RESULT[name] for name in ("outcome_reasons", "cause_area", "improvement_need")}
ORDER = ("received", "acknowledged", "assessed", "investigating", "acting", "resolved", "closed")


@dataclass
class Desk:
    """Registers cases, moves them, lets time pass."""

    world: World
    clock: Any
    _tokens: list[Any] = field(default_factory=list)

    def intake(self, **changed: Any) -> dict[str, Any]:
        """The values of a whole intake."""
        here = self.world
        return {
            "customer": here.customer.ref, "contact": here.contact.ref, "service": here.service.ref,
            "channel": "phone",
            "description": "The line was down.", "wanted_remedy": "A credit.", "topic": "availability", **changed,
        }  # fmt: skip

    def register(self, by: str = "service_desk", **changed: Any) -> Any:
        return self.world.create("case", by, **self.intake(**changed))

    def move(self, case: Any, name: str, by: str = "complaint_handler", note: str = "", /, **data: Any) -> Any:
        note = note or data.pop("note", "")
        return write.transition(case, name, data, actor=self.world.actor(by), note=note)

    def step(self, case: Any, **changed: Any) -> Any:
        """One step further on the main path."""
        actor, handler = self.world.actor("complaint_handler"), self.world.email("complaint_handler")
        match case.status:
            case "received":
                return self.move(case, "acknowledge", "service_desk", **changed)
            case "acknowledged":
                return self.move(case, "assess", **{**RATED, "handler": handler, **changed})
            case "assessed":
                return self.move(case, "investigate", investigator=handler, **changed)
            case "investigating":
                first = {
                    "action": "Write the credit note",
                    "action_owner": handler,
                    "action_due_on": timezone.localdate(),
                }
                return self.move(case, "act", **{**FOUND, **first, **changed})
            case "acting":
                for action in Action.objects.filter(source_ref=case.ref, status="open"):
                    write.transition(action, "complete", {"completion_report": "Sent."}, actor=actor)
                return self.move(case, "resolve", **{**RESULT, **changed})
            case "resolved":
                return self.move(case, "confirm", "customer_contact", **changed)
        raise AssertionError(case.status)

    def at(self, status: str, **changed: Any) -> Any:
        """A new case in this state of the main path."""
        case = self.register(**changed)
        while case.status != status:
            case = self.step(case)
        return case

    def later(self, hours: float = 0, days: float = 0) -> datetime:
        """Let time pass."""
        self.clock.shift(timedelta(hours=hours, days=days))
        return timezone.now()

    def until(self, moment: datetime) -> datetime:
        """Let time pass until just after this moment."""
        self.clock.move_to(moment + timedelta(seconds=1))
        return timezone.now()

    def sweep(self, case: Any = None) -> Any:
        """Let the rules look, as they do every minute; the case as it is then."""
        now = timezone.now()
        sweep_cases(now)
        sweep_escalations(now)
        return Case.objects.get(pk=case.pk) if case else None

    def heard(self, case: Any, by: str = "complaint_handler", **changed: Any) -> str:
        """The reference of a logged call in which the customer said something."""
        values = {
            "direction": "inbound", "purpose": "confirmation", "topic": "complaint", "customer": case.customer.ref,
            "subject_ref": case.ref, "summary": "He called.", **changed,
        }  # fmt: skip
        return self.world.create("communication", by, **values).ref

    def told(self, case: Any, *purposes: str) -> list[Any]:
        """What went out about the case."""
        rows = Communication.objects.filter(subject_ref=case.ref, direction="outbound").order_by("pk")
        return list(rows.filter(purpose__in=purposes) if purposes else rows)

    def escalations(self, case: Any) -> list[tuple[str, int]]:
        rows = Escalation.objects.filter(case=case).order_by("pk")
        return [(row.trigger, row.level) for row in rows]

    def lines(self, case: Any, act: str = "auto") -> list[Any]:
        return list(Entry.objects.filter(kind="case", record_id=case.pk, act=act).order_by("pk"))

    def rule(self, name: str = "test") -> Actor:
        return Actor.system(name)


def next_monday() -> datetime:
    now = datetime.now(UTC)
    days = (7 - now.weekday()) % 7 or 7
    return (now + timedelta(days=days)).replace(hour=10, minute=0, second=0, microsecond=0)


@contextmanager
def staffed(world: World) -> Iterator[Desk]:
    """Monday, ten o'clock in the morning, and it stays so until `later` is called."""
    _rules.cache_clear()  # kept by the moment of the last change, which is the same in many tests
    with time_machine.travel(next_monday(), tick=False) as clock:
        yield Desk(world, clock)


@pytest.fixture
def desk(world: World) -> Iterator[Desk]:
    with staffed(world) as desk:
        yield desk
