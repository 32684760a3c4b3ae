"""When requirements are looked at: each night, on demand, and within a minute after a write that can concern them."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils import timezone
from django_tasks import task

from comity.compliance.inquiry import Inquiry
from comity.compliance.models import Waiver
from comity.compliance.operations import concerned, history
from comity.compliance.operations.computing import compute_and_keep
from comity.jobs.schedule import every
from comity.jobs.worker import report
from comity.records import write
from comity.records.models import Entry
from comity.records.seal import subscriber
from comity.records.write import Actor


@subscriber
def mark(entries: Sequence[Entry]) -> None:
    """Note the kinds that were written to."""
    concerned.mark({entry.kind for entry in entries})


@every("* * * * *", "compliance.look")
@task()
def look() -> int:
    """Look again at what the writes since the last time can concern; how many requirements. Safe to repeat."""
    kinds = concerned.touched()
    wanted = concerned.concerned(kinds) if kinds else []
    if wanted:
        compute_and_keep(Inquiry(), wanted, report)
    concerned.forget(kinds)
    return len(wanted)


@task()
def compute() -> int:
    """Look at all requirements; how many answers changed. Safe to repeat."""
    return _everything()


def _everything() -> int:
    kinds = concerned.touched()
    made = compute_and_keep(Inquiry(), told=report)
    concerned.forget(kinds)
    return made.changed if made else 0


@every("23 1 * * *", "compliance.nightly")
@task()
def nightly() -> int:
    """What changes with time alone: look at everything, and keep one look of each past day."""
    history.thin_out(timezone.now())
    return _everything()


@every("11 0 * * *", "compliance.lapse")
@task()
def lapse() -> int:
    """Say of waivers whose last day is over that they have lapsed; they cover nothing from that moment on anyway."""
    actor = Actor.system("waiver_ends_on_its_last_day")
    over = Waiver.objects.filter(status=Waiver.Status.GRANTED, ends_on__lt=timezone.localdate())
    rows = list(over)
    for row in rows:
        write.transition(row, "lapse", actor=actor)
    return len(rows)
