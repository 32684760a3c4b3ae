"""Two web nodes and two workers on one PostgreSQL: what one does the other sees, and what kill -9 takes is made up for.

Each node has a data folder of its own; database, secret key and folder of files are shared, as on two machines.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time
import uuid
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller

from bench import kill, server, sql, world
from bench.browser import Browser, unpacked
from tests.engines import engine

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(engine() != "postgresql", reason="SQLite's file belongs to one machine"),
]
JOBS = 16
LEASE = 4  # seconds, of a job
BOUNDARY = "boundary"


class Post:
    """A mail server that takes everything and remembers what."""

    def __init__(self) -> None:
        self.taken: list[bytes] = []

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:
        self.taken.append(envelope.content)
        return "250 OK"

    def ids(self) -> Counter[str]:
        lines = [line for content in self.taken for line in content.split(b"\r\n")]
        names = [line for line in lines if line.lower().startswith(b"message-id:")]
        return Counter(line.decode().partition("<")[2].rstrip(">") for line in names)


@dataclass
class Nodes:
    """What they share, and who runs."""

    folder: Path
    url: str
    made: world.World
    more: dict[str, str]
    ports: list[int] = field(default_factory=lambda: [server.free_port(), server.free_port()])
    webs: dict[int, server.Server] = field(default_factory=dict)
    workers: dict[int, server.Server] = field(default_factory=dict)

    def data(self, node: int) -> Path:
        return self.folder / f"node-{node}"

    def web(self, node: int) -> None:
        started = server.start(self.data(node), self.url, self.ports[node], ("web",), more=self.more)
        self.webs[node] = started

    def worker(self, node: int) -> None:
        environment = server.environment(self.data(node), self.url, self.more)
        words = [sys.executable, "-m", "comity", "worker", "--lease", str(LEASE)]
        self.workers[node] = server.Server(0, subprocess.Popen(words, env=environment), 0)

    def comity(self, *words: str) -> str:
        return server.comity(self.data(0), *words, url=self.url, more=self.more)

    def rows(self, statement: str) -> list[Any]:
        return sql.rows(self.data(0), self.url, statement)

    def ask(self, node: int, method: str, path: str, body: bytes | None = None, **more: str) -> Any:
        """The API's answer on this node."""
        headers = {"Authorization": f"Bearer {self.made.token}", "Content-Type": "application/json", **more}
        _status, found, content = Browser(self.ports[node]).send(method, path, body, headers)
        return unpacked(found, content)

    def kill(self, node: int) -> None:
        """kill -9 for the web server and the worker of a node; both begin again."""
        self.webs[node].kill()
        self.workers[node].kill()
        self.worker(node)
        self.web(node)

    def stop(self) -> None:
        for one in (*self.workers.values(), *self.webs.values()):
            one.stop()


@pytest.fixture
def post() -> Iterator[tuple[Post, int]]:
    controller = Controller(made := Post(), hostname="127.0.0.1", port=server.free_port())
    controller.start()
    yield made, controller.port
    controller.stop()


@pytest.fixture
def nodes(tmp_path: Path, prepared: str, post: tuple[Post, int]) -> Iterator[Nodes]:
    with ExitStack() as stack:
        url, key = prepared, uuid.uuid4().hex * 2
        for node in (0, 1):
            (tmp_path / f"node-{node}").mkdir()
        (tmp_path / "node-0" / "secret.key").write_text(key)
        made = world.filled(tmp_path / "node-0", url, customers=3, cases=0)
        (tmp_path / "node-0" / "secret.key").unlink()
        more = {
            "COMITY_SECRET_KEY": key,
            "COMITY_FILES": str(tmp_path / "files"),
            "COMITY_MAIL_URL": f"smtp://127.0.0.1:{post[1]}",
            "PYTHONPATH": f"{server.ROOT / 'src'}{os.pathsep}{server.ROOT}",  # the jobs are the tests'
        }
        found = Nodes(tmp_path, url, made, more)
        stack.callback(found.stop)
        for node in (0, 1):
            found.web(node)
            found.worker(node)
        yield found


def wait_for(true: Any, seconds: float = 120) -> None:
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.2)


def one_sees_what_the_other_does(nodes: Nodes) -> None:
    """Sessions, files, parameters: nothing is kept where only one node has it."""
    browser = Browser(nodes.ports[0])
    browser.sign_in(nodes.made.email, nodes.made.password)
    browser.port = nodes.ports[1]
    assert "/accounts/logout/" in browser.page("/")
    assert Browser(nodes.ports[1]).send("GET", "/")[0] == 302, "a stranger is not let in"

    def register(node: int) -> Any:
        body = json.dumps(nodes.made.case_with_key(uuid.uuid4().hex)).encode()
        return json.loads(nodes.ask(node, "POST", "/api/v1/cases", body))

    cases = [register(node) for node in (0, 1)]  # both have met the parameters and the calendar now
    head = 'Content-Disposition: form-data; name="file"; filename="a.txt"'
    part = f"--{BOUNDARY}\r\n{head}\r\n\r\nshared\r\n--{BOUNDARY}--\r\n"
    kind, path = f"multipart/form-data; boundary={BOUNDARY}", f"/api/v1/cases/{cases[0]['ref']}/files"
    kept = json.loads(nodes.ask(0, "POST", path, part.encode(), **{"Content-Type": kind}))
    assert nodes.ask(1, "GET", f"{path}/{kept['id']}") == b"shared"
    nodes.comity("shell", "-c", "from comity.clocks.parameters import change; change('complaint_ack_hours', 40)")
    cases += [register(node) for node in (0, 1)]
    due = [at for (at,) in nodes.rows("SELECT ack_due_at FROM cases_case ORDER BY id")]
    assert len(due) == 4 and max(due[:2]) < min(due[2:]), due


def test_what_a_killed_node_had_begun_is_done_once(nodes: Nodes, post: tuple[Post, int]) -> None:
    one_sees_what_the_other_does(nodes)
    made, stop = nodes.made, threading.Event()
    registered: dict[str, str] = {}
    written: dict[str, str] = {}

    def letter(key: str) -> dict[str, Any]:
        customer, contact = made.customers[0]
        sent = {"direction": "outbound", "delivery": "mail", "summary": key, "body": key}
        return {**sent, "customer": customer, "contact": contact}

    orders = [("/api/v1/cases", made.case_with_key, registered)] * 3 + [("/api/v1/communications", letter, written)]
    clients = [
        threading.Thread(target=kill.client, args=(nodes.ports, made.token, path, body, found, stop))
        for path, body, found in orders
    ]
    logs = nodes.folder / "logs"
    logs.mkdir()
    call = f"[note.enqueue(f'{logs}/{{n}}', 0.4) for n in range({JOBS})]"
    nodes.comity("shell", "-c", f"from tests.jobs.tasks import note; {call}")
    for client in clients:
        client.start()
    for node in (0, 1):
        before = len(registered)
        wait_for(lambda before=before: len(registered) >= before + 10)
        nodes.kill(node)
        claimed = nodes.rows("SELECT id, attempts FROM communications_mail WHERE state = 'sending'")
        time.sleep(2)
        for row in claimed:  # whose worker is dead; its claim on a mail would last five minutes
            release = (
                "UPDATE communications_mail SET next_at = now() WHERE state = 'sending' AND (id, attempts) = (%s, %s)"
            )
            sql.rows(nodes.data(0), nodes.url, f"{release} RETURNING id", row)
    stop.set()
    for client in clients:
        client.join(30)
    assert not any(client.is_alive() for client in clients) and registered and written

    jobs = "SELECT state, attempts, args FROM jobs_job WHERE name = 'tests.jobs.tasks.note'"
    unsent = "SELECT 1 FROM communications_mail WHERE direction = 'out' AND state <> 'sent'"
    unbuilt = (
        "SELECT 1 FROM communications_communication c LEFT JOIN communications_mail m ON m.communication_id = c.id"
    )
    unbuilt += " WHERE c.delivery = 'mail' AND m.id IS NULL"
    wait_for(lambda: all(state == "done" for state, _attempts, _args in nodes.rows(jobs)))
    wait_for(lambda: not nodes.rows(unbuilt) and not nodes.rows(unsent))
    nodes.stop()
    nodes.comity("worker", "--drain")  # seals what the kills left unsealed

    assert len(nodes.rows(jobs)) == JOBS
    for _state, attempts, (log, _seconds) in nodes.rows(jobs):
        ended = Path(log).read_text().count("ended")  # again only where the worker died before its note
        assert 1 <= ended <= attempts, log
    cases = registered | {
        title: ref for ref, title in nodes.rows("SELECT ref, title FROM cases_case ORDER BY id LIMIT 4")
    }
    assert world.lost(nodes.data(0), nodes.url, cases) == []
    assert "intact" in nodes.comity("verify")
    letters = Counter(key for (key,) in nodes.rows("SELECT summary FROM communications_communication"))
    assert {key: letters[key] for key in written} == dict.fromkeys(written, 1)
    ledger = nodes.rows(
        "SELECT message_id, attempts, communication_id FROM communications_mail WHERE direction = 'out'"
    )
    got = post[0].ids()
    mails = [
        communication for _id, _attempts, communication in ledger if communication
    ]  # the rest are notices to staff
    assert len(set(mails)) == len(mails) >= len(written)
    assert set(got) == {name for name, _attempts, _communication in ledger}, "lost, or none of ours"
    assert all(got[name] <= attempts for name, attempts, _communication in ledger), "doubled"
    assert sum(got.values()) <= len(ledger) + 2, (
        "again only where a worker died between the server's answer and its note"
    )
