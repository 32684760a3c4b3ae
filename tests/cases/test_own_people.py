"""Work is given to our own people who may see it, and never to a contact of a customer or supplier."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.test import Client
from django.utils import timezone

from comity.accounts.models import Person
from comity.cases.models import Case
from comity.records import write
from tests.cases.conftest import Desk
from tests.cases.test_access import fresh

CONTACTS = ("customer_contact", "supplier_contact")


@pytest.mark.parametrize("name", [*CONTACTS, "auditor", "administrator", "supplier_manager"])
@pytest.mark.parametrize("column", ["handler", "investigator"])
def test_only_who_may_read_complaints_gets_one(desk: Desk, name: str, column: str) -> None:
    case = desk.register(handler=desk.world.email("complaint_handler"))
    values = {"handler": desk.world.email("complaint_handler"), column: desk.world.email(name)}
    with pytest.raises(ValidationError) as refused:
        desk.move(case, "assign", "process_manager", **values)
    assert list(refused.value.message_dict) == [column]
    assert Case.objects.get(pk=case.pk).handler == desk.world.person("complaint_handler")


def test_nor_at_the_intake_nor_is_a_complaint_about_a_contact(desk: Desk) -> None:
    for values in ({"handler": desk.world.email("auditor")}, {"about": [desk.world.email("customer_contact")]}):
        with pytest.raises(ValidationError):
            desk.register(**values)
    assert not Case.objects.exists()


@pytest.mark.parametrize("column", ["owner", "supervisor"])
def test_improvements_are_our_own_peoples(desk: Desk, column: str) -> None:
    values = {"title": "Second line", "type": "opportunity", column: desk.world.email("customer_contact")}
    with pytest.raises(ValidationError) as refused:
        desk.world.create("improvement", "relationship_manager", **values)
    assert column in refused.value.message_dict


@pytest.mark.parametrize("name", [*CONTACTS, "auditor", "supplier_manager"])
def test_a_case_stays_where_the_stand_in_may_not_have_it(desk: Desk, name: str) -> None:
    away, today = desk.world.person("complaint_handler"), timezone.localdate()
    absence = {"away_from": today, "away_to": today + timedelta(days=7), "stand_in": desk.world.person(name)}
    Person.objects.filter(pk=away.pk).update(**absence)
    assert desk.move(desk.register(), "assign", "service_desk", handler=away.email).handler == away


@pytest.mark.parametrize("column", ["handler", "investigator"])
def test_work_is_given_to_who_reads_the_complaints_of_its_unit(desk: Desk, column: str) -> None:
    me, other = desk.world.email("complaint_handler"), desk.world.email("northerner")
    case, northern = desk.register(handler=me), desk.register(handler=me, unit="North")
    with pytest.raises(ValidationError) as refused:
        desk.move(case, "assign", "process_manager", **{"handler": me, column: other})
    assert list(refused.value.message_dict) == [column]
    assert getattr(Case.objects.get(pk=case.pk), column) == getattr(case, column)
    moved = desk.move(northern, "assign", "process_manager", **{"handler": me, column: other})
    assert getattr(moved, column).email == other
    with pytest.raises(ValidationError):
        desk.register(handler=other)
    assert Case.objects.count() == 2


def test_an_escalation_goes_to_who_may_answer_it_there(desk: Desk) -> None:
    """Somebody on duty whose groups reach another unit only, or who has none that answers, is passed by."""
    far, world = desk.world.person("northerner"), desk.world
    for name in ("northerner", "supplier_manager"):
        values = {"person": world.email(name), "customer": world.customer.ref, "deputy": name != "northerner"}
        duty = world.create("responsibility", "process_manager", role="complaint_owner", **values)
        world.move(duty, "approve", "senior_manager")
    northern = desk.move(desk.register(unit="North"), "escalate", "customer_contact", note="Slow.").escalations.get()
    raised = desk.move(desk.register(), "escalate", "customer_contact", note="Slow.").escalations.get()
    assert (northern.person, northern.level) == (far, 1) and (raised.person.email, raised.level) == (
        world.email("process_manager"), 2,
    )  # fmt: skip
    for name in ("northerner", "supplier_manager"):
        with pytest.raises(write.Refused, match="may not answer"):
            world.move(raised, "redirect", "process_manager", note="Knows it.", person=world.email(name))
    raised.refresh_from_db()
    assert raised.person.email == world.email("process_manager")
    assert world.move(northern, "answer", "northerner", decision="Two more people.").answered_by == far


def test_new_work_of_the_absent_never_goes_to_a_contact(desk: Desk) -> None:
    away, today = desk.world.person("process_manager"), timezone.localdate()
    absence = {"away_from": today, "stand_in": desk.world.person("customer_contact")}
    Person.objects.filter(pk=away.pk).update(**absence)
    values = {"title": "x", "source_ref": desk.world.service.ref, "owner": away.email}
    made = desk.world.create("improvement", "relationship_manager", **values)
    assert made.owner == away


def test_look_ups_offer_our_own_people_only(desk: Desk) -> None:
    client = Client()
    client.force_login(fresh(desk, "complaint_handler"), backend="comity.accounts.sign_in.CurrentPeople")
    for name in ("service_desk", *CONTACTS):
        found = client.get(f"/lookup/person/?q={desk.world.email(name)}").content.decode()
        assert (desk.world.email(name) in found) == (name not in CONTACTS)


def test_a_contact_still_names_who_signs_in(desk: Desk) -> None:
    email = desk.world.email("supplier_contact")
    contact = write.update(desk.world.child_contact, {"person": email}, actor=desk.world.actor("relationship_manager"))
    assert contact.person.email == email


@pytest.mark.parametrize("name", CONTACTS)
def test_only_a_contacts_own_duty_is_a_contacts(desk: Desk, name: str) -> None:
    values = {"person": desk.world.email(name), "role": "complaint_owner", "deputy": True}
    with pytest.raises(ValidationError) as refused:
        desk.world.create("responsibility", "process_manager", **values)
    assert list(refused.value.message_dict) == ["person"]
    made = desk.world.create("responsibility", "process_manager", **{**values, "role": name})
    assert made.person == desk.world.person(name)
