"""Tasks that return by the clock. Every worker plans them; a key for each time slot lets only one of them through."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from cronsim import CronSim
from django.conf import settings
from django.utils import timezone
from django_tasks.base import Task

from comity.jobs.backend import once

AnyTask = TypeVar("AnyTask", bound=Task[..., Any])


@dataclass(frozen=True, slots=True)
class Entry:
    """A schedule expression in the time zone of the installation, and the task it calls."""

    name: str
    expression: str
    task: Task[..., Any]

    def slot(self, now: datetime) -> datetime:
        """The latest time at which it had to run."""
        zone = ZoneInfo(getattr(settings, "COMITY_TIME_ZONE", settings.TIME_ZONE))
        latest: datetime = next(CronSim(self.expression, now.astimezone(zone), reverse=True))
        return latest.astimezone(UTC)


SCHEDULE: dict[str, Entry] = {}


def every(expression: str, name: str = "") -> Callable[[AnyTask], AnyTask]:
    """Run a task without arguments by a cron expression: `@every("*/5 * * * *")` above `@task()`."""
    CronSim(expression, timezone.now())  # a wrong expression fails at import

    def register(task: AnyTask) -> AnyTask:
        entry = Entry(name or task.module_path, expression, task)
        SCHEDULE[entry.name] = entry
        return task

    return register


def plan(now: datetime, planned: dict[str, datetime]) -> None:
    """Enqueue the latest slot of each entry; what was missed while nothing ran is made up for once.

    `planned` remembers what this worker has already seen, and saves the question to the database.
    """
    for name, entry in SCHEDULE.items():
        if planned.get(name) != (slot := entry.slot(now)):
            once(entry.task, f"{name}:{slot:%Y-%m-%dT%H:%MZ}")
            planned[name] = slot
