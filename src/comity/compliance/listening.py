"""When the worker listens for what does not happen, and tells people of it."""

from __future__ import annotations

from django.core.cache import cache
from django_tasks import task

from comity.compliance.operations import silences, weekly
from comity.jobs.schedule import every
from comity.records.models import Entry

HEARD = "compliance.silences"  # the last entry of the trail that was there when we listened


@task()
def listen() -> int:
    """Look at every check about absence; how much does not happen. Safe to repeat."""
    last = Entry.objects.order_by("-pk").values_list("pk", flat=True).first()
    count = silences.listen()
    cache.set(HEARD, last, None)
    return count


@every("*/10 * * * *", "compliance.listen")
@task()
def listen_again() -> int:
    """The same where something was written since."""
    last = Entry.objects.order_by("-pk").values_list("pk", flat=True).first()
    return listen.call() if cache.get(HEARD) != last else 0


@every("41 1 * * *", "compliance.listen_nightly")
@task()
def listen_nightly() -> int:
    """What falls silent with time alone."""
    return listen.call()


@every("0 7 * * 1", "compliance.tell_silences")
@task()
def tell() -> int:
    """On Monday morning: each person what did not happen that is theirs."""
    return weekly.tell_all()
