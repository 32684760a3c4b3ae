"""What dated duties open: the complaint owner reads without a group for it, and whoever must answer what is asked."""

from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from comity.accounts.models import Person
from comity.home import work
from comity.records import write
from comity.records.access import may, readable
from comity.records.kind import kind_named
from comity.records.trail import Actor
from tests.cases.conftest import ENDING, Desk
from tests.cases.test_access import fresh, internal, seen
from tests.worlds import assign


@pytest.fixture
def owned(desk: Desk) -> Desk:
    """The project manager is the customer's complaint owner."""
    assign(desk.world, "complaint_owner", "project_manager", customer=desk.world.customer.ref)
    return desk


def other_case(desk: Desk) -> Any:
    return desk.register(customer=desk.world.child.ref, contact=desk.world.child_contact.ref)


def test_the_complaint_owner_reads_what_the_duty_covers(owned: Desk) -> None:
    case = owned.register()
    other_case(owned)
    hidden = internal(owned)
    assert seen(owned, "project_manager") == {case.ref}
    assert hidden.ref not in seen(owned, "project_manager")
    assert not may(fresh(owned, "project_manager"), case, "edit")


def test_without_the_duty_nothing_is_read_and_a_duty_that_ended_opens_nothing(desk: Desk) -> None:
    desk.register()
    assert seen(desk, "project_manager") == set()
    row = assign(desk.world, "complaint_owner", "project_manager", customer=desk.world.customer.ref)
    assert len(seen(desk, "project_manager")) == 1
    write.assign(row, {"ends_on": timezone.localdate()}, actor=desk.rule())
    assert seen(desk, "project_manager") == set()


def test_the_complaint_owner_of_everybody_and_of_a_segment(desk: Desk) -> None:
    case, other = desk.register(), other_case(desk)
    assign(desk.world, "complaint_owner", "project_manager", segment=desk.world.category.ref)
    assert seen(desk, "project_manager") == {case.ref}
    assign(desk.world, "process_manager", "supplier_manager", customer=desk.world.child.ref)
    assert seen(desk, "supplier_manager") == {other.ref}


def test_the_complaint_owner_knows_who_complains_and_decides(owned: Desk) -> None:
    case = owned.register(confidential=True, complainant="Ada")
    shown = readable(kind_named("case"), fresh(owned, "project_manager")).get()
    assert shown.complainant == "Ada"
    client = Client()
    client.force_login(fresh(owned, "project_manager"), backend="comity.accounts.sign_in.CurrentPeople")
    assert client.get(case.url).status_code == 200
    other = owned.register()
    merged = write.transition(
        case, "merge", {**ENDING, "case": other.ref}, actor=Actor(fresh(owned, "project_manager"))
    )
    assert merged.close_ground == "merged"


def test_the_stand_in_reads_while_the_owner_is_away(owned: Desk) -> None:
    case, today = owned.register(), timezone.localdate()
    assert seen(owned, "supplier_manager") == set()
    Person.objects.filter(pk=owned.world.person("project_manager").pk).update(
        away_from=today, away_to=today, stand_in=owned.world.person("supplier_manager")
    )
    assert seen(owned, "supplier_manager") == {case.ref}


def test_an_escalation_waits_in_the_work_of_whoever_must_answer_and_can_be_answered(owned: Desk) -> None:
    case = owned.move(owned.register(), "escalate", "customer_contact", note="Slow.")
    [escalation] = case.escalations.all()
    person = fresh(owned, "project_manager")
    assert escalation.person == person
    assert [task.record for task in work.mine(person)] == [escalation]
    client = Client()
    client.force_login(person, backend="comity.accounts.sign_in.CurrentPeople")
    assert client.get(escalation.url).status_code == 200
    assert client.get(case.url).status_code == 200
    done = write.transition(escalation, "answer", {"decision": "Two more people."}, actor=Actor(person))
    assert (done.status, done.answered_by) == ("answered", person)
    assert work.mine(fresh(owned, "project_manager")) == []


@pytest.mark.parametrize("level", [1, 2, 3])
def test_on_every_level_it_waits_in_the_addressees_work(desk: Desk, level: int) -> None:
    case = desk.register()
    for _time in range(level):
        case = desk.move(case, "escalate", "customer_contact", note="Slow.")
    escalation = case.escalations.get(level=level)
    assert escalation in [task.record for task in work.mine(Person.objects.get(pk=escalation.person_id))]


def test_whoever_must_answer_reads_the_internal_complaint_unless_it_is_about_them(desk: Desk) -> None:
    case = internal(desk)
    assert case.ref not in seen(desk, "project_manager")
    assign(desk.world, "complaint_owner", "project_manager", deputy=True)
    assert case.ref not in seen(desk, "project_manager")  # a duty opens no internal complaint by itself
    case = desk.move(case, "escalate_inside", "service_desk", note="Help.")
    escalation = case.escalations.get()
    escalation = write.transition(
        escalation, "redirect", {"person": desk.world.email("project_manager")}, note="Knows it.",
        actor=desk.world.actor("process_manager"),
    )  # fmt: skip
    assert case.ref in seen(desk, "project_manager")
    case.about.add(desk.world.person("project_manager"))
    assert case.ref not in seen(desk, "project_manager")


def test_no_duty_opens_a_case_to_an_administrator_or_an_outsider(desk: Desk) -> None:
    desk.register(customer=desk.world.child.ref, contact=desk.world.child_contact.ref)
    for name in ("administrator", "supplier_contact", "customer_contact", "supplier_manager"):
        row = desk.world.create(
            "responsibility", "process_manager", role="process_manager", person=desk.world.email("assistant"),
            deputy=True,
        )  # fmt: skip
        row = write.assign(row, {"person": desk.world.person(name)}, actor=desk.rule())
        desk.world.move(row, "approve", "senior_manager")
        assert bool(seen(desk, name)) is (name == "supplier_manager")
