"""Properties of working time that hold for every calendar, and the answers that people will read."""

import json
import timeit
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from comity.clocks.explanation import explain
from comity.clocks.rules import (
    WEEKDAYS,
    Closure,
    Duration,
    InvalidCalendar,
    OutOfReach,
    WorkingCalendar,
    due,
    elapsed,
)
from tests.clocks import walker

OFFICE = {day: [["09:00", "12:00"], ["13:00", "18:00"]] for day in WEEKDAYS[:5]}
# Clocks change at 2 o'clock, at midnight (Santiago, Beirut), by half an hour (Lord Howe); a day was left out (Apia).
ZONES = (
    "UTC",
    "Asia/Shanghai",
    "Europe/Berlin",
    "America/New_York",
    "America/Santiago",
    "Asia/Beirut",
    "Australia/Lord_Howe",
    "Pacific/Apia",
)
MOMENTS = st.datetimes(datetime(2011, 12, 1), datetime(2027, 1, 1)).map(
    lambda moment: moment.replace(tzinfo=UTC, second=0, microsecond=0)
)


def clock(minute: int) -> str:
    return f"{minute // 60:02}:{minute % 60:02}"


QUARTERS = range(0, 1441, 15)
# Opening or closing inside an hour that is skipped or repeated is a matter of policy, which a walk cannot know.
CLEAR_OF_CHANGES = (0, *range(300, 1321, 15), 1440)


@st.composite
def spans(draw: st.DrawFn, edges: Sequence[int] = QUARTERS) -> list[list[str]]:
    marks = sorted(draw(st.sets(st.sampled_from(edges), max_size=6)))
    return [[clock(a), clock(b)] for a, b in zip(marks[::2], marks[1::2], strict=False)]


@st.composite
def specifications(draw: st.DrawFn, edges: Sequence[int] = QUARTERS) -> dict[str, Any]:
    """A calendar in the form of the reference vectors."""
    hours = {day: draw(spans(edges)) for day in WEEKDAYS} | {"tue": [["00:00", "24:00"]]}
    first = date(2011, 12, 1).toordinal()
    days = st.integers(first, first + 5600).map(lambda each: date.fromordinal(each).isoformat())
    return {
        "timezone": draw(st.sampled_from(ZONES)),
        "hours": hours,
        "holidays": draw(st.lists(days, max_size=5)),
        "date_hours": draw(st.dictionaries(days, spans(edges), max_size=5)),
        "breaks": draw(st.dictionaries(days, spans(edges), max_size=5)),
    }


def calendar(spec: dict[str, Any]) -> WorkingCalendar:
    dated = ({date.fromisoformat(day): each for day, each in spec[key].items()} for key in ("date_hours", "breaks"))
    return WorkingCalendar(spec["timezone"], spec["hours"], [*map(date.fromisoformat, spec["holidays"])], *dated)


CALENDARS = specifications().map(calendar)
SECONDS = st.integers(1, 40 * 3600)


@given(CALENDARS, MOMENTS, SECONDS)
def test_elapsed_until_the_deadline_is_the_limit(c: WorkingCalendar, start: datetime, seconds: int) -> None:
    assert c.between(start, c.add(start, seconds)) == seconds
    assert c.between(c.sub(start, seconds), start) == seconds


@given(CALENDARS, MOMENTS, SECONDS, SECONDS)
def test_more_work_is_never_due_earlier(c: WorkingCalendar, start: datetime, one: int, more: int) -> None:
    assert c.add(start, one) < c.add(start, one + more)
    assert c.add(start, one) <= c.add(start + timedelta(seconds=more), one)
    assert c.add(c.add(start, one), more) == c.add(start, one + more)


@given(
    CALENDARS, MOMENTS, SECONDS, st.lists(st.tuples(SECONDS, SECONDS), max_size=4), st.sampled_from(("bh", "h", "d"))
)
def test_pauses_shift_the_deadline_by_what_they_hold(
    c: WorkingCalendar, start: datetime, seconds: int, stops: list[tuple[int, int]], unit: Any
) -> None:
    pauses = [(a := start + timedelta(seconds=begin * 3), a + timedelta(seconds=length)) for begin, length in stops]
    limit = Duration(seconds / 3600 if unit != "d" else seconds / 86_400, unit)
    deadline = due(c, start, limit, pauses)
    assert deadline >= due(c, start, limit)
    if unit != "d" or seconds < 86_400:  # calendar days have 23 to 25 hours
        assert elapsed(c, start, deadline, pauses, unit) == pytest.approx(seconds, abs=1e-3)
    why = explain(c, start, limit, pauses)
    assert why.due == deadline
    assert sum(step.seconds for step in why.steps) == pytest.approx(elapsed(c, start, deadline, pauses, unit), abs=1e-3)


CHANGES = (
    ("UTC", datetime(2026, 3, 1)),
    ("Asia/Shanghai", datetime(2026, 3, 1)),
    ("Europe/Berlin", datetime(2026, 3, 29)),
    ("Europe/Berlin", datetime(2026, 10, 25)),
    ("America/New_York", datetime(2026, 11, 1)),
    ("America/Santiago", datetime(2026, 4, 5)),
    ("America/Santiago", datetime(2026, 9, 6)),
    ("Asia/Beirut", datetime(2026, 10, 25)),
    ("Australia/Lord_Howe", datetime(2026, 4, 4)),
    ("Pacific/Apia", datetime(2011, 12, 30)),
)


@settings(max_examples=40, deadline=None)
@given(specifications(CLEAR_OF_CHANGES), st.sampled_from(CHANGES), st.integers(0, 5000), st.integers(1, 30))
def test_agrees_with_a_walk_minute_by_minute(
    spec: dict[str, Any], change: tuple[str, datetime], length: int, hours: int
) -> None:
    spec["timezone"], start = change[0], change[1].replace(tzinfo=UTC) - timedelta(minutes=length // 2)
    c, is_open, end = calendar(spec), walker.open_by_the_wall(spec), start + timedelta(minutes=length)
    assert c.between(start, end) == walker.working_seconds(is_open, start, end) == -c.between(end, start)
    assert c.is_open(start) == is_open(start)
    assert c.add(start, hours * 3600) == walker.deadline(is_open, start, hours * 3600)


@pytest.mark.parametrize(("zone", "midnight", "hours"), [
    ("Europe/Berlin", datetime(2026, 3, 29), 23),
    ("Europe/Berlin", datetime(2026, 10, 25), 25),
    ("America/Santiago", datetime(2026, 9, 6), 23),
    ("Asia/Beirut", datetime(2026, 10, 24), 25),
    ("Australia/Lord_Howe", datetime(2026, 4, 5), 24.5),
    ("Pacific/Apia", datetime(2011, 12, 30), 0),
])  # fmt: skip
def test_a_day_has_its_real_hours(zone: str, midnight: datetime, hours: float) -> None:
    c = WorkingCalendar(zone, {day: [["00:00", "24:00"]] for day in WEEKDAYS})
    windows = c.windows(midnight.toordinal())
    assert sum((b - a).total_seconds() for a, b in windows) == hours * 3600


def test_spans_that_meet_in_a_gap_are_not_counted_twice() -> None:
    c = WorkingCalendar("Europe/Berlin", {"sun": [["01:00", "02:30"], ["03:00", "05:00"]]})
    start = datetime(2026, 3, 29, tzinfo=ZoneInfo("Europe/Berlin"))
    assert c.between(start, start + timedelta(days=1)) == 3 * 3600  # 1:00 to 5:00 of a clock that skipped 2:00 to 3:00


def test_calendar_days_keep_the_clock_and_hours_do_not() -> None:
    berlin = WorkingCalendar("Europe/Berlin", OFFICE)
    start = datetime(2026, 3, 28, 12, tzinfo=ZoneInfo("Europe/Berlin"))
    assert due(berlin, start, Duration(1, "d")) == start.replace(day=29)
    assert due(berlin, start, Duration(24, "h")) == start.replace(day=29, hour=13)


def test_a_business_day_is_the_standard_day() -> None:
    c = WorkingCalendar("UTC", OFFICE, day_hours=8)
    monday = datetime(2026, 11, 23, 10, tzinfo=UTC)
    assert due(c, monday, Duration(1, "bd")) == due(c, monday, Duration(8, "bh")) == monday + timedelta(days=1)
    assert due(c, monday, Duration(10, "bd") * 0.8) == due(c, monday, Duration(64, "bh"))


@pytest.mark.parametrize("hours", [
    {}, {"mon": []}, {"monday": [["09:00", "17:00"]]}, {"mon": [["17:00", "09:00"]]}, {"mon": [["09:00", "09:00"]]},
    {"mon": [["09:00", "25:00"]]}, {"mon": [["09:60", "17:00"]]}, {"mon": [["nine", "17:00"]]}, {"mon": [["09:00"]]},
    {"mon": [["09:00", "13:00"], ["12:00", "17:00"]]}, {"mon": [[9, 17]]}, {"mon": 9}, {"mon": [["-1:00", "09:00"]]},
])  # fmt: skip
def test_hours_that_cannot_be_are_refused(hours: Any) -> None:
    with pytest.raises(InvalidCalendar):
        WorkingCalendar("UTC", hours)


def test_searches_end() -> None:
    c = WorkingCalendar("UTC", {}, date_hours={date(2026, 1, 5): [["09:00", "10:00"]]})
    start = datetime(2026, 1, 1, tzinfo=UTC)
    assert c.add(start, 3600) == datetime(2026, 1, 5, 10, tzinfo=UTC)
    for search in (
        lambda: c.add(start, 3601),
        lambda: c.sub(start, 1),
        lambda: c.next_open(start + timedelta(days=30)),
        lambda: c.prev_open(start),
        lambda: c.add_working_dates(start.date(), 2),
        lambda: c.between(datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)),
        lambda: WorkingCalendar("UTC", OFFICE).add(start, 1e12),
        lambda: WorkingCalendar("UTC", OFFICE).add(datetime(9999, 12, 1, tzinfo=UTC), 1e6),
    ):
        with pytest.raises(OutOfReach):
            search()
    with pytest.raises(ValueError, match="time zone"):
        c.add(datetime(2026, 1, 1), 1)


def test_a_limit_that_is_never_reached_runs_in_plain_time() -> None:
    """One minute a week, or closed for decades: what comes in is due all the same, and the explanation says how."""
    scarce = WorkingCalendar("UTC", {"mon": [["09:00", "09:01"]]})
    shut = WorkingCalendar("UTC", OFFICE, closures=[Closure(date(2026, 1, 1), date(2099, 12, 31))])
    start = datetime(2026, 1, 5, 9, tzinfo=UTC)
    for calendar in (scarce, shut):
        assert due(calendar, start, Duration(20, "bd")) == start + timedelta(days=20)
        assert due(calendar, start, Duration(160, "bh")) == start + timedelta(hours=160)
        assert explain(calendar, start, Duration(20, "bd")).duration == Duration(20, "d")
    assert due(scarce, start, Duration(1 / 60, "bh")) == start + timedelta(minutes=1)


def test_closures_repeat_across_new_year() -> None:
    shut = Closure(date(2020, 12, 24), date(2021, 1, 2), every_year=True, label="Winter break")
    days = (date(2026, 12, 23), date(2026, 12, 24), date(2027, 1, 2), date(2027, 1, 3))
    assert [shut.covers(day) for day in days] == [False, True, True, False]


def test_explanation_names_each_date() -> None:
    """A week off in China, with a make-up Sunday before it, and a customer who did not answer for some hours."""
    off = [date(2026, 10, day) for day in range(1, 8)]
    c = WorkingCalendar(
        "Asia/Shanghai", OFFICE, off, {date(2026, 9, 27): OFFICE["mon"], date(2026, 9, 29): [["09:00", "12:00"]]},
        labels=dict.fromkeys(off, "National Day") | {date(2026, 9, 27): "Make-up day"}, name="Shanghai",
    )  # fmt: skip
    start = datetime(2026, 9, 26, 10, tzinfo=c.zone)
    pause = (datetime(2026, 9, 28, 10, tzinfo=c.zone), datetime(2026, 9, 28, 14, tzinfo=c.zone))
    why = explain(c, start, Duration(4, "bd"), [pause])
    kinds = {step.day.isoformat()[5:]: (step.kind, step.seconds / 3600) for step in why.steps}
    assert kinds == {
        "09-26": ("closed", 0), "09-27": ("make_up", 8), "09-28": ("work", 5), "09-29": ("special", 3),
        "09-30": ("work", 8), "10-01": ("holiday", 0), "10-02": ("holiday", 0), "10-03": ("closed", 0),
        "10-04": ("closed", 0),
        "10-05": ("holiday", 0), "10-06": ("holiday", 0), "10-07": ("holiday", 0), "10-08": ("work", 8),
    }  # fmt: skip
    assert why.due == datetime(2026, 10, 8, 18, tzinfo=c.zone)
    assert why.steps[5].label == "National Day"
    assert why.steps[2].pauses == [
        (pause[0], pause[0].replace(hour=12)),
        (pause[1].replace(hour=13), pause[1]),
    ]
    plain = why.as_json()
    assert json.loads(json.dumps(plain)) == plain
    assert (plain["duration"], plain["due"]) == ({"value": 4, "unit": "bd"}, "2026-10-08T18:00:00+08:00")


def test_a_running_pause_does_not_move_the_deadline_yet() -> None:
    c, start = WorkingCalendar("UTC", OFFICE), datetime(2026, 11, 23, 9, tzinfo=UTC)
    asked = start + timedelta(hours=1)
    assert due(c, start, Duration(2, "bh"), [(asked, None)]) == start + timedelta(hours=2)
    assert elapsed(c, start, start + timedelta(days=3), [(asked, None)]) == 3600
    with pytest.raises(ValueError, match="pause"):
        due(c, start, Duration(2, "bh"), [(asked, start)])


def test_limits_from_one_start_are_what_each_would_be_alone() -> None:
    spec: dict[str, Any] = {"hours": {day: [["09:00", "17:00"]] for day in ("mon", "wed", "fri")}}
    shared = WorkingCalendar("Europe/Berlin", **spec)
    starts = [datetime(2026, 3, day, hour, 30, tzinfo=UTC) for day in (2, 27, 28) for hour in (7, 15)]
    asked = [(start, hours) for start in (*starts, *reversed(starts)) for hours in (1, 8, 80, 900)]
    for start, hours in asked:
        alone = WorkingCalendar("Europe/Berlin", **spec)
        assert due(shared, start, Duration(hours, "bh")) == due(alone, start, Duration(hours, "bh"))


def test_deadlines_are_quick_enough_for_imports() -> None:
    c, start = WorkingCalendar("Asia/Shanghai", OFFICE), datetime(2026, 11, 23, 9, tzinfo=UTC)
    due(c, start, Duration(10, "bd"))
    assert min(timeit.repeat(lambda: due(c, start, Duration(10, "bd")), number=200, repeat=5)) / 200 < 25e-6 * 4
