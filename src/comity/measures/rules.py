"""What a row of values says: limits of its own scatter, and when it leaves them. Plain sums, no judgement."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

SPREAD = 2.66  # limits of single values from their moving range: three sigma, with the range of two at 1.128 sigma
RUN = 8  # so many in a row on one side of the mean do not come by chance


@dataclass(frozen=True)
class Limits:
    """The mean of values that belong together, and the limits between which chance alone lets them move."""

    lower: float
    mean: float
    upper: float

    def __str__(self) -> str:
        return f"{self.lower:.4g} – {self.upper:.4g}"

    def leaves(self, values: Sequence[float]) -> bool:
        """Whether the last value lies outside, or too many in a row lie on one side of the mean."""
        if not values:
            return False
        if not self.lower <= values[-1] <= self.upper:
            return True
        last = values[-RUN:]
        return len(last) == RUN and (all(v > self.mean for v in last) or all(v < self.mean for v in last))


def limits(values: Sequence[float]) -> Limits:
    """Of at least two values, in the order of time."""
    mean = sum(values) / len(values)
    moved = [abs(after - before) for before, after in pairwise(values)]
    reach = SPREAD * sum(moved) / len(moved)
    return Limits(mean - reach, mean, mean + reach)


def weaker(before: float | None, now: float | None, lower_is_better: bool) -> bool:
    """Whether a target asks for less than it did."""
    if before is None:
        return False
    if now is None:
        return True
    return now > before if lower_is_better else now < before
