"""Texts with placeholders: {ref} is replaced; [a passage with {due}] goes where there is no value. And what is said as
it happens. Plain Python."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime, timedelta

PLACE = re.compile(r"\{(\w*)\}")
PASSAGE = re.compile(r"\[([^\[\]]*\{\w+\}[^\[\]]*)\]")
NONE = "–"
TURNS = re.compile("[\u202a-\u202e\u2066-\u2069]")
AT_ONCE = timedelta(minutes=5)  # people enter minutes


def at_once(moment: datetime, now: datetime) -> bool:
    """Is this entered as it happens? What Comity sends is told now, not at a time that somebody enters."""
    return now - moment <= AT_ONCE


def placeholders(text: str) -> frozenset[str]:
    """The names in braces."""
    return frozenset(PLACE.findall(text))


def filled(text: str, values: Mapping[str, str]) -> str:
    """The text with its values, each as it is: what a value contains is never read as a placeholder.

    A passage in square brackets goes when one of its placeholders has no value; outside of brackets stands a dash.
    """
    parts, at = [], 0
    for passage in PASSAGE.finditer(text):
        parts.append(_replaced(text[at : passage.start()], values))
        if all(values.get(name) for name in placeholders(passage[1])):
            parts.append(_replaced(passage[1], values))
        at = passage.end()
    parts.append(_replaced(text[at:], values))
    return re.sub(r"[ \t]*\n(?:[ \t]*\n){2,}", "\n\n", "".join(parts)).strip()


def _replaced(text: str, values: Mapping[str, str]) -> str:
    return PLACE.sub(lambda place: str(values.get(place[1]) or NONE), text)


def straight(text: str) -> str:
    """A line without the signs that turn the direction of writing: with them a subject or a name reads as another."""
    return TURNS.sub("", text)
