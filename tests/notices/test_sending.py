"""Sending: once each, tried again when that can help, and never in the way of others."""

from __future__ import annotations

import asyncio
import smtplib
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from django.core import mail as outbox
from django.utils import timezone

from comity.communications.models import Mail
from comity.notices.jobs import send_soon
from comity.notices.models import DEFAULTS, Event, Notification, Way
from comity.notices.operations import sending
from comity.records.models import Entry
from tests.notices.conftest import Desk, drained, free_port, send

pytestmark = pytest.mark.django_db
Mailed = Callable[..., Mail]


@pytest.fixture(autouse=True)
def told_in_the_app_only(monkeypatch: pytest.MonkeyPatch) -> None:
    """Mails about mails would be counted here, too."""
    monkeypatch.setitem(DEFAULTS, Event.MAIL_FAILED, Way.APP)
    monkeypatch.setattr(sending, "_rest_until", [0.0])


class Server:
    """A mail server that answers as told: by recipient, or to the text itself."""

    def __init__(self) -> None:
        self.taken: list[tuple[str, bytes]] = []
        self.answers: dict[str, str] = {}
        self.connections = 0
        self.slow = 0.0

    async def handle_EHLO(
        self, _server: Any, session: Any, _envelope: Any, hostname: str, lines: list[str]
    ) -> list[str]:
        session.host_name, self.connections = hostname, self.connections + 1
        return lines

    async def handle_RCPT(self, _server: Any, _session: Any, envelope: Any, address: str, _options: Any) -> str:
        if address in self.answers:
            return self.answers[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:
        if answer := self.answers.get("DATA"):
            return answer
        await asyncio.sleep(self.slow)
        self.taken.append((envelope.rcpt_tos[0], envelope.content))
        return "250 OK"


@pytest.fixture
def server(settings: Any) -> Iterator[Server]:
    made = Server()
    controller = Controller(made, hostname="127.0.0.1", port=free_port(), auth_require_tls=False)
    controller.start()
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_TIMEOUT = "127.0.0.1", 5
    settings.EMAIL_PORT = controller.port
    yield made
    controller.stop()


def test_what_waits_goes_out_once_on_one_connection(server: Server, mailed: Mailed) -> None:
    mails = [mailed(summary=f"Number {n}") for n in range(3)]
    assert send() == 3 and send() == 0
    assert server.connections == 1
    ids = [line for _to, raw in server.taken for line in raw.split(b"\r\n") if line.startswith(b"Message-ID")]
    assert ids == [f"Message-ID: <{mail.message_id}>".encode() for mail in mails]
    for mail in mails:
        mail.refresh_from_db()
        assert mail.state == "sent" and mail.sent_at and mail.attempts == 1 and mail.next_at is None


def test_without_a_server_mails_go_to_the_folder(settings: Any, tmp_path: Any, mailed: Mailed) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    settings.EMAIL_FILE_PATH = tmp_path / "mail-out"
    mail = mailed()
    assert send() == 1
    (file,) = (tmp_path / "mail-out").iterdir()
    assert mail.message_id in file.read_text()


def test_a_refused_address_fails_at_once_and_blocks_nobody(server: Server, desk: Desk, mailed: Mailed) -> None:
    case = desk.at("assessed")
    Mail.objects.all().delete()
    server.answers["ada@aster.example"] = "550 5.1.1 <ada@aster.example>: no such user"
    bad = mailed(by="complaint_handler", subject_ref=case.ref)
    good = mailed(contact=desk.world.child_contact.ref, customer=desk.world.child.ref)
    Mail.objects.exclude(pk__in=[bad.pk, good.pk]).delete()
    assert send() == 2
    bad.refresh_from_db()
    good.refresh_from_db()
    assert (bad.state, good.state) == ("failed", "sent")
    assert bad.reason.startswith("550 5.1.1")
    line = Entry.objects.filter(kind="case", act="auto", note__contains="was not delivered").get()
    assert line.ref == case.ref and "ada@" not in line.words and not line.public
    drained()
    told = Notification.objects.get(event="mail_failed")
    assert told.person == case.handler and (told.kind, told.record_id) == ("case", case.pk)


def test_a_passing_trouble_is_tried_again_later(server: Server, mailed: Mailed) -> None:
    server.answers["ada@aster.example"] = "451 4.7.1 greylisted"
    mail = mailed()
    for attempt, seconds in ((1, 60), (2, 120), (3, 240)):
        before = timezone.now()
        assert send() == 1 and send() == 0
        mail.refresh_from_db()
        assert mail.state == "waiting" and mail.attempts == attempt and "451" in mail.reason
        assert mail.next_at is not None
        assert seconds * 0.79 <= (mail.next_at - before).total_seconds() <= seconds * 1.21 + 5
        Mail.objects.update(next_at=timezone.now())
    server.answers.clear()
    assert send() == 1
    mail.refresh_from_db()
    assert mail.state == "sent" and mail.reason == "" and len(server.taken) == 1


def test_a_server_that_closes_the_line_on_one_mail_takes_the_next(server: Server, desk: Desk, mailed: Mailed) -> None:
    refused = mailed(summary="Closed")
    other = mailed(contact=desk.world.child_contact.ref, customer=desk.world.child.ref)
    server.answers[str(refused.recipients[0])] = "421 4.7.0 Come again"
    send()
    refused.refresh_from_db()
    other.refresh_from_db()
    assert (refused.state, other.state, other.attempts) == ("waiting", "sent", 1)


def test_who_checks_for_long_is_waited_for(server: Server, mailed: Mailed, settings: Any) -> None:
    settings.EMAIL_TIMEOUT, server.slow = 0.2, 0.5
    mail = mailed()
    send()
    mail.refresh_from_db()
    assert (mail.state, len(server.taken)) == ("sent", 1)


def test_after_two_days_it_has_failed(server: Server, mailed: Mailed) -> None:
    server.answers["DATA"] = "452 no space"
    mail = mailed()
    Mail.objects.filter(pk=mail.pk).update(attempts=sending.MOST_ATTEMPTS - 1)
    send()
    mail.refresh_from_db()
    assert mail.state == "failed" and "two days" in mail.reason and "452" in mail.reason
    drained()
    assert Notification.objects.filter(event="mail_failed").count() == 1


def test_a_server_that_is_down_costs_one_attempt_a_minute_and_loses_nothing(
    server: Server, settings: Any, mailed: Mailed
) -> None:
    mails = [mailed(summary=f"Number {n}") for n in range(5)]
    settings.EMAIL_PORT, port = 9, settings.EMAIL_PORT
    assert send() == 1 and send() == 0, "it is left alone"
    assert sorted(Mail.objects.values_list("attempts", flat=True)) == [0, 0, 0, 0, 1]
    settings.EMAIL_PORT = port
    Mail.objects.update(next_at=timezone.now())
    assert send() == 0
    sending._rest_until[0] = 0
    assert send() == 5 and len(server.taken) == len(mails)


def test_a_password_that_is_wrong_or_cannot_be_said_fails_no_mail(
    server: Server, settings: Any, mailed: Mailed
) -> None:
    mail = mailed()
    settings.EMAIL_HOST_USER = "desk"
    for password in ("wrong", "pässword"):  # the second never gets as far as the server
        settings.EMAIL_HOST_PASSWORD = password
        assert send() == 1
        mail.refresh_from_db()
        assert (mail.state, server.taken) == ("waiting", []) and mail.reason
        Mail.objects.update(next_at=timezone.now())
        sending._rest_until[0] = 0
    settings.EMAIL_HOST_USER = ""
    assert send() == 1 and len(server.taken) == 1


def test_a_mail_whose_worker_died_is_sent_again_after_its_time_with_its_id(server: Server, mailed: Mailed) -> None:
    mail = mailed()
    claimed = sending.claim()
    assert claimed == mail and send() == 0, "somebody is at it"
    Mail.objects.filter(pk=mail.pk).update(next_at=timezone.now() - timedelta(seconds=1))
    assert send() == 1
    assert not sending.note(claimed, state="failed"), "whoever comes back late changes nothing"
    mail.refresh_from_db()
    assert (mail.state, mail.attempts) == ("sent", 2)
    assert f"<{mail.message_id}>".encode() in server.taken[0][1]


def test_a_mail_whose_bytes_are_gone_fails(server: Server, mailed: Mailed) -> None:
    mail = mailed()
    Mail.objects.filter(pk=mail.pk).update(raw="mail/00/nothing.eml")
    send()
    mail.refresh_from_db()
    assert mail.state == "failed" and "gone" in mail.reason and not server.taken


@pytest.mark.parametrize(
    ("error", "final", "server"),
    [
        (smtplib.SMTPRecipientsRefused({"a@b": (550, b"no")}), True, False),
        (smtplib.SMTPRecipientsRefused({"a@b": (450, b"later")}), False, False),
        (smtplib.SMTPSenderRefused(550, b"not you", "x"), False, True),
        (smtplib.SMTPSenderRefused(552, b"too large", "x"), True, False),
        (smtplib.SMTPDataError(554, b"spam"), True, False), (smtplib.SMTPDataError(451, b"later"), False, False),
        (smtplib.SMTPAuthenticationError(535, b"password"), False, True),
        (smtplib.SMTPServerDisconnected("gone"), False, True), (TimeoutError("slow"), False, True),
        (ValueError("bad"), True, False),
    ],
)  # fmt: skip
def test_what_an_answer_means(error: Exception, final: bool, server: bool) -> None:
    found = sending.refusal_of(error)
    assert (found.final, found.server) == (final, server) and found.reason


def test_an_idle_worker_sends_what_the_outbox_brought(say: Callable[..., Any]) -> None:
    say()
    drained()
    assert send_soon() and not send_soon()
    assert [one.subject for one in outbox.outbox] == ["Our answer"]
