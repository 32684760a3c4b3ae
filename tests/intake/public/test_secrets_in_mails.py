"""No kept mail gives the secret address of a case away: neither ours once it is sent, nor a reply that quotes it."""

from __future__ import annotations

import re
from base64 import encodebytes
from email.message import EmailMessage
from pathlib import Path
from quopri import encodestring
from typing import Any

import pytest
from django.conf import settings
from django.core import mail as outbox
from django.test import Client

from comity.communications import originals
from comity.communications.crossing import crossed_out
from comity.communications.mail import Mail
from comity.communications.models import Communication
from comity.intake.mail.taking import take
from comity.intake.public.tracking import PATH, Tracking, found
from comity.notices.operations import sending
from comity.records import seal
from tests.intake.public.conftest import Sender

SECRET = "Ab-9_" * 8 + "xyz"
LINK = f"https://care.example.org{PATH}{SECRET}/"


@pytest.fixture(autouse=True)
def own_folder(settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT, settings.URL, settings.DEFAULT_FROM_EMAIL = tmp_path, "https://care.example.org", "h@p.example"


def kept() -> bytes:
    """Everything that lies among the files."""
    return b"".join(path.read_bytes() for path in Path(settings.MEDIA_ROOT).rglob("*") if path.is_file())


def unfolded(mail: bytes) -> str:
    """Without the ends of lines that were put in on the way."""
    return re.sub(rb"=\r?\n", b"", mail).decode()


def receipt(sender: Sender) -> tuple[Mail, str]:
    """The receipt on its way, and the secret in it, whose letters a mail may break over lines."""
    sender.sent()
    while seal.drain():
        pass
    mail = Mail.objects.get(direction="out", communication__isnull=False)
    return mail, re.search(rf"{PATH}([\w-]{{43}})/", unfolded(originals.read(mail.raw)))[1]  # type: ignore[index]


def test_what_was_sent_is_kept_without_its_secret(sender: Sender) -> None:
    mail, secret = receipt(sender)
    waiting = mail.raw
    sending.send_due(10)
    mail.refresh_from_db()
    assert mail.state == "sent" and any(secret in unfolded(one.as_bytes()) for one in outbox.outbox)
    assert not (Path(settings.MEDIA_ROOT) / waiting).exists()
    assert f"{PATH}***" in unfolded(originals.read(mail.raw)) and secret not in unfolded(kept())
    link = found(secret)
    assert link and link.proven, "the customer's link goes on working"


def test_what_failed_keeps_no_secret_and_has_another_when_it_is_sent_again(sender: Sender) -> None:
    mail, secret = receipt(sender)
    link = found(secret)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sending, "_hand_over", lambda *_any: sending.Refusal("550 No such user", final=True))
        sending.send_due(10)
    mail.refresh_from_db()
    assert (mail.state, mail.raw) == ("failed", "") and secret not in unfolded(kept())
    client = Client()
    client.force_login(sender.desk.world.person("process_manager"), backend="comity.accounts.sign_in.CurrentPeople")
    assert client.post(f"/mail/{mail.pk}/act/", {"act": "retry"}).status_code in (302, 303)
    sending.send_due(10)
    mail.refresh_from_db()
    (sent,) = (text for one in outbox.outbox if mail.message_id in (text := unfolded(one.as_bytes())))
    (other,) = re.findall(rf"{PATH}([\w-]{{43}})/", sent)
    assert mail.state == "sent" and other != secret not in sent
    assert link and found(secret) is None and found(other) == link, "the former one ends"


@pytest.mark.parametrize("encoding", ["8bit", "quoted-printable", "base64"])
def test_a_reply_that_quotes_it_gives_nothing_away(sender: Sender, encoding: str) -> None:
    mail, secret = receipt(sender)
    sending.send_due(10)
    reply = EmailMessage()
    reply["From"], reply["To"], reply["Subject"] = "uma@unknown.example", "h@p.example", "Re: your complaint"
    reply["Message-ID"], reply["References"] = "<r@unknown.example>", f"<{mail.message_id}>"
    said = f"Thank you – fine.\n\n> Follow it here: https://care.example.org{PATH}{secret}/\n"
    reply.set_content(said, cte=encoding)
    reply.add_alternative(f'<p>Thank you</p><a href="https://care.example.org{PATH}{secret}/">x</a>', "html",
                          cte=encoding)  # fmt: skip
    taken = take(bytes(reply), mailbox="help")
    row = Mail.objects.get(direction="in")
    assert taken.ref == mail.ref and crossed_out(bytes(reply)) == originals.read(row.raw) != bytes(reply)
    assert secret not in "".join(Communication.objects.values_list("body", flat=True))
    assert "Thank you – fine." in Communication.objects.get(pk=row.communication_id).body
    assert Tracking.objects.filter(revoked_at__isnull=True).exists()


@pytest.mark.parametrize(
    "raw",
    [
        LINK.encode(),
        LINK.replace("/", "%2F").encode(),
        encodestring(b"x" * 50 + LINK.encode()),
        f"> {LINK[:60]}\r\n> {LINK[60:]}".encode(),
        encodebytes(b"a" * 99 + LINK.encode() + b"b" * 99),
        encodebytes(b"a" * 99 + LINK.encode()).replace(b"\n", b"\r\n"),
    ],
)
def test_it_is_found_however_it_travels(raw: bytes) -> None:
    crossed = crossed_out(raw)
    assert crossed != raw and b"Ab-9_Ab-9_" not in crossed and crossed_out(crossed) == crossed


@pytest.mark.parametrize(
    "raw", [b"", b"/complain/track/", b"/complain/", encodebytes(bytes(range(256)) * 20), b"A" * 9999]
)
def test_everything_else_stays_as_it_is(raw: bytes) -> None:
    assert crossed_out(raw) is raw or crossed_out(raw) == raw
