"""Rules over who takes part in improvement."""

from __future__ import annotations

from typing import Any

from comity.accounts.models import Person
from comity.compliance.rules.verdicts import Verdict
from comity.parties.models import Position
from tests.compliance.proofs import proof
from tests.compliance.proofs.improvement import put
from tests.improvement.steps import improvement
from tests.worlds import World, days_ago


@proof("staff_participation", rule="predicate", name="staff_participation")
class Participation:
    """Everybody works on an improvement; then only who proposed it does."""

    nothing = Verdict.GAP  # there are people in any world, and nobody has proposed anything

    def met(self, world: World) -> None:
        self.row = put(improvement(world), status="in_progress", started_on=days_ago(5))
        self.row.assignees.set(Person.objects.all())

    def gap(self, world: World) -> None:
        self.row.assignees.clear()

    def repair(self, world: World) -> None:
        self.row.assignees.set(Person.objects.all())


@proof("staff_participation", rule="predicate", name="staff_participation")
class ByTeam(Participation):
    """All but one take part; that one comes to be the only one of a team, and then joins another."""

    def met(self, world: World) -> None:
        super().met(world)
        alone = world.person("service_desk")
        self.row.assignees.remove(alone)
        self.place: Any = world.create("position", "process_manager", person=alone.email, team="")
        world.create("position", "process_manager", person=world.email("complaint_handler"), team="Desk")

    def gap(self, world: World) -> None:
        Position.objects.filter(pk=self.place.pk).update(team="Night shift")

    def repair(self, world: World) -> None:
        Position.objects.filter(pk=self.place.pk).update(team="Desk")
