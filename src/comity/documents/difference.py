"""What two texts differ in, line by line and word by word. Plain Python."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

PIECES = re.compile(r"[\u3400-\u9fff]|\w+|\s+|[^\w\s]")
Step = tuple[str, int, int, int, int]  # as difflib tells it
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
    for act, a, b, c, d in _steps(before, after, 4_000):
        if act == "equal":
            yield from (Line([(False, same)], [(False, same)]) for same in before[a:b])
            continue
        for n in range(max(b - a, d - c)):
            yield _words(before[a + n] if a + n < b else "", after[c + n] if c + n < d else "")


def _steps(old: Sequence[str], new: Sequence[str], most: int) -> Sequence[Step]:
    """How one becomes the other. Beyond `most` pieces, or where they repeat themselves without end, the best answer
    would take hours: then what is the same at both ends stays, and all between is replaced."""
    known = Counter(new)
    if len(old) * len(new) <= most * most and sum(known[one] for one in old) <= most * 250:
        return SequenceMatcher(None, old, new, autojunk=False).get_opcodes()
    head = _same(old, new)
    tail = _same(old[head:][::-1], new[head:][::-1])
    a, b = len(old) - tail, len(new) - tail
    return [("equal", 0, head, 0, head), ("replace", head, a, head, b), ("equal", a, len(old), b, len(new))]


def _same(old: Sequence[str], new: Sequence[str]) -> int:
    """How many are the same from the beginning."""
    return next((n for n, (a, b) in enumerate(zip(old, new, strict=False)) if a != b), min(len(old), len(new)))


def _words(old: str, new: str) -> Line:
    """One changed line: what was taken out on the left, what came in on the right."""
    before, after = PIECES.findall(old), PIECES.findall(new)
    acts = _steps(before, after, 1_000)
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
