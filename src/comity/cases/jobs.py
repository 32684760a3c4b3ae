"""The sweep: every minute the rules look at the cases and escalations whose instant has come."""

from __future__ import annotations

import logging
from datetime import datetime

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django_tasks import task

from comity.cases.figures import jobs as figures
from comity.cases.models import Case, Escalation
from comity.cases.models.choices import EscalationStatus, Status
from comity.cases.operations import escalating, reckoning, sweeping
from comity.cases.rules.escalation import TOP, Trigger
from comity.clocks.parameters import held
from comity.jobs.schedule import every
from comity.jobs.worker import give_way, report

BATCH, MOST = 200, 5_000
log = logging.getLogger(__name__)
__all__ = ["figures", "reckon_open", "sweep", "watch_promises"]


@every("* * * * *", "cases.sweep")
@task()
def sweep() -> int:
    """Escalate, remind, expire, resume, report and count; returns how many were looked at."""
    now = timezone.now()
    with held():
        return sweep_cases(now) + sweep_escalations(now)


@every("17 1 * * *", "cases.promises")
@task()
def watch_promises() -> int:
    """What was promised goes on being tracked after closing."""
    return sweeping.watch_promises(timezone.now())


@task()
def reckon_open(calendar: str) -> int:
    """After a change of this calendar; returns how many cases have other deadlines now."""
    with held():
        return reckoning.reckon_open(calendar, report)


def sweep_cases(now: datetime, most: int = MOST) -> int:
    """Case by case, each in its own transaction, oldest first; the rest waits for the next minute."""
    done: set[int] = set()
    while len(done) < most:
        due = Case.objects.filter(sweep_at__lte=now).order_by("sweep_at", "pk")
        batch = [pk for pk in due.values_list("pk", flat=True)[: BATCH + len(done)] if pk not in done][:BATCH]
        if not batch:
            break
        for pk in batch:
            try:
                sweeping.sweep(pk, now)
            except Exception:  # one case that fails must not stop the others
                log.exception("The rules failed on case %s", pk)
            give_way()
        done.update(batch)
    return len(done)


def sweep_escalations(now: datetime) -> int:
    """Escalations that nobody answered in time go one level up."""
    rows = Escalation.objects.filter(status=EscalationStatus.OPEN, due_at__lte=now, level__lt=TOP)
    rows = rows.exclude(case__isnull=True).exclude(~Q(trigger=Trigger.PROMISE.value), case__status=Status.CLOSED)
    found = list(rows.select_related("case").order_by("due_at", "pk")[:BATCH])
    for escalation in found:
        with transaction.atomic():
            escalating.pass_on(escalation)
    return len(found)
