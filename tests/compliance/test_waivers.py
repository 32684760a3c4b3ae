"""What senior managers decide about requirements: waivers, exclusions; and what only a person can state."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from comity.accounts.models import Person
from comity.accounts.roles import Role
from comity.clocks import parameters
from comity.compliance import jobs
from comity.compliance.catalogue import exclusion_barred, requirements, shipped
from comity.compliance.inquiry import Inquiry
from comity.compliance.models import Answer, Exclusion, Obligation, Waiver
from comity.compliance.operations.computing import answers, compute_and_keep, counted, latest
from comity.compliance.operations.moments import moment
from comity.parties.models import Customer
from comity.records.access import NotAllowed, NotReadable, readable
from comity.records.kind import kind_named
from comity.records.models import writing
from tests.worlds import World, days_ago

GAP = "ISO20000-7.1-03"  # a customer without a category is one
LAW = "CSMS-8.7.2-s5"


@pytest.fixture
def gap(world: World) -> World:
    """Two customers fall short of the requirement."""
    with writing():
        Customer.objects.update(user_population=None, representative_contact=None)
    assert asked().own == "gap"
    return world


def asked(name: str = GAP, at: Any = None) -> Answer:
    return answers(Inquiry(at) if at else Inquiry(), [requirements()[name]])[0]


def waive(world: World, by: str = "senior_manager", **data: Any) -> Waiver:
    told = {"requirement": GAP, "reason": "New register in March.", "ends_on": days_ago(-30), **data}
    made: Waiver = world.create("waiver", by, **told)
    return made


def exclude(world: World, name: str, by: str = "senior_manager") -> Exclusion:
    made: Exclusion = world.create("exclusion", by, requirement=name, reason="We sell no goods.")
    return made


def test_a_waived_gap_is_waived_and_stays_a_gap_of_its_own(gap: World) -> None:
    before = asked()
    waiver = waive(gap)
    assert waiver.decider == gap.person("senior_manager")
    now = asked()
    assert (now.verdict, now.own, now.waiver, now.gaps) == ("waived", "gap", waiver.ref, before.gaps)


def test_a_waiver_makes_nothing_met_and_touches_nothing_else(world: World) -> None:
    some = [one for one in requirements().values() if one.standard == "iso20000-1-2011-7"]
    met = next(one for one in answers(Inquiry(), some) if one.own == "met")
    waive(world, requirement=met.requirement)
    assert (asked(met.requirement).verdict, asked(met.requirement).waiver) == ("met", "")
    without = next(one for one in answers(Inquiry(), some) if one.own == one.verdict == "not_exercised")
    waive(world, requirement=without.requirement)
    assert asked(without.requirement).verdict == "not_exercised"


def test_a_waiver_for_one_record_covers_only_that(gap: World) -> None:
    waive(gap, record_ref=gap.customer.ref)
    assert asked().verdict == "gap"
    refs = [name for name in asked().named if name != gap.customer.ref]
    for ref in refs:
        waive(gap, record_ref=ref)
    assert asked().verdict == "waived"


def test_a_waiver_counts_from_its_day_to_its_last(gap: World) -> None:
    waiver = waive(gap)
    assert asked(at=waiver.entered_at - timedelta(seconds=1)).verdict == "gap"
    assert asked(at=timezone.now() + timedelta(days=30)).verdict == "waived"
    assert asked(at=timezone.now() + timedelta(days=31)).verdict == "gap"


def test_a_waiver_ends_with_the_day_of_the_organisation(gap: World, as_: Any, time_machine: Any) -> None:
    """Whoever looks, and from wherever: it is tomorrow already where this reader is."""
    time_machine.move_to((timezone.now() + timedelta(days=1)).replace(hour=22))
    waive(gap, ends_on=timezone.localdate())
    Person.objects.filter(pk=gap.person("auditor").pk).update(time_zone="Pacific/Kiritimati")
    page = as_("auditor").get(f"/compliance/iso20000-1-2011-7/{GAP}/").content.decode()
    assert 'id="now-h"><span class="st' in page and "Waived by" in page
    with timezone.override("Pacific/Kiritimati"):
        assert asked().verdict == "waived"
        end = moment(f"{timezone.localdate() - timedelta(days=2)}")
    assert end.isoformat().endswith("23:59:59.999999+00:00")


def test_a_waiver_is_withdrawn_with_a_reason(gap: World) -> None:
    waiver = waive(gap)
    during = timezone.now()
    with pytest.raises(NotAllowed):
        gap.move(waiver, "withdraw", "internal_assessor", note="No.")
    with pytest.raises(ValidationError, match="earlier"):
        gap.move(waiver, "withdraw", "senior_manager", note="It never was.", at=during - timedelta(days=1))
    waiver.refresh_from_db()
    assert waiver.status == "granted"
    gap.move(waiver, "withdraw", "senior_manager", note="The register came early.")
    assert asked().verdict == "gap"
    assert asked(at=during).verdict == "waived"


def test_a_waiver_lapses_by_itself(gap: World) -> None:
    waiver = waive(gap, ends_on=timezone.localdate())
    assert jobs.lapse.call() == 0
    with writing():
        Waiver.objects.update(ends_on=days_ago(1))
    assert asked().verdict == "gap"
    assert jobs.lapse.call() == 1
    waiver.refresh_from_db()
    assert waiver.status == "lapsed"


def test_who_repeats_a_requirement_is_waived_with_it(world: World) -> None:
    repeating = next(one for one in shipped().requirements.values() if one.use.rule == "same_as")
    with pytest.raises(ValidationError, match="repeats"):
        waive(world, requirement=repeating.id)
    waive(world, requirement=repeating.use.arguments["id"])
    original = asked(repeating.use.arguments["id"])
    assert asked(repeating.id).verdict == original.verdict


def test_what_repeats_an_excluded_requirement_is_excluded_with_it(world: World) -> None:
    repeating = next(one for one in shipped().requirements.values() if one.use.rule == "same_as")
    assert not asked(repeating.id).excluded
    exclude(world, repeating.use.arguments["id"])
    assert asked(repeating.id).excluded


@pytest.mark.parametrize(
    ("data", "field"),
    [
        ({"requirement": "CSMS-99"}, "requirement"),
        ({"reason": " "}, "reason"),
        ({"ends_on": None}, "ends_on"),
        ({"ends_on": "yesterday"}, "ends_on"),
        ({"ends_on": "too late"}, "ends_on"),
        ({"record_ref": "CUS-99999"}, "record_ref"),
    ],
)
def test_a_waiver_that_says_too_little_is_refused(gap: World, data: dict[str, Any], field: str) -> None:
    if days := {"yesterday": 1, "too late": -366}.get(str(data.get("ends_on"))):
        data = {"ends_on": days_ago(days)}
    with pytest.raises(ValidationError) as refused:
        waive(gap, **data)
    assert set(refused.value.message_dict) == {field}
    assert not Waiver.objects.exists()
    assert asked().verdict == "gap"


def test_how_long_a_waiver_runs_at_most_is_set_by_the_organisation(gap: World) -> None:
    waive(gap, ends_on=days_ago(-365))
    parameters.change("waiver_days", 30)
    with pytest.raises(ValidationError) as refused:
        waive(gap, ends_on=days_ago(-31))
    assert str(days_ago(-30)) in refused.value.message_dict["ends_on"][0]
    assert Waiver.objects.get().ends_on == days_ago(-365)


@pytest.mark.parametrize("role", [role for role in Role if role != Role.SENIOR_MANAGER])
def test_nobody_else_waives_or_excludes(world: World, role: Role) -> None:
    with pytest.raises(NotAllowed):
        waive(world, by=role.value)
    with pytest.raises(NotAllowed):
        exclude(world, "CSMS-4.1-a", by=role.value)
    assert not Waiver.objects.exists()
    assert not Exclusion.objects.exists()


SEES = {"internal_assessor", "senior_manager", "auditor", "process_manager", "operations_director"}  # who see verdicts


@pytest.mark.parametrize("role", Role)
def test_who_sees_decisions(world: World, role: Role) -> None:
    made = waive(world), exclude(world, "CSMS-4.1-a")
    for record in made:
        seen = readable(kind_named(record.kind.name), world.person(role.value)).filter(pk=record.pk).exists()
        assert seen is (role.value in SEES), role
        if role != Role.SENIOR_MANAGER:
            with pytest.raises((NotAllowed, NotReadable)):
                world.move(record, "withdraw", role.value, note="I would rather not.")
            assert type(record).objects.get(pk=record.pk).withdrawn_at is None


@pytest.mark.slow
def test_an_excluded_requirement_leaves_scores_and_is_told(world: World) -> None:
    compute_and_keep(Inquiry())
    before, _leaves = counted(latest())
    exclude(world, "CSMS-8.5-s1")
    compute_and_keep(Inquiry())
    after, _leaves = counted(latest())
    assert sum(after["csms-2003"].values()) == sum(before["csms-2003"].values()) - 1
    assert latest()["CSMS-8.5-s1"].excluded
    assert latest()["CSMS-8.5-s1"].verdict == latest()["CSMS-8.5-s1"].own


def test_an_exclusion_is_taken_back(world: World) -> None:
    made = exclude(world, "CSMS-8.5-s1")
    with pytest.raises(ValidationError, match="already"):
        exclude(world, "CSMS-8.5-s1")
    world.move(made, "withdraw", "senior_manager", note="We sell goods now.")
    assert not asked("CSMS-8.5-s1").excluded
    assert Exclusion.objects.count() == 1
    exclude(world, "CSMS-8.5-s1")


@pytest.mark.parametrize("name", [LAW, "ISO20000-7.1-02", "ISO20000-2018-8.3.2-01", "BRM-1.1-1"])
def test_what_the_standard_does_not_let_go_is_not_excluded(world: World, name: str) -> None:
    with pytest.raises(ValidationError) as refused:
        exclude(world, name)
    assert set(refused.value.message_dict) == {"requirement"}
    assert not Exclusion.objects.exists()
    assert not asked(name).excluded


def test_privacy_is_never_excluded(world: World) -> None:
    for one in shipped().requirements.values():
        if one.standard == "csms-2003" and ("privacy" in one.text.lower() or one.clause.startswith("8.7.2")):
            assert exclusion_barred(one), one.id


def test_obligations_are_kept_by_those_who_keep_the_rules(world: World) -> None:
    with pytest.raises(NotAllowed):
        world.create("obligation", "complaint_handler", title="Data protection law")
    assert not Obligation.objects.exists()
    made = world.create(
        "obligation", "process_manager", title="Data protection law", topic="privacy", jurisdiction="DE"
    )
    world.move(made, "retire", "process_manager", note="Repealed.")
    assert Obligation.objects.get().status == "retired"
