"""Why a deadline falls where it does, date by date: the way that `rules.due` goes, written down."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any, cast
from zoneinfo import ZoneInfo

from comity.clocks.rules import (
    DayKind,
    Duration,
    Pauses,
    Window,
    WorkingCalendar,
    counted,
    merged,
    resolve_local,
    without,
)

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Step:
    """One date of an explanation: what it is, which spans of it were counted, and which were paused."""

    day: date
    kind: DayKind
    label: str
    spans: list[Window]
    pauses: list[Window]
    seconds: float


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why this date: the calendar, then each date from start to deadline, in the calendar's own zone."""

    calendar: str
    zone: str
    start: datetime
    duration: Duration
    due: datetime
    steps: list[Step]

    def as_json(self) -> dict[str, Any]:
        """The same in values that JSON can hold, times in ISO 8601."""
        return cast(dict[str, Any], json.loads(json.dumps(asdict(self), default=lambda each: each.isoformat())))


def explain(calendar: WorkingCalendar, start: datetime, duration: Duration, pauses: Pauses = ()) -> Explanation:
    """The steps by which `due` comes to its date, one for each date it passes; the limit as it was counted."""
    pauses, zone, steps = list(pauses), calendar.zone, []
    deadline, duration = counted(calendar, start, duration, pauses)
    stops = merged(pauses, start, deadline)
    for day, a, b in by_local_day(start, deadline, zone):
        passed = calendar.segments(a, b) if duration.business else [(a, b)]
        running = [(c.astimezone(zone), d.astimezone(zone)) for c, d in passed]
        worked = without(running, stops)
        kind = calendar.kind(day) if duration.business else "calendar_day"
        paused = without(running, worked)
        steps.append(Step(day, kind, calendar.label(day), worked, paused, _length(worked)))
    return Explanation(calendar.name, zone.key, start.astimezone(zone), duration, deadline.astimezone(zone), steps)


def by_local_day(start: datetime, end: datetime, zone: ZoneInfo) -> Iterator[tuple[date, datetime, datetime]]:
    """One period cut at the midnights of a zone, in UTC."""
    start, end = start.astimezone(UTC), end.astimezone(UTC)
    for ordinal in range(start.astimezone(zone).toordinal(), end.astimezone(zone).toordinal() + 1):
        midnight = datetime.fromordinal(ordinal)
        a, b = max(resolve_local(midnight, zone), start), min(resolve_local(midnight + _DAY, zone), end)
        if a < b:
            yield midnight.date(), a, b


def _length(pieces: Iterable[Window]) -> float:
    return sum((end - start for start, end in pieces), timedelta(0)).total_seconds()
