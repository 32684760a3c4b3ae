"""Why a message was set aside, refused, or taken in without effect: a code in the ledger, words on the page."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

OWN, ROBOT, REPORT, AGAIN, MANY, STRANGER = "own", "robot", "report", "again", "many", "stranger"
FLOOD, LEFT = "flood", "left"
LARGE, EMPTY, PARTS, DEPTH, INVALID, ERROR = "large", "empty", "parts", "depth", "invalid", "error"

WORDS: dict[str, str | Promise] = {
    OWN: _("sent from our own address"),
    ROBOT: _("written by a program"),
    REPORT: _("a report on the delivery of a mail"),
    AGAIN: _("the same message came through another mailbox"),
    MANY: _("too many messages of this sender within an hour"),
    FLOOD: _("held: too many new matters of unknown senders within an hour"),
    LEFT: _("held when too many came at once, then left out"),
    STRANGER: _("its sender has no part in the matter so far"),
    LARGE: _("larger than we keep"),
    EMPTY: _("empty"),
    PARTS: _("has more parts than anybody reads"),
    DEPTH: _("nested more deeply than anybody reads"),
    INVALID: _("not possible by the rules"),
    ERROR: _("could not be taken in because of an error"),
}


def coded(code: str, detail: str = "") -> str:
    """As the ledger keeps it."""
    return f"{code}: {detail}"[:300] if detail else code


def in_words(reason: str) -> str:
    """As people read it; what another room wrote there stays as it is."""
    code, _colon, detail = reason.partition(":")
    known = WORDS.get(code)
    if known is None:
        return reason
    return f"{known} ({detail.strip()})" if detail.strip() else str(known)
