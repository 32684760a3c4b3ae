"""Waiting, mentioning, mornings: plain rules."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.clocks.rules import WorkingCalendar
from comity.notices import rules


def test_attempts_double_up_to_four_hours_and_end_after_some_two_days() -> None:
    waits = [rules.wait(number, 0.5) for number in range(1, rules.MOST_ATTEMPTS)]
    assert waits[:4] == [timedelta(minutes=n) for n in (1, 2, 4, 8)] and waits[-1] == timedelta(hours=4)
    assert timedelta(hours=40) < sum(waits, timedelta()) < timedelta(hours=56)
    assert rules.wait(3, 0) == timedelta(minutes=3.2) and rules.wait(3, 1) == timedelta(minutes=4.8)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("@ada@aster.example look", {"ada@aster.example"}),
        ("(@Ada.B+x@Aster.Example, and @bo@b.example.)", {"ada.b+x@aster.example", "bo@b.example"}),
        ("write to ada@aster.example", set()), ("x@ada@aster.example", set()), ("@ada", set()), ("", set()),
        ("请 @li@wei.example 看", {"li@wei.example"}),
    ],
)  # fmt: skip
def test_mentions(text: str, found: set[str]) -> None:
    assert rules.mentioned(text) == found


WEEK = {day: [["09:00", "17:00"]] for day in ("mon", "tue", "wed", "thu", "fri")}
OFFICE = WorkingCalendar("UTC", WEEK)
FRIDAY = datetime(2026, 3, 6, 13, tzinfo=UTC)


def test_near_counts_working_time() -> None:
    wednesday = datetime(2026, 3, 11, 13, tzinfo=UTC)  # 24 working hours later
    assert rules.near(OFFICE, FRIDAY, wednesday, 0.8) == datetime(2026, 3, 10, 16, 12, tzinfo=UTC)
    assert rules.near(OFFICE, FRIDAY, wednesday, 0.5) == datetime(2026, 3, 9, 17, tzinfo=UTC)
    closed = WorkingCalendar("UTC", WEEK, {date(2026, 3, 9)})
    assert rules.near(closed, FRIDAY, wednesday, 0.5) == datetime(2026, 3, 10, 13, tzinfo=UTC)


def test_near_is_the_deadline_where_nobody_works_in_between() -> None:
    saturday = datetime(2026, 3, 7, 10, tzinfo=UTC)
    assert rules.near(OFFICE, saturday, saturday + timedelta(hours=5), 0.8) == saturday + timedelta(hours=5)
    assert rules.near(OFFICE, FRIDAY, FRIDAY - timedelta(days=1), 0.8) == FRIDAY - timedelta(days=1)


def test_near_beyond_the_reach_of_a_calendar_is_counted_in_plain_time() -> None:
    assert rules.near(OFFICE, FRIDAY, FRIDAY + timedelta(days=50_000), 0.5) == FRIDAY + timedelta(days=25_000)


@given(st.integers(0, 60_000), st.integers(-1_000, 60_000), st.floats(0.1, 1))
def test_near_lies_between_start_and_deadline(begin: int, minutes: int, share: float) -> None:
    start = FRIDAY + timedelta(minutes=begin)
    due = start + timedelta(minutes=minutes)
    assert min(start, due) <= rules.near(OFFICE, start, due, share) <= due


@pytest.mark.parametrize(
    ("local", "last", "now"),
    [
        (datetime(2026, 3, 2, 6, 59), None, False), (datetime(2026, 3, 2, 7), None, True),
        (datetime(2026, 3, 2, 9), date(2026, 3, 2), False), (datetime(2026, 3, 3, 7), date(2026, 3, 2), True),
        (datetime(2026, 3, 7, 9), None, False), (datetime(2026, 3, 8, 9), None, False),
    ],
)  # fmt: skip
def test_mornings_are_those_of_working_days(local: datetime, last: date | None, now: bool) -> None:
    assert rules.is_morning(local, last) is now


def test_one_line_stays_one_line() -> None:
    assert rules.one_line("a\r\nBcc: x@y\x00\u2028b\x85c") == "a Bcc: x@y b c"
