"""What two texts differ in, line by line and word by word. Plain Python."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

PIECES = re.compile(r"[\u3400-\u9fff]|\w+|\s+|[^\w\s]")
Piece = tuple[bool, str]  # whether the other side lacks it, and the words


@dataclass(frozen=True)
class Line:
    """One line of both texts beside each other, each in pieces; `changed` when they are not the same."""

    old: Sequence[Piece]
    new: Sequence[Piece]

    @property
    def changed(self) -> bool:
        return any(differs for differs, _words in (*self.old, *self.new))


def lines(old: str, new: str) -> Iterator[Line]:
    """Both texts side by side."""
    before, after = old.splitlines(), new.splitlines()
    for act, a, b, c, d in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if act == "equal":
            yield from (Line([(False, same)], [(False, same)]) for same in before[a:b])
            continue
        for n in range(max(b - a, d - c)):
            yield _words(before[a + n] if a + n < b else "", after[c + n] if c + n < d else "")


def _words(old: str, new: str) -> Line:
    """One changed line: what was taken out on the left, what came in on the right."""
    before, after = PIECES.findall(old), PIECES.findall(new)
    left: list[Piece] = []
    right: list[Piece] = []
    for act, a, b, c, d in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if b > a:
            left.append((act != "equal", "".join(before[a:b])))
        if d > c:
            right.append((act != "equal", "".join(after[c:d])))
    return Line(left, right)
