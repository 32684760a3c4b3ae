"""When a mail is tried again, whom a note mentions, when a deadline is near. Plain Python."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta

from comity.clocks.rules import OutOfReach, WorkingCalendar

FIRST, LONGEST = timedelta(minutes=1), timedelta(hours=4)
JITTER = 0.2
MOST_ATTEMPTS = 19  # the last some two days after the first
MORNING = 7  # o'clock, where the person is
MENTION = re.compile(r"(?<![\w.+-])@([\w.+-]+@[\w-]+(?:\.[\w-]+)+)")


def wait(attempts: int, chance: float) -> timedelta:
    """How long to wait after so many attempts: doubled each time up to four hours, a fifth more or less by chance."""
    plain: timedelta = min(FIRST * 2 ** min(attempts - 1, 20), LONGEST)
    return plain * (1 + JITTER * (2 * chance - 1))


def mentioned(text: str) -> frozenset[str]:
    """The addresses that a note names as @somebody@example.org."""
    return frozenset(found.lower().rstrip(".") for found in MENTION.findall(text))


def near(calendar: WorkingCalendar, start: datetime, due: datetime, share: float) -> datetime:
    """The moment at which so much of the working time until a deadline is used up; the deadline itself where nobody
    works in between. What lies beyond the reach of a calendar is counted in plain time."""
    if due <= start:
        return due
    try:
        whole = calendar.between(start, due)
        return min(calendar.add(start, whole * share), due) if whole else due
    except OutOfReach:
        return start + (due - start) * share


def is_morning(local: datetime, last: date | None) -> bool:
    """Is it time for the day's digest: a weekday, from the morning on, and none sent today?"""
    return local.weekday() < 5 and local.hour >= MORNING and last != local.date()


def one_line(text: str) -> str:
    """A text that cannot break out of a header: no line ends, no control characters."""
    return re.sub(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+", " ", text).strip()
