"""Honest figures: no direction of few, no gain of words."""

import pytest

from comity.improvement import rules


@pytest.mark.parametrize(
    ("before", "now", "said"),
    [(4, 40, ""), (40, 4, ""), (5, 6, "level"), (10, 30, "up"), (30, 10, "down"), (100, 110, "level")],
)
def test_no_direction_of_few_or_by_chance(before, now, said):
    assert rules.direction(before, now) == said


@pytest.mark.parametrize(
    ("before", "wanted", "now", "share"),
    [
        ("9 min", "3 min", "6 min", 0.5),
        ("3,5", "4,5", "3,0", -0.5),
        ("often", "never", "2", None),
        ("3", "3", "3", None),
    ],
)
def test_a_gain_is_the_share_of_what_was_wanted(before, wanted, now, share):
    assert rules.gain(before, wanted, now) == (share if share is None else pytest.approx(share))


def test_an_alternative_is_weighed_with_cost_and_effect():
    first, second = rules.alternatives(["Hire | 80,000 | 3 minutes", "Wait"])
    assert (first.what, first.cost, first.effect, first.weighed) == ("Hire", "80,000", "3 minutes", True)
    assert not second.weighed
