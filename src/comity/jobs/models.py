"""One row for each piece of work, from the business transaction that asked for it until long after it is done."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import timedelta

from django.db import connection, models, transaction
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

asked_by: ContextVar[int | None] = ContextVar("asked_by", default=None)
"""The person for whom the present request works; jobs that it enqueues remember it."""


@contextmanager
def asking(person: int | None) -> Iterator[None]:
    """What is enqueued meanwhile is asked for by this person (None: by nobody, it only follows from something)."""
    token = asked_by.set(person)
    try:
        yield
    finally:
        asked_by.reset(token)


BACK_OFF = (10, 60, 300, 1800, 7200)  # seconds before the next attempt


class Job(models.Model):
    """A call of a task. It may run twice (a worker can die between the work and its note): tasks are idempotent.

    A worker holds a job by a lease; `attempts` is the fence: who comes back late finds it raised, and changes nothing.
    """

    class State(models.TextChoices):
        READY = "ready", _("Ready")
        RUNNING = "running", _("Running")
        DONE = "done", _("Done")
        FAILED = "failed", _("Failed")
        CANCELLED = "cancelled", _("Cancelled")

    name = models.CharField(_("name"), max_length=200)
    args = models.JSONField(_("arguments"), default=list)
    kwargs = models.JSONField(_("named arguments"), default=dict)
    queue = models.CharField(_("queue"), max_length=40, default="default")
    priority = models.SmallIntegerField(_("priority"), default=0)
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.READY)
    run_at = models.DateTimeField(_("run at"), default=timezone.now)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    max_attempts = models.PositiveSmallIntegerField(_("most attempts"), default=5)
    worker = models.CharField(_("worker"), max_length=100, blank=True)
    lease_until = models.DateTimeField(_("lease until"), null=True)
    unique_key = models.CharField(_("unique key"), max_length=200, null=True, unique=True)  # noqa: DJ001
    person = models.BigIntegerField(_("asked for by"), null=True)  # accounts are neighbours: an id, no relation
    request = models.CharField(_("request"), max_length=64, blank=True)  # in which it was enqueued
    done = models.PositiveIntegerField(_("done"), default=0)
    total = models.PositiveIntegerField(_("total"), null=True)
    cancel_asked = models.BooleanField(_("cancelling"), default=False)
    result = models.JSONField(_("result"), null=True)
    error = models.TextField(_("error"), blank=True)
    enqueued_at = models.DateTimeField(_("enqueued"), default=timezone.now)
    started_at = models.DateTimeField(_("started"), null=True)
    finished_at = models.DateTimeField(_("finished"), null=True)

    class Meta:
        verbose_name, verbose_name_plural = _("job"), _("jobs")
        ordering = ("-id",)
        indexes = (
            models.Index(F("priority").desc(), "run_at", "id", condition=Q(state="ready"), name="jobs_ready"),
            models.Index("lease_until", condition=Q(state="running"), name="jobs_leased"),
            models.Index("finished_at", condition=Q(finished_at__isnull=False), name="jobs_finished"),
        )

    def __str__(self) -> str:
        return f"{self.name} {self.pk}"

    def held(self) -> "models.QuerySet[Job]":
        """This row, as long as the attempt that we are is the one that runs."""
        running = Job.objects.filter(pk=self.pk, state=Job.State.RUNNING)
        return running.filter(worker=self.worker, attempts=self.attempts)

    def finish(self, state: str, **values: object) -> bool:
        """Note the outcome; False when another worker has taken over meanwhile."""
        return bool(self.held().update(state=state, finished_at=timezone.now(), lease_until=None, **values))

    def put_back(self, error: str) -> bool:
        """Try again later, or fail when the attempts are used up."""
        if self.attempts >= self.max_attempts:
            return self.finish(Job.State.FAILED, error=error)
        wait = BACK_OFF[min(self.attempts, len(BACK_OFF)) - 1]
        later = timezone.now() + timedelta(seconds=wait)
        return bool(self.held().update(state=Job.State.READY, run_at=later, lease_until=None, error=error))

    def cancel(self) -> None:
        """End it before it starts, or ask it to stop at its next report of progress."""
        waiting = Job.objects.filter(pk=self.pk, state=Job.State.READY)
        if not waiting.update(state=Job.State.CANCELLED, finished_at=timezone.now()):
            Job.objects.filter(pk=self.pk, state=Job.State.RUNNING).update(cancel_asked=True)

    def retry(self) -> None:
        """Start afresh after a failure or a cancellation."""
        ended = Job.objects.filter(pk=self.pk, state__in=(Job.State.FAILED, Job.State.CANCELLED))
        ended.update(
            state=Job.State.READY,
            attempts=0,
            run_at=timezone.now(),
            lease_until=None,
            finished_at=None,
            cancel_asked=False,
        )


def claim(worker: str, lease: float, queues: tuple[str, ...] = (), only: int | None = None) -> Job | None:
    """Take the next job that is due, or only this one. No lock is held while it runs."""
    now = timezone.now()
    recover()
    due = Job.objects.filter(state=Job.State.READY, run_at__lte=now).order_by("-priority", "run_at", "id")
    due = due.filter(queue__in=queues) if queues else due
    due = due.filter(pk=only) if only is not None else due
    if not due.exists():  # an idle worker never takes the write lock of SQLite
        return None
    with transaction.atomic():
        if connection.features.has_select_for_update_skip_locked:
            due = due.select_for_update(skip_locked=True)
        job = due.first()
        if job is None:
            return None
        job.state, job.worker, job.attempts, job.started_at = Job.State.RUNNING, worker, job.attempts + 1, now
        job.lease_until, job.done, job.total, job.cancel_asked = now + timedelta(seconds=lease), 0, None, False
        job.save()
    return job


def recover() -> None:
    """Give back what dead workers held; what has died too often has failed."""
    lost = Job.objects.filter(state=Job.State.RUNNING, lease_until__lt=timezone.now())
    if lost.exists():
        error = "The worker died or lost its connection."
        ended = {"lease_until": None, "error": error, "finished_at": timezone.now()}
        lost.filter(cancel_asked=True).update(state=Job.State.CANCELLED, **ended)
        lost.filter(attempts__gte=F("max_attempts")).update(state=Job.State.FAILED, **ended)
        lost.update(state=Job.State.READY, lease_until=None, error=error)
