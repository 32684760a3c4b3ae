"""Words that stand in a letter only on its way out.

The log and the trail keep a mark instead of a secret address: a secret that everybody at the desk could read, and that
could never be taken out of the trail again, would be none.
"""

from __future__ import annotations

from collections.abc import Callable

from comity.communications.models import Communication

Filler = Callable[[Communication], str]
_fillers: dict[str, Filler] = {}


def fills(mark: str) -> Callable[[Filler], Filler]:
    """Let a room say what takes the place of a mark when the letter goes out."""

    def add(filler: Filler) -> Filler:
        _fillers[mark] = filler
        return filler

    return add


def body(communication: Communication) -> str:
    """The text as it is sent. Whoever carries the letter asks once for each sending: the secrets are made then."""
    text = communication.body
    for mark, filler in _fillers.items():
        if mark in text:
            text = text.replace(mark, filler(communication))
    return text


def shown(text: str) -> str:
    """The text as it is read where the letter itself is not at hand: without the paragraphs that carry a mark."""
    return "\n\n".join(part for part in text.split("\n\n") if not any(mark in part for mark in _fillers))
