"""Mails out: built once, kept byte for byte, and put into the ledger, where the sending job finds them."""

from __future__ import annotations

import logging
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from email import charset
from email.header import Header
from email.utils import format_datetime, formataddr, parseaddr
from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage
from django.core.mail.message import BadHeaderError, sanitize_address
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import override

from comity.accounts.models import Unit
from comity.cases.models import Case
from comity.cases.operations import wording
from comity.communications import mail as ledger
from comity.communications import originals, outgoing, undelivered
from comity.communications.models import Communication, Mail
from comity.notices.rules import one_line
from comity.parties import operations as parties
from comity.records.files import files_of, path_of
from comity.records.trail import SERVICE_EMAIL

log = logging.getLogger(__name__)
UTF8 = charset.Charset("utf-8")
UTF8.body_encoding = charset.QP  # readable where it is Latin, and safe with servers that know seven bits only
ANCESTORS = 10  # earlier mails that a reply names


@dataclass(frozen=True)
class Letter:
    """What is to be mailed to one person. `ref` is the record that it concerns, `name` the record that it is."""

    address: str
    addressee: str
    subject: str
    body: str
    language: str
    name: str = "mail"
    ref: str = ""
    automatic: bool = False
    unsubscribe: str = ""
    one_click: bool = False
    files: Sequence[tuple[str, bytes]] = ()
    communication: Communication | None = None


def organisation() -> str:
    """Our name in mails: that of the unit at the top."""
    return Unit.objects.order_by("path").values_list("name", flat=True).first() or "Comity"


def of_communication(said: Communication, opt_out: str = "") -> Letter | None:
    """The mail that carries a logged communication: to its contact, else to whoever sent in the case from outside.

    `opt_out` is the address at which its receiver says that he wants no more of this sort.
    """
    contact, language = said.contact, parties.language_of(said.contact, said.customer)
    address, addressee = (contact.email, contact.name) if contact else ("", "")
    if contact is None and said.subject_kind == "case":
        case = Case.objects.select_related("contact", "customer").get(ref=said.subject_ref)
        address, addressee, language = wording.address_of(case), case.complainant, wording.language_of(case)
    if not address:
        return None
    mark = f" [{ledger.token(said.subject_ref)}]" if said.subject_ref else ""
    return Letter(
        address=address,
        addressee=addressee,
        subject=said.summary + mark,
        body=outgoing.body(said) or said.summary,
        language=language,
        name=said.ref,
        ref=said.subject_ref,
        automatic=said.bulk or said.entered_by.email == SERVICE_EMAIL,
        unsubscribe=opt_out,
        one_click=bool(opt_out),
        files=[(file.name, path_of(file).read_bytes()) for file in files_of(said)],
        communication=said,
    )


def put(letter: Letter) -> Mail:
    """Build the mail and put it into the ledger, waiting. One that cannot be built stands there as failed."""
    now, sender = timezone.now(), parseaddr(settings.DEFAULT_FROM_EMAIL)[1]
    domain = sender.partition("@")[2] or "localhost"
    message_id = f"{letter.name.lower()}.{secrets.token_hex(10)}@{domain}"
    mail = Mail(
        direction=Mail.Direction.OUT, state=Mail.State.WAITING, message_id=message_id, sender=sender,
        recipients=[letter.address], subject=one_line(letter.subject), at=now, next_at=now, ref=letter.ref,
        communication=letter.communication,
    )  # fmt: skip
    try:
        known = thread(letter.ref, letter.address)
        mail.in_reply_to = known[-1] if known else ""
        mail.raw = originals.keep(build(letter, mail, known, now))
    except (ValueError, BadHeaderError, OSError) as error:
        log.exception("a mail about %s could not be built", letter.ref or letter.name)
        mail.state, mail.next_at, mail.reason = Mail.State.FAILED, None, one_line(str(error))[:300]
    mail.save(force_insert=True)
    if mail.state == Mail.State.FAILED:
        undelivered.failed(mail, mail.reason)
    return mail


def anew(mail: Mail) -> str:
    """Build a mail once more of which nothing is kept, under its own Message-ID; the name of its bytes. Raises
    ValueError or OSError where that cannot be done."""
    letter = of_communication(mail.communication) if mail.communication is not None else None
    if letter is None:
        raise ValueError(_("There is nothing any more that it could carry, or nobody to whom."))
    mail.raw = originals.keep(build(letter, mail, thread(letter.ref, letter.address), timezone.now()))
    Mail.objects.filter(pk=mail.pk).update(raw=mail.raw)
    return mail.raw


def thread(ref: str, address: str) -> list[str]:
    """The Message-IDs of what this address and we wrote to each other about a record, the oldest first."""
    if not ref:
        return []
    found: list[str] = []
    rows = Mail.objects.filter(ref=ref).exclude(message_id__startswith="sha256:").order_by("-at", "-pk")
    for mail in rows.only("direction", "sender", "recipients", "message_id")[:100]:
        others = [mail.sender] if mail.direction == Mail.Direction.IN else mail.recipients
        if address.lower() in (parseaddr(str(other))[1].lower() for other in others):
            found.append(mail.message_id)
    return found[:ANCESTORS][::-1]


def build(letter: Letter, mail: Mail, known: Sequence[str], now: datetime) -> bytes:
    """The bytes of the mail. No text can break out of its header; raises ValueError for what cannot be an address."""
    house = organisation()
    name, sender = parseaddr(settings.DEFAULT_FROM_EMAIL)
    headers = {
        "Message-ID": f"<{mail.message_id}>",
        "Date": format_datetime(now),
        "Auto-Submitted": "auto-generated" if letter.automatic else "no",
        "From": mailbox(name or house, sender),
        "To": mailbox(letter.addressee, letter.address),
    }
    if known:
        headers |= {"In-Reply-To": f"<{known[-1]}>", "References": " ".join(f"<{one}>" for one in known)}
    if letter.ref and letter.communication is not None:
        headers["Reply-To"] = ledger.reply_address(sender, letter.ref)
    if letter.unsubscribe:
        headers["List-Unsubscribe"] = f"<{letter.unsubscribe}>"
        if letter.one_click:
            headers["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    text = f"{letter.body.strip()}\n\n{foot(letter, house)}"
    message = EmailMessage("", text, sender, [letter.address], headers=headers)
    message.encoding = UTF8
    for file_name, content in letter.files:
        message.attach(file_name, content, "application/octet-stream")
    parts = message.message()
    del parts["Subject"]  # Django folds long ones so that some programs read a blank too many
    return _subject(mail.subject) + parts.as_bytes(linesep="\r\n")  # type: ignore[call-arg]  # Django's know it


def _subject(text: str) -> bytes:
    """The header, folded; as it stands where it is short and plain."""
    plain = text.isascii() and len(text) < 68 and "=?" not in text
    folded = text if plain else Header(text, "utf-8", header_name="Subject").encode(linesep="\r\n")
    return f"Subject: {folded}\r\n".encode("ascii")


def mailbox(name: str, address: str) -> str:
    """Name and address for a header, on one line. Raises ValueError for what cannot be an address."""
    plain, name = sanitize_address(("", address), "utf-8"), " ".join(one_line(name).split())
    if name.isascii():
        return formataddr((name, plain))
    words = Header(name, "utf-8").encode().replace("\n", "")
    return f"{words} <{plain}>"


def foot(letter: Letter, house: str) -> str:
    """Who writes, and the number to name, in the reader's language."""
    lines = ["-- ", house]
    if letter.ref and letter.communication is not None:
        with override(letter.language):
            lines.append(_("Your reference: %(ref)s") % {"ref": letter.ref})
    if letter.unsubscribe and letter.one_click:
        with override(letter.language):
            lines.append(_("No more notices of this sort: %(link)s") % {"link": letter.unsubscribe})
    return "\n".join(lines)


class Original(EmailMessage):
    """A mail as it was built, for Django's connections: they get the kept bytes and nothing else."""

    def __init__(self, mail: Mail, content: bytes) -> None:
        super().__init__(mail.subject, "", mail.sender, list(mail.recipients))
        self.content = content

    def message(self, **_options: Any) -> Any:
        return self

    def as_bytes(self, unixfrom: bool = False, linesep: str = "\n") -> bytes:
        return self.content.replace(b"\r\n", linesep.encode())
