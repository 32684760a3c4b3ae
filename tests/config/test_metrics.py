"""The figures: who reads them, that they are right, and that it does not matter which process is asked."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from comity.cases.models import Case
from comity.communications.models import Mail
from comity.config import metrics
from comity.jobs.models import Job
from comity.records import seal
from tests.accounts.served import Served, free_port, served
from tests.cases.conftest import Desk, desk
from tests.worlds import World, world

__all__ = ["desk", "served", "world"]

TOKEN = "let the watcher in"
BEARER = {"Authorization": f"Bearer {TOKEN}"}
LINE = re.compile(r'([a-z_]+)(?:\{((?:[a-z]+="[^"]*",?)+)\})? (-?[0-9.]+)')


@pytest.fixture
def watched(db: None, settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Client]:
    """An installation that is watched, with counters at nought."""
    settings.COMITY_METRICS_TOKEN, settings.DATA = TOKEN, tmp_path
    monkeypatch.setattr(metrics, "counters", metrics.Counters())
    cache.clear()
    yield Client(headers=BEARER)
    cache.clear()


def figures(text: str) -> dict[str, float]:
    """The answer, held against the grammar of the format: series with their labels, and values."""
    found: dict[str, float] = {}
    known: dict[str, str] = {}
    assert text.endswith("\n")
    for row in text[:-1].split("\n"):
        if row.startswith("# TYPE "):
            _, _, name, sort = row.split(" ")
            assert name not in known and sort in ("gauge", "histogram")
            known[name] = sort
        elif not row.startswith("# HELP "):
            match = LINE.fullmatch(row)
            assert match, row
            base = re.sub("_(bucket|sum|count)$", "", match[1])
            assert known.get(base if known.get(base) == "histogram" else match[1]), row
            series = f"{match[1]}{{{match[2]}}}" if match[2] else match[1]
            assert series not in found
            found[series] = float(match[3])
    return found


def ask(client: Client) -> dict[str, float]:
    answer = client.get("/metrics")
    assert answer.status_code == 200 and answer["Content-Type"].startswith("text/plain; version=0.0.4")
    return figures(answer.content.decode())


@pytest.mark.django_db
def test_without_a_token_there_is_no_such_page_and_nothing_is_counted(settings: Any, tmp_path: Path) -> None:
    assert settings.COMITY_METRICS_TOKEN == ""
    settings.DATA = tmp_path
    for headers in ({}, {"Authorization": "Bearer "}, BEARER):
        assert Client(headers=headers).get("/metrics").status_code == 404
    assert list(tmp_path.iterdir()) == []


@pytest.mark.django_db
@pytest.mark.parametrize(
    "given", ["", "Bearer", "Bearer ", "Bearer x", f"bearer {TOKEN}", TOKEN, f"Bearer {TOKEN} ", "Bearer é"]
)
def test_another_token_opens_nothing(watched: Client, given: str) -> None:
    answer = Client(headers={"Authorization": given} if given else {}).get("/metrics")
    assert (answer.status_code, answer.content) == (401, b"")


@pytest.mark.django_db
def test_requests_are_counted_by_sort_and_status(watched: Client) -> None:
    for path in ("/healthz", "/healthz", "/accounts/login/", "/nothing/at/all/", "/api/v1/me", "/complain/track/x/"):
        watched.get(path)
    watched.get("/", headers={"HX-Request": "true"})
    found, name = ask(watched), "comity_http_request_seconds_count"
    assert found[f'{name}{{route="probe",status="2xx"}}'] == 2
    assert found[f'{name}{{route="accounts",status="2xx"}}'] == 1
    assert found[f'{name}{{route="api",status="4xx"}}'] == 1
    assert found[f'{name}{{route="part",status="2xx"}}'] == 1
    assert found[f'{name}{{route="page",status="3xx"}}'] + found.get(f'{name}{{route="page",status="4xx"}}', 0) == 1
    assert ask(watched)[f'{name}{{route="probe",status="2xx"}}'] == 3, "the one before, too"


def test_buckets_hold_what_is_below_their_bound(watched: Client, tmp_path: Path) -> None:
    for seconds in (0.001, 0.005, 0.006, 3, 30):
        metrics.counters.add("page", 200, seconds)
    metrics.counters.add("page", 999, 0.1)
    found = figures("\n".join(metrics._requests()) + "\n")

    def below(bound: str) -> float:
        return found[f'comity_http_request_seconds_bucket{{route="page",status="2xx",le="{bound}"}}']

    assert [below(bound) for bound in ("0.005", "0.01", "2.5", "5.0", "10.0", "+Inf")] == [2, 3, 3, 4, 4, 5]
    assert found['comity_http_request_seconds_sum{route="page",status="2xx"}'] == pytest.approx(33.012)
    assert found['comity_http_request_seconds_count{route="page",status="5xx"}'] == 1


def test_threads_lose_no_count(watched: Client) -> None:
    def many() -> None:
        for _ in range(3000):
            metrics.counters.add("page", 200, 0.001)

    threads = [threading.Thread(target=many) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    found = figures("\n".join(metrics._requests()) + "\n")
    assert found['comity_http_request_seconds_count{route="page",status="2xx"}'] == 12_000


def test_the_files_of_dead_processes_count_until_the_server_starts_again(watched: Client, tmp_path: Path) -> None:
    metrics.counters.add("page", 200, 0.1)
    (own,) = metrics._files()
    with subprocess.Popen([sys.executable, "-c", ""]) as gone:
        gone.wait()
    dead = own.with_name(own.name.replace(str(os.getpid()), str(gone.pid)))
    dead.write_bytes(own.read_bytes())
    own.with_name("another-machine-1").write_bytes(own.read_bytes())
    name = 'comity_http_request_seconds_count{route="page",status="2xx"}'
    assert figures("\n".join(metrics._requests()) + "\n")[name] == 2
    metrics.sweep()
    assert figures("\n".join(metrics._requests()) + "\n")[name] == 1
    assert own.exists() and not dead.exists() and own.with_name("another-machine-1").exists()


def test_what_waits_and_what_is_late_is_counted(desk: Desk, watched: Client) -> None:
    while seal.drain():
        pass
    Job.objects.all().delete()
    before = ask(watched)
    Job.objects.create(name="x", run_at=timezone.now() - timedelta(seconds=90))
    Job.objects.create(name="x", run_at=timezone.now() + timedelta(hours=1))
    Job.objects.create(name="x", state=Job.State.FAILED)
    case = desk.register()
    desk.clock.shift(timedelta(days=60))
    cache.clear()
    found = ask(watched)
    assert (found['comity_jobs{state="ready"}'], found['comity_jobs{state="failed"}']) == (2, 1)
    assert found['comity_cases{state="open"}'] - before['comity_cases{state="open"}'] == 1
    assert found['comity_late{kind="case"}'] - before['comity_late{kind="case"}'] == 1
    assert found['comity_outbox{state="waiting"}'] > 0 == before['comity_outbox{state="waiting"}']
    assert found['comity_oldest_seconds{what="outbox"}'] >= 60 * 24 * 3600 - 5
    assert found['comity_oldest_seconds{what="job"}'] >= 90
    assert found['comity_mails{state="waiting"}'] == Mail.objects.filter(direction="out", state="waiting").count()
    assert found["comity_web_processes"] == 1 and found["comity_web_memory_bytes"] > 10**6
    assert case.pk and Case.objects.exists()


@pytest.mark.django_db
def test_asking_often_costs_the_database_once(world: World, watched: Client) -> None:
    with CaptureQueriesContext(connection) as first:
        ask(watched)
    with CaptureQueriesContext(connection) as second:
        ask(watched)
    asked = [row["sql"] for row in second if "cache" not in row["sql"]]
    assert len(first) < 45 and asked == []
    counts = [row["sql"] for row in first if "COUNT(" in row["sql"] and "cache" not in row["sql"]]
    assert counts and all("LIMIT 10000" in sql for sql in counts)


@pytest.mark.slow
def test_it_does_not_matter_which_process_is_asked(served: Served) -> None:
    """Two processes, new connections: every answer is the sum over both, and goes up by one with each question."""
    port = free_port()
    served.start(port, workers=2, COMITY_METRICS_TOKEN=TOKEN)
    url, name = f"http://127.0.0.1:{port}", 'comity_http_request_seconds_count{route="probe",status="2xx"}'
    for _ in range(40):
        assert httpx.get(f"{url}/healthz").status_code == 200
    answers = [figures(httpx.get(f"{url}/metrics", headers=BEARER).text) for _ in range(30)]
    values = [found[name] for found in answers]
    assert values == [values[0] + n for n in range(30)] and values[0] >= 40
    files = list((served.folder / "metrics").iterdir())
    assert len(files) == 2 and answers[-1]["comity_web_processes"] == 2
    assert all(found["comity_web_memory_bytes"] > 2 * 10**7 for found in answers)
