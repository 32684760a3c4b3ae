"""Jobs done by Celery over a real Redis: what the broker or a worker loses is done all the same, and once."""

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from bench import server
from comity.jobs.backend import once
from comity.jobs.models import Job
from tests.jobs import tasks
from tests.jobs.test_worker_process import ROOT, wait_for

pytestmark = [pytest.mark.django_db(transaction=True, available_apps=["comity.jobs"]), pytest.mark.slow]
Process = subprocess.Popen[bytes]
LEASE, RESEND = 2, 3
DONE = Job.State.DONE


class Broker:
    """Redis on loopback, which keeps nothing when it ends."""

    def __init__(self, program: str, folder: Path) -> None:
        self.port = server.free_port()
        self.command = [program, "--port", str(self.port), "--bind", "127.0.0.1", "--save", "", "--dir", str(folder)]
        self.process: Process | None = None

    def start(self) -> None:
        self.process = subprocess.Popen(self.command, stdout=subprocess.DEVNULL)
        wait_for(self.answers, 60)

    def kill(self) -> None:
        if self.process:
            self.process.kill()
            self.process.wait(10)

    def answers(self) -> bool:
        import redis

        with suppress(redis.ConnectionError):
            return bool(redis.Redis(port=self.port).ping())
        return False

    def waiting(self) -> int:
        import redis

        return int(redis.Redis(port=self.port).llen("default"))  # type: ignore[arg-type]


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Broker]:
    program = shutil.which("redis-server")
    if program is None:
        missing = "no redis-server found: install Debian's package `redis-server`"
        if os.environ.get("COMITY_BROWSER_REQUIRED"):  # where every program must be
            pytest.fail(missing)
        pytest.skip(missing)
    made = Broker(program, tmp_path)
    made.start()
    yield made
    made.kill()


@pytest.fixture
def start(tmp_path: Path, broker: Broker, settings: Any) -> Iterator[Callable[..., server.Server]]:
    """Start `worker` (which relays) or `celery worker`; nothing outlives the test."""
    settings.TASKS = {"default": {"BACKEND": "comity.jobs.backend.DatabaseBackend"}}  # the rows are the same
    known = ("ENGINE", "NAME", "USER", "PASSWORD", "HOST", "PORT")
    database: dict[str, Any] = {key: str(connection.settings_dict[key]) for key in known}
    if connection.vendor == "sqlite":
        database["OPTIONS"] = connection.settings_dict["OPTIONS"]
    environment = os.environ | {
        "TEST_DATABASE": json.dumps(database),
        "TEST_CELERY": json.dumps({"broker": f"redis://127.0.0.1:{broker.port}/0", "lease": LEASE, "resend": RESEND}),
        "DJANGO_SETTINGS_MODULE": "tests.jobs.celery_settings",
        "PYTHONPATH": f"{ROOT / 'src'}:{ROOT}",
    }
    running: list[server.Server] = []

    def begin(*words: str) -> server.Server:
        command = [sys.executable, "-m", "django", *words]
        with (tmp_path / f"{words[0]}-{len(running)}.log").open("wb") as log:
            process = subprocess.Popen(command, env=environment, stdout=log, stderr=log, cwd=tmp_path)
        running.append(server.Server(broker.port, process, 0))
        return running[-1]

    yield begin
    for one in running:
        if one.process.poll() is None:
            one.kill()


@pytest.fixture
def relay(start: Callable[..., server.Server]) -> server.Server:
    return start("worker")


def celery(start: Callable[..., server.Server]) -> server.Server:
    return start("celery", "worker", "--concurrency", "2", "--loglevel", "WARNING")


def ended(*ids: str) -> bool:
    return not Job.objects.filter(pk__in=ids, state__in=(Job.State.READY, Job.State.RUNNING)).exists()


def test_celery_does_what_our_own_worker_does(start: Any, relay: Any) -> None:
    later = tasks.add.using(run_after=timezone.now() + timedelta(hours=1)).enqueue(9, 9)
    fine = [task.enqueue(*words).id for task, words in ((tasks.add, (1, 2)), (tasks.later, ("soon",)))]
    fine += [tasks.attempt.enqueue().id, tasks.count.enqueue(7).id]
    once(tasks.add, "planned", 3, 4)
    cancelled, useless = tasks.count.enqueue(7, ask_to_stop_at=4), tasks.give_up.enqueue()
    Job.objects.get(pk=later.id).cancel()
    celery(start)
    keyed = str(Job.objects.get(unique_key="planned").pk)
    wait_for(lambda: ended(*fine, keyed, cancelled.id, useless.id))
    found = Job.objects.in_bulk(map(int, (*fine, keyed)))
    assert [found[int(pk)].result for pk in (*fine, keyed)] == [3, "soon", 1, 7, 7]
    assert {(job.state, job.attempts) for job in found.values()} == {(DONE, 1)}
    assert all(job.worker.split(":")[1] != str(relay.process.pid) for job in found.values()), "the relay does no job"
    assert states(later, useless) == [("cancelled", 0), ("failed", 1)]
    stopped, failing = Job.objects.get(pk=cancelled.id), tasks.fail.enqueue("no").id
    assert (stopped.state, stopped.done) == ("cancelled", 3)
    wait_for(lambda: bool(Job.objects.get(pk=failing).error))
    tried = Job.objects.get(pk=failing)
    assert (tried.state, tried.attempts) == ("ready", 1) and tried.run_at > timezone.now()
    Job.objects.filter(pk=tried.pk).update(run_at=timezone.now())  # as if the pause were over
    wait_for(lambda: Job.objects.get(pk=tried.pk).attempts == 2)


def test_a_killed_worker_loses_nothing_and_doubles_nothing(start: Any, relay: Any, tmp_path: Path) -> None:
    logs = [tmp_path / f"job-{number}" for number in range(12)]
    gate = tmp_path / "gate"
    ids = [tasks.hold.using(priority=1).enqueue(str(path), str(gate)).id for path in logs[:2]]
    ids += [tasks.note.enqueue(str(path), 0.1).id for path in logs[2:]]
    first = celery(start)
    wait_for(lambda: all(path.exists() and "began" in path.read_text() for path in logs[:2]))
    first.kill()
    assert not any("ended" in path.read_text() for path in logs if path.exists())
    gate.touch()
    second = celery(start)
    wait_for(lambda: ended(*ids))
    assert set(Job.objects.filter(pk__in=ids).values_list("state", flat=True)) == {DONE}
    assert [path.read_text().count("ended") for path in logs] == [1] * 12
    assert [path.read_text().count("began") for path in logs] == [2, 2] + [1] * 10
    second.stop()
    assert second.process.returncode == 0


def test_messages_that_the_broker_loses_or_doubles_do_no_harm(
    start: Any, relay: Any, broker: Broker, tmp_path: Path
) -> None:
    logs = [tmp_path / f"job-{number}" for number in range(5)]
    ids = [tasks.note.enqueue(str(path), 0.3).id for path in logs]
    wait_for(lambda: broker.waiting() >= Job.objects.count() > 5)  # with the schedule's
    broker.kill()
    late = tmp_path / "late"
    ids.append(tasks.note.enqueue(str(late), 0).id)  # while no broker answers
    time.sleep(1.5)
    assert relay.process.poll() is None
    broker.start()
    assert broker.waiting() == 0
    wait_for(lambda: broker.waiting() >= Job.objects.count())
    time.sleep(RESEND + 1.5)
    assert broker.waiting() >= 2 * Job.objects.count(), "sent again, for nobody took them"
    celery(start)
    wait_for(lambda: ended(*ids) and broker.waiting() == 0)
    assert set(Job.objects.filter(pk__in=ids).values_list("state", "attempts")) == {(DONE, 1)}
    assert [path.read_text().count("ended") for path in (*logs, late)] == [1] * 6


def states(*results: Any) -> list[tuple[str, int]]:
    jobs = [Job.objects.get(pk=result.id) for result in results]
    return [(job.state, job.attempts) for job in jobs]
