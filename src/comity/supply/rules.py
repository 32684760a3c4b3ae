"""What the figures of a supplier say: periods, bands, points and standing. Plain sums, no judgement.

A period in which nothing was measured has no score: silence is neither good nor bad.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from fractions import Fraction

GOOD, FAIR, POOR = 100, 50, 0
_BAND = r"\b{}\b[^0-9+,;-]*([+-]?\d+(?:[.,]\d+)?)"


class Length(StrEnum):
    MONTH = "month"
    QUARTER = "quarter"
    YEAR = "year"

    @property
    def months(self) -> int:
        return {Length.MONTH: 1, Length.QUARTER: 3, Length.YEAR: 12}[self]


class Standing(StrEnum):
    GOOD = "good"
    WATCH = "watch"
    POOR = "poor"


@dataclass(frozen=True, order=True)
class Period:
    """A month, a quarter or a year of the calendar, by its first day."""

    first: date
    length: Length

    @classmethod
    def of(cls, length: Length, day: date) -> Period:
        """The period in which the day lies."""
        return cls(date(day.year, (day.month - 1) // length.months * length.months + 1, 1), length)

    def back(self, n: int) -> Period:
        """The n-th period before this one; with a negative n, after it. Raises ValueError beyond the calendar."""
        month = self.first.year * 12 + self.first.month - 1 - n * self.length.months
        return Period(date(month // 12, month % 12 + 1, 1), self.length)

    @property
    def last(self) -> date:
        return self.back(-1).first - timedelta(days=1)

    @property
    def label(self) -> str:
        if self.length == Length.YEAR:
            return f"{self.first.year}"
        if self.length == Length.QUARTER:
            return f"{self.first.year} Q{(self.first.month + 2) // 3}"
        return f"{self.first:%Y-%m}"

    def run(self, n: int) -> list[Period]:
        """So many periods up to this one, the oldest first."""
        return [self.back(at) for at in reversed(range(n))]


@dataclass(frozen=True)
class Bands:
    """From where on a value is good, and from where on it is fair; with `lower`, up to where."""

    good: float
    fair: float | None = None
    lower: bool = False

    def points(self, value: float) -> int:
        if self._reaches(value, self.good):
            return GOOD
        return FAIR if self.fair is not None and self._reaches(value, self.fair) else POOR

    def _reaches(self, value: float, bound: float) -> bool:
        return value <= bound if self.lower else value >= bound


def bands(text: str, target: float | None, lower: bool) -> Bands | None:
    """The bands that a text names, such as "good from 4.5, fair from 4.0"; where it names none, good is the target.
    None where there is neither."""
    found = {name: re.search(_BAND.format(name), text, re.IGNORECASE) for name in ("good", "fair")}
    good, fair = (float(hit[1].replace(",", ".")) if hit else None for hit in found.values())
    if good is None:
        good = target
    return None if good is None else Bands(good, fair, lower)


@dataclass(frozen=True)
class Weighed:
    """What one line of the scorecard brings into the score of a period; no points where nothing was measured."""

    weight: int
    points: int | None


def score(lines: Iterable[Weighed]) -> Fraction | None:
    """The mean of the points, by weight, of what was measured; None where nothing was."""
    counted = list(_counted(lines))
    total = sum(weight for weight, _points in counted)
    return Fraction(sum(weight * points for weight, points in counted), total) if total else None


def formula(lines: Iterable[Weighed]) -> str:
    """The sum that leads to the score, with its figures."""
    counted = list(_counted(lines))
    above = " + ".join(f"{weight} × {points}" for weight, points in counted)
    below = sum(weight for weight, _points in counted)
    return f"({above}) ÷ {below}" if counted else ""


def _counted(lines: Iterable[Weighed]) -> Iterator[tuple[int, int]]:
    return ((one.weight, one.points) for one in lines if one.points is not None and one.weight)


def standing(of: Fraction | None, good_from: float, watch_from: float) -> Standing | None:
    """Where a score puts the supplier; None without a score."""
    if of is None:
        return None
    return Standing.GOOD if of >= good_from else Standing.WATCH if of >= watch_from else Standing.POOR
