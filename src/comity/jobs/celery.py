"""Celery as the other way to do jobs, for those who run a broker anyway: `COMITY_TASKS_BACKEND` names this backend.

The row in the database stays the truth. It is written in the business transaction as ever; `comity worker` plans the
schedule and hands over to the broker what is due, and what the broker or a worker has lost meanwhile. A message carries
no more than a row's number; whoever gets it claims the row with lease and fence as our own worker does, and a message
too many finds nothing to claim. So no request waits for the broker, and a job is neither lost nor done twice with it.
"""

import logging
import time
from datetime import timedelta
from functools import cache
from typing import Any

from django.db import close_old_connections
from django.db.models import Q
from django.utils import timezone
from django_tasks import DEFAULT_TASK_BACKEND_ALIAS, task_backends

from comity.jobs.backend import DatabaseBackend
from comity.jobs.models import Job, claim, recover
from comity.jobs.worker import Worker

log = logging.getLogger(__name__)
NAME = "comity.job"
BATCH = 500
REST = 5  # seconds, in which a broker that did not answer is left alone


class CeleryBackend(DatabaseBackend):
    """Keeps jobs where `DatabaseBackend` does; Celery's workers do them."""

    worker = "comity.jobs.celery.Relay"

    def __init__(self, alias: str, params: dict[str, Any]) -> None:
        super().__init__(alias, params)
        self.broker: str = self.options["broker"]
        self.lease: float = self.options.get("lease", 60)  # seconds after which a dead worker's job is free
        self.resend: float = self.options.get("resend", 60)  # seconds after which a message counts as lost


def backend() -> CeleryBackend:
    """The backend that this installation has chosen; TypeError where that is another one."""
    chosen = task_backends[DEFAULT_TASK_BACKEND_ALIAS]
    if not isinstance(chosen, CeleryBackend):
        raise TypeError(f"COMITY_TASKS_BACKEND must be comity.jobs.celery.CeleryBackend, not {type(chosen).__name__}")
    return chosen


@cache
def app() -> Any:
    """Celery itself, imported only where it works: neither web server nor tests of other things wait for it."""
    from celery import Celery

    broker = backend().broker
    made = Celery("comity", broker=broker, set_as_current=False)
    made.conf.update(
        task_default_queue="default",
        task_ignore_result=True,
        worker_prefetch_multiplier=1,
        worker_hijack_root_logger=False,
        broker_connection_retry_on_startup=True,
    )
    if broker.startswith("redis"):
        made.conf.broker_transport_options = {"socket_connect_timeout": 5, "socket_timeout": 10}
    made.task(do, name=NAME)
    return made


def do(pk: int) -> None:
    """Do the job behind a message, unless it is done, cancelled or in somebody's hands."""
    close_old_connections()
    worker = Worker(lease=backend().lease)
    if job := claim(worker.name, worker.lease, only=pk):
        worker.do(job)


class Relay(Worker):
    """What `comity worker` is with this backend: it plans and looks after things as ever, and hands jobs over.

    `lease_until` of a job that waits says until when its message is trusted to arrive; no longer does the broker keep
    it, so that messages do not pile up while nobody reads them. Several relays may serve at once.
    """

    quiet_until = 0.0

    def take(self) -> bool:
        recover()
        return sum(map(self.hand_over, self.unhanded())) == BATCH

    def unhanded(self) -> list[Job]:
        """What is due and on no way to a worker, the urgent first."""
        now = timezone.now()
        lost = Q(lease_until=None) | Q(lease_until__lt=now)
        due = Job.objects.filter(lost, state=Job.State.READY, run_at__lte=now)
        due = due.filter(queue__in=self.queues) if self.queues else due
        return list(due.order_by("-priority", "run_at", "id")[:BATCH])

    def hand_over(self, job: Job) -> bool:
        """Send the message, unless another relay was quicker or the broker does not answer."""
        from kombu.exceptions import OperationalError

        waits, seconds = Job.objects.filter(pk=job.pk, state=Job.State.READY), backend().resend
        until = timezone.now() + timedelta(seconds=seconds)
        if time.monotonic() < self.quiet_until:
            return False
        if not waits.filter(lease_until=job.lease_until).update(lease_until=until):
            return False
        again = {"max_retries": 1, "interval_start": 0}  # a connection gone stale is made anew
        try:
            app().send_task(NAME, [job.pk], queue=job.queue, expires=seconds, retry=True, retry_policy=again)
        except OperationalError as error:
            log.warning("the broker did not take job %s: %s", job.pk, error)
            waits.filter(lease_until=until).update(lease_until=None)
            self.quiet_until = time.monotonic() + REST
            return False
        return True
