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
    acts = SequenceMatcher(None, before, after, autojunk=False).get_opcodes()
    left: list[Piece] = []
    right: list[Piece] = []
    for n, (act, a, b, c, d) in enumerate(acts):
        between = (
            0 < n < len(acts) - 1 and not "".join(before[a:b]).strip()
        )  # a mere space joins what changed around it
        _add(left, act != "equal" or between, "".join(before[a:b]))
        _add(right, act != "equal" or between, "".join(after[c:d]))
    return Line(left, right)


def _add(side: list[Piece], differs: bool, words: str) -> None:
    """Put words at the end, together with what stands there if it is of the same sort."""
    if words and side and side[-1][0] == differs:
        side[-1] = (differs, side[-1][1] + words)
    elif words:
        side.append((differs, words))
