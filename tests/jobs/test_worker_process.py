"""The worker as a process of its own: killed in the middle of a job, and asked to stop."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from comity.jobs.models import Job
from tests.jobs import tasks

ROOT = Path(__file__).resolve().parents[2]
pytestmark = [pytest.mark.django_db(transaction=True, available_apps=["comity.jobs"]), pytest.mark.slow]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[[], "subprocess.Popen[bytes]"]]:
    """Start workers on the test's database; none outlives the test."""
    known = ("ENGINE", "NAME", "USER", "PASSWORD", "HOST", "PORT")
    database: dict[str, Any] = {key: str(connection.settings_dict[key]) for key in known}
    if connection.vendor == "sqlite":
        database["OPTIONS"] = connection.settings_dict["OPTIONS"]
    environment = os.environ | {
        "TEST_DATABASE": json.dumps(database),
        "DJANGO_SETTINGS_MODULE": "tests.jobs.worker_settings",
        "PYTHONPATH": f"{ROOT / 'src'}:{ROOT}",
    }
    running: list[subprocess.Popen[bytes]] = []

    def begin() -> "subprocess.Popen[bytes]":
        command = [sys.executable, "-m", "django", "worker", "--lease", "2"]
        with (tmp_path / f"worker-{len(running)}.log").open("wb") as log:
            running.append(subprocess.Popen(command, env=environment, stdout=log, stderr=log, cwd=tmp_path))
        return running[-1]

    yield begin
    for process in running:
        process.kill()
        process.wait(10)


def wait_for(true: Callable[[], bool], seconds: float = 90) -> None:
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.05)


@pytest.fixture
def log(tmp_path: Path, settings: Any) -> Path:
    settings.TASKS = {"default": {"BACKEND": "comity.jobs.backend.DatabaseBackend"}}
    (path := tmp_path / "log").touch()
    return path


def test_a_job_survives_the_death_of_its_worker(start: Callable[[], Any], log: Path) -> None:
    job = Job.objects.get(pk=tasks.note.enqueue(str(log), 2.5).id)
    first = start()
    wait_for(lambda: "began" in log.read_text())
    os.kill(first.pid, signal.SIGKILL)
    first.wait(10)
    second = start()
    wait_for(lambda: "ended" in log.read_text())
    wait_for(lambda: not Job.objects.filter(pk=job.pk).exclude(state=Job.State.DONE).exists())
    assert log.read_text().split("\n")[:-1] == [f"began {first.pid}", f"began {second.pid}", f"ended {second.pid}"]
    job.refresh_from_db()
    assert (job.attempts, job.error) == (2, "")


def test_a_worker_asked_to_stop_finishes_its_job(start: Callable[[], Any], log: Path) -> None:
    tasks.note.enqueue(str(log), 1.5)
    worker = start()
    wait_for(lambda: "began" in log.read_text())
    tasks.note.enqueue(str(log), 0)
    worker.send_signal(signal.SIGTERM)
    assert worker.wait(20) == 0
    assert log.read_text() == f"began {worker.pid}\nended {worker.pid}\n"
    notes = Job.objects.filter(name__endswith="note")
    assert sorted(notes.values_list("state", flat=True)) == ["done", "ready"]
