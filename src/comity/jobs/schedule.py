"""Tasks that return by the clock. Every worker plans them; a key for each time slot lets only one of them through."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from cronsim import CronSim
from django.conf import settings
from django.utils import timezone
from django_tasks.base import Task

from comity.jobs.backend import once

AnyTask = TypeVar("AnyTask", bound=Task[..., Any])


SCHEDULE: dict[str, tuple[str, Task[..., Any]]] = {}


def every(expression: str, name: str = "") -> Callable[[AnyTask], AnyTask]:
    """Run a task without arguments by a cron expression in local time: `@every("*/5 * * * *")` above `@task()`."""
    CronSim(expression, timezone.now())  # a wrong expression fails at import

    def register(task: AnyTask) -> AnyTask:
        SCHEDULE[name or task.module_path] = expression, task
        return task

    return register


def plan(now: datetime, planned: dict[str, datetime]) -> None:
    """Enqueue the latest slot of each entry; what was missed while nothing ran is made up for once.

    `planned` remembers what this worker has already seen, and saves the question to the database.
    """
    local = now.astimezone(ZoneInfo(getattr(settings, "COMITY_TIME_ZONE", settings.TIME_ZONE)))
    for name, (expression, task) in SCHEDULE.items():
        slot: datetime = next(CronSim(expression, local, reverse=True)).astimezone(UTC)
        if planned.get(name) != slot:
            once(task, f"{name}:{slot:%Y-%m-%dT%H:%MZ}")
            planned[name] = slot
