"""What the worker does for the kernel: sealing, telling, verifying, and the search words of bulk writes."""

from __future__ import annotations

import time

from django.db import transaction
from django_tasks import task

from comity.jobs.backend import GiveUp
from comity.jobs.schedule import every
from comity.jobs.worker import report, when_idle
from comity.records import seal, search
from comity.records.kind import kind_named
from comity.records.models import Outbox

CHUNK = 200
AT_ONCE = 100  # entries in one transaction of an idle worker, so that others can write between
SOON = 0.5  # seconds that it takes at most


@when_idle
def drain_soon() -> bool:
    """Seal and tell within seconds of the act, when the worker has nothing else to do."""
    began, taken = time.monotonic(), 0
    while Outbox.objects.exists() and time.monotonic() - began < SOON:
        taken += seal.drain(AT_ONCE)
    return taken > 0


@every("* * * * *", "records.drain")
@task()
def drain() -> None:
    """Empty the outbox: seal the entries and tell the subscribers."""
    while seal.drain():
        pass


@every("37 2 * * *", "records.verify")
@task()
def verify() -> dict[str, int]:
    """Recompute the seal every night. A broken one is a failed job, which stays until somebody has looked at it."""
    found = seal.verify(report)
    if found.broken:
        raise GiveUp(found.broken)
    return {"sealed": found.sealed, "waiting": found.unsealed}


@task()
def index_range(name: str, first: int, last: int) -> None:
    """Make the search words of the records of one kind with these ids. Safe to repeat."""
    kind = kind_named(name)
    joins = tuple({path.rpartition("__")[0] for path in kind.search if "__" in path})
    rows = kind.model._default_manager.select_related(*joins) if joins else kind.model._default_manager
    for start in range(first, last + 1, CHUNK):
        with transaction.atomic():
            search.index(kind, rows.filter(pk__gte=start, pk__lt=min(start + CHUNK, last + 1)))
        report(min(start + CHUNK, last + 1) - first, last + 1 - first)
