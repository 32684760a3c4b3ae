"""Working time counted the slow way: one minute after the other, asking the clock on the wall each time."""

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

MINUTE = timedelta(minutes=1)
Spans = list[list[str]]


def open_by_the_wall(vector: dict[str, Any]) -> Callable[[datetime], bool]:
    """Whether an instant is working time, read from the local clock and the plain lists of a vector."""
    zone = ZoneInfo(vector["timezone"])

    def inside(spans: Spans, clock: str) -> bool:
        return any(start <= clock < end for start, end in spans)

    def is_open(moment: datetime) -> bool:
        local = moment.astimezone(zone)
        day, clock = local.date().isoformat(), local.strftime("%H:%M")
        weekly = vector["hours"].get(local.strftime("%a").lower(), [])
        hours = vector.get("date_hours", {}).get(day, weekly)
        closed = day in vector.get("holidays", []) or inside(vector.get("breaks", {}).get(day, []), clock)
        return not closed and inside(hours, clock)

    return is_open


def minutes(start: datetime, end: datetime) -> Iterator[datetime]:
    moment = start
    while moment < end:
        yield moment
        moment += MINUTE


def working_seconds(is_open: Callable[[datetime], bool], start: datetime, end: datetime) -> int:
    return 60 * sum(1 for moment in minutes(start.astimezone(UTC), end.astimezone(UTC)) if is_open(moment))


def deadline(is_open: Callable[[datetime], bool], start: datetime, seconds: int, days: int = 60) -> datetime:
    """The end of the minute in which the work is used up."""
    left = seconds // 60
    for moment in minutes(start.astimezone(UTC), start.astimezone(UTC) + timedelta(days=days)):
        left -= is_open(moment)
        if not left:
            return moment + MINUTE
    raise AssertionError("not used up")


def working_dates(vector: dict[str, Any], start: date, end: date) -> int:
    """Dates after start up to and including end that have hours."""
    dates = (start + timedelta(days=each) for each in range(1, (end - start).days + 1))
    is_open = open_by_the_wall(vector | {"timezone": "UTC"})
    return sum(any(map(is_open, minutes(day, day + timedelta(days=1)))) for day in map(_midnight, dates))


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC)
