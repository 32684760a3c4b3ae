"""Indicators and values: never overwritten, judged against the target, limits from enough of them."""

from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from comity.measures.models import Measurement
from comity.measures.rules import RUN, limits, weaker
from comity.measures.values import actual_values
from comity.records import write
from comity.records.bulk import create_many
from comity.records.kind import kind_named
from comity.records.models import Entry
from comity.records.trail import Refused
from tests.web.visitors import visitor
from tests.worlds import World, days_ago

BY = "process_manager"


def kpi(world: World, **more: Any) -> Any:
    data = {"title": "Satisfaction", "category": "customer_satisfaction", "target": 4, "unit_of_value": "points"}
    return world.move(world.create("kpi", BY, **{**data, **more}), "activate", BY)


def value(world: World, of: Any, number: float, ago: int = 1, **more: Any) -> Any:
    return world.create("measurement", BY, kpi=of.ref, value=number, period_end=days_ago(ago), source="Survey", **more)


class TestValue:
    def test_is_met_or_missed_by_the_target(self, world):
        high, low = kpi(world), kpi(world, better="lower")
        assert [value(world, high, n, ago).verdict for ago, n in enumerate((3.9, 4))] == ["missed", "met"]
        assert [value(world, low, n, ago).verdict for ago, n in enumerate((3.9, 4.1))] == ["met", "missed"]
        assert value(world, high, 3, 9, verdict="met").verdict == "missed"
        assert value(world, high, 1, type="forecast").verdict == ""

    def test_is_never_overwritten(self, world):
        row = value(world, kpi(world), 3.5)
        assert not row.editable(world.person(BY))
        with pytest.raises(ValidationError):
            write.update(row, {"value": 4.5}, actor=world.actor(BY))
        row.refresh_from_db()
        assert row.value == 3.5

    def test_is_corrected_by_a_new_one_that_says_why(self, world):
        of = kpi(world)
        old = value(world, of, 3.5)
        with pytest.raises(ValidationError):
            value(world, of, 4.5, corrects=old.ref)
        with pytest.raises(ValidationError):
            value(world, of, 4.5, ago=2, corrects=old.ref, correction_reason="Wrong sheet.")
        assert actual_values(of) == [3.5]
        new = value(world, of, 4.5, corrects=old.ref, correction_reason="Wrong sheet.")
        old.refresh_from_db()
        assert old.superseded_at
        assert (old.value, actual_values(of)) == (3.5, [4.5])
        assert new.ref in Entry.objects.filter(ref=old.ref, act=Entry.AUTO).get().words
        with pytest.raises(ValidationError):
            value(world, of, 5, corrects=old.ref, correction_reason="Again.")
        assert actual_values(of) == [4.5]

    def test_is_of_something_and_of_a_period_that_is_over(self, world):
        with pytest.raises(ValidationError):
            world.create("measurement", BY, value=1, period_end=days_ago(1))
        with pytest.raises(ValidationError):
            value(world, kpi(world), 1, ago=-1)
        assert not Measurement.objects.exists()

    @pytest.mark.parametrize(
        "wrong",
        [
            {"unit_of_value": "minutes"},
            {"value": float("nan")},
            {"value": "1e400"},
            {"value": "-inf"},
            {"value": -1e308},
            {"ago": 5},
        ],
        ids=str,
    )
    def test_has_the_unit_of_its_indicator_is_a_number_and_stands_once_for_its_period(self, world, wrong):
        of = kpi(world)
        value(world, of, 4, ago=5)
        data = {"kpi": of.ref, "value": 4, "period_end": days_ago(wrong.pop("ago", 1))}
        with pytest.raises(ValidationError):
            world.create("measurement", BY, **data | wrong)
        assert Measurement.objects.count() == 1

    def test_stands_once_in_a_list_that_names_it_twice(self, world):
        row = {"kpi": kpi(world).ref, "value": 4, "period_end": days_ago(1)}
        done = create_many(kind_named("measurement"), [row, {**row, "value": 5}], actor=world.actor(BY))
        assert (len(done.created), len(done.errors)) == (1, 1)
        assert Measurement.objects.get().value == 4

    def test_of_an_indicator_out_of_use_is_refused(self, world):
        of = world.move(kpi(world), "retire", BY, note="Nobody asks.")
        with pytest.raises(ValidationError):
            value(world, of, 4)
        assert not Measurement.objects.exists()

    def test_is_to_be_recorded_ten_working_days_after_its_period(self, world):
        row = value(world, kpi(world), 4, ago=30)
        assert row.record_due_at < row.entered_at
        assert value(world, kpi(world), 4, ago=1).record_due_at > timezone.now()
        assert row.recorder == world.person(BY)


class TestLimits:
    def test_need_enough_values(self, world):
        row = kpi(world)
        value(world, row, 4)
        with pytest.raises(Refused):
            world.move(row, "limits", BY)
        row.refresh_from_db()
        assert row.lower_limit is None

    def test_alert_when_a_value_leaves_them(self, world):
        row = kpi(world)
        for ago in range(10, 2, -1):
            value(world, row, 4 + 0.1 * (ago % 2), ago)
        row = world.move(row, "limits", BY)
        assert row.mean == pytest.approx(4.05)
        assert row.target_variance == pytest.approx(0.05)
        assert value(world, row, 4.1, 2).control_limits
        row.refresh_from_db()
        assert row.trend_alert_at is None
        bad = value(world, row, 2, 1)
        row.refresh_from_db()
        assert row.trend_alert_at
        assert bad.ref in Entry.objects.filter(ref=row.ref, act=Entry.AUTO).latest("pk").words
        assert world.move(row, "calm", BY, note="A holiday.").trend_alert_at is None

    def test_are_three_deviations_of_the_moving_range(self):
        found = limits([4, 6, 4, 6])
        assert (found.lower, found.mean, found.upper) == pytest.approx((5 - 5.32, 5, 5 + 5.32))
        assert found.leaves([5, 11])
        assert not found.leaves([5.5] * (RUN - 1))
        assert found.leaves([5.5] * RUN)
        assert not found.leaves([])


@pytest.mark.parametrize(
    ("before", "now", "lower", "said"),
    [
        (4, 3.9, False, True),
        (4, 4.1, False, False),
        (4, 4.1, True, True),
        (None, 1, False, False),
        (4, None, True, True),
    ],
)
def test_a_weaker_target_asks_for_less(before, now, lower, said):
    assert weaker(before, now, lower) is said


class TestPages:
    def test_values_stand_beside_their_indicator(self, world):
        row = kpi(world)
        assert f"/measurements/new/?kpi={row.ref}" in visitor(world.person(BY)).get(row.url).content.decode()
        old = value(world, row, 3.5)
        new = value(world, row, 4.5, corrects=old.ref, correction_reason="Wrong sheet.")
        page = visitor(world.person(BY)).get(row.url).content.decode()
        assert new.url in page
        assert old.url not in page
        assert "outside the limits" not in page
        page = visitor(world.person(BY)).get(old.url).content.decode()
        assert new.url in page
        assert "Wrong sheet." in page
