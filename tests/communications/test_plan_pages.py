"""The page of a plan shows its lines, and of a process its steps, as far as the reader may see them."""

from typing import Any

import pytest

from tests.communications.test_plans import drafted
from tests.home.conftest import as_, untouched
from tests.worlds import World

__all__ = ["as_", "untouched"]


def test_a_plan_shows_its_lines_and_leads_to_a_further_one_while_it_is_open(as_: Any, world: World) -> None:
    plan = drafted(world)
    page = as_("process_manager").get(plan.url).content.decode()
    assert "Operations · Service line · 2 bd" in page
    assert f"/plan-lines/new/?plan={plan.ref}" in page
    world.move(plan, "approve", "process_manager")
    page = as_("process_manager").get(plan.url).content.decode()
    assert "Operations · Service line · 2 bd" in page
    assert "/plan-lines/new/" not in page


@pytest.mark.parametrize(("role", "seen"), [("process_manager", True), ("complaint_handler", False)])
def test_a_process_shows_its_steps_to_who_may_read_them(as_: Any, world: World, role: str, seen: bool) -> None:
    process = world.create("process", "process_manager", name="Repair")
    world.create("process_step", "process_manager", process=process.ref, name="Look closely", owner_role="step_owner")
    page = as_(role).get(process.url).content.decode()
    assert ("1. Look closely · Step owner" in page) is seen
    assert ("/process-steps/new/" in page) is seen
