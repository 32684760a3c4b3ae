"""Jobs from the transaction that asks for them to their outcome."""

import threading
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.db import connection, transaction
from django.utils import timezone
from django_tasks import TaskResultStatus, default_task_backend
from django_tasks.exceptions import TaskResultDoesNotExist

from comity.jobs import schedule
from comity.jobs import worker as loop
from comity.jobs.backend import once
from comity.jobs.jobs import KEEP, KEEP_SLOTS, tidy
from comity.jobs.models import BACK_OFF, Job, asked_by, claim
from comity.jobs.worker import Worker
from tests.jobs import tasks

pytestmark = pytest.mark.django_db
whole_transactions = pytest.mark.django_db(transaction=True, available_apps=["comity.jobs"])


@pytest.fixture(autouse=True)
def no_schedule(monkeypatch: pytest.MonkeyPatch, settings: object) -> None:
    """Only what a test enqueues runs, in the database."""
    monkeypatch.setattr(schedule, "SCHEDULE", {})
    monkeypatch.setattr(loop, "_idle", [])
    monkeypatch.setattr(loop, "_ended", [])
    settings.TASKS = {"default": {"BACKEND": "comity.jobs.backend.DatabaseBackend"}}  # type: ignore[attr-defined]


@pytest.fixture
def worker() -> Worker:
    return Worker(lease=60)


def overdue(job: Job, **values: object) -> None:
    """As if the worker had died some time ago."""
    Job.objects.filter(pk=job.pk).update(lease_until=timezone.now() - timedelta(seconds=1), **values)


def test_a_job_runs_and_keeps_its_result(worker: Worker) -> None:
    result = tasks.add.enqueue(1, b=2)
    assert result.status == TaskResultStatus.READY
    assert worker.step() and not worker.step()
    result.refresh()
    assert (result.status, result.return_value, result.attempts) == (TaskResultStatus.SUCCESSFUL, 3, 1)
    assert tasks.add.get_result(result.id).return_value == 3
    with pytest.raises(TaskResultDoesNotExist):
        default_task_backend.get_result("none")


def test_coroutines_and_context(worker: Worker) -> None:
    results = [tasks.later.enqueue("soon"), tasks.attempt.enqueue()]
    while worker.step():
        pass
    for result in results:
        result.refresh()
    assert [result.return_value for result in results] == ["soon", 1]


@whole_transactions
def test_what_is_rolled_back_is_not_enqueued(worker: Worker) -> None:
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        tasks.add.enqueue(1, 2)
        raise ZeroDivisionError
    assert not worker.step()


def test_failures_are_retried_later_and_end(worker: Worker) -> None:
    job = Job.objects.get(pk=tasks.fail.enqueue("nothing works").id)
    for attempt in range(1, job.max_attempts + 1):
        before = timezone.now()
        assert worker.step()
        job.refresh_from_db()
        assert "ValueError: nothing works" in job.error
        if attempt < job.max_attempts:
            assert job.state == Job.State.READY
            assert job.run_at >= before + timedelta(seconds=BACK_OFF[attempt - 1])
            assert not worker.step()
            Job.objects.update(run_at=before)
    assert (job.state, job.attempts) == (Job.State.FAILED, 5)
    job.retry()
    assert worker.step()


def test_some_failures_are_final(worker: Worker) -> None:
    tasks.give_up.enqueue()
    Job.objects.create(name="tests.jobs.tasks.gone")
    Job.objects.create(name="os.getcwd")
    while worker.step():
        pass
    assert set(Job.objects.values_list("state", "attempts")) == {("failed", 1)}


def test_urgent_first_later_not_yet_and_one_queue(worker: Worker) -> None:
    tasks.add.enqueue(1, 1)
    tasks.add.using(priority=5, queue_name="mail").enqueue(2, 2)
    tasks.add.using(run_after=timezone.now() + timedelta(hours=1)).enqueue(3, 3)
    assert claim("one", 60).args == [2, 2]  # type: ignore[union-attr]
    assert claim("one", 60, ("mail",)) is None
    assert claim("one", 60).args == [1, 1]  # type: ignore[union-attr]
    assert claim("one", 60) is None


def test_a_dead_workers_job_is_done_by_another_and_the_fence_holds() -> None:
    tasks.add.enqueue(1, 2)
    first = claim("first", 60)
    assert first and claim("second", 60) is None
    overdue(first)
    second = claim("second", 60)
    assert second and (second.pk, second.attempts) == (first.pk, 2)
    assert not first.finish(Job.State.DONE, result="stale") and not first.put_back("stale")
    assert second.finish(Job.State.DONE, result=3)
    second.refresh_from_db()
    assert (second.result, second.worker) == (3, "second")


def test_a_job_that_kills_its_workers_fails() -> None:
    tasks.add.enqueue(1, 2)
    job = claim("first", 60)
    assert job
    overdue(job, attempts=job.max_attempts)
    assert claim("second", 60) is None
    job.refresh_from_db()
    assert job.state == Job.State.FAILED and "died" in job.error


def test_progress_is_seen_and_a_job_can_be_stopped(worker: Worker) -> None:
    tasks.count.enqueue(7)
    tasks.count.enqueue(7, ask_to_stop_at=4)
    while worker.step():
        pass
    assert list(Job.objects.order_by("pk").values_list("state", "done", "total")) == [
        ("done", 7, 7),
        ("cancelled", 3, 7),
    ]
    tasks.count.call(3)  # outside a job it only counts


def test_a_waiting_job_can_be_cancelled(worker: Worker) -> None:
    job = Job.objects.get(pk=tasks.add.enqueue(1, 2).id)
    job.cancel()
    assert not worker.step()
    job.refresh_from_db()
    assert job.state == Job.State.CANCELLED and job.finished_at


def test_a_key_is_enqueued_once() -> None:
    with transaction.atomic():
        for _ in range(3):
            once(tasks.add, "sum:1", 1, 2)
    once(tasks.add, "sum:2", 1, 2)
    assert Job.objects.count() == 2


def test_the_schedule_makes_one_job_for_a_slot(settings: object) -> None:
    settings.COMITY_TIME_ZONE = "Europe/Berlin"  # type: ignore[attr-defined]
    schedule.every("*/5 * * * *", "five")(tasks.add)
    schedule.every("30 2 * * *", "night")(tasks.add)
    now = datetime(2026, 11, 22, 10, 7, tzinfo=UTC)
    one, two = {}, {}  # type: ignore[var-annotated]
    for each in (one, one, two):
        schedule.plan(now, each)
    schedule.plan(now + timedelta(minutes=2), one)
    assert set(Job.objects.values_list("unique_key", flat=True)) == {
        "five:2026-11-22T10:05Z",
        "night:2026-11-22T01:30Z",
    }
    schedule.plan(now + timedelta(hours=5), two)  # what was missed in between is made up for once
    assert Job.objects.count() == 3
    with pytest.raises(Exception, match="fields"):
        schedule.every("every day")


def test_old_jobs_go_and_failures_stay() -> None:
    now = timezone.now()
    for state, key, age in (
        ("done", None, KEEP), ("done", None, KEEP / 2), ("failed", None, KEEP * 2),
        ("done", "slot 1", KEEP_SLOTS), ("done", "slot 2", KEEP_SLOTS / 2), ("done", "slot 3", KEEP_SLOTS),
    ):  # fmt: skip
        finished = now - age - timedelta(minutes=1)
        Job.objects.create(name="x", state=state, unique_key=key, finished_at=finished)
    assert tidy.call() == 2
    assert list(Job.objects.order_by("pk").values_list("state", "unique_key")) == [
        ("done", None), ("failed", None), ("done", "slot 2"), ("done", "slot 3"),
    ]  # fmt: skip


def test_an_idle_worker_takes_no_write_lock(worker: Worker, django_assert_num_queries: object) -> None:
    with django_assert_num_queries(2) as queries:  # type: ignore[operator]
        assert not worker.step()
    assert all(query["sql"].startswith("SELECT") for query in queries.captured_queries)


def test_an_idle_worker_looks_after_what_was_registered(worker: Worker) -> None:
    left = [3]

    def broken() -> bool:
        raise ValueError("must not end the worker")

    def look() -> bool:
        left[0] = max(left[0] - 1, 0)
        return left[0] > 0

    loop.when_idle(broken)
    loop.when_idle(look)
    tasks.add.enqueue(1, 1)
    assert worker.step() and left == [3], "first the jobs"
    assert [worker.step() for _turn in range(3)] == [True, True, False]


def test_a_long_job_gives_way_about_each_second(worker: Worker, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loop, "_looked", [0.0])
    seen: list[int] = []
    loop.when_idle(lambda: bool(seen.append(1)))
    loop.give_way()
    assert not seen, "no job runs"
    tasks.count.enqueue(5)
    worker.step()
    assert seen == [1], "once in a second"


def test_whoever_asked_for_a_job_can_be_told_of_its_end(worker: Worker) -> None:
    told: list[tuple[int | None, str]] = []

    def broken(job: Job) -> None:
        raise ValueError("must not undo the job")

    loop.when_ended(broken)
    loop.when_ended(lambda job: told.append((job.person, job.state)))
    tasks.add.enqueue(1, 1)
    token = asked_by.set(7)
    tasks.add.enqueue(1, 1)
    tasks.give_up.enqueue()
    tasks.fail.enqueue("once")
    asked_by.reset(token)
    while worker.step():
        pass
    assert told == [(7, "done"), (7, "failed")], "nobody asked for the first, the last is tried again"


@whole_transactions
def test_two_workers_share_the_jobs() -> None:
    for each in range(40):
        tasks.add.enqueue(each, 0)

    def serve(worker: Worker) -> None:
        while worker.step():
            pass
        connection.close()

    threads = [threading.Thread(target=serve, args=(Worker(),)) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert set(Job.objects.values_list("state", "attempts")) == {("done", 1)}
    assert sorted(Job.objects.values_list("result", flat=True)) == list(range(40))


@whole_transactions
def test_heartbeats_hold_a_long_job(tmp_path: Path) -> None:
    tasks.note.enqueue(f"{tmp_path}/log", 2)
    worker = Worker(lease=0.8)
    thread = threading.Thread(target=lambda: (worker.step(), connection.close()))
    thread.start()
    end = time.monotonic() + 60
    while not (tmp_path / "log").exists() and time.monotonic() < end:
        time.sleep(0.02)
    while not (tmp_path / "log").read_text().count("ended") and time.monotonic() < end:
        assert claim("another", 60) is None
        time.sleep(0.1)
    thread.join(60)
    assert Job.objects.values_list("state", "attempts").get() == ("done", 1)
