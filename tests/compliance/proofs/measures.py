"""Rules over indicators and their values."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.utils import timezone

from comity.measures.models import Measurement
from comity.records import write
from comity.records.models import Link
from tests.compliance.proofs import membership, proof
from tests.measures.test_measures import BY, kpi, value
from tests.worlds import World, days_ago


@proof("clock measurement_record", rule="clock_met", clock="measurement_record", population="measurement")
class Recorded:
    """Recorded in time after its period; then late; then the late one is put right by an earlier entry."""

    def met(self, world: World) -> None:
        self.row = value(world, kpi(world), 4)

    def gap(self, world: World) -> None:
        Measurement.objects.filter(pk=self.row.pk).update(record_due_at=self.row.entered_at - timedelta(hours=1))

    def repair(self, world: World) -> None:
        Measurement.objects.filter(pk=self.row.pk).update(record_due_at=self.row.record_due_at)


@proof("measurement_not_overwritten", rule="predicate", name="measurement_not_overwritten", population="measurement")
class NotOverwritten:
    """One value; its row is changed in place; a correction takes its place."""

    def met(self, world: World) -> None:
        self.kpi = kpi(world)
        self.row = value(world, self.kpi, 4)

    def gap(self, world: World) -> None:
        write.log(self.row, "update", world.actor(BY), changes={"value": [3, 4]})

    def repair(self, world: World) -> None:
        value(world, self.kpi, 3, corrects=self.row.ref, correction_reason="Changed in place.")


@proof("kpi_target_not_weakened", rule="predicate", name="kpi_target_not_weakened")
class NotWeakened:
    """A target that customers see asks for less, until it is raised again."""

    def met(self, world: World) -> None:
        self.row = kpi(world, customer_facing=True)

    def gap(self, world: World) -> None:
        self.row = write.update(self.row, {"target": 3.5}, actor=world.actor(BY))

    def repair(self, world: World) -> None:
        write.update(self.row, {"target": 4}, actor=world.actor(BY))


@proof("kpi_target_not_weakened", rule="predicate", name="kpi_target_not_weakened")
class Justified(NotWeakened):
    """The same, until a review is linked that says why."""

    def repair(self, world: World) -> None:
        tie = {"from_kind": "review", "from_id": 1, "from_ref": "REV-00001", "verb": "concludes", "by_id": 1}
        Link.objects.create(to_kind="kpi", to_id=self.row.pk, to_ref=self.row.ref, at=timezone.now(), **tie)


@membership("kpis_customer_facing_long")
def long(world: World) -> tuple[list[Any], list[Any]]:
    """Eight actual values, and seven with a forecast."""
    full, short = kpi(world, customer_facing=True), kpi(world, customer_facing=True)
    for ago in range(1, 9):
        value(world, full, 4, ago)
        value(world, short, 4, ago, type="actual" if ago > 1 else "forecast")
    return [full], [short]


@membership("parties_below_satisfaction")
def below(world: World) -> tuple[list[Any], list[Any]]:
    """A customer whose newest value is low; and one who was low before."""
    of = kpi(world)
    old = value(world, of, 2, 40, customer=world.child.ref)
    value(world, of, 4.5, 10, customer=world.child.ref)
    low = value(world, of, 3, 10, customer=world.customer.ref)
    return [low], [old, value(world, kpi(world, category="loyalty"), 1, 5, customer=world.customer.ref)]


@membership("scores_low_or_fallen")
def fallen(world: World) -> tuple[list[Any], list[Any]]:
    """Below the target; above it and fallen; above it and risen."""
    of = kpi(world)
    first = value(world, of, 4.6, 90, customer=world.customer.ref)
    second = value(world, of, 4.4, 50, customer=world.customer.ref)
    third = value(world, of, 4.5, 10, customer=world.customer.ref)
    return [second, value(world, of, 3.9, 50, customer=world.child.ref)], [first, third]


@membership("measurements_two_periods")
def two_periods(world: World) -> tuple[list[Any], list[Any]]:
    """A target with values of two periods, and one with two values of one period."""
    from comity.agreements.models import Target

    one, other = Target.objects.order_by("pk")[:2]

    def of(target: Any, ago: int, **more: Any) -> Any:
        return world.create("measurement", BY, target_ref=target.ref, value=1, period_end=days_ago(ago), **more)

    his = {"customer": world.customer.ref}
    return [of(one, 40), of(one, 10)], [of(other, 10), of(other, 10, **his), value(world, kpi(world), 4)]


@membership("supplier_misses_repeated")
def missed_again(world: World) -> tuple[list[Any], list[Any]]:
    """A supplier who missed twice in a row; one who met it between, and the same indicator missed by two suppliers."""
    of = kpi(world)
    ours, other = (world.create("supplier", "supplier_manager", name=name).ref for name in ("NetCo", "Cables"))
    first, again = value(world, of, 3, 60, supplier=ours), value(world, of, 3, 30, supplier=ours)
    once, met, later = (value(world, of, n, ago, supplier=other) for n, ago in ((3, 60), (5, 40), (3, 20)))
    return [again], [first, once, met, later]
