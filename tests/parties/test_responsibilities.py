"""Who answers for whom, at which day (F-003)."""

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from comity.accounts.models import Grant
from comity.parties.jobs import hand_over
from comity.parties.models import Customer, Responsibility
from comity.parties.operations import Duties, acting, holders, responsible
from comity.records import write
from comity.records.access import NotAllowed
from comity.records.facts import spoken
from comity.records.trail import Refused
from tests.worlds import assign, days_ago, moment

RM = "relationship_manager"


def test_direct_then_category_then_organisation(world):
    today = timezone.localdate()
    assert responsible(RM, world.customer) == world.person(RM)
    assert responsible(RM, world.child) == world.person("deputy")  # the organisation's default
    assign(world, RM, "assistant", since=10, segment=world.category.ref)
    assert responsible(RM, world.customer) == world.person(RM)
    write.update(world.child, {"category": world.category.ref}, actor=world.actor("process_manager"))
    child = Customer.objects.get(pk=world.child.pk)
    assert responsible(RM, child) == world.person("assistant")
    assert responsible(RM, child, on=days_ago(11)) == world.person("deputy")
    assert responsible(RM, None) == world.person("deputy")
    duties = Duties.load(today)
    assert duties.responsible(RM, child) == world.person("assistant")
    assert duties.responsible(RM, world.customer) == world.person(RM)
    assert duties.responsible("security_owner", child) is None


def test_over_another_record_first(world):
    assign(world, "process_owner", "assistant", since=5)
    assign(world, "process_owner", "project_manager", since=5, subject_ref=world.service.ref)
    assert responsible("process_owner", subject=world.service) == world.person("project_manager")
    assert responsible("process_owner", subject=world.other_service) == world.person("assistant")


def test_a_batch_needs_one_query(world, django_assert_num_queries):
    with django_assert_num_queries(1):
        duties = Duties.load()
        for customer in (world.customer, world.child, None):
            duties.responsible(RM, customer)
    with django_assert_num_queries(1):
        responsible(RM, world.customer)


def test_two_direct_holders_are_refused(world):
    second = {"role": RM, "person": world.email("assistant"), "customer": world.customer.ref}
    with pytest.raises(ValidationError) as error:
        world.create("responsibility", "process_manager", **second)
    assert "person" in error.value.message_dict
    assert world.create("responsibility", "process_manager", deputy=True, **second).deputy
    assert world.create("responsibility", "process_manager", **{**second, "role": "complaint_handler"}).pk


def test_two_proposals_of_one_import_meet_at_the_approval(world):
    rows = [{"role": RM, "person": world.email(name), "customer": world.child.ref} for name in ("assistant", "deputy")]
    from comity.records.bulk import create_many
    from comity.records.kind import kind_named

    made = create_many(kind_named("responsibility"), rows, actor=world.actor("process_manager")).created
    assert len(made) == 2
    with pytest.raises(Refused):
        world.move(made[0][1], "approve", "senior_manager")


def test_history_is_kept_and_the_owner_follows(world):
    old = Responsibility.objects.get(customer=world.customer, role=RM, deputy=False)
    assert world.customer.owner == world.person(RM)
    world.move(old, "end", "operations_director", ends_on=days_ago(0).isoformat(), note="Moves on.")
    assert Customer.objects.get(pk=world.customer.pk).owner is None
    new = assign(world, RM, "assistant", since=0, customer=world.customer.ref)
    assert Customer.objects.get(pk=world.customer.pk).owner == world.person("assistant")
    assert responsible(RM, world.customer, on=days_ago(1)) == world.person(RM)
    assert responsible(RM, world.customer) == world.person("assistant")
    with pytest.raises(ValidationError):
        write.update(new, {"person": world.email("deputy")}, actor=world.actor("process_manager"))


def test_a_later_start_takes_over_on_its_day(world, time_machine):
    first = Responsibility.objects.get(customer=world.customer, role=RM, deputy=False)
    day = timezone.localdate() + timedelta(days=7)
    world.move(first, "end", "operations_director", ends_on=day.isoformat(), note="Moves on.")
    row = world.create(
        "responsibility", "process_manager", role=RM, person=world.email("assistant"), customer=world.customer.ref,
        starts_on=day,
    )  # fmt: skip
    world.move(row, "approve", "senior_manager")
    assert Customer.objects.get(pk=world.customer.pk).owner == world.person(RM)
    time_machine.move_to(timezone.now() + timedelta(days=7))
    hand_over.call()
    assert Customer.objects.get(pk=world.customer.pk).owner == world.person("assistant")


class TestAssignment:
    def propose(self, world, **more):
        data = {"role": "complaint_handler", "person": world.email("complaint_handler"), **more}
        return world.create("responsibility", "process_manager", **data)

    def test_counts_from_its_approval(self, world):
        row = self.propose(world)
        assert not holders("complaint_handler")
        world.move(row, "approve", "senior_manager")
        assert responsible("complaint_handler") == world.person("complaint_handler")

    def test_nobody_approves_his_own(self, world):
        row = self.propose(world, person=world.email("senior_manager"), role="senior_manager")
        with pytest.raises(Refused):
            world.move(row, "approve", "senior_manager")
        assert world.move(row, "approve", "operations_director").approved_by == world.person("operations_director")

    def test_is_approved_by_top_management(self, world):
        with pytest.raises(NotAllowed):
            world.move(self.propose(world), "approve", "process_manager")

    def test_is_accepted_by_the_person_alone(self, world):
        row = world.move(self.propose(world), "approve", "senior_manager")
        with pytest.raises(Refused):
            world.move(row, "accept", "process_manager")
        assert world.move(row, "accept", "complaint_handler").accepted_at

    def test_declined_never_counted(self, world):
        row = world.move(self.propose(world), "approve", "senior_manager")
        world.move(row, "decline", "complaint_handler", note="No time.")
        assert responsible("complaint_handler") is None

    def test_has_one_subject(self, world):
        with pytest.raises(ValidationError):
            self.propose(world, customer=world.customer.ref, segment=world.category.ref)
        with pytest.raises(ValidationError):
            self.propose(world, subject_ref="SVC-99999")
        with pytest.raises(ValidationError):
            self.propose(world, starts_on=days_ago(1), ends_on=days_ago(2))


def test_who_leaves_vacates_at_once(world):
    leaver = world.person(RM)
    leaver.ends_on = timezone.localdate()
    leaver.save()
    assert responsible(RM, world.customer) == world.person("deputy")
    assert responsible(RM, world.customer, on=days_ago(1)) == leaver
    hand_over.call()
    assert Customer.objects.get(pk=world.customer.pk).owner is None


def test_the_deputy_acts_for_the_absent(world):
    away = world.person(RM)
    away.away_from, away.away_to = days_ago(1), None
    away.save()
    assert responsible(RM, world.customer) == away
    assert acting(RM, world.customer) == world.person("deputy")
    assert acting(RM, world.customer, on=days_ago(2)) == away


def test_the_stand_in_acts_where_there_is_no_deputy(world):
    owner = world.person("process_manager")
    owner.away_from, owner.stand_in = days_ago(1), world.person("assistant")
    owner.save()
    assert acting("complaint_owner") == world.person("assistant")
    assert moment(1) < timezone.now()


def test_an_auditor_from_outside_is_none_of_our_people(world):
    """Nobody trains or informs who only looks at the evidence for some days; a second role makes the difference."""
    auditor, staff = world.person("auditor"), spoken("staff").rows
    assert not staff.filter(pk=auditor.pk).exists() and staff.filter(pk=world.person("internal_assessor").pk).exists()
    Grant.objects.create(person=auditor, unit=world.root, role="service_desk", starts_on=days_ago(1))
    assert staff.filter(pk=auditor.pk).exists()
