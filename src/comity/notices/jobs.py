"""What the worker does for this room: sending, deadlines, digests; and what it hears from the outbox and of jobs."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.translation import gettext_noop
from django_tasks import task

from comity.jobs.models import Job
from comity.jobs.schedule import every
from comity.jobs.worker import report, when_ended, when_idle
from comity.notices.models import Broadcast, Event
from comity.notices.operations import alerts, broadcasting, deadlines, digests, flooding, following, sending
from comity.notices.operations.notifying import notify
from comity.notices.webhooks import jobs as webhooks
from comity.records.models import Entry
from comity.records.seal import subscriber

BATCH, FEW = 200, 20
LONG = 10  # seconds; whoever started something that took less was there when it ended
__all__ = ["webhooks"]  # its tasks and its ear are found through this module
FAILED = gettext_noop("“%(what)s” has failed")


@subscriber
def hear(entries: Sequence[Entry]) -> None:
    """Mails and notifications are written in the transaction in which the entries leave the outbox."""
    following.hear(entries)
    flooding.hear(entries)


@when_idle
def send_soon() -> bool:
    """A mail leaves within seconds of the act that it tells of."""
    return bool(sending.send_due(FEW))


@every("* * * * *", "notices.send")
@task()
def send() -> int:
    """Send what waits. What the server does not take now is tried again by a later run."""
    handled = sending.send_due(BATCH)
    if handled == BATCH:
        send.enqueue()
    return handled


@every("*/5 * * * *", "notices.deadlines")
@task()
def watch_deadlines() -> None:
    """Tell of deadlines that come near or have passed."""
    done = 0
    while found := deadlines.look():
        done += found
        report(done)


@every("*/5 * * * *", "notices.alerts")
@task()
def watch_views() -> None:
    """Count the saved views that have a limit, and tell of those that passed it."""
    for done, _told in enumerate(alerts.look(), 1):
        report(done)


@every("*/15 * * * *", "notices.digests")
@task()
def morning() -> None:
    """Send the digests of those for whom it is morning."""
    digests.send_all()


@task()
def broadcast(pk: int) -> None:
    """Write one notice to all whom it reaches; after a crash it goes on where it was."""
    broadcasting.send(Broadcast.objects.get(pk=pk), report)


@when_ended
def ended(job: Job) -> None:
    """Whoever started something long, or something that failed, hears how it ended."""
    if job.person is None or job.started_at is None or job.finished_at is None:
        return
    failed = job.state == Job.State.FAILED
    if failed or (job.finished_at - job.started_at).total_seconds() >= LONG:
        what = job.name.rpartition(".")[2].replace("_", " ").capitalize()
        notify(Event.JOB, {job.person}, text=FAILED if failed else "", values={"what": what})
