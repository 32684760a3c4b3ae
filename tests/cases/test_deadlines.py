"""The clocks of a complaint by severity, the pause and its budget, and what the figures call a case."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.cases.rules import deadlines as rules
from comity.cases.rules.deadlines import Clock, Deadline, Figure, Pause
from comity.cases.rules.words import Classification, Severity
from comity.clocks.parameters import DEFINITIONS
from comity.clocks.rules import Duration, WorkingCalendar, elapsed

# Eight hours a working day in UTC; Friday 6 March 2026 is a holiday.
HOURS = [["09:00", "12:00"], ["13:00", "18:00"]]
CALENDAR = WorkingCalendar("UTC", dict.fromkeys(("mon", "tue", "wed", "thu", "fri"), HOURS), {date(2026, 3, 6)})
MONDAY = datetime(2026, 3, 2, 9, tzinfo=UTC)
DEFAULTS = {name: one.value(one.default) for name, one in DEFINITIONS.items()}
BUDGET = Duration(10, "bd")
DAY = 8 * 3600


def running(severity: Severity = Severity.NORMAL, **options: object) -> dict[Clock, Deadline]:
    return rules.deadlines(
        CALENDAR,
        Classification.COMPLAINT,
        severity,
        MONDAY,
        DEFAULTS.__getitem__,
        **options,  # type: ignore[arg-type]
    )


@pytest.mark.parametrize(
    ("severity", "acknowledge", "answer", "resolve"),
    [
        (Severity.CRITICAL, 3600, 4 * 3600, 2 * DAY),
        (Severity.MAJOR, 4 * 3600, DAY, 5 * DAY),
        (Severity.NORMAL, 8 * 3600, 3 * DAY, 10 * DAY),
        (Severity.MINOR, 8 * 3600, 5 * DAY, 20 * DAY),
    ],
)
def test_the_table_of_clocks(severity: Severity, acknowledge: int, answer: int, resolve: int) -> None:
    found = running(severity)
    spent = {clock: CALENDAR.between(MONDAY, deadline.due_at) for clock, deadline in found.items()}
    assert (spent[Clock.ACKNOWLEDGE], spent[Clock.ANSWER], spent[Clock.RESOLVE]) == (acknowledge, answer, resolve)
    assert (spent[Clock.TRIAGE], spent[Clock.INVESTIGATE]) == (2 * DAY, 5 * DAY)


def test_the_holiday_is_not_counted() -> None:
    assert running(Severity.MAJOR)[Clock.RESOLVE].due_at == datetime(2026, 3, 9, 18, tzinfo=UTC)


def test_parameters_govern_normal_severity_only() -> None:
    halved = {**DEFAULTS, "complaint_resolve_days": Duration(5, "bd")}
    assert rules.limit(Clock.RESOLVE, Severity.NORMAL, halved.__getitem__) == Duration(5, "bd")
    assert rules.limit(Clock.RESOLVE, Severity.MINOR, halved.__getitem__) == Duration(20, "bd")


def test_the_agreement_overrides_the_table() -> None:
    promised = {Clock.RESOLVE: Duration(1, "d")}
    assert running(Severity.CRITICAL, promised=promised)[Clock.RESOLVE].due_at == MONDAY + timedelta(days=1)
    assert running(Severity.CRITICAL, promised=promised)[Clock.ANSWER].allowed == Duration(4, "bh")


@pytest.mark.parametrize(
    ("classification", "clocks"),
    [
        (Classification.ENQUIRY, {Clock.ACKNOWLEDGE, Clock.ANSWER}),
        (Classification.SUGGESTION, {Clock.ANSWER}),
        (Classification.PRAISE, set()),
        (Classification.SERVICE_REQUEST, set()),
    ],
)
def test_other_intakes_have_fewer_clocks(classification: Classification, clocks: set[Clock]) -> None:
    assert set(rules.deadlines(CALENDAR, classification, Severity.NORMAL, MONDAY, DEFAULTS.__getitem__)) == clocks


def test_only_resolving_pauses_and_only_resolving_begins_anew() -> None:
    pause: Pause = (MONDAY + timedelta(hours=1), MONDAY + timedelta(hours=2))
    plain, paused = running(), running(pauses=[pause])
    assert paused[Clock.RESOLVE].due_at > plain[Clock.RESOLVE].due_at
    assert paused[Clock.ANSWER] == plain[Clock.ANSWER]
    again = running(resolve_from=MONDAY + timedelta(days=30))
    assert again[Clock.RESOLVE].start == MONDAY + timedelta(days=30)
    assert again[Clock.ACKNOWLEDGE] == plain[Clock.ACKNOWLEDGE]


@given(st.sampled_from(list(Severity)))
def test_warning_lies_before_the_deadline_and_far_over_after(severity: Severity) -> None:
    resolve = running(severity)[Clock.RESOLVE]
    warn, far = rules.warn_and_far_over(CALENDAR, resolve, 0.8, 1.5)
    assert warn < resolve.due_at < far
    whole = CALENDAR.between(MONDAY, resolve.due_at)
    assert CALENDAR.between(MONDAY, warn) == pytest.approx(0.8 * whole)
    assert CALENDAR.between(MONDAY, far) == pytest.approx(1.5 * whole)


# --- waiting for the customer ------------------------------------------------------------------------------------


def test_a_first_pause_may_last_the_whole_budget() -> None:
    ends = rules.waiting_ends(CALENDAR, MONDAY, [], BUDGET)
    assert ends is not None
    assert CALENDAR.between(MONDAY, ends) == 10 * DAY


def test_a_later_pause_has_what_is_left_and_then_nothing() -> None:
    first: Pause = (MONDAY, CALENDAR.add(MONDAY, 7 * DAY))
    later = datetime(2026, 4, 13, 9, tzinfo=UTC)
    ends = rules.waiting_ends(CALENDAR, later, [first], BUDGET)
    assert ends is not None
    assert CALENDAR.between(later, ends) == 3 * DAY
    used_up: Pause = (MONDAY, CALENDAR.add(MONDAY, 10 * DAY))
    assert rules.waiting_ends(CALENDAR, later, [used_up], BUDGET) is None


minutes = st.integers(0, 60 * 24 * 60)


@given(st.lists(st.tuples(minutes, minutes), max_size=6))
def test_pausing_never_gains_more_than_the_budget(drawn: list[tuple[int, int]]) -> None:
    """However often the customer is asked, the resolve clock stands still for ten business days at most."""
    pauses: list[Pause] = []
    reached = MONDAY
    for wait, length in drawn:
        start = reached + timedelta(minutes=wait)
        ends = rules.waiting_ends(CALENDAR, start, pauses, BUDGET)
        if ends is None:
            break
        reached = min(ends, start + timedelta(minutes=length))
        pauses.append((start, reached))
    assert rules.waiting_used(CALENDAR, pauses) <= 10 * DAY + 1
    plain, paused = running()[Clock.RESOLVE].due_at, running(pauses=pauses)[Clock.RESOLVE].due_at
    assert plain <= paused
    assert CALENDAR.between(plain, paused) <= 10 * DAY + 1
    assert elapsed(CALENDAR, MONDAY, paused, _ended(pauses)) <= 10 * DAY + 1


def _ended(pauses: Sequence[Pause]) -> list[tuple[datetime, datetime | None]]:
    return list(pauses)


# --- reopening, figures, extension ---------------------------------------------------------------------------------


def test_the_reopen_window_counts_calendar_days() -> None:
    assert rules.reopenable_until(MONDAY, 30) == MONDAY + timedelta(days=30)


BEFORE, DUE, AFTER = MONDAY, MONDAY + timedelta(days=1), MONDAY + timedelta(days=2)


@pytest.mark.parametrize(
    ("resolved_at", "now", "breached", "waiting", "expected"),
    [
        (BEFORE, AFTER, False, False, Figure.IN_TIME),
        (DUE, AFTER, False, False, Figure.IN_TIME),
        (AFTER, AFTER, False, False, Figure.LATE),
        (BEFORE, AFTER, True, False, Figure.LATE),
        (None, BEFORE, False, False, Figure.OPEN),
        (None, AFTER, False, False, Figure.OPEN_LATE),
        (None, BEFORE, True, False, Figure.OPEN_LATE),
        (None, AFTER, False, True, Figure.WAITING),
        (BEFORE, AFTER, False, True, Figure.WAITING),
        (None, AFTER, True, True, Figure.OPEN_LATE),
    ],
)
def test_figures(resolved_at: datetime | None, now: datetime, breached: bool, waiting: bool, expected: Figure) -> None:
    assert rules.figure(DUE, resolved_at, now, breached=breached, waiting=waiting) == expected


moments = st.datetimes(datetime(2026, 1, 1), datetime(2026, 12, 31), timezones=st.just(UTC))


@given(moments, st.none() | moments, moments)
def test_a_breach_is_never_erased(due_at: datetime, resolved_at: datetime | None, now: datetime) -> None:
    for waiting in (True, False):
        found = rules.figure(due_at, resolved_at, now, breached=True, waiting=waiting)
        assert found in (Figure.LATE, Figure.OPEN_LATE)


def test_an_extension_names_reason_later_date_and_outside_body() -> None:
    assert rules.extension_missing("Parts are awaited.", AFTER, DUE, "Ombudsman") == []
    assert rules.extension_missing(" ", BEFORE, DUE, "") == ["reason", "new_due_at", "outside_body"]
    assert rules.extension_missing("x", None, DUE, "Ombudsman") == ["new_due_at"]
