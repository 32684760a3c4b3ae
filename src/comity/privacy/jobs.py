"""What the worker does for this room."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone
from django_tasks import task

from comity.communications.mail import Mail
from comity.jobs.worker import report
from comity.privacy import erasing
from comity.privacy.models import Erasure
from comity.records import seal

PATIENCE = timedelta(hours=1)


def still_told(made: Erasure) -> bool:
    """Is the last letter still on its way, to an address that goes with the rest? Not for ever."""
    while seal.drain():  # which puts it into the ledger
        pass
    waiting = Mail.objects.filter(
        communication__subject_ref=made.request.ref, state__in=(Mail.State.WAITING, Mail.State.SENDING)
    )
    return made.begun_at > timezone.now() - PATIENCE and waiting.exists()


@task()
def erase(pk: int) -> None:
    """Erase whom an officer decided on. Safe to repeat, also after it was interrupted."""
    if still_told(Erasure.objects.select_related("request").get(pk=pk)):
        erase.using(run_after=timezone.now() + timedelta(minutes=1)).enqueue(pk)
    else:
        erasing.run(pk, report)
