"""`comity mail ingest`, as a mail server calls it; and two deliveries at the same time."""

from __future__ import annotations

import io
import os
import sqlite3
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.db import OperationalError, connection

from comity.cases.models import Case
from comity.communications.mail import Mail
from comity.communications.models import Communication
from comity.intake.mail.taking import Taken
from tests.engines import engine
from tests.intake.mail.conftest import Post

ROOT = Path(__file__).resolve().parents[3]
LETTER = (
    b"From: Ada <ada@aster.example>\r\nTo: help@provider.example\r\nSubject: Hello\r\n"
    b"Message-ID: <%d@aster.example>\r\n\r\nWhen do you open?\r\n"
)


class Input:
    def __init__(self, raw: bytes) -> None:
        self.buffer = io.BytesIO(raw)


def ingest(raw: bytes, monkeypatch: pytest.MonkeyPatch, *words: str) -> tuple[int, str, str]:
    """Exit code and what was said."""
    out, err = io.StringIO(), io.StringIO()
    monkeypatch.setattr(sys, "stdin", Input(raw))
    try:
        call_command("mail", "ingest", *words, stdout=out, stderr=err)
    except SystemExit as ended:
        return int(ended.code or 0), out.getvalue(), err.getvalue()
    return 0, out.getvalue(), err.getvalue()


def test_codes_and_one_line(post: Post, monkeypatch: pytest.MonkeyPatch) -> None:
    assert ingest(LETTER % 1, monkeypatch) == (0, "taken: CMP-00001\n", "")
    assert ingest(LETTER % 1, monkeypatch) == (0, "taken before: CMP-00001\n", "")
    robot = b"Auto-Submitted: auto-replied\r\n" + LETTER % 2
    code, out, err = ingest(robot, monkeypatch, "--mailbox", "help")
    assert (code, err) == (0, "") and out.startswith("ignored: ") and out.count("\n") == 1
    assert ingest(b"", monkeypatch) == (65, "", "refused: empty\n")
    assert set(Mail.objects.filter(direction="in").values_list("mailbox", flat=True)) == {"pipe", "help"}


def test_a_database_that_is_busy_asks_the_server_to_come_again(post: Post, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_args: Any, **_options: Any) -> None:
        raise OperationalError("database is\nlocked")

    monkeypatch.setattr("comity.intake.mail.filing.open_case", fail)
    assert ingest(LETTER % 1, monkeypatch) == (75, "", "later: database is locked\n")
    assert post.counts() == (0, 0, 0)
    monkeypatch.undo()
    assert ingest(LETTER % 1, monkeypatch)[0] == 0 and Case.objects.count() == 1


def test_a_disk_that_is_full_asks_the_server_to_come_again(post: Post, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_content: bytes) -> str:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("comity.communications.originals.keep", fail)
    assert ingest(LETTER % 1, monkeypatch)[0] == 75 and post.counts() == (0, 0, 0)


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("mailboxes", [("one", "one"), ("one", "two")])
def test_two_deliveries_at_once_make_one_case(post: Post, mailboxes: tuple[str, str]) -> None:
    """The same messages in the same order, as fast as two threads can."""
    ready, results, failures = threading.Barrier(2), [], []

    def deliver(mailbox: str) -> None:
        try:
            ready.wait()
            results.extend(post.take(LETTER % n, mailbox) for n in range(8))
        except BaseException as error:
            failures.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=deliver, args=(name,)) for name in mailboxes]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=120)
    assert not failures
    assert Case.objects.count() == 8 == Communication.objects.filter(direction="inbound").count()
    known: dict[str, list[Taken]] = {}
    for one in results:
        known.setdefault(one.ref, []).append(one)
    assert len(known) == 8 and all([one.again for one in pair].count(True) == 1 for pair in known.values())


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_a_case_worked_on_while_mail_comes_in_loses_nothing(post: Post, world: Any) -> None:
    """Steps and replies to the same cases, at the same time; neither waits for the other for ever."""
    cases = [post.case(post.take(LETTER % n)) for n in range(4)]
    for n, case in enumerate(cases):
        post.sent(case, f"out.{n}@provider.example")
    ready, failures = threading.Barrier(2), []

    def deliver() -> None:
        for n in range(24):
            reply = b"In-Reply-To: <out.%d@provider.example>\r\n" % (n % 4) + LETTER % (100 + n)
            assert post.take(reply).state == "taken"

    def work() -> None:
        for n in range(24):
            values = {"text": f"Answer {n}"}
            world.move(Case.objects.get(pk=cases[n % 4].pk), "answer", "service_desk", **values)

    def run(act: Any) -> None:
        try:
            ready.wait()
            act()
        except BaseException as error:
            failures.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(act,)) for act in (deliver, work)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=180)
    assert not failures
    assert Case.objects.count() == 4 and Communication.objects.filter(direction="inbound").count() == 28


@pytest.mark.slow
@pytest.mark.skipif(engine() != "sqlite", reason="works on a file of its own")
def test_two_processes_at_once_take_it_once(tmp_path: Path, prepared: str) -> None:
    environment = {key: value for key, value in os.environ.items() if key != "DATABASE_URL"}
    environment |= {"COMITY_DATA": str(tmp_path), "PYTHONPATH": str(ROOT / "src")}
    environment |= {"COMITY_SQLITE_SYNCHRONOUS": "NORMAL", "DJANGO_SETTINGS_MODULE": "comity.config.settings"}

    def start(*words: str) -> subprocess.Popen[bytes]:
        words = (sys.executable, "-m", "comity", *words)
        pipe = subprocess.PIPE
        return subprocess.Popen(words, env=environment, stdin=pipe, stdout=pipe, stderr=subprocess.STDOUT)

    unit = "from comity.accounts.models import Unit; Unit(name='Provider').save()"
    assert start("shell", "--no-imports", "-c", unit).wait(timeout=120) == 0
    processes = [start("mail", "ingest") for _n in range(3)]
    said = []
    for process in processes:
        assert process.stdin is not None
        process.stdin.write(LETTER % 1)
        process.stdin.close()
        process.stdin = None
    for process in processes:
        out, _none = process.communicate(timeout=300)
        assert process.returncode == 0, out
        said.append(out.decode().strip())
    assert sorted(said) == ["taken before: CMP-00001", "taken before: CMP-00001", "taken: CMP-00001"]
    found = sqlite3.connect(tmp_path / "comity.sqlite3")
    assert found.execute("SELECT count(*) FROM cases_case").fetchone() == (1,)
    found.close()
