"""A raw message read as a person would: who, when, about what, the text, and what was enclosed.

Never opens what is enclosed, never follows a link, and answers for any bytes: with a letter, or with `Unreadable`.
"""

from __future__ import annotations

import binascii
import hashlib
import itertools
import mimetypes
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email import message_from_bytes
from email.message import Message
from email.policy import Compat32
from email.utils import mktime_tz, parsedate_tz
from typing import Any

from comity.intake.mail import addresses
from comity.intake.mail.addresses import Address
from comity.intake.mail.decoding import HEADER_AT_MOST, clean, codec, header, raw_header, text_of, unpacked64
from comity.intake.mail.plain import Html

BRANCHES_AT_MOST, PARTS_AT_MOST, DEPTH_AT_MOST = 100, 500, 30
LOOKS_AT_MOST = 10_000_000  # at lines of a message, each as often as it has branches that the line may end
FIELD_AT_MOST = 1 << 12  # of a header that describes a part
TEXT_AT_MOST = 200_000
SUBJECT_AT_MOST, ID_AT_MOST, REFERENCES_AT_MOST = 4000, 250, 50
_BRANCHES = re.compile(rb"(?im)^content-type:[ \t]*(?:\r?\n[ \t]+)?(?:multipart|message)/")
_GAP = re.compile(rb"\r?\n\r?\n")
_NAMED = re.compile(rb"([!-9;-~]+)[ \t]*:")
_PROPER = re.compile(rb"[ \t]|[!-9;-~]+:")
_KNOWN = re.compile(rb"(?i)(?:from|to|subject|date|message-id|mime-version|content-type)[ \t]*:")
_ID = re.compile(r"<([^<>]+)>")
_BEGIN, _END = re.compile(r"begin [0-7]{3,4} (\S[^\n]{0,200})\n"), re.compile(r"(?m)^end[ \t]*$")


class Unreadable(ValueError):
    """Not a message, or one made to hurt. The text is the code of the reason."""


@dataclass(frozen=True)
class Enclosure:
    """Something that came with the message, as it came."""

    name: str
    type: str
    content: bytes = field(repr=False)


@dataclass(frozen=True)
class Letter:
    """What a message says.

    `text` is whole, quotes included, unless `cut` tells that it is longer than is read; `date` is None where the
    sender's is none."""

    message_id: str
    in_reply_to: tuple[str, ...]
    references: tuple[str, ...]
    sender: Address
    recipients: tuple[Address, ...]
    subject: str
    date: datetime | None
    text: str
    cut: bool
    from_html: bool
    enclosures: tuple[Enclosure, ...]
    root: Message = field(repr=False)

    def values(self, name: str) -> list[str]:
        """The values of a header, decoded."""
        return [header(value) for value in raw_header(self.root, name)]

    def value(self, name: str) -> str:
        return next(iter(self.values(name)), "")

    @property
    def likeness(self) -> str:
        """The same for two deliveries of one message, other for different ones that bear the same Message-ID."""
        return hashlib.sha256("\n".join((self.sender.email, self.value("Date"), self.text)).encode()).hexdigest()


def identity(message_id: str) -> str:
    """A Message-ID as the ledger keeps it."""
    plain = message_id.strip().strip("<>").strip()
    return plain if len(plain) <= ID_AT_MOST else f"sha256:{hashlib.sha256(plain.encode()).hexdigest()}"


def digest(raw: bytes) -> str:
    """What stands for a message that bears no Message-ID."""
    return f"sha256:{hashlib.sha256(raw).hexdigest()}"


def named_after(original: str) -> str:
    """The same, of a message that is kept under the hash of its bytes."""
    return f"sha256:{original.rpartition('/')[2].removesuffix('.eml')}"


def read(raw: bytes) -> Letter:
    """Read a message. Raises Unreadable."""
    if not raw.strip():
        raise Unreadable("empty")
    branches = len(_BRANCHES.findall(raw))
    if branches > BRANCHES_AT_MOST or raw.count(b"\n") * (1 + branches) > LOOKS_AT_MOST:
        raise Unreadable("parts")
    raw = _mended(_without_envelope(raw))
    try:
        root = message_from_bytes(raw, _counted(), policy=_Short())
        return _letter(raw, root)
    except RecursionError as error:
        raise Unreadable("depth") from error


class _Short(Compat32):
    """Headers as they stand, as far as anybody would read: the time for their parameters grows with the square."""

    def header_source_parse(self, sourcelines: list[str]) -> tuple[str, str]:
        name, value = super().header_source_parse(sourcelines)
        return name, value[: FIELD_AT_MOST if name.lower().startswith("content-") else HEADER_AT_MOST]


def _counted() -> Callable[..., Message]:
    """What makes the parts of one message while it is read, and refuses to make more than anybody reads."""
    made = itertools.count(1)

    def part(policy: Any = None) -> Message:
        if next(made) > PARTS_AT_MOST:
            raise Unreadable("parts")
        return _Part(policy)

    return part


class _Part(Message):
    """A part that gives its text out as it came, each byte beyond ASCII as a surrogate.

    The library would read these in the declared charset and lose what does not fit; `text_of` knows better."""

    def get_payload(self, i: Any = None, decode: Any = False) -> Any:
        content = self.__dict__["_payload"]
        return content if isinstance(content, str) and not decode else super().get_payload(i, decode)


def head(raw: bytes) -> Letter:
    """Only what the headers say, of a message that shall not be read further."""
    start = _mended(_without_envelope(raw[: 1 << 16]).replace(b"\r\n", b"\n").partition(b"\n\n")[0])
    return _letter(raw, message_from_bytes(re.sub(rb"(?im)^content-", b"X-Content-", start) + b"\n\n"))


def _without_envelope(raw: bytes) -> bytes:
    """Mailbox files and some servers put a line of their own before the first header."""
    raw = raw.lstrip(b"\r\n\t ") if raw[:1] in b"\r\n\t " else raw
    return raw.partition(b"\n")[2] if re.match(rb">?From [^\r\n:]+", raw) else raw


def _mended(raw: bytes) -> bytes:
    """The message with its head in order: a stray line between headers would end them for the parser.

    Such a line becomes part of the header before it, if well-known headers come after it.
    """
    end = _GAP.search(raw)
    start = raw[: end.start()] if end else raw[: 1 << 16]
    lines = start.split(b"\n")
    last = max((n for n, line in enumerate(lines) if _KNOWN.match(line)), default=-1)
    first = next((n for n, line in enumerate(lines[: last + 1]) if _NAMED.match(line)), 0)
    if all(_PROPER.match(line) for line in lines[: last + 1]):
        return raw
    for n in range(first, last + 1):
        if found := _NAMED.match(lines[n]):
            lines[n] = found[1] + b":" + lines[n][found.end() :]
        elif not lines[n].startswith((b" ", b"\t")):
            lines[n] = b" " + lines[n]
    return b"\n".join(lines[first:]) + raw[len(start) :]


def _letter(raw: bytes, root: Message) -> Letter:
    reader = _Reader(root)
    text, from_html, cut = reader.text()
    ids = [one for value in raw_header(root, "Message-ID") for one in message_ids(value, loose=True)]
    subject = next((header(value, reader.charset) for value in raw_header(root, "Subject")), "")
    return Letter(
        message_id=ids[0] if ids else digest(raw),
        in_reply_to=tuple(one for value in raw_header(root, "In-Reply-To") for one in message_ids(value)),
        references=tuple(one for value in raw_header(root, "References") for one in message_ids(value)),
        sender=addresses.sender(root, reader.charset),
        recipients=tuple(addresses.recipients(root, reader.charset)),
        subject=subject[:SUBJECT_AT_MOST],
        date=next((when for value in raw_header(root, "Date") if (when := moment(header(value)))), None),
        text=text,
        cut=cut,
        from_html=from_html,
        enclosures=tuple(reader.enclosures),
        root=root,
    )


def message_ids(value: str, *, loose: bool = False) -> list[str]:
    """The identities in a header, as the ledger keeps them; `loose` takes one without brackets, too."""
    value = re.sub(r"\s+", "", header(value))
    found = _ID.findall(value) or ([value] if loose and value.strip("<>") else [])
    return [identity(one) for one in found[-REFERENCES_AT_MOST:] if one.strip()]


def moment(text: str) -> datetime | None:
    """The sender's time in UTC, None where it is no time."""
    try:
        parts = parsedate_tz(text)
        return datetime.fromtimestamp(mktime_tz(parts), UTC) if parts else None
    except (ValueError, OverflowError, OSError, TypeError, IndexError):
        return None


class _Reader:
    """Goes through the parts once: what is text to read, and what is enclosed."""

    def __init__(self, root: Message) -> None:
        self.enclosures: list[Enclosure] = []
        self.parts = 0
        self.charset = next((found for part in _first(root) if (found := _charset(part))), "")
        self.texts = self._branch(root, 0)

    def text(self) -> tuple[str, bool, bool]:
        """The text a person reads, whether it was made from HTML, and whether there is more than is read."""
        page = Html()
        read = [page.text(text) if html else self._unpacked(text) for text, html in self.texts]
        whole = "\n\n".join(text.rstrip() for text in read if text.strip())
        made = any(html for _text, html in self.texts)
        return clean(whole[:TEXT_AT_MOST]), made, page.cut or len(whole) > TEXT_AT_MOST

    def _branch(self, part: Message, depth: int, apart: bool = False) -> list[tuple[str, bool]]:
        """The texts to read in this part, and whether they are HTML; all else becomes an enclosure."""
        self.parts += 1
        if depth > DEPTH_AT_MOST:
            raise Unreadable("depth")
        if self.parts > PARTS_AT_MOST:
            raise Unreadable("parts")
        kind, main = part.get_content_type(), part.get_content_maintype()
        if main == "multipart" and part.is_multipart():
            first_only = kind == "multipart/related"
            found = [self._branch(one, depth + 1, first_only and n > 0) for n, one in enumerate(_below(part))]
            texts = [one for some in found for one in some]
            return _best(texts) if kind == "multipart/alternative" else texts
        if kind in ("text/plain", "text/html") and not _apart(part) and not apart:
            return [(_text(part, self.charset), kind == "text/html")]
        if main == "multipart" and not apart:  # it promised parts and has none
            return [(_text(part, self.charset), False)]
        if part.is_multipart() or part.get_payload() or depth:
            self._enclose(part)
        return []

    def _enclose(self, part: Message) -> None:
        kind, name = part.get_content_type(), filename(part)
        content = _inner(part) if part.is_multipart() else _content(part)
        if not content:
            return
        if not name:
            ending = ".eml" if kind == "message/rfc822" else mimetypes.guess_extension(kind) or ".bin"
            name = f"{self._called(part)}{ending}"
        self.enclosures.append(Enclosure(name, kind, content))

    def _called(self, part: Message) -> str:
        """The subject of an enclosed message; else a number."""
        inner = _below(part)[0] if part.is_multipart() and _below(part) else None
        subject = next(iter(raw_header(inner, "Subject")), "") if inner is not None else ""
        return re.sub(r"[^\w .-]+", "_", header(subject)).strip(" ._")[:80] or f"part-{len(self.enclosures) + 1}"

    def _unpacked(self, text: str) -> str:
        """Without the files that old programs put into the text itself; these are enclosures."""
        text, kept, at = f"\n{text}", list[str](), 1
        for start, end, name, content in _uuencoded(text):
            self.enclosures.append(Enclosure(name, "application/octet-stream", content))
            kept.append(text[at:start])
            at = end
        return "".join((*kept, text[at:]))


def _best(texts: list[tuple[str, bool]]) -> list[tuple[str, bool]]:
    """Of the same text in several forms: the plain one unless it is empty."""
    plain = [one for one in texts if not one[1]]
    return plain if any(text.strip() for text, _html in plain) else [one for one in texts if one[1]]


def _first(root: Message) -> Iterator[Message]:
    """The message and what lies first in it, down to the first leaf."""
    part: Message | None = root
    for _n in range(DEPTH_AT_MOST):
        if part is None:
            return
        yield part
        part = next(iter(_below(part)), None) if part.is_multipart() else None


def _below(part: Message) -> list[Message]:
    payload = part.get_payload()
    return [one for one in payload if isinstance(one, Message)] if isinstance(payload, list) else []


def _charset(part: Message) -> str:
    """What a part says its charset is; in the older and the newer form."""
    try:
        declared = part.get_param("charset", "")
        found = declared[2] if isinstance(declared, tuple) else declared
    except (ValueError, TypeError, IndexError, AttributeError):
        return ""
    return str(found or "") if codec(str(found or "")) else ""


def filename(part: Message) -> str:
    """The name of what is enclosed, without any folder."""
    try:
        found = part.get_filename() or ""
    except (ValueError, TypeError, IndexError, AttributeError, LookupError):
        found = ""
    if not found:
        inline = re.match(r"\s*<?([^<>@\s/\\]+\.[A-Za-z0-9]{2,5})@", " ".join(raw_header(part, "Content-ID")))
        found = inline[1] if inline else ""
    return header(str(found), _charset(part)).replace("\\", "/").rpartition("/")[2].strip()[:200]


def _apart(part: Message) -> bool:
    """Is a text meant as a file of its own?"""
    disposition = " ".join(raw_header(part, "Content-Disposition")).strip().lower()
    return disposition.startswith("attachment") or bool(filename(part))


def _content(part: Message) -> bytes:
    """The bytes of a leaf, its transfer encoding undone as far as that is possible."""
    payload = part.get_payload()
    if not isinstance(payload, str):
        return b""
    encoding = " ".join(raw_header(part, "Content-Transfer-Encoding")).strip().lower().rstrip(";")
    plain = payload.encode("utf-8", "surrogateescape")
    if encoding.startswith("base64"):
        return unpacked64(plain)
    if encoding.startswith("quoted-printable"):
        return binascii.a2b_qp(plain)
    if encoding.replace("x-", "").startswith(("uu", "uue")):
        return next((content for *_place, content in _uuencoded(f"\n{clean(payload)}\n")), plain)
    return plain


def _text(part: Message, otherwise: str) -> str:
    content = _content(part)
    return text_of(content, _charset(part) or _meta(content) or otherwise)


def _meta(content: bytes) -> str:
    """What an HTML text says of its own charset."""
    found = re.search(rb"(?i)<meta[^>]{0,200}charset=[\"']?([a-z0-9_-]{2,40})", content[:4096])
    return found[1].decode() if found else ""


def _inner(part: Message) -> bytes:
    """An enclosed message, or the fields of a delivery report, as bytes."""
    below = _below(part)
    try:
        return b"\n".join(one.as_bytes() for one in below)
    except Exception:  # the generator has no common error for what it cannot write again
        return b"\n".join(str(value).encode("utf-8", "replace") for one in below for value in one.values())


def _uuencoded(text: str) -> Iterator[tuple[int, int, str, bytes]]:
    """From where to where a file stands in a text, and its name and content; each line is looked at once."""
    since = 0
    for end in _END.finditer(text):
        begin, since = text.rfind("\nbegin ", since, end.start()), end.end()
        found = _BEGIN.match(text, begin + 1, end.start()) if begin >= 0 else None
        if found and (content := _uu(text[found.end() : end.start()])):
            yield begin + 1, end.end(), found[1].strip(), content


def _uu(body: str) -> bytes:
    """The bytes behind uuencoded lines, nothing where they are none."""
    out = []
    for line in body.split("\n"):
        if not line:
            continue
        try:
            out.append(binascii.a2b_uu(line))
        except binascii.Error:
            length = (((ord(line[0]) - 32) & 63) * 4 + 5) // 3
            try:
                out.append(binascii.a2b_uu(line[:length]))
            except (binascii.Error, ValueError):
                return b""
        except ValueError:
            return b""
    return b"".join(out)
