"""Communication plans and their versions (PG-004-38 to PG-004-44)."""

from typing import Any

import pytest
from django.core.exceptions import ValidationError

from comity.communications.models import CommunicationPlan, PlanLine
from comity.records import write
from comity.records.access import NotAllowed
from comity.records.trail import Refused
from tests.worlds import World


def drafted(world: World, **values: Any) -> Any:
    """A plan for the customer, with one line and one party."""
    by = "relationship_manager"
    plan = world.create("communication_plan", by, name="Aster", customer=world.customer.ref, **values)
    world.create("plan_line", by, plan=plan.ref, topic="Operations", channel=world.channel.ref, response_time="2 bd")
    world.create("plan_party", by, plan=plan.ref, contact=world.contact.ref, role="Approver")
    return plan


def test_a_plan_counts_once_it_is_approved(world: World) -> None:
    plan = world.move(drafted(world), "approve", "process_manager")
    assert plan.status == "approved"
    assert plan.approved_by == world.person("process_manager")
    assert plan.approved_at is not None


def test_a_plan_without_lines_is_not_approved(world: World) -> None:
    plan = world.create("communication_plan", "relationship_manager", name="Empty")
    with pytest.raises(Refused):
        world.move(plan, "approve", "process_manager")
    plan.refresh_from_db()
    assert plan.status == "draft"


def test_who_drafts_a_plan_does_not_approve_it(world: World) -> None:
    plan = drafted(world)
    with pytest.raises(NotAllowed):
        world.move(plan, "approve", "relationship_manager")
    plan.refresh_from_db()
    assert plan.status == "draft"


def test_an_approved_plan_and_its_lines_stay_as_they_are(world: World) -> None:
    plan = world.move(drafted(world), "approve", "process_manager")
    line = plan.lines.get()
    for record, values in ((plan, {"audience": "All"}), (line, {"topic": "Other"})):
        with pytest.raises(ValidationError):
            write.update(record, values, actor=world.actor("process_manager"))
        record.refresh_from_db()
    assert (plan.audience, line.topic) == ("", "Operations")
    with pytest.raises(ValidationError):
        world.create("plan_line", "process_manager", plan=plan.ref, topic="More")
    assert plan.lines.count() == 1


def test_that_a_plan_still_holds_can_be_confirmed(world: World) -> None:
    plan = world.move(drafted(world), "approve", "process_manager")
    plan = write.update(plan, {"reconfirmed_at": "2026-01-31"}, actor=world.actor("process_manager"))
    assert str(plan.reconfirmed_at) == "2026-01-31"


def test_the_next_version_takes_over_lines_and_parties_and_then_the_place(world: World) -> None:
    first = world.move(drafted(world), "approve", "process_manager")
    first = world.move(first, "revise", "relationship_manager")
    second = CommunicationPlan.objects.get(version_no=2)
    assert (first.status, second.status, second.customer) == ("approved", "draft", world.customer)
    assert [line.topic for line in second.lines.all()] == ["Operations"]
    assert [party.person for party in second.parties.all()] == [str(world.contact)]
    second = world.move(second, "approve", "process_manager")
    first.refresh_from_db()
    assert first.status == "superseded"
    assert first.over_at == second.approved_at


def test_a_plan_is_for_one_party(world: World) -> None:
    with pytest.raises(ValidationError):
        world.create(
            "communication_plan", "relationship_manager", name="Both", customer=world.customer.ref,
            segment=world.category.ref,
        )  # fmt: skip
    assert not CommunicationPlan.objects.exists()


def test_a_time_to_answer_is_a_length_of_time(world: World) -> None:
    plan = drafted(world)
    with pytest.raises(ValidationError) as error:
        world.create("plan_line", "relationship_manager", plan=plan.ref, topic="Soon", response_time="soon")
    assert "response_time" in error.value.message_dict
    assert PlanLine.objects.count() == 1


def test_what_was_said_under_a_plan_names_its_line(world: World) -> None:
    line = drafted(world).lines.get()
    said = world.create(
        "communication", "relationship_manager", direction="inbound", summary="All well", customer=world.customer.ref,
        plan_line=line.ref, tags=["service_environment"], need_change="None this month.",
    )  # fmt: skip
    assert said.plan_line == line
    assert [tag.code for tag in said.tags.all()] == ["service_environment"]
