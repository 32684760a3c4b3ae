"""A provider that gets mail: letters are written here and handed in, and what became of them is asked."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass, field
from email.message import EmailMessage
from typing import Any

import pytest
from django.utils import timezone

from comity.cases.models import Case
from comity.communications.mail import Mail
from comity.communications.models import Communication
from comity.intake.mail.taking import Taken, take
from comity.records.models import Entry
from tests.cases.conftest import desk
from tests.worlds import World, world

__all__ = ["Post", "desk", "world"]

BOX = "help@provider.example/INBOX"


@dataclass
class Post:
    """Writes letters and hands them in."""

    world: World
    numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    def letter(self, text: str = "A question: when do you open?", **headers: Any) -> EmailMessage:
        """From the world's contact to the help desk, unless the headers say otherwise; `in_reply_to` and so on."""
        made = EmailMessage()
        usual = {
            "from": "Ada Aster <Ada@Aster.example>", "to": "help@provider.example", "subject": "A question",
            "message-id": f"<{next(self.numbers)}.letter@aster.example>",
        }  # fmt: skip
        for name, value in {**usual, **{name.replace("_", "-"): value for name, value in headers.items()}}.items():
            if value is not None:
                made[name] = value
        made.set_content(text)
        return made

    def take(self, letter: EmailMessage | bytes, mailbox: str = BOX, **options: Any) -> Taken:
        return take(letter if isinstance(letter, bytes) else bytes(letter), mailbox=mailbox, **options)

    def send(self, text: str = "A question: when do you open?", **headers: Any) -> Taken:
        return self.take(self.letter(text, **headers))

    def case(self, taken: Taken) -> Case:
        return Case.objects.get(ref=taken.ref)

    def said(self, case: Case) -> list[Communication]:
        return list(Communication.objects.filter(subject_ref=case.ref, direction="inbound").order_by("pk"))

    def told(self, case: Case) -> list[Communication]:
        return list(Communication.objects.filter(subject_ref=case.ref, direction="outbound").order_by("pk"))

    def notes(self, case: Case) -> list[str]:
        lines = Entry.objects.filter(kind="case", record_id=case.pk, act="auto").order_by("pk")
        return [line.words for line in lines]

    def sent(
        self, case: Case, message_id: str = "out.1@provider.example", to: str = "ada@aster.example", said: Any = None
    ) -> Mail:
        """A mail of ours about a case, as notices leave it in the ledger; `said` is what it carries."""
        return Mail.objects.create(
            direction="out", state="sent", message_id=message_id, ref=case.ref, recipients=[to], at=timezone.now(),
            communication=said,
        )  # fmt: skip

    def wrote(self, case: Case, by: str = "complaint_handler", **sent: Any) -> Mail:
        """A mail of ours in which somebody inside wrote about a case."""
        values = {"direction": "outbound", "purpose": "answer", "summary": "Our answer", "body": "Yes."}
        here = self.world
        values |= {"customer": here.customer.ref, "contact": here.contact.ref, "subject_ref": case.ref}
        return self.sent(case, said=here.create("communication", by, **values), **sent)

    def counts(self) -> tuple[int, int, int]:
        """Cases, communications, mails."""
        return Case.objects.count(), Communication.objects.count(), Mail.objects.count()


@pytest.fixture
def post(world: World) -> Post:
    return Post(world)
