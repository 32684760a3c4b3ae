"""What every test of this room does again: actions, improvements that go their way, findings up to a state."""

from typing import Any

from django.utils import timezone

from tests.worlds import World

PLAN = {"due_on": "2030-01-01", "success_measure": "Minutes waited", "baseline": "9", "wanted_value": "3"}
WAYS = ["Hire two more | 80,000 a year | 3 minutes", "Answer by a machine | 20,000 | 1 minute, fewer thanks"]
CAUSE = {"cause": "Nobody plans the shifts.", "cause_category": "method"}
RATED = {"likelihood": 4, "consequence": 3}


def action(world: World, owner: str = "complaint_handler", by: str = "complaint_handler", **more: Any) -> Any:
    data = {"title": "Call back", "owner": world.email(owner), "source_ref": world.service.ref}
    return world.create("action", by, **{**data, "due_on": timezone.localdate(), **more})


def improvement(world: World, owner: str = "relationship_manager", **more: Any) -> Any:
    data = {"title": "Shorter queue", "owner": world.email(owner), "source_ref": world.service.ref, **more}
    return world.create("improvement", "relationship_manager", **data)


def approved(world: World, **more: Any) -> Any:
    row = world.move(improvement(world, **more), "analyse", "relationship_manager", analysis="Too few people.")
    return world.move(row, "approve", "process_manager")


def planned(world: World, row: Any, owner: str = "relationship_manager") -> Any:
    """Planned with one action, which is returned beside it."""
    task = action(world, by="relationship_manager", source_ref=row.ref)
    return world.move(row, "plan", owner, **PLAN), task


def implemented(world: World, row: Any, owner: str = "relationship_manager", **more: Any) -> Any:
    """From approved to implemented, its one action done."""
    row, task = planned(world, row, owner)
    row = world.move(row, "start", owner)
    world.move(task, "complete", "complaint_handler", completion_report="Hired.")
    return world.move(row, "implement", owner, **more)


def finding(world: World, owner: str = "relationship_manager", **more: Any) -> Any:
    data = {"title": "Nobody answers at noon", "type": "problem", "nature": "corrective"}
    data |= {"owner": world.email(owner), "source_ref": world.customer.ref}
    data |= {"process_owner_participant": world.email("process_manager")}
    return world.create("finding", "relationship_manager", **{**data, "subject_ref": world.service.ref, **more})


def analysed(world: World, owner: str = "relationship_manager", **more: Any) -> Any:
    return world.move(finding(world, owner, **more), "analyse", owner, **CAUSE, **RATED)


def decided(world: World, **more: Any) -> Any:
    values = {"decision": "solve", "reason": "Cheapest that lasts.", "solution": "Plan shifts.", "alternatives": WAYS}
    return world.move(analysed(world, **more), "decide", "process_manager", **values)


def closed(world: World, **more: Any) -> Any:
    """Decided, one action done about it, and closed."""
    row = decided(world, **more)
    task = action(world, by="relationship_manager", source_ref=row.ref)
    world.move(task, "complete", "complaint_handler", completion_report="Planned.")
    return world.move(row, "close", "process_manager")
