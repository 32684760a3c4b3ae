"""Rules over what customers need: entered in time, decided and answered in time."""

from __future__ import annotations

from typing import Any

from django.utils import timezone

from comity.agreements.models import ServiceRequirement
from comity.records import write
from tests.compliance.proofs import proof
from tests.compliance.proofs.cases import ago
from tests.compliance.proofs.cases_course import said
from tests.worlds import World, days_ago

RM = "relationship_manager"


def requirement(world: World, **columns: Any) -> Any:
    """What the customer asked for, decided upon and told a week ago, unless the columns say otherwise."""
    made = world.create(
        "service_requirement", "relationship_manager", title="Statements on paper", customer=world.customer.ref,
        requester=world.contact.ref, services=[world.service.ref],
    )  # fmt: skip
    values = {"identified_on": days_ago(20), "respond_by": days_ago(2), "entered_late": False, **columns}
    ServiceRequirement.objects.filter(pk=made.pk).update(**values)
    return made


@proof(
    "clock requirement_record", rule="clock_met", clock="requirement_record", population="requirements_from_customers"
)
class Enter:
    """Entered as it was said; another, said weeks ago in a call, is entered today."""

    def met(self, world: World) -> None:
        requirement(world)

    def gap(self, world: World) -> None:
        call = said(world, world.customer, "inbound", "other", 30)
        self.late = world.create(
            "service_requirement", "relationship_manager", title="A second line", customer=world.customer.ref,
            origin=call.ref,
        )  # fmt: skip

    def repair(self, world: World) -> None:
        ServiceRequirement.objects.filter(pk=self.late.pk).update(origin_kind="internal")


@proof(
    "clock requirement_response", rule="clock_met", clock="requirement_response",
    population="requirements_new_or_changed",
)  # fmt: skip
class Respond:
    """Decided in time, but the customer was not told; then the notice turns up."""

    def met(self, world: World) -> None:
        said(world, requirement(world, decided_at=ago(days=7)), "outbound", "decision", 7, RM)
        requirement(world, respond_by=timezone.localdate())

    def gap(self, world: World) -> None:
        self.untold = requirement(world, decided_at=ago(days=7))

    def repair(self, world: World) -> None:
        said(world, self.untold, "outbound", "decision", 6, RM)


@proof("target_meets_requirement", rule="predicate", name="target_meets_requirement")
class Suffices:
    """Six hours are asked for and four are promised; then three are asked for; then six again."""

    def met(self, world: World) -> None:
        target = world.second.targets.filter(metric="acknowledge").first()
        self.asked = {"metric": "acknowledge", "unit_of_value": target.unit_of_value}
        self.row = requirement(
            world, category="level", status="current", decided_at=ago(days=7), effective_on=days_ago(7),
            value=target.value + 2, **self.asked,
        )  # fmt: skip
        self.value = target.value
        write.link(target, "serves", self.row, actor=world.actor("process_manager"))

    def gap(self, world: World) -> None:
        ServiceRequirement.objects.filter(pk=self.row.pk).update(value=self.value / 2)

    def repair(self, world: World) -> None:
        ServiceRequirement.objects.filter(pk=self.row.pk).update(value=self.value)


@proof("target_meets_requirement", rule="predicate", name="target_meets_requirement")
class Comparable(Suffices):
    """What is asked for in other units cannot be compared."""

    def gap(self, world: World) -> None:
        ServiceRequirement.objects.filter(pk=self.row.pk).update(unit_of_value="percent")

    def repair(self, world: World) -> None:
        ServiceRequirement.objects.filter(pk=self.row.pk).update(unit_of_value=self.asked["unit_of_value"])
