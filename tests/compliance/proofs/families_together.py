"""The rules made of rules."""

from typing import Any

from comity.compliance.rules.verdicts import Verdict
from comity.parties.models import Customer, Responsibility
from tests.compliance.proofs import proof
from tests.compliance.proofs.communications import said
from tests.compliance.proofs.families_registers import Filled
from tests.compliance.proofs.improvement import put
from tests.compliance.proofs.measures import NotWeakened
from tests.compliance.proofs.parties import Complete
from tests.worlds import World

COMPLETE = {"rule": "register_complete", "with": {"population": "customers_active", "fields": ["category"]}}
HELD = {"rule": "responsibility_filled", "with": {"role": "complaint_owner", "holders": "at_least_one"}}
FEEDBACK = {"rule": "register_complete", "with": {"population": "communications_feedback", "fields": ["owner"]}}


@proof("all_of", rule="all_of", parts=[COMPLETE, HELD, {**FEEDBACK, "optional": True}])
class Together(Complete):
    """Two parts hold and the third has nothing to look at; the second breaks; the first alone is not enough."""

    def gap(self, world: World) -> None:
        Responsibility.objects.filter(role="complaint_owner").update(status="ended")

    def repair(self, world: World) -> None:
        Responsibility.objects.filter(role="complaint_owner").update(status="active")


@proof("all_of", rule="all_of", parts=[COMPLETE, {**FEEDBACK, "optional": True}])
class Optional(Complete):
    """A part that may be empty counts as soon as it is not."""

    def gap(self, world: World) -> None:
        self.row: Any = put(said(world, 5, topic="feedback"), owner=None)

    def repair(self, world: World) -> None:
        put(self.row, owner=world.person("relationship_manager"))

    def empty(self, world: World) -> None:
        Customer.objects.update(status="retired")


@proof("same_as", rule="same_as", id="ISO20000-7.1-04")
class Same(Filled):
    """The verdict of the entry: every customer has one manager of its own."""


@proof("predicate", rule="predicate", name="kpi_target_not_weakened")
class Coded(NotWeakened):
    """A check with code of its own."""

    nothing = Verdict.NOT_EXERCISED
