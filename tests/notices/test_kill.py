"""Two workers that are killed with -9 again and again while mails are written: none is lost, each has one identity.

A mail can go out twice only where a worker died between the server's answer and its own note; such a pair is one mail
with one Message-ID, byte for byte. The mail server takes a random moment for each text, so that kills fall there, too.
"""

from __future__ import annotations

import asyncio
import json
import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from django.db import connection

from comity.communications.models import Mail
from tests.notices.conftest import free_port
from tests.worlds import build

ROOT = Path(__file__).resolve().parents[2]
KILLS = int(os.environ.get("COMITY_TEST_KILLS", "6"))
pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]


class Post:
    """Takes everything, slowly, and remembers it."""

    def __init__(self) -> None:
        self.taken: list[bytes] = []

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:
        await asyncio.sleep(random.uniform(0, 0.04))
        self.taken.append(envelope.content)
        await asyncio.sleep(random.uniform(0, 0.01))
        return "250 OK"


@pytest.fixture
def post() -> Iterator[tuple[Post, int]]:
    made = Post()
    controller = Controller(made, hostname="127.0.0.1", port=free_port())
    controller.start()
    yield made, controller.port
    controller.stop()


@pytest.fixture
def worker(tmp_path: Path, post: tuple[Post, int]) -> Iterator[Callable[[], subprocess.Popen[bytes]]]:
    """Start workers; none outlives the test."""
    told = {"database": str(connection.settings_dict["NAME"]), "files": str(tmp_path), "port": post[1]}
    environment = os.environ | {
        "TEST_WORKER": json.dumps(told), "DJANGO_SETTINGS_MODULE": "tests.notices.worker_settings",
        "PYTHONPATH": f"{ROOT / 'src'}:{ROOT}",
    }  # fmt: skip
    running: list[subprocess.Popen[bytes]] = []

    def begin() -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", "django", "worker", "--lease", "2"]
        path = tmp_path / f"worker-{len(running)}.log"
        with path.open("wb") as log:
            running.append(subprocess.Popen(command, env=environment, stdout=log, stderr=log, cwd=ROOT))
        return running[-1]

    yield begin
    for process in running:
        process.kill()
        process.wait(10)


def test_no_kill_loses_or_doubles_a_mail(post: tuple[Post, int], worker: Callable[[], Any], tmp_path: Path) -> None:
    world, server, chance = build(), post[0], random.Random(7)
    workers, written, kills = [worker(), worker()], 0, 0
    strike_at = time.monotonic() + 4
    end = time.monotonic() + 30 + KILLS * 12
    while kills < KILLS:
        assert time.monotonic() < end, "the workers do not come on"
        world.create(
            "communication", "relationship_manager", direction="outbound", delivery="mail", summary=f"Number {written}",
            customer=world.customer.ref, contact=world.contact.ref,
        )  # fmt: skip
        written += 1
        time.sleep(chance.uniform(0, 0.06))
        if time.monotonic() > strike_at:
            victim = chance.randrange(2)
            os.kill(workers[victim].pid, signal.SIGKILL)
            workers[victim].wait(10)
            workers[victim], kills = worker(), kills + 1
            strike_at = time.monotonic() + chance.uniform(0.2, 4)
    ledger = Mail.objects.filter(communication__isnull=False)
    end = time.monotonic() + 90
    while ledger.count() < written or ledger.exclude(state="sent").exists():
        assert time.monotonic() < end, Counter(ledger.values_list("state", flat=True))
        time.sleep(0.2)
    assert ledger.count() == written == ledger.values("communication").distinct().count()
    by_id = {mail.message_id: mail for mail in ledger}
    got: dict[str, list[bytes]] = {}
    for content in server.taken:
        line = next(line for line in content.split(b"\r\n") if line.lower().startswith(b"message-id"))
        got.setdefault(line.decode().partition("<")[2].rstrip(">"), []).append(content)
    assert set(by_id) <= set(got), "lost"
    twice = {name for name, contents in got.items() if name in by_id and len(contents) > 1}
    again = {name for name, mail in by_id.items() if mail.attempts > 1}
    print(f"{written} mails, {kills} kills, {len(again)} taken up again, {len(twice)} of them handed over twice")
    assert twice <= again and len(twice) <= kills
    assert all(len(set(got[name])) == 1 for name in twice), "the same mail, byte for byte"
