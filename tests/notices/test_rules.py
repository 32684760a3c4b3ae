"""Waiting, mentioning, mornings: plain rules."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

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


def test_near_is_four_fifths_of_the_way() -> None:
    start = datetime(2026, 3, 2, tzinfo=UTC)
    assert rules.near(start, start + timedelta(days=10)) == start + timedelta(days=8)
    assert rules.near(start, start - timedelta(days=1)) == start - timedelta(days=1)


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
