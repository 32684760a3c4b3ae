"""Fetching from a real IMAP server: nothing is lost, nothing comes twice, whatever dies in between."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.core.management import call_command
from django.db import OperationalError
from imap_tools import BaseMailBox, ImapToolsError

from comity.cases.models import Case
from comity.communications.mail import Mail
from comity.intake.mail import mailbox
from comity.intake.mail.jobs import fetch_mail
from tests.intake.mail.conftest import Post
from tests.intake.mail.dovecot import Dovecot, box, server

__all__ = ["box", "server"]


def fetch(box: Dovecot, most: int = 0) -> list[Any]:
    done: list[Any] = []
    address = mailbox.Address.of(box.url)
    with mailbox.opened(address) as opened:
        mailbox.fetch(opened, address, done.append, most)
    return done


def failing(error: BaseException) -> Callable[..., None]:
    """A function that does nothing but fail."""

    def fail(*_args: Any) -> None:
        raise error

    return fail


def test_what_lies_there_is_taken_and_put_where_it_belongs(post: Post, box: Dovecot) -> None:
    arrived = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
    robot = post.letter("Away.", auto_submitted="auto-replied")
    box.put(bytes(post.letter("帮助，网络不通。")), at=arrived.timestamp())
    box.put(bytes(robot), b"\r\n")
    done = fetch(box)
    assert sorted(one.state for one in done) == ["ignored", "refused", "taken"]
    assert [box.count(name) for name in ("INBOX", "Processed", "Set aside", "Refused")] == [0, 1, 1, 1]
    case = Case.objects.get()
    assert case.received_at == arrived, "a case counts from when the server had the mail"
    assert {row.mailbox for row in Mail.objects.filter(direction="in")} == {"help@provider.example/INBOX"}
    assert b"\\Seen" not in box.flags("Processed")


def test_a_fetch_that_is_killed_between_storing_and_moving_takes_it_once(
    post: Post, box: Dovecot, monkeypatch: pytest.MonkeyPatch
) -> None:
    box.put(bytes(post.letter()))
    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(mailbox, "_put_away", failing(KeyboardInterrupt()))
        fetch(box)
    assert Case.objects.count() == 1 and box.count() == 1 and b"\\Seen" not in box.flags()
    (again,) = fetch(box)
    assert again.again and Case.objects.count() == 1
    assert (box.count(), box.count("Processed")) == (0, 1)


def test_a_message_that_cannot_be_moved_keeps_no_other_waiting(
    post: Post, box: Dovecot, monkeypatch: pytest.MonkeyPatch
) -> None:
    box.put(*(bytes(post.letter(subject=f"Number {n}")) for n in range(3)))
    with monkeypatch.context() as patch, pytest.raises(ImapToolsError):
        patch.setattr(BaseMailBox, "move", failing(ImapToolsError("over quota")))
        fetch(box)
    assert Case.objects.count() == 3 == box.count(), "each is taken in, and none is lost"
    assert len(fetch(box)) == 3 == box.count("Processed") and Case.objects.count() == 3


def test_a_failing_database_leaves_the_message_where_it_is(
    post: Post, box: Dovecot, monkeypatch: pytest.MonkeyPatch
) -> None:
    box.put(bytes(post.letter()))
    with monkeypatch.context() as patch, pytest.raises(OperationalError):
        patch.setattr(
            "comity.intake.mail.filing.open_case", lambda *_: (_ for _ in ()).throw(OperationalError("locked"))
        )
        fetch(box)
    assert box.count() == 1 and not Mail.objects.filter(direction="in").exists()
    assert fetch(box)[0].state == "taken"


def test_a_message_that_is_too_large_is_refused_by_its_head(post: Post, box: Dovecot, settings: Any) -> None:
    settings.COMITY_UPLOAD_BYTES = 100_000
    box.put(bytes(post.letter("x" * 70 + "\n" + ("y" * 70 + "\n") * 3000, subject="Large")))
    (done,) = fetch(box)
    assert done.state == "refused" and box.count("Refused") == 1
    row = Mail.objects.get(direction="in")
    assert (row.subject, row.raw, row.reason) == ("Large", "", "large: > 0 MB")


def test_the_commands_and_the_job_fetch(post: Post, box: Dovecot, capsys: pytest.CaptureFixture[str]) -> None:
    box.put(bytes(post.letter()))
    call_command("mail", "fetch")
    assert "taken: CMP-00001" in capsys.readouterr().out
    box.put(bytes(post.letter()))
    assert fetch_mail.call() == {"help@provider.example/INBOX": "1"}
    assert Case.objects.count() == 2


def test_a_dead_server_is_no_failure_of_the_job(post: Post, settings: Any) -> None:
    settings.COMITY_MAILBOX = "imap://a:b@127.0.0.1:1/INBOX"
    (told,) = fetch_mail.call().values()
    assert told.startswith("! ")
    with pytest.raises(SystemExit) as ended:
        call_command("mail", "fetch")
    assert ended.value.code == 75


def test_a_wrong_address_is_said_on_one_line(settings: Any, capsys: pytest.CaptureFixture[str]) -> None:
    for address in ("", "smtp://a:hidden@b"):
        settings.COMITY_MAILBOX = address
        with pytest.raises(SystemExit) as ended:
            call_command("mail", "fetch")
        said = capsys.readouterr().err
        assert ended.value.code == 78 and "COMITY_MAILBOX_URL" in said and "hidden" not in said


def test_addresses_are_read_without_giving_the_password_away() -> None:
    read = mailbox.Address.of("imaps://help%40x.example:p%2Fw@mail.x.example/Complaints%20in")
    assert (read.port, read.user, read.password, read.folder) == (993, "help@x.example", "p/w", "Complaints in")
    for wrong in ("smtp://a:hidden@b", "imaps://:hidden@b", "imap://a:hidden@b:port"):
        with pytest.raises(ImproperlyConfigured) as told:
            mailbox.Address.of(wrong)
        assert "hidden" not in str(told.value)


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_what_comes_is_taken_at_once_and_a_dead_connection_is_survived(post: Post, box: Dovecot) -> None:
    from django.db import connection

    done: list[Any] = []
    stopping = threading.Event()

    def run() -> None:
        try:
            mailbox.watch(mailbox.Address.of(box.url), done.append, stopping)
        finally:
            connection.close()

    watching = threading.Thread(target=run)
    watching.start()

    def came(count: int, seconds: float) -> float:
        began = time.monotonic()
        while len(done) < count and time.monotonic() < began + seconds:
            time.sleep(0.05)
        assert len(done) == count
        return time.monotonic() - began

    try:
        box.put(bytes(post.letter()))
        came(1, 150)
        time.sleep(1.5)  # it listens by now
        box.put(bytes(post.letter()))
        assert came(2, 60) < 15
        box.stop()
        time.sleep(1)
        box.start()
        box.put(bytes(post.letter()))
        came(3, 60)
    finally:
        stopping.set()
        watching.join(timeout=30)
    assert not watching.is_alive()
    assert Case.objects.count() == 3 and box.count("Processed") == 3


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_two_fetches_at_once_take_everything_once(post: Post, box: Dovecot) -> None:
    from django.db import connection

    box.put(*(bytes(post.letter(subject=f"Number {n}")) for n in range(12)))
    failures: list[BaseException] = []

    def run() -> None:
        try:
            fetch(box)
        except BaseException as error:
            failures.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=run) for _n in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=120)
    assert not failures
    assert Case.objects.count() == 12 == box.count("Processed")
