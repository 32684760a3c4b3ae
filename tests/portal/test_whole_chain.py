"""A complaint by mail until the customer confirms the result, through the doors alone: no hand in the database.

One program of the customer writes a mail; it reaches us by IMAP or from a mail server. The desk works by its interface.
Our answers leave by SMTP. Another program of the customer signs in by the link mailed to it, reads, and confirms.
"""

from __future__ import annotations

import io
import re
import smtplib
import sys
from collections import defaultdict
from collections.abc import Callable, Iterator
from email import message_from_bytes, policy
from email.message import EmailMessage
from email.utils import make_msgid
from pathlib import Path
from typing import Any

import httpx
import pytest
from aiosmtpd.controller import Controller
from django.core.cache import cache
from django.core.management import call_command

from comity.accounts.models import ApiToken, Person
from comity.jobs.worker import Worker
from tests.cases.conftest import FOUND, RATED, RESULT
from tests.intake.mail.dovecot import box, server
from tests.notices.conftest import free_port
from tests.worlds import World, build

__all__ = ["box", "server"]

ADA, HELP = "ada@aster.example", "help@provider.example"
Arrives = Callable[[bytes], None]


class PostOffice:
    """A mail server: whatever anybody sends lies in the box of its receiver."""

    def __init__(self) -> None:
        self.boxes: defaultdict[str, list[bytes]] = defaultdict(list)

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:
        for address in envelope.rcpt_tos:
            self.boxes[address].append(envelope.content)
        return "250 OK"

    def newest(self, address: str) -> tuple[EmailMessage, str]:
        """The last mail of somebody, and its text."""
        found: Any = message_from_bytes(self.boxes[address][-1], policy=policy.default)
        return found, found.get_body().get_content().replace("\r\n", "\n")


class Browser:
    """A program that follows links, sends forms, and keeps cookies."""

    def __init__(self, url: str) -> None:
        self.line = httpx.Client(base_url=url, follow_redirects=True, timeout=20)
        self.page, self.at = "", ""

    def go(self, path: str) -> str:
        return self._seen(self.line.get(path))

    def send(self, path: str, **values: str) -> str:
        """Send the form that stands on the page and leads there."""
        assert f'action="{path}"' in self.page or (path == self.at and '<form method="post">' in self.page)
        token = re.search('name="csrfmiddlewaretoken" value="([^"]+)"', self.page)[1]  # type: ignore[index]
        return self._seen(self.line.post(path, data={"csrfmiddlewaretoken": token, **values}))

    def _seen(self, answer: httpx.Response) -> str:
        self.page, self.at = answer.raise_for_status().text, answer.url.path
        return self.page


class Colleague:
    """Somebody at the desk, who works by the interface."""

    def __init__(self, url: str, person: Person) -> None:
        secret = ApiToken.issue(person, "desk", ["read", "write"], 1)[1]
        self.line = httpx.Client(base_url=f"{url}/api/v1/", headers={"Authorization": f"Bearer {secret}"}, timeout=20)

    def read(self, path: str) -> Any:
        return self.line.get(path).raise_for_status().json()

    def step(self, ref: str, name: str, **data: Any) -> Any:
        sent = {"version": self.read(f"cases/{ref}")["version"], "data": data}
        answer = self.line.post(f"cases/{ref}/transitions/{name}", json=sent)
        assert answer.status_code == 200, answer.text
        return answer.json()


@pytest.fixture
def office(settings: Any, tmp_path: Path) -> Iterator[PostOffice]:
    made = PostOffice()
    controller = Controller(made, hostname="127.0.0.1", port=free_port())
    controller.start()
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", controller.port
    settings.DEFAULT_FROM_EMAIL, settings.MEDIA_ROOT = HELP, tmp_path
    cache.clear()
    yield made
    controller.stop()


@pytest.fixture
def provider(transactional_db: None) -> World:
    """The world, in which Ada signs in with the address that her mails come from; nothing is left to be sent."""
    world = build()
    Person.objects.filter(pk=world.person("customer_contact").pk).update(email=ADA)
    return world


@pytest.fixture(params=["imap", "pipe"])
def arrives(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Arrives:
    """How a mail gets from the mail server to us: by a mailbox that we ask, or handed over at once."""

    def by_mailbox(raw: bytes) -> None:
        request.getfixturevalue("box").put(raw)
        call_command("mail", "fetch")

    def by_pipe(raw: bytes) -> None:
        with monkeypatch.context() as patch:
            patch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(raw)))
            call_command("mail", "ingest")

    return by_mailbox if request.param == "imap" else by_pipe


def write(port: int, text: str) -> None:
    """What Ada's mail program does."""
    letter = EmailMessage()
    letter["From"], letter["To"], letter["Subject"] = f"Ada Aster <{ADA}>", HELP, "The line was down"
    letter["Message-ID"] = make_msgid(domain="aster.example")
    letter.set_content(text)
    with smtplib.SMTP("127.0.0.1", port, timeout=10) as line:
        line.send_message(letter)


@pytest.mark.slow
def test_from_a_mail_to_the_customers_word(
    provider: World, office: PostOffice, arrives: Arrives, live_server: Any, settings: Any
) -> None:
    worker, settings.URL = Worker(), live_server.url
    handler = provider.person("complaint_handler")
    desk, portal = Colleague(live_server.url, handler), Browser(live_server.url)

    # a mail comes in, and its writer gets a receipt with the number
    write(settings.EMAIL_PORT, "I complain: the line was down for three hours, and nobody called back.")
    arrives(office.boxes[HELP].pop())
    worker.run(drain=True)
    [case] = desk.read("cases")["items"]
    ref = case["ref"]
    assert (case["classification"], case["status"]) == ("complaint", "acknowledged")
    assert (case["customer"], case["contact"]) == (provider.customer.ref, provider.contact.ref)
    receipt, words = office.newest(ADA)
    assert ref in words and receipt["In-Reply-To"]

    # the desk works on it, and answers; the answer is in the same thread
    desk.step(ref, "assess", handler=handler.email, **RATED)
    desk.step(ref, "investigate", investigator=handler.email)
    desk.step(ref, "answer", text="A technician is on the way.")
    worker.run(drain=True)
    answer, words = office.newest(ADA)
    assert "A technician is on the way." in words and receipt["Message-ID"] in answer["References"]
    desk.step(ref, "resolve_without_action", no_action_reason="It was a single night.", **FOUND, **RESULT)
    worker.run(drain=True)
    assert RESULT["outcome"] in office.newest(ADA)[1]

    # another program of the customer asks for a link, signs in by it, reads our answer, and confirms
    portal.go("/portal/")
    portal.send("/accounts/link/", email=ADA)
    worker.run(drain=True)
    link = re.search(r"https?://\S+(/accounts/link/\S+/)\n", office.newest(ADA)[1])[1]  # type: ignore[index]
    portal.go(link)
    assert ref in portal.send(link) and portal.at == "/portal/"
    assert "A technician is on the way." in portal.go(f"/portal/cases/{ref}/")
    portal.send(f"/portal/cases/{ref}/confirm/")
    closed = desk.read(f"cases/{ref}")
    assert (closed["status"], closed["close_ground"]) == ("closed", "confirmed")
    for program in (desk, portal):
        program.line.close()
