"""Letters that nobody wrote: automatic answers, bounces, lists. Robots are never answered (RFC 3834)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from email.message import Message
from typing import Any

from comity.intake.mail.decoding import clean, header, raw_header, text_of, unpacked64
from comity.intake.mail.parsing import DEPTH_AT_MOST, Letter, filename, message_ids

_SERVERS = re.compile(r"^(?:mailer-daemon|postmaster|bounces?|mdaemon)(?:[+=-][^@]*)?(?:@|$)", re.IGNORECASE)
_NO_REPLY = re.compile(r"^(?:no|do-?not|donot)[-_.]?reply|^(?:notifications?|newsletter)@", re.IGNORECASE)
_AWAY = re.compile(
    r"^\W?(?:auto(?:matic(?:ally generated)?)?[ :-]*(?:re(?:ply|sponse)|antwort|out of (?:the )?office)|"
    r"automatische antwort|abwesenheit[a-z]*|out of (?:the )?office|réponse automatique|respuesta automática|"
    r"自动(?:回复|答复|应答)|自動(?:回[復覆复]|答[復覆]|応答|返信|應答))"
    r"\s*(?:\W*$|[\])】:：–-]|(?:re|aw|fwd?|auto-?reply|until|till|bis)\b)",  # not “Automatic reply is broken”
    re.IGNORECASE,
)
_RETURNED = re.compile(
    r"退信|退件|投[递遞](?:失[败敗]|不成功)|(?:无法|無法)(?:投[递遞]|[传傳]送)|undeliver|returned mail|failure notice|"
    r"delivery (?:status notification|.{0,20}fail)",
    re.IGNORECASE,
)
_ANY_ID = re.compile(r"(?im)^[ \t>]*Message-ID[ \t]*:[ \t]*(?:\r?\n[ \t]+)?<([^<>\s]+)>")
_GAP = re.compile(rb"\r?\n\r?\n")
REPORTED_AT_MOST = 1 << 16


@dataclass(frozen=True)
class Report:
    """What a mail server says became of a mail: of which, to whom, and why; `failed` when it gave up."""

    message_ids: tuple[str, ...]
    recipient: str
    why: str
    failed: bool


def automatic(letter: Letter) -> str:
    """Why this was written by a program, in a few words; empty when a person wrote it."""
    said = letter.value("Auto-Submitted").partition(";")[0].strip().lower()
    if said and said != "no":
        return f"Auto-Submitted: {said[:40]}"
    precedence = letter.value("Precedence").strip().lower()
    if precedence in ("auto_reply", "bulk", "junk"):
        return f"Precedence: {precedence}"
    for name in ("X-Autoreply", "X-Autorespond", "X-Autoresponse", "X-Mail-Autoreply", "X-AutoReply-From"):
        if letter.value(name).strip().lower() not in ("", "no"):
            return name
    if not _sent_by(letter):
        return "Return-Path: <>"
    if letter.root.get_content_type() == "multipart/report":
        return "multipart/report"
    if _SERVERS.match(letter.sender.email):
        return f"From: {letter.sender.email}"
    if letter.value("X-Auto-Response-Suppress") and _AWAY.match(letter.subject):
        return "X-Auto-Response-Suppress"
    return "Subject" if _AWAY.match(letter.subject) else ""


def unanswered(letter: Letter) -> bool:
    """Must no automatic answer go out: to robots, lists, those who ask for none, and where nobody reads?"""
    asked = letter.value("X-Auto-Response-Suppress").lower()
    listed = letter.value("List-Id") or letter.value("List-Unsubscribe") or letter.value("Precedence")
    address = letter.sender.email
    return bool(
        automatic(letter) or listed or re.search("all|oof|autoreply", asked) or "@" not in address
        or _NO_REPLY.match(address)
    )  # fmt: skip


def report(letter: Letter) -> Report | None:
    """The delivery report that this letter is, in the form of RFC 3464 or in the words of older servers."""
    parts = list(_parts(letter.root))
    status = next((part for part in parts if part.get_content_type() == "message/delivery-status"), None)
    server = _SERVERS.match(letter.sender.email) or (not _sent_by(letter) and _RETURNED.search(letter.subject))
    if status is None and not (server and automatic(letter)):
        return None
    returned = [one for part in parts for one in _returned(part)] or _ANY_ID.findall(letter.text)
    if status is not None and not returned:
        returned = [*letter.in_reply_to, *reversed(letter.references)]
    ids = tuple(dict.fromkeys(one for one in returned if one != letter.message_id))
    if status is None:
        return Report(ids, letter.value("X-Failed-Recipients")[:200], _first_words(letter.text), True) if ids else None
    fields = [block for block in status.get_payload() if isinstance(block, Message)] if status.is_multipart() else []
    blocks = [block for block in fields if raw_header(block, "Action")]
    worst = next(
        (block for block in blocks if _field(block, "Action").lower() == "failed"), blocks[0] if blocks else None
    )
    if worst is None:
        return Report(ids, "", _first_words(letter.text), True)
    recipient = _field(worst, "Final-Recipient") or _field(worst, "Original-Recipient")
    why = " ".join(filter(None, (_field(worst, "Status"), _field(worst, "Diagnostic-Code").partition(";")[2].strip())))
    failed = _field(worst, "Action").lower() == "failed"
    return Report(ids, recipient.rpartition(";")[2].strip()[:200], why[:300], failed)


def _sent_by(letter: Letter) -> bool:
    """Is anybody named to whom the mail would go back? Of a report nobody is (RFC 5321, 4.5.5)."""
    return all(value.strip("<> \t") for value in letter.values("Return-Path"))


def _parts(part: Message, depth: int = 0) -> Iterator[Message]:
    """The parts of a letter, without those of letters that are enclosed."""
    if part.get_content_maintype() != "multipart" or not part.is_multipart():
        yield part
        return
    for below in part.get_payload():
        if isinstance(below, Message) and depth < DEPTH_AT_MOST:
            yield from _parts(below, depth + 1)


def _field(block: Message, name: str) -> str:
    return next((header(value) for value in raw_header(block, name)), "")


def _returned(part: Message) -> list[str]:
    """The identity of the mail that comes back: as a message, packed against the rules, as a file, as headers alone."""
    kind = part.get_content_type()
    if kind == "message/rfc822" and part.is_multipart():
        inner: Any = part.get_payload()
        if found := [one for below in inner for value in raw_header(below, "Message-ID") for one in message_ids(value)]:
            return found
        content = unpacked64(str(inner[0].get_payload()).encode("ascii", "ignore"))
    elif kind in ("text/rfc822-headers", "message/rfc822-headers") or filename(part).lower().endswith(".eml"):
        packed: Any = part.get_payload(decode=True)
        content = packed or b""
    else:
        return []
    return _ANY_ID.findall(clean(text_of(_GAP.split(content, maxsplit=1)[0][:REPORTED_AT_MOST])))


def _first_words(text: str) -> str:
    return " ".join(text.split())[:300]
