"""The django.tasks interface over the job table: `@task()` and `enqueue` work as with any other backend."""

from typing import Any

from django.utils.module_loading import import_string
from django_tasks import TaskResult, TaskResultStatus
from django_tasks.backends.base import BaseTaskBackend
from django_tasks.base import Task, TaskError
from django_tasks.exceptions import TaskResultDoesNotExist
from django_tasks.utils import normalize_json

from comity.jobs.models import Job, asked_by
from comity.jobs.tracing import asked_in

ENDS = {Job.State.DONE: TaskResultStatus.SUCCESSFUL, Job.State.CANCELLED: TaskResultStatus.FAILED}


class GiveUp(Exception):
    """Raised by a task that would fail again: no further attempt."""


class DatabaseBackend(BaseTaskBackend):
    """Keeps jobs in the database, in the transaction of whoever enqueues them."""

    supports_defer = supports_async_task = supports_get_result = supports_priority = True
    worker = "comity.jobs.worker.Worker"  # what `comity worker` runs

    def __init__(self, alias: str, params: dict[str, Any]) -> None:
        super().__init__(alias, params)
        self.queues = set(params.get("QUEUES", ()))  # none named: any

    def job(self, task: Task[..., Any], args: Any, kwargs: Any, unique_key: str | None = None) -> Job:
        """The row of a call, not saved yet."""
        self.validate_task(task)
        job = Job(
            name=task.module_path, args=normalize_json(args), kwargs=normalize_json(kwargs), unique_key=unique_key
        )
        job.queue, job.priority, job.run_at = task.queue_name, task.priority, task.run_after or job.run_at
        job.person, job.request = asked_by.get(), asked_in.get()
        job.max_attempts = int(self.options.get("max_attempts", job.max_attempts))
        return job

    def enqueue(self, task: Task[..., Any], args: Any, kwargs: Any) -> TaskResult[Any]:
        job = self.job(task, args, kwargs)
        job.save(force_insert=True)
        return self.outcome(job, task)

    def get_result(self, result_id: str) -> TaskResult[Any]:
        job = Job.objects.filter(pk=result_id).first() if result_id.isdecimal() else None
        if job is None:
            raise TaskResultDoesNotExist(result_id)
        return self.outcome(job)

    def outcome(self, job: Job, task: Task[..., Any] | None = None) -> TaskResult[Any]:
        """A job as django.tasks shows it."""
        state = Job.State(job.state)
        same = ("enqueued_at", "started_at", "finished_at", "args", "kwargs")
        result: TaskResult[Any] = TaskResult(
            task=task or import_string(job.name),
            id=str(job.pk),
            status=ENDS.get(state) or TaskResultStatus(state.value.upper()),
            last_attempted_at=job.started_at,
            backend=self.alias,
            errors=[TaskError(exception_class_path="builtins.Exception", traceback=job.error)] if job.error else [],
            worker_ids=[job.worker] * job.attempts,
            **{name: getattr(job, name) for name in same},
        )
        object.__setattr__(result, "_return_value", job.result)  # frozen, and its constructor does not take it
        return result


def once(task: Task[..., Any], unique_key: str, *args: Any, **kwargs: Any) -> None:
    """Enqueue unless a job with this key was ever enqueued; another backend than ours enqueues always."""
    backend = task.get_backend()
    if isinstance(backend, DatabaseBackend):
        Job.objects.bulk_create([backend.job(task, args, kwargs, unique_key)], ignore_conflicts=True)
    else:
        task.enqueue(*args, **kwargs)
