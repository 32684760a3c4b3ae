"""What a complaint counts as. Plain sums of plain words; whoever reads them adds no judgement.

Time to a stage is kept as a step of a scale on which each step is ten per cent longer than the one before, so a
percentile read from it is at most five per cent beside the exact one. The time is that of the clock on the wall, from
when dissatisfaction was first expressed: what the customer waited.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from datetime import date, datetime, timedelta

from comity.improvement.rules import direction as direction

STEP = math.log(1.1)
AGES = (7, 30, 90, 180)  # days; older than the last is its own class
STAGES = ("acknowledged", "assessed", "answered", "resolved", "closed")
DIMENSIONS = (
    "standing", "week", "severity", "channel", "form", "service", "topic", "cause", "area", "upheld", "point",
    "reopened", "escalated", "repeated", "age", "reclassified", *STAGES,
)  # fmt: skip
SMALL = 20  # below so many, a share is told as a count


def scale(minutes: float) -> int:
    """The step of the scale on which a time lies; 0 is under a minute."""
    return 0 if minutes < 1 else 1 + math.floor(math.log(minutes) / STEP)


def minutes_of(step: int) -> float:
    """The middle of a step."""
    return 0.5 if step == 0 else math.exp((step - 0.5) * STEP)


def percentile(steps: Mapping[int, int], share: float) -> float | None:
    """The minutes within which so large a share lies; None of nothing."""
    total = sum(steps.values())
    if not total:
        return None
    wanted, seen = math.ceil(total * share), 0
    for step in sorted(steps):
        seen += steps[step]
        if seen >= wanted:
            return minutes_of(step)
    raise AssertionError(share)


def age_class(days: int) -> int:
    """The class of an age: 0 is up to a week."""
    return sum(days > limit for limit in AGES)


def ages_from(days: int) -> int | None:
    """In how many days the class changes; None where it stays."""
    return next((limit - days + 1 for limit in AGES if days <= limit), None)


def age_span(of: int, today: date) -> tuple[date | None, date]:
    """The days of receipt that make this class today: first (None: any) and last."""
    first = today - timedelta(days=AGES[of]) if of < len(AGES) else None
    last = today - timedelta(days=AGES[of - 1] + 1) if of else today
    return first, last


def months(first: date, last: date) -> Iterator[date]:
    """The first days of all months from the one to the other."""
    at = first.replace(day=1)
    while at <= last:
        yield at
        at = after(at)


def after(month: date, by: int = 1) -> date:
    """The first day of the month so many later, or earlier."""
    number = month.year * 12 + month.month - 1 + by
    return date(number // 12, number % 12 + 1, 1)


def monday(day: date) -> date:
    return day - timedelta(days=day.weekday())


def waited(start: datetime, ends: Mapping[str, datetime | None]) -> Iterator[tuple[str, int]]:
    """Each stage that was reached, with the step of the time it took."""
    for stage, end in ends.items():
        if end is not None:
            yield stage, scale(max(0.0, (end - start).total_seconds() / 60))
