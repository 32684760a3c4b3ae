"""Who wrote and to whom: addresses out of headers that are often not what the rules of mail want them to be."""

from __future__ import annotations

import re
from dataclasses import dataclass
from email.message import Message

from comity.intake.mail.decoding import header, raw_header

NAME_AT_MOST, ADDRESS_AT_MOST, MOST, MAILBOX_AT_MOST = 150, 254, 100, 2000
_ADDRESS = re.compile(r"[^\s<>,;:\"'()\[\]\\@]+@[^\s<>,;:\"'()\\@]+")
_LOCAL = re.compile(r"<[\w.-]+>|[\w.-]+\s*\(.*\)")  # a program of the server itself writes without a domain
_ENVELOPE = ("Delivered-To", "X-Original-To", "Envelope-To", "X-Envelope-To", "X-Forwarded-To", "Resent-To")


@dataclass(frozen=True)
class Address:
    """A name, which may be empty, and an address in small letters, which may be empty, too."""

    name: str
    email: str

    def __str__(self) -> str:
        return f"{self.name} <{self.email}>" if self.name and self.email else self.name or self.email


NOBODY = Address("", "")


def addresses(value: str, charset: str = "") -> list[Address]:
    """The addresses of a header, each once; what lies between two of them is the name of the second."""
    found: dict[str, Address] = {}
    for part in _split(value):
        one = _address(part[:MAILBOX_AT_MOST], charset)
        if one.email or one.name:
            found.setdefault(one.email or one.name, one)
        if len(found) >= MOST:
            break
    return list(found.values())


def _split(value: str) -> list[str]:
    """The header at its commas, outside quotes, brackets and comments."""
    parts, at, quoted, depth, angle = [], 0, False, 0, False
    escaped = False
    for n, sign in enumerate(value):
        if escaped:
            escaped = False
        elif sign == "\\":
            escaped = True
        elif sign == '"':
            quoted = not quoted
        elif quoted:
            continue
        elif sign in "()":
            depth = max(0, depth + (1 if sign == "(" else -1))
        elif sign in "<>":
            angle = sign == "<"
        elif sign in ",;" and not depth and not angle:
            parts.append(value[at:n])
            at = n + 1
    return [part for part in (*parts, value[at:]) if part.strip()]


def _address(part: str, charset: str) -> Address:
    """One mailbox: “Name <address>”, “address (name)”, an address alone, or a name alone."""
    group, _colon, rest = part.partition(":")
    if _colon and "@" not in group and '"' not in group and "<" not in group and "=?" not in group:
        part = rest  # the first of a group is what follows the group's name
    text = header(part, charset)
    angle = re.search(r"<([^<>]*)>?\s*(?:\([^)]*\))?\s*$", text)
    inside = angle[1].strip().strip("'\" ") if angle else ""
    email = found[0] if (found := _ADDRESS.search(inside or ("" if angle else text))) else ""
    if not email and (found := _ADDRESS.search(text) or _LOCAL.fullmatch(text)):
        email = found[0].partition("(")[0].strip("<> ")
    name = text[: angle.start()] if angle and email in angle[0] else text.replace(email, " ") if email else text
    if not angle and (comment := re.search(r"\(([^()]*)\)", text)):
        name = comment[1]
    name = re.sub(r"\\(.)", r"\1", re.sub(r"[<>]", " ", name)).strip().strip("\"' ").strip()
    name = "" if name.lower() == email.lower() else re.sub(r"\s+", " ", name)
    return Address(name[:NAME_AT_MOST], email.strip(".").lower()[:ADDRESS_AT_MOST])


def of_header(message: Message, *names: str, charset: str = "") -> list[Address]:
    """All addresses of these headers, in their order."""
    return [one for name in names for value in raw_header(message, name) for one in addresses(value, charset)]


def sender(message: Message, charset: str = "") -> Address:
    """Who wrote: From, else Sender, Reply-To, Return-Path; the first that names an address."""
    found = [of_header(message, name, charset=charset) for name in ("From", "Sender", "Reply-To", "Return-Path")]
    known = [one for some in found for one in some]
    first = found[0][0] if found[0] else NOBODY
    best = next((one for one in known if one.email), first)
    return Address(best.name or (first.name if best in found[0][1:] else ""), best.email)


def recipients(message: Message, charset: str = "") -> list[Address]:
    """Everybody it went to, as far as headers tell, and the addresses that the server delivered it under."""
    every = of_header(message, "To", "Cc", *_ENVELOPE, charset=charset)
    return list({one.email: one for one in every if one.email}.values())[:MOST]
