"""The loop that takes jobs and does them: lease and heartbeat, outcome behind the fence, a calm end at SIGTERM."""

import logging
import os
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from datetime import datetime, timedelta
from traceback import format_exc
from uuid import uuid4

from django.db import DatabaseError, close_old_connections, connection, reset_queries
from django.utils import timezone
from django.utils.module_loading import import_string
from django_tasks import TaskContext, task_backends
from django_tasks.base import Task
from django_tasks.utils import normalize_json

from comity.jobs.backend import DatabaseBackend, GiveUp
from comity.jobs.models import Job, asking, claim
from comity.jobs.schedule import plan
from comity.jobs.tracing import asked_in

log = logging.getLogger(__name__)
_current: ContextVar[Job | None] = ContextVar("job", default=None)
_looked = [0.0]
_idle: list[Callable[[], bool]] = []
_ended: list[Callable[[Job], None]] = []


def when_idle(function: Callable[[], bool]) -> Callable[[], bool]:
    """Register what a worker looks after about each second: without a job, and where a long one gives way.

    It says whether there was something, only reads while there is nothing, and ends soon. Several may do it at once.
    """
    _idle.append(function)
    return function


def when_ended(function: Callable[[Job], None]) -> Callable[[Job], None]:
    """Register a function that hears of each job that somebody asked for, once it is done or has failed for good."""
    _ended.append(function)
    return function


class Cancelled(BaseException):
    """Someone asked this job to stop, or another worker holds it now. Not an Exception: no task may swallow it."""


def report(done: int, total: int | None = None) -> None:
    """Tell how far the running job is, and stop it when asked to. Call it between batches, outside a transaction.

    Without effect where no job runs.
    """
    job = _current.get()
    if job is None:
        return
    if not job.held().filter(cancel_asked=False).update(done=done, total=total):
        raise Cancelled
    give_way()


def give_way() -> None:
    """Let a long job's worker look after what it would look after when idle, at most once a second.

    Call it between pieces of work, outside a transaction; without effect where no job runs.
    """
    if _current.get() is not None and time.monotonic() - _looked[0] >= 1:
        any(map(_looked_after, _idle))
        _looked[0] = time.monotonic()


class Worker:
    """Does one job after another until it is told to stop."""

    def __init__(self, *, lease: float = 60, idle: float = 1, queues: tuple[str, ...] = ()) -> None:
        self.name = f"{socket.gethostname()[:60]}:{os.getpid()}:{uuid4().hex[:8]}"
        self.lease, self.idle, self.queues = lease, idle, queues
        self.stopping = threading.Event()
        self.planned: dict[str, datetime] = {}

    def run(self, *, drain: bool = False) -> None:
        """Serve until `stopping` is set, or nothing is left to do; the job at hand is finished first."""
        log.info("worker %s started", self.name)
        while not self.stopping.is_set():
            close_old_connections()
            reset_queries()
            try:
                busy = self.step()
            except DatabaseError:
                log.exception("the database did not answer; trying again")
                busy = False
                connection.close()
            if not busy:
                if drain:
                    break
                self.stopping.wait(self.idle)
        log.info("worker %s stopped", self.name)

    def step(self) -> bool:
        """Plan what is due by the clock and do one job; False when there was none."""
        plan(timezone.now(), self.planned)
        return self.take() or any(map(_looked_after, _idle))

    def take(self) -> bool:
        """Do the next job; False when there is none."""
        job = claim(self.name, self.lease, self.queues)
        if job is None:
            return False
        self.do(job)
        return True

    def do(self, job: Job) -> None:
        """Call the task and note how it went."""
        over = threading.Event()
        beat = threading.Thread(target=self._beat, args=(job, over), daemon=True)
        beat.start()
        token, traced = _current.set(job), asked_in.set(job.request)
        began = time.monotonic()
        try:
            noted = job.finish(Job.State.DONE, result=normalize_json(_call(job)), error="")
        except Cancelled:
            noted = job.finish(Job.State.CANCELLED)
        except (GiveUp, ImportError):
            noted = job.finish(Job.State.FAILED, error=format_exc())
        except Exception:
            log.exception("job %s failed", job)
            noted = job.put_back(format_exc())
        finally:
            _current.reset(token)
            over.set()
            beat.join()
        if noted and job.person is not None:
            job.refresh_from_db()
            _tell(job)
        log.info("job %s %s in %.3f s", job, "ended" if noted else "was taken over", time.monotonic() - began)
        asked_in.reset(traced)

    def _beat(self, job: Job, over: threading.Event) -> None:
        """Extend the lease while the job runs, on a connection of its own."""
        while not over.wait(self.lease / 4):
            with suppress(DatabaseError):
                if not job.held().update(lease_until=timezone.now() + timedelta(seconds=self.lease)):
                    break
        connection.close()


def _looked_after(function: Callable[[], bool]) -> bool:
    try:
        return function()
    except DatabaseError:
        raise
    except Exception:
        log.exception("%s failed", function.__qualname__)
        return False


def _tell(job: Job) -> None:
    """Let those who registered hear of the end; their failure is not the job's."""
    if job.state in (Job.State.DONE, Job.State.FAILED):
        for tell in _ended:
            try:
                tell(job)
            except Exception:
                log.exception("the end of %s could not be told", job)


@contextmanager
def in_foreground(name: str, person: int | None) -> Iterator[None]:
    """What a command does at once on somebody's behalf, under the name of the job that a page would start: whoever
    hears of the end of that hears of this one's, too."""
    job = Job(name=name, person=person, started_at=timezone.now(), state=Job.State.FAILED)
    try:
        with asking(person):
            yield
        job.state = Job.State.DONE
    finally:
        job.finished_at = timezone.now()
        if person is not None:
            _tell(job)


def _call(job: Job) -> object:
    task = import_string(job.name)
    if not isinstance(task, Task):
        raise GiveUp(f"{job.name} is no task")
    backend = task_backends[task.backend]
    if task.takes_context and isinstance(backend, DatabaseBackend):
        return task.call(TaskContext(task_result=backend.outcome(job, task)), *job.args, **job.kwargs)
    return task.call(*job.args, **job.kwargs)
