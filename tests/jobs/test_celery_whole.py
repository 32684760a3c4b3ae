"""The whole product on Celery: `comity run` and a Celery worker on a real Redis, as docs/how-to/scale-out.md says."""

from __future__ import annotations

import json
import subprocess
import sys
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from bench import server, sql, world
from bench.browser import Browser, unpacked
from tests.jobs.test_celery import Broker, broker
from tests.jobs.test_worker_process import wait_for
from tests.nodes.test_two_nodes import Post, post

__all__ = ["broker", "post"]
pytestmark = pytest.mark.slow
PATIENCE = 90


class Installation:
    """`comity run` and `comity celery worker` with one environment."""

    def __init__(self, data: Path, url: str, made: world.World, more: dict[str, str]) -> None:
        self.data, self.url, self.made = data, url, made
        self.app = server.start(data, url, more=more)
        words = [sys.executable, "-m", "comity", "celery", "worker", "--concurrency", "2", "--loglevel", "WARNING"]
        process = subprocess.Popen(words, env=server.environment(data, url, more), start_new_session=True)
        self.celery = server.Server(0, process, 0)

    def rows(self, statement: str) -> list[Any]:
        return sql.rows(self.data, self.url, statement)

    def create(self, collection: str, values: dict[str, Any]) -> Any:
        headers = {"Authorization": f"Bearer {self.made.token}", "Content-Type": "application/json"}
        path, body = f"/api/v1/{collection}", json.dumps(values).encode()
        status, told, answer = Browser(self.app.port).send("POST", path, body, headers)
        assert status == 201, answer
        return json.loads(unpacked(told, answer))

    def stop(self) -> None:
        self.celery.stop()
        self.app.stop()


@pytest.fixture
def installation(tmp_path: Path, prepared: str, broker: Broker, post: tuple[Post, int]) -> Iterator[Installation]:
    made = world.filled(tmp_path, prepared, customers=3, cases=0)
    more = {
        "COMITY_TASKS_BACKEND": "comity.jobs.celery.CeleryBackend",
        "COMITY_BROKER_URL": f"redis://127.0.0.1:{broker.port}/0",
        "COMITY_MAIL_URL": f"smtp://127.0.0.1:{post[1]}",
    }
    found = Installation(tmp_path, prepared, made, more)
    yield found
    found.stop()


def test_cases_mails_and_periodic_work_go_their_way(installation: Installation, post: tuple[Post, int]) -> None:
    here, key = installation, uuid.uuid4().hex
    ((before,),) = here.rows("SELECT coalesce(max(id), 0) FROM jobs_job")
    ours = f"FROM jobs_job WHERE id > {before}"
    case = here.create("cases", here.made.case_with_key(key))
    customer, contact = here.made.customers[0]
    here.create(
        "communications",
        {
            "direction": "outbound", "delivery": "mail", "summary": key, "body": "Yes.", "customer": customer,
            "contact": contact, "subject_ref": case["ref"],
        },
    )  # fmt: skip
    wait_for(lambda: any(key.encode() in letter for letter in post[0].taken), PATIENCE)
    planned = len(here.rows("SELECT 1 FROM jobs_job WHERE unique_key IS NOT NULL"))
    assert planned > 10
    wait_for(lambda: not here.rows("SELECT 1 FROM jobs_job WHERE state IN ('ready', 'running')"), PATIENCE)
    assert here.rows(f"SELECT name, error {ours} AND state <> 'done'") == []
    celery = {here.celery.process.pid, *server.below(here.celery.process.pid)}
    workers = {int(name.split(":")[1]) for (name,) in here.rows(f"SELECT DISTINCT worker {ours}")}
    assert workers and workers <= celery, "the relay does no job, Celery does them all"
    sealed = "SELECT 1 FROM records_entry e LEFT JOIN records_seal s ON s.entry_id = e.id WHERE s.entry_id IS NULL"
    wait_for(lambda: not here.rows(sealed), PATIENCE)
    assert "intact" in server.comity(here.data, "verify", url=here.url)
