"""Rules over trainings."""

from __future__ import annotations

from typing import Any

from comity.parties.models import Responsibility
from comity.people.models import Training
from tests.compliance.proofs import membership, proof
from tests.compliance.proofs.assessments import held
from tests.people.test_trainings import training
from tests.worlds import World, assign, days_ago


@proof("training_focus", rule="predicate", name="training_focus")
class Focus:
    """A training of each aim, two hours of five without one; then three more; then these get an aim."""

    def met(self, world: World) -> None:
        for aim in Training.Theme.values:
            training(world, theme=aim)
        training(world, hours=2)

    def gap(self, world: World) -> None:
        self.more = training(world, hours=3)

    def repair(self, world: World) -> None:
        Training.objects.filter(pk=self.more.pk).update(theme="service_excellence")


@proof("training_focus", rule="predicate", name="training_focus")
class EachAim(Focus):
    """The only training of an aim is changed to another; then one is held."""

    def gap(self, world: World) -> None:
        Training.objects.filter(theme="system_innovation").update(theme="service_excellence")

    def repair(self, world: World) -> None:
        training(world, theme="system_innovation")


@proof(
    "separated", rule="separated", act="assessment", not_by=["responsibility_in_area"], population="assessments_held"
)
class Independent:
    """An assessor who comes to own the assessed process, and gives it up again (CSMS:2003 16.1)."""

    def met(self, world: World) -> None:
        held(world, 5, assessor=world.email("internal_assessor"), process="complaint_handling")

    def gap(self, world: World) -> None:
        self.duty = assign(world, "process_owner", "internal_assessor", process="complaint_handling")

    def repair(self, world: World) -> None:
        Responsibility.objects.filter(pk=self.duty.pk).update(ends_on=days_ago(1))


@membership("trainings_evaluated_retained")
def retained(world: World) -> tuple[list[Any], list[Any]]:
    """One that was judged, and one that was not."""
    judged = training(world, effectiveness_evaluation="Fewer errors.", evaluated_on=days_ago(5))
    return [judged], [training(world)]
