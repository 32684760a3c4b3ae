"""When the worker counts: after each change, out of the outbox, and every minute for what time changes."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils import timezone
from django_tasks import task

from comity.cases.figures import counting
from comity.jobs.schedule import every
from comity.records.models import Entry
from comity.records.seal import subscriber

NO_CHANGE = (Entry.POST, Entry.FILE, Entry.READ, Entry.LINK, "unlink")


@every("* * * * *", "cases.figures")
@task()
def look() -> int:
    """Count what turned late or older, and go on with a count that is not complete."""
    return counting.look()


@task()
def count(ids: list[int]) -> int:
    """Count these cases as they are now. Safe to repeat."""
    return counting.take(ids, timezone.now())


@subscriber
def changed(entries: Sequence[Entry]) -> None:
    """Have the cases counted that these lines are about."""
    ids = sorted({entry.record_id for entry in entries if entry.kind == "case" and entry.act not in NO_CHANGE})
    if ids:
        count.enqueue(ids)
