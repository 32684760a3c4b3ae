"""What was promised at a moment: versions, resolution, calendars (F-014, F-017)."""

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from comity.agreements.jobs import follow_dates
from comity.agreements.models import AgreementVersion
from comity.agreements.operations import (
    Commitments,
    calendar_of,
    commitment,
    revise,
    targets_for,
    version_in_force,
)
from comity.clocks.rules import Duration
from comity.parties.rules import Standing
from comity.records import write
from comity.records.access import NotAllowed, readable
from comity.records.kind import kind_named
from comity.records.trail import Refused
from tests.worlds import conclude, days_ago, moment

NOW = timezone.now


def test_judged_by_the_version_of_that_time(world):
    assert version_in_force(world.customer, world.service, NOW()) == world.second
    assert version_in_force(world.customer, world.service, moment(31)) == world.first
    assert version_in_force(world.customer, world.service, moment(30)) == world.second
    assert targets_for(world.first, "normal") == {"acknowledge": Duration(8, "bh"), "resolve": Duration(10, "bd")}
    assert targets_for(world.second, "critical")["resolve"] == Duration(1, "bd")
    assert targets_for(world.second, "minor")["resolve"] == Duration(5, "bd")
    assert targets_for(None, "minor") == {}


def test_the_charter_holds_for_everybody_else(world):
    charter = version_in_force(world.child, world.service, NOW())
    assert charter.agreement == world.charter
    assert version_in_force(world.customer, world.other_service, NOW()).agreement == world.charter
    assert version_in_force(world.customer, None, NOW()).agreement == world.charter
    assert version_in_force(None, None, NOW()).agreement == world.charter
    assert version_in_force(None, None, moment(801)) is None


def test_a_segment_lies_between(world):
    head = world.create(
        "agreement", "relationship_manager", title="Key accounts", type="sla", segment=world.category.ref
    )
    world.contact.signing_authority = True
    conclude(world, head, 20, {"resolve": "7 bd"})
    assert version_in_force(world.customer, world.other_service, NOW()).agreement == head
    assert version_in_force(world.customer, world.service, NOW()) == world.second
    assert version_in_force(world.child, world.service, NOW()).agreement == world.charter


def test_the_calendar_is_the_versions_else_the_organisations(world):
    assert calendar_of(world.second).name == "Extended"
    assert calendar_of(world.first).name == "Office"
    assert commitment(world.customer, world.service, NOW()).calendar.name == "Extended"
    assert commitment(world.child, world.service, NOW()).calendar.name == "Office"
    assert calendar_of(None).name == "Office"


def test_internal_agreements_bind_no_customer(world):
    ola = world.create("agreement", "relationship_manager", title="Desk and network", type="ola")
    conclude(world, ola, 5, {"resolve": "1 bd"})
    assert version_in_force(world.child, None, NOW()).agreement == world.charter


def test_a_batch_asks_the_database_once(world, django_assert_num_queries):
    Commitments.load()
    with django_assert_num_queries(2):  # has anything changed, and what are the calendars
        promised = Commitments.load()
    with django_assert_num_queries(0):
        for days in range(900):
            promised.of(Standing(world.customer.pk, world.category.pk), world.service.pk, moment(days))
        found = promised.of(world.customer, world.service.pk, moment(100))
    assert found.version_id == world.first.pk
    assert found.times("critical")["resolve"] == Duration(10, "bd")
    assert promised.of(None, None, moment(900)).times("normal") == {}


def test_batch_and_single_question_agree(world):
    promised = Commitments.load()
    for customer in (world.customer, world.child, None):
        for service in (world.service, world.other_service, None):
            for days in (0, 30, 31, 400, 401, 800, 801):
                single = commitment(customer, service, moment(days))
                assert single == promised.of(customer, service.pk if service else None, moment(days))


def test_a_new_version_leaves_the_old_one_alone(world):
    new = revise(world.second, actor=world.actor("relationship_manager"), reason="Faster.")
    assert (new.version_no, new.status, new.calendar.name) == (3, "draft", "Extended")
    assert [str(s.ref) for s in new.services.all()] == [world.service.ref]
    assert targets_for(new, "critical") == targets_for(world.second, "critical")
    target = new.targets.get(metric="acknowledge")
    write.update(target, {"value": 2}, actor=world.actor("relationship_manager"))
    assert targets_for(world.second, "normal")["acknowledge"] == Duration(4, "bh")
    assert version_in_force(world.customer, world.service, NOW()) == world.second


class TestAgreed:
    def test_content_no_longer_changes(self, world):
        with pytest.raises(ValidationError):
            write.update(world.second, {"calendar": "Office"}, actor=world.actor("relationship_manager"))
        with pytest.raises(ValidationError):
            write.update(world.second, {"services": []}, actor=world.actor("relationship_manager"))
        assert AgreementVersion.objects.get(pk=world.second.pk).services.count() == 1

    def test_targets_no_longer_change(self, world):
        target = world.second.targets.first()
        with pytest.raises(ValidationError):
            write.update(target, {"value": 99}, actor=world.actor("relationship_manager"))
        with pytest.raises(ValidationError):
            world.create(
                "target", "relationship_manager", agreement_version=world.second.ref, metric="answer", value=1,
                unit_of_value="bd",
            )  # fmt: skip

    def test_signatures_become_acceptances(self, world):
        assert world.contact.acceptances.filter(version_ref=world.second.ref, type="signed").count() == 1
        assert world.person("operations_director").acceptances.filter(version_ref=world.second.ref).count() == 1


class TestConclusion:
    def offered(self, world, **data):
        version = revise(world.second, actor=world.actor("relationship_manager"), reason="Next year.")
        return world.move(version, "negotiate", "relationship_manager")

    def signed(self, world):
        return {
            "signed_on": days_ago(0),
            "signed_for_us": world.email("operations_director"),
            "signed_by": world.contact.ref,
        }

    def test_needs_both_signatures_in_time(self, world):
        version, today = self.offered(world), timezone.localdate()
        with pytest.raises(Refused) as error:
            world.move(version, "agree", "operations_director", effective_on=today)
        assert len(error.value.missing) == 2
        with pytest.raises(Refused):
            world.move(version, "agree", "operations_director", effective_on=days_ago(1), **self.signed(world))
        assert (
            world.move(version, "agree", "operations_director", effective_on=today, **self.signed(world)).status
            == "in_force"
        )

    def test_is_not_for_who_drafted(self, world):
        version = self.offered(world)
        version = write.update(
            version, {"author": world.email("operations_director")}, actor=world.actor("relationship_manager")
        )
        with pytest.raises(Refused):
            world.move(version, "agree", "operations_director", effective_on=timezone.localdate(), **self.signed(world))
        with pytest.raises(NotAllowed):
            world.move(
                version, "agree", "relationship_manager", effective_on=timezone.localdate(), **self.signed(world)
            )

    def test_is_for_the_change_authority_where_there_is_one(self, world):
        from tests.worlds import assign

        assign(world, "change_authority", "assistant", since=1)
        version = self.offered(world)
        with pytest.raises(Refused):
            world.move(version, "agree", "operations_director", effective_on=timezone.localdate(), **self.signed(world))
        agreed = world.move(version, "agree", "assistant", effective_on=timezone.localdate(), **self.signed(world))
        assert agreed.status == "in_force"

    def test_the_customer_signs_in_the_portal(self, world):
        version = world.move(self.offered(world), "sign", "customer_contact")
        assert (version.signed_by, version.signed_on) == (world.contact, timezone.localdate())
        write.update(world.contact, {"signing_authority": False}, actor=world.actor("relationship_manager"))
        with pytest.raises(Refused):
            world.move(version, "sign", "customer_contact")

    def test_contacts_do_not_see_drafts(self, world):
        version = revise(world.second, actor=world.actor("relationship_manager"), reason="Next year.")
        seen = readable(kind_named("agreement_version"), world.person("customer_contact"))
        assert version not in seen
        charter = world.charter.versions.get()
        drafted = revise(charter, actor=world.actor("relationship_manager"), reason="Next year.")
        elsewhere = world.create("segment", "relationship_manager", name="Elsewhere", type="category")
        for segment in (elsewhere, world.category):
            made = world.create("agreement", "relationship_manager", title=segment.name, type="charter",
                                segment=segment.ref)  # fmt: skip
            conclude(world, made, 10, {})
        theirs = made.versions.get()
        assert set(seen.all()) == {world.first, world.second, charter, theirs} and drafted not in seen.all()
        assert (
            not readable(kind_named("target"), world.person("customer_contact"))
            .filter(agreement_version=version)
            .exists()
        )

    def test_takes_effect_and_expires_on_its_day(self, world, time_machine):
        version, today = self.offered(world), timezone.localdate()
        write.update(version, {"ends_on": today + timedelta(days=20)}, actor=world.actor("relationship_manager"))
        start = today + timedelta(days=10)
        version = world.move(version, "agree", "operations_director", effective_on=start, **self.signed(world))
        assert version.status == "agreed"
        time_machine.move_to(timezone.now() + timedelta(days=10))
        assert version_in_force(world.customer, world.service, NOW()) == version  # even before the job has run
        follow_dates.call()
        version.refresh_from_db()
        world.second.refresh_from_db()
        assert (version.status, world.second.status) == ("in_force", "superseded")
        assert version.next_due == version.ends_on
        time_machine.move_to(timezone.now() + timedelta(days=11))
        assert version_in_force(world.customer, world.service, NOW()).agreement == world.charter
        follow_dates.call()
        version.refresh_from_db()
        assert (version.status, version.next_due) == ("expired", None)


def test_ending_early_counts_from_the_day_after(world):
    world.move(world.second, "end", "operations_director", ended_on=days_ago(2), note="Left.")
    assert version_in_force(world.customer, world.service, moment(2)) == world.second
    assert version_in_force(world.customer, world.service, moment(1)).agreement == world.charter


def test_time_limits_are_times(world):
    version = revise(world.second, actor=world.actor("relationship_manager"), reason="x")
    for value, unit in ((1, "percent"), (-1, "bd")):
        with pytest.raises(ValidationError):
            world.create(
                "target", "relationship_manager", agreement_version=version.ref, metric="answer", value=value,
                unit_of_value=unit,
            )  # fmt: skip


def test_a_service_never_depends_on_itself(world):
    third = world.create("service", "relationship_manager", name="Disks", depends_on=[world.service.ref])
    with pytest.raises(ValidationError) as error:
        write.update(world.other_service, {"depends_on": [third.ref]}, actor=world.actor("relationship_manager"))
    assert "depends_on" in error.value.message_dict


def test_an_agreement_ends_after_its_versions(world):
    with pytest.raises(Refused):
        world.move(world.agreement, "end", "operations_director", note="Over.")
    world.move(world.second, "end", "operations_director", note="Over.")
    assert world.move(world.agreement, "end", "operations_director", note="Over.").status == "ended"
