"""Who sees what: own cases, restricted and confidential ones, customers, auditors; reads that leave a line."""

from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from comity.accounts.models import Grant, Person
from comity.cases.models import Case
from comity.records import write
from comity.records.access import may, readable
from comity.records.kind import kind_named
from comity.records.trail import Actor
from tests.cases.conftest import Desk


def seen(desk: Desk, name: str) -> set[str]:
    return {case.ref for case in readable(kind_named("case"), fresh(desk, name))}


def fresh(desk: Desk, name: str) -> Person:
    """The person as a new request would have them, without remembered rights."""
    return Person.objects.get(pk=desk.world.person(name).pk)


def internal(desk: Desk, by: str = "service_desk", **changed: Any) -> Any:
    return desk.register(by, origin="internal", customer="", contact="", complainant="A colleague", **changed)


READERS = (
    "service_desk", "complaint_handler", "process_manager", "operations_director", "internal_assessor",
    "senior_manager", "auditor", "customer_contact",
)  # fmt: skip


def test_ordinary_cases(desk: Desk) -> None:
    case = desk.register()
    assert {name for name in READERS if case.ref in seen(desk, name)} == set(READERS)
    for name in ("supplier_manager", "project_manager", "administrator", "supplier_contact"):
        assert seen(desk, name) == set()


def test_a_relationship_manager_reads_those_of_own_customers(desk: Desk) -> None:
    other = {"customer": desk.world.child.ref, "contact": desk.world.child_contact.ref}
    mine, theirs = desk.register(), desk.register(**other)
    assert seen(desk, "relationship_manager") == {mine.ref}
    written = desk.register("relationship_manager", **other)
    assert seen(desk, "relationship_manager") == {mine.ref, written.ref}
    assert theirs.ref in seen(desk, "process_manager")


def test_a_handler_reads_own_and_unassigned_ones(desk: Desk) -> None:
    other = desk.register(handler=desk.world.email("northerner"), unit="North")
    free = desk.register()
    assert seen(desk, "complaint_handler") == {free.ref}
    assert other.ref in seen(desk, "process_manager")


def test_internal_complaints_are_with_few(desk: Desk) -> None:
    case = internal(desk)
    assert case.restricted
    assert {name for name in READERS if case.ref in seen(desk, name)} == {
        "service_desk",  # who wrote it down
        "operations_director", "senior_manager", "auditor",
    }  # fmt: skip
    write.transition(
        case, "assign", {"handler": desk.world.email("complaint_handler")}, actor=desk.world.actor("service_desk")
    )
    assert case.ref in seen(desk, "complaint_handler")


def test_nobody_reads_the_restricted_complaint_about_themselves(desk: Desk) -> None:
    case = internal(desk, about=[desk.world.email("operations_director")])
    assert case.ref not in seen(desk, "operations_director")
    assert case.ref in seen(desk, "senior_manager")


def test_the_escalation_of_a_restricted_case_is_as_restricted(desk: Desk) -> None:
    case = internal(desk)
    case = desk.move(case, "escalate_inside", "service_desk", note="Help.")
    escalations = readable(kind_named("escalation"), fresh(desk, "internal_assessor"))
    assert not escalations.exists()
    assert readable(kind_named("escalation"), fresh(desk, "operations_director")).count() == 1
    assert case.ref in seen(desk, "process_manager")  # who was asked may read what it is about


def test_customers_never_see_internal_ones_nor_those_of_others(desk: Desk) -> None:
    own = desk.register()
    other = desk.register(customer=desk.world.child.ref, contact=desk.world.child_contact.ref)
    inside = desk.register(origin="internal", contact="", complainant="x")
    assert seen(desk, "customer_contact") == {own.ref}
    for case in (other, inside):
        with pytest.raises(write.NotReadable):
            desk.move(case, "escalate", "customer_contact", note="?")


def test_an_auditor_sees_restricted_cases_without_the_complainant(desk: Desk) -> None:
    case = internal(desk)
    shown = readable(kind_named("case"), fresh(desk, "auditor")).get(ref=case.ref)
    assert (shown.complainant, shown.contact_id) == ("", None)
    assert readable(kind_named("case"), fresh(desk, "senior_manager")).get(ref=case.ref).complainant == "A colleague"
    assert Case.objects.get(ref=case.ref).complainant == "A colleague"


def test_a_confidential_complainant_is_known_to_the_desk_only(desk: Desk) -> None:
    case = desk.register(confidential=True, complainant="Ada")
    rows = kind_named("case")
    for name in ("internal_assessor", "senior_manager", "auditor"):
        for shown in (
            readable(rows, fresh(desk, name)).get(ref=case.ref),
            next(readable(rows, fresh(desk, name)).iterator()),
        ):
            assert (shown.complainant, shown.contact) == ("", None)
    for name in ("service_desk", "process_manager", "complaint_handler"):
        assert readable(rows, fresh(desk, name)).get(ref=case.ref).complainant == "Ada"


@pytest.mark.parametrize("name", ["auditor", "supplier_contact", "administrator"])
def test_who_may_not_register(desk: Desk, name: str) -> None:
    with pytest.raises(write.NotAllowed):
        desk.register(name)


@pytest.mark.parametrize("name", ["supplier_manager", "internal_assessor", "senior_manager", "project_manager"])
def test_any_employee_registers_a_concern(desk: Desk, name: str) -> None:
    assert desk.register(name, channel="overheard").recorder == desk.world.person(name)


def test_an_administrator_with_another_role_registers_as_ordinary_staff(desk: Desk) -> None:
    person = desk.world.person("administrator")
    Grant.objects.create(person=person, unit=desk.world.root, role="service_desk")
    assert may(fresh(desk, "administrator"), kind_named("case"), "create")
    Person.objects.filter(pk=person.pk).update(acting_group="administrator")
    assert not may(fresh(desk, "administrator"), kind_named("case"), "create")


def test_the_customer_registers_in_the_portal_for_the_own_organisation_only(desk: Desk) -> None:
    case = desk.register("customer_contact", channel="portal")
    assert case.customer == desk.world.customer
    with pytest.raises(ValidationError):
        desk.register("customer_contact", customer=desk.world.child.ref, contact=desk.world.child_contact.ref)
    with pytest.raises(ValidationError):
        desk.register("customer_contact", channel="portal", origin="internal")
    for name, value in {"handler": desk.world.email("complaint_handler"), "severity": "critical"}.items():
        with pytest.raises(ValidationError):
            desk.register("customer_contact", channel="portal", **{name: value})


def test_after_the_acknowledgement_only_the_handler_corrects(desk: Desk) -> None:
    case = desk.at("assessed")
    with pytest.raises(ValidationError):
        write.update(case, {"title": "x"}, actor=desk.world.actor("service_desk"))
    case = write.update(case, {"title": "Line down"}, actor=desk.world.actor("complaint_handler"))
    assert case.title == "Line down"
    for name, value in {
        "severity": "minor",
        "classification": "enquiry",
        "received_at": "2026-01-01T00:00:00Z",
    }.items():
        with pytest.raises(ValidationError):
            write.update(case, {name: value}, actor=desk.world.actor("complaint_handler"))


def test_a_northern_handler_works_in_the_north_only(desk: Desk) -> None:
    case = desk.register()
    with pytest.raises((write.NotAllowed, write.NotReadable)):
        write.transition(case, "acknowledge", {}, actor=Actor(fresh(desk, "northerner")))


def test_nobody_types_an_escalation(desk: Desk) -> None:
    case = desk.register()
    values = {"type": "case", "case": case.ref, "level": 3, "trigger": "customer", "raised_at": "2026-01-01T00:00:00Z"}
    with pytest.raises((ValidationError, write.NotAllowed)):
        write.create(kind_named("escalation"), values, actor=desk.world.actor("customer_contact"))
    case = desk.move(case, "escalate", "customer_contact", note="Slow.")
    with pytest.raises((ValidationError, write.NotAllowed)):
        write.update(case.escalations.get(), {"level": 1}, actor=desk.world.actor("process_manager"))


def test_whom_it_is_about_neither_confirms_nor_closes(desk: Desk) -> None:
    case = desk.at("resolved")
    heard = desk.heard(case)
    case.about.add(desk.world.person("complaint_handler"))
    with pytest.raises(write.Refused, match="about you"):
        desk.move(case, "confirm", communication=heard)
    assert desk.move(case, "confirm", "customer_contact").status == "closed"


def test_a_case_for_somebody_who_is_away_goes_to_the_stand_in(desk: Desk) -> None:
    away = desk.world.person("complaint_handler")
    today = timezone.localdate()
    Person.objects.filter(pk=away.pk).update(
        away_from=today, away_to=today + timedelta(days=7), stand_in=desk.world.person("northerner")
    )
    assert desk.move(desk.register(), "assign", "service_desk", handler=away.email).handler == away
    case = desk.move(desk.register(unit="North"), "assign", "service_desk", handler=away.email)
    assert case.handler == desk.world.person("northerner")
    assert any("away" in line.words for line in desk.lines(case))


def test_a_receipt_by_rule_names_a_person_or_does_not_acknowledge(desk: Desk) -> None:
    case = write.transition(desk.register(), "acknowledge", {}, actor=desk.rule("intake"))
    assert "Process Manager" in desk.told(case, "acknowledgement")[0].body
