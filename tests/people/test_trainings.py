"""Trainings: kept by the process manager, read by whom they are about, in the order in which things happen."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from comity.compliance.compiler import members
from comity.compliance.inquiry import Inquiry
from comity.people.models import Training, valid
from comity.records import write
from comity.records.access import NotAllowed, readable
from comity.records.kind import kind_named
from tests.worlds import World, days_ago

BY, DESK = "process_manager", "service_desk"


def training(world: World, staff: str = DESK, **more: Any) -> Any:
    """Completed ten days ago."""
    data = {"title": "A day on complaints", "staff": world.email(staff), "completed_on": days_ago(10), **more}
    return world.create("training", BY, **data)


def test_it_is_kept_by_one_and_read_by_whom_it_is_about(world: World) -> None:
    row, kind = training(world), kind_named("training")
    readers = {name for name in world.people if readable(kind, world.person(name)).filter(pk=row.pk).exists()}
    assert readers == {
        DESK, BY, "assistant", "operations_director", "internal_assessor", "senior_manager", "auditor",
    }  # fmt: skip
    with pytest.raises(NotAllowed):
        write.update(row, {"passed": True}, actor=world.actor(DESK))
    with pytest.raises(NotAllowed):
        world.create("training", DESK, title="Self-made", staff=world.email(DESK))
    assert list(Training.objects.values_list("title", "passed")) == [("A day on complaints", False)]


@pytest.mark.parametrize(
    ("values", "name"),
    [
        ({"completed_on": days_ago(-1)}, "completed_on"),
        ({"completed_on": None, "valid_until": days_ago(-1)}, "valid_until"),
        ({"valid_until": days_ago(11)}, "valid_until"),
        ({"evaluated_on": days_ago(11)}, "evaluated_on"),
        ({"evaluated_on": days_ago(-1)}, "evaluated_on"),
    ],
)
def test_what_cannot_have_happened_is_refused(world: World, values: dict[str, Any], name: str) -> None:
    with pytest.raises(ValidationError) as refused:
        training(world, **values)
    assert list(refused.value.message_dict) == [name] and not Training.objects.exists()


def test_it_counts_from_its_completion_until_it_lapses(world: World) -> None:
    topic = {"topic": "internal_assessment"}
    good = {
        training(world, **topic).pk, training(world, valid_until=timezone.localdate(), **topic).pk,
        training(world, valid_until=days_ago(-30), **topic).pk,
    }  # fmt: skip
    training(world, completed_on=None, planned_on=days_ago(-5), **topic)
    training(world, valid_until=days_ago(1), **topic)
    other = training(world)
    assert set(Training.objects.filter(valid(timezone.now())).values_list("pk", flat=True)) == good | {other.pk}
    (part,) = members(Inquiry(), "trainings_internal_assessment")
    assert set(part.rows.values_list("pk", flat=True)) == good
