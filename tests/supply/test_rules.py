"""Periods, bands, points and standing of a scorecard: plain sums."""

from datetime import date
from fractions import Fraction

import pytest

from comity.supply.rules import Bands, Length, Period, Standing, Weighed, bands, formula, score, standing


def test_a_period_is_one_of_the_calendar() -> None:
    quarter = Period.of(Length.QUARTER, date(2026, 2, 28))
    assert (quarter.first, quarter.last, quarter.label) == (date(2026, 1, 1), date(2026, 3, 31), "2026 Q1")
    assert [one.label for one in quarter.run(3)] == ["2025 Q3", "2025 Q4", "2026 Q1"]
    assert Period.of(Length.YEAR, date(2024, 2, 29)).last == date(2024, 12, 31)
    assert Period.of(Length.MONTH, date(2024, 2, 29)).back(12).label == "2023-02"


@pytest.mark.parametrize(
    ("text", "target", "lower", "found"),
    [
        ("good from 4.5, fair from 4.0", 3, False, Bands(4.5, 4.0)),
        ("Good up to 2; fair up to 5,5", None, True, Bands(2, 5.5, True)),
        ("good from the target, fair from 4", 4.2, False, Bands(4.2, 4.0)),
        ("good from the target, fair down to nine tenths of it", 99.5, False, Bands(99.5)),
        ("goodness knows 7", None, False, None),
        ("", None, False, None),
    ],
)
def test_bands_are_read_from_what_the_indicator_says(
    text: str, target: float | None, lower: bool, found: Bands | None
) -> None:
    assert bands(text, target, lower) == found


def test_points_by_band_in_both_directions() -> None:
    assert [Bands(4.5, 4.0).points(value) for value in (4.5, 4.4, 4.0, 3.9)] == [100, 50, 50, 0]
    assert [Bands(2, 5, lower=True).points(value) for value in (2, 3, 5, 6)] == [100, 50, 50, 0]
    assert [Bands(10).points(value) for value in (10, 9.9)] == [100, 0]


def test_what_was_not_measured_has_no_part_in_the_score() -> None:
    lines = [Weighed(60, 100), Weighed(40, 50), Weighed(100, None), Weighed(0, 0)]
    assert (score(lines), formula(lines)) == (Fraction(80), "(60 × 100 + 40 × 50) ÷ 100")
    assert (score([Weighed(60, None)]), formula([Weighed(60, None)]), score([])) == (None, "", None)


def test_the_standing_follows_from_the_score_alone() -> None:
    found = [standing(Fraction(n), 80, 60) for n in (100, 80, 79, 60, 59)]
    assert found == [Standing.GOOD, Standing.GOOD, Standing.WATCH, Standing.WATCH, Standing.POOR]
    assert standing(None, 80, 60) is None
