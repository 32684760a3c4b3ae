"""Sizes, draws and intervals against printed tables, another library, and what must hold whatever the numbers are."""

from __future__ import annotations

from math import sqrt

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats  # type: ignore[import-untyped]

from comity.satisfaction import rules

KREJCIE = {
    10: 10, 20: 19, 30: 28, 40: 36, 50: 44, 60: 52, 70: 59, 80: 66, 90: 73, 100: 80, 120: 92, 140: 103, 230: 144,
    250: 152, 1200: 291, 1400: 302, 2800: 338,
}  # fmt: skip
WILSON = {  # R, binom.confint, as recorded by statsmodels
    (18, 20): (0.6989663547715128, 0.972133518786232),
    (4, 200): (0.00780442641634947, 0.05028708690582643),
}
STRATA = st.dictionaries(st.text("abcdef", min_size=1, max_size=3), st.integers(1, 400), min_size=1, max_size=12)


def test_sizes_are_those_of_the_printed_table_and_of_the_examples() -> None:
    assert {n: round(rules.exact_size(n, 0.95, 0.05)) for n in KREJCIE} == KREJCIE
    tenth = [rules.required(n, 0.95, 0.1, 30) for n in (30, 40, 200, 2000)]
    twentieth = [rules.required(n, 0.95, 0.05, 30) for n in (200, 2000)]
    assert (tenth, twentieth) == ([30, 29, 66, 92], [132, 323])
    assert rules.invited(66, 200, 0.3) == 200
    assert rules.invited(92, 2000, 0.5) == 184
    assert rules.required(0, 0.95, 0.1, 30) == 0


def test_the_margin_is_that_of_the_answers() -> None:
    assert rules.achieved_margin(30, 200, 0.95) == pytest.approx(0.165, abs=0.0005)
    assert rules.achieved_margin(200, 200, 0.95) == 0
    assert rules.achieved_margin(0, 200, 0.95) is None
    assert rules.achieved_margin(1, 1, 0.95) == 0


@pytest.mark.parametrize(("hits", "of"), [*WILSON, (0, 7), (7, 7), (1, 30), (250, 1000)])
def test_shares_have_wilsons_interval(hits: int, of: int) -> None:
    found = rules.share([True] * hits + [False] * (of - hits), 0.95)
    assert found is not None
    other = stats.binomtest(hits, of).proportion_ci(0.95, "wilson")
    assert (found.low, found.high) == pytest.approx((other.low, other.high), abs=1e-9)
    assert (found.low, found.high) == pytest.approx(WILSON.get((hits, of), (other.low, other.high)), abs=1e-6)


def test_promoters_less_detractors_has_the_variance_of_three_cells() -> None:
    scores = [10] * 162 + [7] * 108 + [6] * 54  # one half, one third, one sixth of 324
    found = rules.nps(scores, 0.95)
    assert found is not None
    assert found.value == pytest.approx(1 / 3)
    assert rules.nps_variance([1.0] * 3 + [0.0] * 2 + [-1.0], [1.0] * 6) == pytest.approx(5 / 9)
    assert (found.high - found.low) / 2 / rules.quantile(0.95) == pytest.approx(0.041409, abs=1e-5)
    clipped = rules.nps([10, 10, 10, 10, 8], 0.95)
    assert clipped is not None and clipped.high == 1.0
    assert rules.nps([], 0.95) is rules.mean([], 0.95) is rules.top_two([], 0.95) is None


def test_a_mean_has_students_interval() -> None:
    scores = [5, 4, 4, 3, 5, 2, 4, 5, 3, 4]
    found = rules.mean(scores, 0.95)
    low, high = stats.t.interval(0.95, len(scores) - 1, loc=4 - 0.1, scale=stats.sem(scores))
    assert found is not None
    assert (found.value, found.low, found.high) == pytest.approx((3.9, low, high), abs=2e-3)
    tallied = rules.mean([5, 4, 3, 2], 0.95, [3, 4, 2, 1], 10)
    assert tallied is not None and (tallied.low, tallied.high, tallied.answers) == pytest.approx(
        (found.low, found.high, 10)
    )
    assert rules.top_two([5, 4, 3, 2], 0.95, [3, 4, 2, 1], 10) == rules.top_two(scores, 0.95)
    for freedom in (4, 9, 30, 1000):
        assert rules.student(0.95, freedom) == pytest.approx(stats.t.ppf(0.975, freedom), abs=0.01)
    assert rules.mean([4], 0.95) == rules.Estimate(4, 4, 4, 1)


def test_weights_put_right_what_the_sample_has_too_much_of() -> None:
    """Nine in ten of the frame are contented, the sample has as many of each."""
    weight = rules.weights({"a": 900, "b": 100, "c": 5}, {"a": 10, "b": 10, "c": 0})
    assert weight == {"a": 90, "b": 10}
    scores, each = [5.0] * 10 + [1.0] * 10, [weight["a"]] * 10 + [weight["b"]] * 10
    found, plain = rules.mean(scores, 0.95, each), rules.mean(scores, 0.95)
    assert found is not None and plain is not None
    assert (found.value, plain.value) == pytest.approx((4.6, 3.0))
    assert rules.effective(each) == pytest.approx(1000**2 / (10 * 90**2 + 10 * 10**2))
    share = rules.top_two(scores, 0.95, each)
    assert share is not None and share.low < 0.9 < share.high and share.value == pytest.approx(0.9)


@given(STRATA, st.integers(0, 2000))
def test_every_stratum_has_somebody_and_none_more_than_it_holds(strata: dict[str, int], wanted: int) -> None:
    wanted = min(wanted, sum(strata.values()))
    found = rules.allocate(wanted, strata)
    assert found.keys() == strata.keys()
    assert all(min(2, strata[name]) <= n <= strata[name] for name, n in found.items())
    assert wanted <= sum(found.values()) <= wanted + 2 * len(strata)


@given(STRATA, st.integers(1, 300), st.text("0123456789abcdef", min_size=8, max_size=8))
def test_the_same_seed_draws_the_same_people_in_whatever_order(strata: dict[str, int], wanted: int, seed: str) -> None:
    members = {name: range(size) for name, size in strata.items()}
    sizes = rules.allocate(min(wanted, sum(strata.values())), strata)
    drawn = rules.draw(members, sizes, seed)
    backwards = {name: reversed(of) for name, of in reversed(members.items())}
    assert rules.draw(backwards, sizes, seed) == drawn
    assert {name: len(set(of)) for name, of in drawn.items()} == sizes
    assert all(set(of) <= set(members[name]) for name, of in drawn.items())


def test_the_draw_favours_nobody() -> None:
    """Of twenty, five are drawn with two thousand seeds: everybody about five hundred times."""
    times = [0] * 20
    for seed in range(2000):
        for member in rules.draw({"all": range(20)}, {"all": 5}, str(seed))["all"]:
            times[member] += 1
    assert stats.chisquare(times).pvalue > 0.001
    assert max(abs(n - 500) for n in times) < 5 * sqrt(2000 * 0.25 * 0.75)


def test_those_who_stay_silent_are_named() -> None:
    frame = {"managers": 50, "users": 150}
    assert rules.unlike(frame, {"managers": 20, "users": 30}, 0.1) == ["managers", "users"]
    assert rules.unlike(frame, {"managers": 14, "users": 26}, 0.1) == []
    assert rules.unlike(frame, {}, 0.1) == []
    assert rules.late_differ([5, 4, 5, 5, 4, 5, 2, 1, 2, 3, 2, 1], 0.95)
    assert not rules.late_differ([5, 4, 5, 2, 4, 5, 2, 5, 4, 5, 4, 5], 0.95)
    assert not rules.late_differ([5, 5, 5, 5, 1, 1, 1, 1], 0.95)  # too few to tell
