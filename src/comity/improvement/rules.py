"""What is reckoned over findings and improvements. Plain sums; whoever reads them adds no judgement."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass

FEW = 5  # below so many in a period, no direction is told
NUMBER = re.compile(r"-?\d+(?:[.,]\d+)?")


def direction(before: int, now: int) -> str:
    """Where a number is heading: up, down or level by more than its own scatter; empty where there are too few.

    Counts scatter by about their root: a change within two of these is none.
    """
    if before < FEW or now < FEW:
        return ""
    if abs(now - before) <= 2 * math.sqrt(before + now):
        return "level"
    return "up" if now > before else "down"


def number_in(text: str) -> float | None:
    """The one number in a text such as “9 min” or “3,5 %”; None where there is none, or more than one."""
    found = NUMBER.findall(text)
    return float(found[0].replace(",", ".")) if len(found) == 1 else None


def gain(before: str, wanted: str, now: str) -> float | None:
    """The share of the wanted change that was reached: 1 is all of it, below 0 it became worse."""
    start, goal, here = (number_in(text) for text in (before, wanted, now))
    if start is None or goal is None or here is None or start == goal:
        return None
    return (here - start) / (goal - start)


@dataclass(frozen=True)
class Alternative:
    """One way out, weighed."""

    what: str
    cost: str = ""
    effect: str = ""

    @property
    def weighed(self) -> bool:
        return bool(self.cost and self.effect)


def alternatives(lines: Sequence[str]) -> list[Alternative]:
    """The ways out, as written: what | cost | effect."""
    parts = ([part.strip() for part in line.split("|", 2)] for line in lines)
    return [Alternative(*one) for one in parts if one[0]]
