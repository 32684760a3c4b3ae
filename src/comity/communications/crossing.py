"""Secret addresses of ours are crossed out in mails that we keep: in our own once they are sent, in replies to them.

Whoever reads a mail for evidence must not be able to act as the one it was written to. A mail without a secret stays as
it is, byte for byte. It is looked at as it travels: plain, quoted-printable, in base64, broken over lines and quoted.
"""

from __future__ import annotations

import re
from base64 import b64decode, encodebytes
from binascii import Error

_BREAK = rb"(?:=?\r?\n[> \t]*+)?"
_SLASH, _SIGN = rb"(?:/|%2F|=2F)", rb"(?:[\w-]|=2D|=5F)"
_BASE64 = re.compile(rb"(?<![A-Za-z0-9+/])(?:[A-Za-z0-9+/]{40,}+\r?\n)++[A-Za-z0-9+/]*+={0,2}")
_secrets: list[re.Pattern[bytes]] = []


def secret(path: str, length: int) -> None:
    """Let a room say below which path a secret of so many letters follows."""
    signs = [_SLASH if sign == "/" else re.escape(sign.encode()) for sign in path]
    rest = b"(?:" + _BREAK + _SIGN + b"){%d}" % length
    _secrets.append(re.compile(b"(" + _BREAK.join(signs) + b")" + rest, re.IGNORECASE))


def crossed_out(raw: bytes) -> bytes:
    """The mail without our secrets."""
    return _BASE64.sub(lambda block: _unpacked(block[0]), _crossed(raw))


def _crossed(text: bytes) -> bytes:
    for each in _secrets:
        text = each.sub(rb"\1***", text)
    return text


def _unpacked(block: bytes) -> bytes:
    signs = b"".join(block.split())
    try:
        text = b64decode(signs + b"=" * (-len(signs) % 4))
    except Error:
        return block
    if (crossed := _crossed(text)) == text:
        return block
    lines = encodebytes(crossed).splitlines()
    return (b"\r\n" if b"\r\n" in block else b"\n").join([*lines, b""] if block.endswith(b"\n") else lines)
