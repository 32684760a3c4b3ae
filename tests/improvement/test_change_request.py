"""Change requests: asked by one, assessed by the service level manager, decided by a holder of the authority."""

from typing import Any

import pytest
from django.core.exceptions import ValidationError

from comity.improvement.models import ChangeRequest
from comity.records import write
from comity.records.access import may
from comity.records.trail import Refused
from tests.web.visitors import visitor
from tests.worlds import World, assign

IMPACT = {"impact_services": "None.", "impact_management_system": "None."}


def change(world: World, by: str = "relationship_manager", **more: Any) -> Any:
    data = {"title": "Longer hours", "object_ref": world.customer.ref, "reason": "Asked for.", "wanted": "07 to 22."}
    return world.create("change_request", by, **{**data, **more})


def assessed(world: World, **more: Any) -> Any:
    """The project manager of the small provider is its service level manager."""
    row = world.move(change(world, **more), "submit", "relationship_manager")
    return world.move(row, "assess", "project_manager", **IMPACT)


def test_is_decided_by_a_holder_of_the_authority(world):
    row = assessed(world)
    with pytest.raises(Refused):
        world.move(row, "approve", "operations_director")
    row.refresh_from_db()
    assert (row.status, row.approver) == ("assessed", None)
    assign(world, "change_authority", "operations_director")
    row = world.move(row, "approve", "operations_director")
    assert row.approved_at == row.decided_at
    with pytest.raises(Refused, match="for its owner"):
        world.move(row, "implement", "operations_director")
    row.refresh_from_db()
    assert row.implemented_at is None
    row = world.move(row, "implement", "relationship_manager")
    row = world.move(row, "close", "operations_director", result="Open from 07 to 22.")
    assert (row.status, row.object_kind) == ("closed", "customer")
    page = visitor(world.person("operations_director")).get(row.url).content.decode()
    assert "Open from 07 to 22." in page and f'href="{world.customer.url}"' in page


def test_is_read_by_who_assesses_and_who_decides_once_submitted(world):
    row = change(world)
    assert not may(world.person("project_manager"), row, "read")
    row = world.move(row, "submit", "relationship_manager")
    assert may(world.person("project_manager"), row, "read")
    assert not may(world.person("supplier_manager"), row, "read")


def test_its_originator_does_not_decide(world):
    assign(world, "change_authority", "relationship_manager")
    assign(world, "change_authority", "process_manager")
    row = world.move(change(world), "submit", "relationship_manager")
    row = world.move(row, "assess", "project_manager", **IMPACT)
    write.assign(row, {"originator": world.person("process_manager")}, actor=world.actor("administrator"))
    for step in ("approve", "reject", "defer"):
        with pytest.raises(Refused):
            world.move(row, step, "process_manager", decision_reason="Mine.")
    row.refresh_from_db()
    assert (row.status, row.decided_at) == ("assessed", None)


def test_is_assessed_by_the_service_level_manager_with_its_impact(world):
    row = world.move(change(world), "submit", "relationship_manager")
    with pytest.raises(Refused):
        world.move(row, "assess", "relationship_manager", **IMPACT)
    with pytest.raises(ValidationError):
        world.move(row, "assess", "project_manager", impact_services="None.")
    row.refresh_from_db()
    assert row.status == "submitted"


def test_of_an_agreement_needs_the_consent_of_the_service_level_manager(world):
    assign(world, "change_authority", "operations_director")
    row = assessed(world, object_ref=world.agreement.ref)
    with pytest.raises(Refused, match="consented"):
        world.move(row, "approve", "operations_director")
    row.refresh_from_db()
    assert row.approved_at is None
    row = world.move(row, "consent", "project_manager")
    assert world.move(row, "approve", "operations_director").slm_consent == world.person("project_manager")


def test_is_about_something_that_is_there(world):
    with pytest.raises(ValidationError):
        change(world, object_ref="AGR-99999")
    assert not ChangeRequest.objects.exists()


def test_what_was_decided_on_stays(world):
    assign(world, "change_authority", "operations_director")
    row = world.move(assessed(world), "reject", "operations_director", decision_reason="Too dear.")
    assert (row.status, row.approved_at) == ("rejected", None)
    with pytest.raises(ValidationError):
        write.update(row, {"wanted": "Always."}, actor=world.actor("relationship_manager"))
    row.refresh_from_db()
    assert row.wanted == "07 to 22."
