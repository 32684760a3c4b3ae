"""What changed, why, and how standards fared."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone, translation

from comity.clocks import parameters
from comity.compliance.catalogue import requirements
from comity.compliance.inquiry import Inquiry
from comity.compliance.models import Answer, Computation
from comity.compliance.operations import computing, history
from comity.compliance.operations.computing import compute_and_keep, latest
from comity.parties.models import Customer
from comity.records.models import writing
from tests.compliance.test_catalogue import ENTRY, TIMED, standard
from tests.compliance.test_standards import add
from tests.worlds import World, days_ago

OWN = "OWN-1"


@pytest.fixture(autouse=True)
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    """Only what the tests add, so that a look takes a moment."""

    def some() -> dict[str, Any]:
        return {name: one for name, one in requirements().items() if one.standard == "own-rules"}

    monkeypatch.setattr(computing, "requirements", some)


def look() -> Any:
    """Look at the one requirement; the moment after it."""
    compute_and_keep(Inquiry(), [requirements()[OWN]])
    return timezone.now()


def ours(since: Any, until: Any = None) -> history.Change | None:
    return next((one for one in history.changes(since, until) if one.requirement.id == OWN), None)


def put(customer: Customer, **values: Any) -> None:
    with writing():
        Customer.objects.filter(pk=customer.pk).update(**values)


def test_gaps_that_opened_and_closed_between_any_two_moments(world: World, tmp_path: Path) -> None:
    before = timezone.now()
    add(tmp_path, standard(ENTRY))
    put(world.child, category=world.category)
    first = look()
    put(world.child, category=None)
    second = look()
    put(world.child, category=world.category)
    put(world.customer, category=None)
    third = look()
    new, opened, both = ours(before, first), ours(first, second), ours(second, third)
    assert new is not None and opened is not None and both is not None
    assert (new.verdicts, new.before) == (("", "met"), None)
    assert (opened.verdicts, opened.opened, opened.closed) == (("met", "gap"), [world.child.ref], [])
    assert opened.why == ["1 gap opened."]
    assert (both.verdicts, both.opened, both.closed) == (("gap", "gap"), [world.customer.ref], [world.child.ref])
    assert ours(third) is None
    whole = ours(first, third)
    assert whole is not None and whole.opened == [world.customer.ref]


def test_why_a_verdict_changed_is_told(world: World, tmp_path: Path) -> None:
    add(tmp_path, standard(ENTRY, exclusions={"allowed": True}))
    first = look()
    waiver = world.create("waiver", "senior_manager", requirement=OWN, reason="Soon.", ends_on=days_ago(-9))
    second = look()
    world.create("exclusion", "senior_manager", requirement=OWN, reason="None here.")
    third = look()
    covered, excluded = ours(first, second), ours(second, third)
    assert covered is not None and excluded is not None
    assert covered.verdicts == ("gap", "waived")
    assert covered.why == [f"The waiver {waiver.ref} covers the gap."]
    assert excluded.why == ["It was excluded."]


def test_a_parent_changes_with_what_is_below_it(world: World, tmp_path: Path) -> None:
    below = {**ENTRY, "id": "OWN-2", "parent": OWN, "with": {"population": "customers_active", "fields": ["category"]}}
    above = {**ENTRY, "with": {"population": "customers_active", "fields": ["status"]}}
    add(tmp_path, standard(above, below))
    put(world.child, category=world.category)
    first = look()
    compute_and_keep(Inquiry(), [requirements()["OWN-2"]])
    put(world.child, category=None)
    compute_and_keep(Inquiry(), [requirements()["OWN-2"]])
    change = ours(first)
    assert change is not None
    assert (change.verdicts, change.after.own) == (("met", "gap"), "met")
    assert change.why == ["Requirements below it changed."]


def test_met_since_a_limit_was_loosened_is_told_until_records_meet_the_old_one(world: World, tmp_path: Path) -> None:
    timed = {**ENTRY, **TIMED}
    timed["with"] = {
        "population": "customers_active",
        "fields": ["status"],
        "reconfirmed_within": "register_review_days",
    }
    add(tmp_path, standard(timed))
    for one in (world.customer, world.child):
        put(one, entered_at=timezone.now() - timedelta(days=700), reconfirmed_at=days_ago(400))
    first = look()
    assert latest()[OWN].own == "gap"
    parameters.change("register_review_days", 500)
    second = look()
    answer = latest()[OWN]
    assert (answer.own, answer.loosened) == ("met", [["register_review_days", 365.0, 500.0]])
    assert answer.values["register_review_days"] == 500
    change = ours(first, second)
    assert change is not None
    assert any(
        said.endswith("are reconfirmed at least this often” was loosened from 365 to 500.") for said in change.why
    )
    put(world.child, reconfirmed_at=days_ago(10))
    look()
    assert latest()[OWN].loosened
    put(world.customer, reconfirmed_at=days_ago(10))
    look()
    assert not latest()[OWN].loosened


def test_a_trend_has_one_point_a_day_and_past_days_keep_their_last_look(world: World) -> None:
    now, leaves = timezone.now(), {"met": 3, "gap": 1, "not_exercised": 5}
    for days, hours in ((5, 2), (5, 1), (4, 1)):
        at = (now - timedelta(days=days)).replace(hour=12) - timedelta(hours=hours)
        Computation.objects.create(as_of=at, seconds=1, leaves={"csms-2003": {**leaves, "gap": hours}})
    found = history.trend("csms-2003")
    assert [one.counts["gap"] for one in found] == [1, 1]
    assert [one.share for one in found] == [0.75, 0.75]
    assert history.thin_out(now) == 1
    assert history.trend("csms-2003") == found
    assert history.trend("nonsense") == []
    assert history.share({"not_exercised": 4}) is None


def test_history_is_read_as_it_was(world: World, tmp_path: Path) -> None:
    add(tmp_path, standard(ENTRY))
    put(world.child, category=world.category)
    first = look()
    put(world.child, category=None)
    look()
    assert latest(first)[OWN].verdict == "met"
    assert latest()[OWN].verdict == "gap"
    assert Answer.objects.filter(requirement=OWN).count() == 2
    with translation.override("zh-hans"):
        assert ours(first) is not None
