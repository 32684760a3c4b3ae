"""Processes, their steps, and where they hand over (BRM-1.1, ISO/IEC 20000-1:2011 7.2)."""

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from comity.parties.models import ProcessInterface, ProcessRole
from comity.records import write
from comity.records.access import NotAllowed
from tests.worlds import World


def test_steps_stand_in_the_order_in_which_they_were_named(world: World) -> None:
    process = world.create("process", "process_manager", name="Repair", type="delivery")
    steps = [world.create("process_step", "process_manager", process=process.ref, name=name) for name in "abc"]
    assert [step.position for step in steps] == [1, 2, 3]
    assert world.create("process_step", "process_manager", process=process.ref, name="d", position=9).position == 9


def test_a_step_of_our_own_names_the_unit_that_carries_it_out(world: World) -> None:
    process = world.create("process", "process_manager", name="Repair")
    own = world.create("process_step", "process_manager", process=process.ref, name="Look")
    assert own.operator == own.unit.name
    other = {"operator_kind": "supplier", "name": "Send"}
    assert world.create("process_step", "process_manager", process=process.ref, **other).operator == ""


def test_a_step_hands_nothing_over_to_itself(world: World) -> None:
    process = world.create("process", "process_manager", name="Repair")
    step = world.create("process_step", "process_manager", process=process.ref, name="Look")
    ends = {"from_step": step.ref, "to_step": step.ref}
    with pytest.raises(ValidationError) as error:
        world.create("process_interface", "process_manager", name="Round", process=process.ref, **ends)
    assert "to_step" in error.value.message_dict
    assert not ProcessInterface.objects.exists()


def test_an_interface_is_between_steps_of_its_processes_and_verified_on_a_day_that_has_come(world: World) -> None:
    one, other, third = (world.create("process", "process_manager", name=name) for name in "abc")
    step = world.create("process_step", "process_manager", process=third.ref, name="Look")
    ahead = (timezone.localdate() + timedelta(days=1)).isoformat()
    for name, wrong in (
        ("from_step", {"from_step": step.ref, "other_process": other.ref}),
        ("other_process", {"other_process": one.ref}),
        ("verified_at", {"verified_at": ahead}),
    ):
        with pytest.raises(ValidationError) as error:
            world.create("process_interface", "process_manager", name="Round", process=one.ref, **wrong)
        assert name in error.value.message_dict
    assert not ProcessInterface.objects.exists()


def test_a_process_names_a_role_once(world: World) -> None:
    process = world.create("process", "process_manager", name="Repair")
    values = {"process": process.ref, "role": "process_owner"}
    world.create("process_role", "process_manager", **values)
    with pytest.raises(ValidationError):
        world.create("process_role", "process_manager", **values)
    assert ProcessRole.objects.count() == 1


def test_a_relationship_manager_writes_no_process(world: World) -> None:
    process = world.create("process", "process_manager", name="Repair")
    with pytest.raises(NotAllowed):
        write.update(process, {"name": "Mine"}, actor=world.actor("relationship_manager"))
    process.refresh_from_db()
    assert process.name == "Repair"


def test_a_process_is_retired_with_a_reason_and_comes_back(world: World) -> None:
    process = world.create("process", "process_manager", name="Repair")
    with pytest.raises(ValidationError):
        world.move(process, "retire", "process_manager")
    process.refresh_from_db()
    assert process.status == "active"
    process = world.move(process, "retire", "process_manager", note="Bought instead.")
    assert world.move(process, "resume", "process_manager").status == "active"
