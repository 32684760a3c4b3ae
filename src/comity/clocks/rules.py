"""Working time in plain Python: which moments count, when a deadline falls, and why.

A calendar answers with instants in UTC. Its opening hours are local clock times, turned into UTC day by day, so a day
of 23 or 25 hours counts its real seconds by construction. Where products disagree, we decided:

- `boundary_keeps_closing_instant`: work used up exactly at closing is due at closing; going back, work used up exactly
  at opening stays at opening. Nothing to add leaves the start as it is.
- not `dst_wall_clock`: real seconds count. `dst_gap_shifts_forward`: a clock time that does not exist is taken one hour
  later. `dst_overlap_first`: of two equal clock times the first.
- `reversed_is_negative`: from later to earlier is minus the way from earlier to later.
- not `truncate_to_minute`, not `2359_means_end_of_day`: nothing is rounded, the end of a day is written 24:00.
- `day_same_clock_then_snap`: adding working days (dates with any working time) keeps the clock time; where that is
  closed, on to the next opening, or going back to the previous closing.
- not `days_roll_from_non_working_start`: one working date after a Sunday is Monday. `dates_as_end_of_day`, not
  `start_inclusive`: `working_days_between(day, add_working_dates(day, n)) == n`.
- `opening_instant_is_outside_when_going_back`: what comes before 09:00 is the last closing.
- Hours of one date replace those of the week; a holiday closes even such a date; a break always takes away.
- A limit beyond the horizon runs in plain time: whatever comes in is due some day.
- A pause that has not ended does not move a deadline: the one shown holds if work resumed at once.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo
from itertools import pairwise
from typing import Literal, TypeAlias, TypeVar, cast, get_args
from zoneinfo import ZoneInfo

from comity.clocks.block import Block

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
HORIZON = 14_610  # days, forty years: no search goes further
BLOCK = 64  # days that are counted together
BLOCKS_KEPT = 400  # of one calendar

Unit: TypeAlias = Literal["bh", "bd", "h", "d"]
DayKind: TypeAlias = Literal["work", "make_up", "special", "holiday", "closed", "calendar_day"]
Window: TypeAlias = tuple[datetime, datetime]
Pauses: TypeAlias = Iterable[tuple[datetime, datetime | None]]
Spans: TypeAlias = Iterable[Sequence[str]]
Point = TypeVar("Point", int, datetime)
Pieces: TypeAlias = Iterable[tuple[Point, Point]]

_DAY, _NONE, _NEVER = timedelta(days=1), timedelta(0), datetime.max.replace(tzinfo=UTC)


class InvalidCalendar(ValueError):
    """Hours, zone or dates that cannot be a working calendar."""


class OutOfReach(ValueError):
    """The answer lies further away than the horizon: the calendar has too little working time."""


@dataclass(frozen=True, slots=True)
class Duration:
    """A time limit: business hours (bh), business days (bd), clock hours (h) or calendar days (d)."""

    value: float
    unit: Unit

    def __post_init__(self) -> None:
        if self.unit not in get_args(Unit) or self.value < 0:
            raise ValueError(f"no duration: {self.value} {self.unit}")

    @classmethod
    def parse(cls, text: str) -> "Duration":
        """Read "8 bh"."""
        value, _, unit = text.strip().partition(" ")
        return cls(float(value), cast(Unit, unit.strip()))

    @property
    def business(self) -> bool:
        """Whether only working time counts."""
        return self.unit in ("bh", "bd")

    def __mul__(self, factor: float) -> "Duration":  # 80 % of a limit warns, 150 % escalates
        return Duration(self.value * factor, self.unit)

    def __str__(self) -> str:
        return f"{self.value:g} {self.unit}"


@dataclass(frozen=True, slots=True)
class Closure:
    """Closed from the first to the last date, once or every year on the same dates."""

    first: date
    last: date
    every_year: bool = False
    label: str = ""

    def covers(self, day: date) -> bool:
        if not self.every_year:
            return self.first <= day <= self.last
        first, this, last = ((each.month, each.day) for each in (self.first, day, self.last))
        return first <= this <= last if first <= last else this >= first or this <= last


class WorkingCalendar:
    """Weekly hours in one zone, with holidays, dates of other hours, and breaks. Never changes; remembers its days."""

    def __init__(
        self,
        zone: str | ZoneInfo,
        hours: Mapping[str, Spans],
        holidays: Collection[date] = (),
        date_hours: Mapping[date, Spans] | None = None,
        breaks: Mapping[date, Spans] | None = None,
        *,
        closures: Iterable[Closure] = (),
        labels: Mapping[date, str] | None = None,
        name: str = "",
        day_hours: float = 8,
    ) -> None:
        try:
            self.zone = ZoneInfo(zone) if isinstance(zone, str) else zone
        except (KeyError, ValueError, OSError) as error:
            raise InvalidCalendar(f"unknown time zone: {zone}") from error
        if unknown := set(hours) - set(WEEKDAYS):
            raise InvalidCalendar(f"unknown weekdays: {', '.join(sorted(unknown))}")
        self.name, self.labels, self.day_hours = name, dict(labels or {}), day_hours
        self.holidays, self.closures, self._blocks = frozenset(holidays), tuple(closures), dict[int, Block]()
        self._begun: tuple[datetime, timedelta, range] | None = None  # the last: limits often have one start
        self._week = [_spans(hours.get(day, ())) for day in WEEKDAYS]
        self._dates = {day: _spans(spans) for day, spans in (date_hours or {}).items()}
        self._breaks = {day: _spans(spans, overlap=True) for day, spans in (breaks or {}).items()}
        if not any(self._week) and not any(self._dates.values()):
            raise InvalidCalendar("a calendar needs working hours on at least one day")
        if not 0 < day_hours <= 24:
            raise InvalidCalendar("a business day has at most 24 hours, and not none")

    def is_holiday(self, day: date) -> bool:
        return day in self.holidays or any(closure.covers(day) for closure in self.closures)

    def is_working_day(self, day: date) -> bool:
        """Has the date any working time?"""
        return bool(self.windows(day.toordinal()))

    def add_working_dates(self, day: date, days: int) -> date:
        """The working date so many working dates later (earlier when negative)."""
        left, at = abs(days), day.toordinal()
        for n in self._numbers(at, days) if days else ():
            found = self._block(n).days
            ahead = found[bisect_right(found, at) :] if days > 0 else found[: bisect_left(found, at)][::-1]
            if left <= len(ahead):
                return date.fromordinal(ahead[left - 1])
            left -= len(ahead)
        if days:
            raise self._beyond()
        return day

    def working_days_between(self, start: date, end: date) -> int:
        """Working dates after start, up to and including end."""
        if end < start:
            return -self.working_days_between(end, start)
        first, last = start.toordinal(), end.toordinal()
        blocks = (self._block(n).days for n in range(first // BLOCK, last // BLOCK + 1))
        return sum(bisect_right(days, last) - bisect_right(days, first) for days in blocks)

    def next_working_days(self, start: date, count: int) -> list[date]:
        """The first working dates, the start among them when it is one."""
        return [self.add_working_dates(start - _DAY, each) for each in range(1, count + 1)]

    def add_days(self, start: datetime, days: int, *, end_of_day: bool = False) -> datetime:
        """Working days later at the same clock time, snapped to working time; or the closing of that day."""
        local = start.astimezone(self.zone)
        day = self.add_working_dates(local.date(), days)
        if end_of_day and (windows := self.windows(day.toordinal())):
            return windows[-1][1]
        moment = resolve_local(datetime.combine(day, local.time()), self.zone)
        if self.is_open(moment):
            return moment
        return self.next_open(moment) if days >= 0 else self.prev_open(moment)

    def is_open(self, moment: datetime) -> bool:
        """Inside working time: opening included, closing not."""
        moment, today = self._begin(moment)
        return any(a <= moment < b for day in (today, today + 1) for a, b in self.windows(day))

    def next_open(self, moment: datetime) -> datetime:
        """The first working moment at or after this one."""
        for opening, _ in self.segments(moment):
            return opening
        raise self._beyond()

    def prev_open(self, moment: datetime) -> datetime:
        """The last moment at or before this one that has working time just before it."""
        moment, today = self._begin(moment)
        for n in self._numbers(today + 1, -1):
            block = self._block(n)
            if begun := bisect_left(block.openings, moment):
                return min(block.closings[begun - 1], moment)
        raise self._beyond()

    def segments(self, start: datetime, end: datetime = _NEVER) -> Iterator[Window]:
        """Open periods from start on, clipped at start and end, as far as the horizon."""
        start, today = self._begin(start)
        for day in range(today, today + HORIZON):
            for opening, closing in self.windows(day):
                if opening >= end:
                    return
                if closing > start:
                    yield (opening if opening > start else start), (closing if closing < end else end)

    def add(self, start: datetime, seconds: float) -> datetime:
        """The moment when so much working time has passed since start."""
        if seconds <= 0:
            return self.sub(start, -seconds) if seconds else start
        worked, numbers = self._counted(start)
        left = timedelta(seconds=seconds) + worked
        for n in numbers:
            block = self._block(n)
            if left <= block.whole:
                return block.at(bisect_left(block.until, left), left)
            left -= block.whole
        raise self._beyond()

    def sub(self, start: datetime, seconds: float) -> datetime:
        """The moment since which so much working time has passed until start."""
        if seconds <= 0:
            return self.add(start, -seconds) if seconds else start
        (moment, today), left = self._begin(start), timedelta(seconds=seconds)
        for n in self._numbers(today + 1, -1):
            block = self._block(n)
            goal = block.worked(moment) - left
            if goal >= _NONE:
                return block.at(bisect_right(block.until, goal), goal)
            left = -goal
        raise self._beyond()

    def between(self, start: datetime, end: datetime) -> float:
        """Seconds of working time from start to end."""
        if end < start:
            return -self.between(end, start)
        if end - start > _DAY * (HORIZON - 2):
            raise self._beyond()
        (start, first), (end, last) = self._begin(start), self._begin(end)
        blocks = map(self._block, range(first // BLOCK, (last + 1) // BLOCK + 1))
        return sum((block.worked(end) - block.worked(start) for block in blocks), _NONE).total_seconds()

    def windows(self, ordinal: int) -> list[Window]:
        """Working time of one local date in UTC, in order and apart."""
        if not 1 < ordinal < date.max.toordinal():
            raise self._beyond()
        return self._block(ordinal // BLOCK).dates.get(ordinal, [])

    def _block(self, n: int) -> Block:
        if (known := self._blocks.get(n)) is None:
            if len(self._blocks) >= BLOCKS_KEPT:
                self._blocks.clear()
            dates = range(max(n * BLOCK, 2), min((n + 1) * BLOCK, date.max.toordinal()))
            opened = ((ordinal, list(self._opened(date.fromordinal(ordinal)))) for ordinal in dates)
            known = self._blocks[n] = Block.of({ordinal: windows for ordinal, windows in opened if windows})
        return known

    def _numbers(self, ordinal: int, way: int) -> range:
        """The blocks from a date on, into the future or the past, as far as the horizon."""
        step = 1 if way > 0 else -1
        return range(ordinal // BLOCK, (ordinal + step * HORIZON) // BLOCK + step, step)

    def kind(self, day: date) -> DayKind:
        """What sort of date it is, in the words of an explanation."""
        usual = self._week[day.weekday()]
        if self.is_holiday(day):
            return "holiday" if usual or day in self._dates else "closed"
        if self._dates.get(day, usual) != usual:
            return "special" if usual else "make_up"
        return "work" if usual else "closed"

    def label(self, day: date) -> str:
        """Its name, where it is a holiday or has hours of its own."""
        return self.labels.get(day) or next((each.label for each in self.closures if each.covers(day)), "")

    def _begin(self, moment: datetime) -> tuple[datetime, int]:
        if moment.tzinfo is None:
            raise ValueError("a moment needs a time zone")
        return moment.astimezone(UTC), moment.astimezone(self.zone).toordinal()

    def _counted(self, start: datetime) -> tuple[timedelta, range]:
        """Working time of the start's block before it, and the blocks from there on."""
        if (known := self._begun) is None or known[0] is not start:
            moment, today = self._begin(start)
            numbers = self._numbers(today, 1)
            known = self._begun = start, self._block(numbers[0]).worked(moment), numbers
        return known[1], known[2]

    def _beyond(self) -> OutOfReach:
        return OutOfReach(f"calendar {self.name or self.zone.key}: not within {HORIZON // 365} years")

    def _opened(self, day: date) -> Iterator[Window]:
        spans = [] if self.is_holiday(day) else self._dates.get(day, self._week[day.weekday()])
        midnight = datetime(day.year, day.month, day.day)
        reached, end = resolve_local(midnight, self.zone), resolve_local(midnight + _DAY, self.zone)
        for span in without(spans, self._breaks.get(day, ())):
            opening, closing = (resolve_local(midnight + timedelta(seconds=clock), self.zone) for clock in span)
            if (opening := max(opening, reached)) < (closing := min(closing, end)):
                yield opening, closing
                reached = closing


def due(calendar: WorkingCalendar, start: datetime, duration: Duration, pauses: Pauses = ()) -> datetime:
    """The deadline, in UTC, of a limit that runs from start and stands still in the pauses."""
    return counted(calendar, start, duration, pauses)[0]


def counted(
    calendar: WorkingCalendar, start: datetime, duration: Duration, pauses: Pauses = ()
) -> tuple[datetime, Duration]:
    """The same, and the limit as it was counted: in plain time where the calendar never gets there."""
    try:
        return _due(calendar, start, duration, pauses), duration
    except OutOfReach:
        plain = Duration(duration.value, "h" if duration.unit == "bh" else "d")
        return _due(calendar, start, plain, pauses), plain


def _due(calendar: WorkingCalendar, start: datetime, duration: Duration, pauses: Pauses) -> datetime:
    if duration.business:
        hours = duration.value * (calendar.day_hours if duration.unit == "bd" else 1)
        deadline = calendar.add(start, hours * 3600)
        if deadline is start:
            deadline = start.astimezone(UTC)
    else:
        days = int(duration.value) if duration.unit == "d" else 0
        local = start.astimezone(calendar.zone).replace(tzinfo=None) + timedelta(days=days)
        rest = timedelta(hours=duration.value) if duration.unit == "h" else timedelta(days=duration.value - days)
        deadline = (resolve_local(local, calendar.zone) if days else start.astimezone(UTC)) + rest
    for begin, end in merged(pauses, start, _NEVER) if pauses else ():
        if begin >= deadline or end == _NEVER:
            break
        lost = calendar.between(begin, end) if duration.business else (end - begin).total_seconds()
        deadline = calendar.add(deadline, lost) if duration.business else deadline + timedelta(seconds=lost)
    return deadline


def elapsed(calendar: WorkingCalendar, start: datetime, end: datetime, pauses: Pauses = (), unit: Unit = "bh") -> float:
    """Seconds that count from start to end, without the pauses: working time, or real time for the units h and d."""
    if end < start:
        return -elapsed(calendar, end, start, pauses, unit)
    pieces = without([(start, end)], merged(pauses, start, end))
    return sum(calendar.between(a, b) if unit in ("bh", "bd") else (b - a).total_seconds() for a, b in pieces)


def resolve_local(local: datetime, zone: tzinfo) -> datetime:
    """The instant of a local clock time: in a gap one hour later, in an overlap the first."""
    return local.replace(tzinfo=zone, fold=0).astimezone(UTC)


def _spans(spans: Spans, *, overlap: bool = False) -> list[tuple[int, int]]:
    """Clock times as seconds of the day, in order; refuses what is malformed, reversed, empty or overlapping."""
    try:
        found = sorted((_second(start), _second(end)) for start, end in spans)
    except (AttributeError, TypeError, ValueError) as error:
        raise InvalidCalendar(f"not a list of spans like 09:00-17:00: {spans}") from error
    if any(not 0 <= start < end <= 86_400 for start, end in found):
        raise InvalidCalendar(f"a span ends after it starts and lies between 00:00 and 24:00: {spans}")
    if not overlap and any(later[0] < earlier[1] for earlier, later in pairwise(found)):
        raise InvalidCalendar(f"spans of one day overlap: {spans}")
    return found


def _second(clock: str) -> int:
    hour, minute, second = map(int, (clock + ":00").split(":")[:3])
    if not (0 <= minute < 60 and 0 <= second < 60):
        raise ValueError(clock)
    return hour * 3600 + minute * 60 + second


def merged(pauses: Pauses, start: datetime, end: datetime) -> list[Window]:
    """Pauses in order and apart, clipped; one that has not ended lasts."""
    merged: list[Window] = []
    for a, b in sorted((begin, finish or _NEVER) for begin, finish in pauses):
        if b < a:
            raise ValueError("a pause ends before it begins")
        a, b = max(a, start), min(b, end)
        if merged and a <= merged[-1][1]:
            merged[-1] = merged[-1][0], max(b, merged[-1][1])
        elif a < b:
            merged.append((a, b))
    return merged


def without(whole: Pieces[Point], taken: Pieces[Point]) -> list[tuple[Point, Point]]:
    """The parts of the whole that nothing was taken from."""
    left = list(whole)
    for start, end in taken:
        left = [piece for a, b in left for piece in ((a, min(b, start)), (max(a, end), b)) if piece[0] < piece[1]]
    return left
