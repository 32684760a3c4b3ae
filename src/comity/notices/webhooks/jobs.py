"""What the worker does for webhooks."""

from __future__ import annotations

from collections.abc import Sequence

from django_tasks import task

from comity.jobs.schedule import every
from comity.notices.webhooks import sending
from comity.records.models import Entry
from comity.records.seal import subscriber


@subscriber
def hear(entries: Sequence[Entry]) -> None:
    """Messages are written in the transaction in which the entries leave the outbox."""
    if sending.hear(entries):
        send.enqueue()


@every("* * * * *", "notices.webhooks")
@task(priority=-10)  # whoever answers slowly must not keep mails waiting
def send() -> None:
    """Send what is due; what is not taken now is tried again by a later run."""
    if sending.send_due():
        send.enqueue()


@every("41 3 * * *", "notices.webhooks.tidy")
@task()
def tidy() -> int:
    """Forget deliveries of long ago."""
    return sending.tidy()
