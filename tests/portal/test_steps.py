"""Every step a contact may take, and who may not: own, child's, foreign, after the end."""

from __future__ import annotations

from typing import Any

import pytest

from comity.accounts.models import Grant, Person
from comity.accounts.roles import Role
from comity.cases.models import Case, Escalation
from comity.cases.operations.workflow import case_life
from comity.records.models import Entry
from tests.portal.conftest import CLOSING, RATED, Portal

STEPS: dict[str, tuple[str, str]] = {
    "escalate": ("investigating", "investigating"),
    "ask_news": ("received", "received"),
    "record_wish": ("investigating", "investigating"),
    "ask_to_withdraw": ("assessed", "assessed"),
    "reply": ("awaiting_customer", "investigating"),
    "confirm": ("resolved", "closed"),
    "reject": ("resolved", "investigating"),
    "reopen": ("closed", "investigating"),
}
"""Step of the contact: from, to."""
ELSEWHERE = {"make_complaint", "object"}  # tested below: they need another classification


def test_the_table_names_no_other_step() -> None:
    assert {row.name for row in case_life.moves if Role.CUSTOMER_CONTACT in row.by} == set(STEPS) | ELSEWHERE


def sent(portal: Portal, case: Case, name: str, **by: Any) -> int:
    return portal.act(case, name, "Because.", tell="each", channel="email", **by)


@pytest.mark.parametrize("name", STEPS)
def test_ones_own(portal: Portal, name: str) -> None:
    source, target = STEPS[name]
    case = portal.at(source)
    page = portal.visit().get(f"/portal/cases/{case.ref}/").content.decode()
    assert f"/portal/cases/{case.ref}/{'message' if name == 'reply' else name}/" in page
    assert sent(portal, case, name) == 303
    line = Entry.objects.filter(kind="case", record_id=case.pk, act=name, rule="").get()
    assert (case.status, line.via, line.actor_id) == (target, "portal", portal.desk.world.person("customer_contact").pk)
    assert line.rule == "" and line.public


def test_pressed_twice_is_meant_once(portal: Portal) -> None:
    """Without scripts nothing keeps a button from being pressed again while the first answer is on its way."""
    case = portal.at("investigating")
    for name in ("escalate", "message", "ask_to_withdraw"):
        assert [portal.act(case, name, "It drips.") for _n in range(3)] == [303, 303, 303]
        said = Entry.objects.filter(kind="case", record_id=case.pk, note="It drips.")
        assert said.filter(act="post" if name == "message" else name).count() == 1
    assert (case.escalation_level, Escalation.objects.filter(case=case).count()) == (1, 1)
    portal.desk.later(hours=0.1)
    assert portal.act(case, "escalate", "It drips.") == 303 and case.escalation_level == 2


@pytest.mark.parametrize("name", STEPS)
def test_not_in_another_state(portal: Portal, name: str) -> None:
    wrong = "closed" if STEPS[name][0] != "closed" else "investigating"
    case = portal.at(wrong)
    version = case.version
    assert sent(portal, case, name) == 422
    assert (case.status, case.version) == (wrong, version)


@pytest.mark.parametrize("name", STEPS)
def test_not_of_somebody_elses_case(portal: Portal, name: str) -> None:
    case = portal.at(STEPS[name][0])
    other = portal.desk.world.create("customer", "relationship_manager", name="Other Ltd")
    below = portal.person("below", portal.desk.world.child)
    strangers = [portal.person("other", other), below, portal.desk.world.person("supplier_contact")]
    for person, status in zip(strangers, (404, 404, 403), strict=True):
        version = case.version
        assert sent(portal, case, name, by=portal.visit(person)) == status
        assert case.version == version


@pytest.mark.parametrize("name", STEPS)
def test_of_a_child_by_whoever_sees_children(portal: Portal, name: str) -> None:
    world = portal.desk.world
    child = {"customer": world.child.ref, "contact": world.child_contact.ref}
    source, target = STEPS[name]
    low = portal.person("low", world.child)
    case = _of_child(portal, source, child, low)
    assert sent(portal, case, name) == 404  # the contact above, who sees its own only
    power = portal.person("power", world.customer, sees_children=True)
    assert sent(portal, case, name, by=portal.visit(power)) == 303
    assert case.status == target


def _of_child(portal: Portal, status: str, child: dict[str, str], low: Person) -> Case:
    """A case of the child in this state, registered by the desk and closed by the child's own contact."""
    desk = portal.desk
    case = desk.register(**child)
    handler = desk.world.email("complaint_handler")
    path: list[tuple[str, str, dict[str, Any]]] = [
        ("acknowledge", "service_desk", {}), ("assess", "complaint_handler", {**RATED, "handler": handler}),
        ("investigate", "complaint_handler", {"investigator": handler}),
    ]  # fmt: skip
    if status == "awaiting_customer":
        path.append(("ask_customer", "complaint_handler", {"text": "Which?"}))
    elif status in ("resolved", "closed"):
        path.append(("resolve_without_action", "complaint_handler", CLOSING))
    for name, by, values in path:
        if case.status == status:
            break
        case = desk.move(case, name, by, **values)
    if status == "closed":
        assert portal.act(case, "confirm", by=portal.visit(low)) == 303
    return Case.objects.get(pk=case.pk)


@pytest.mark.parametrize("end", ["contact", "person", "grant"])
def test_not_after_the_end(portal: Portal, end: str) -> None:
    world, case = portal.desk.world, portal.at("investigating")
    client = portal.visit()
    assert client.get(f"/portal/cases/{case.ref}/").status_code == 200
    if end == "contact":
        world.move(world.contact, "end", "relationship_manager", note="Left.")
        assert not Grant.objects.filter(person=world.person("customer_contact"), ends_on__isnull=True).exists()
    elif end == "person":
        Person.objects.filter(pk=world.person("customer_contact").pk).update(ends_on=portal.desk.later().date())
    else:
        Grant.objects.filter(person=world.person("customer_contact")).update(ends_on=portal.desk.later().date())
    version = case.version
    status = portal.act(case, "escalate", "Please.", by=client)
    assert status == (302 if end == "person" else 403)
    assert case.version == version and not Escalation.objects.exists()
    assert client.get("/portal/").status_code == status


@pytest.mark.parametrize("name", ["assess", "close_without_agreement", "withdraw", "merge", "assign", "note", "edit"])
def test_steps_of_the_desk_are_none_of_the_portals(portal: Portal, name: str) -> None:
    case = portal.at("acknowledged")
    version = case.version
    assert sent(portal, case, name) == 422 and case.version == version


@pytest.mark.parametrize("name", ["escalate", "reject", "ask_to_withdraw", "reopen", "reply"])
def test_a_reason_is_asked_for(portal: Portal, name: str) -> None:
    case = portal.at(STEPS[name][0])
    version = case.version
    assert portal.act(case, name, " ") == 422 and case.version == version


def test_an_objection_restores_the_complaint(portal: Portal) -> None:
    desk, case = portal.desk, portal.at("acknowledged")
    desk.move(case, "propose_reclassification", note="A wish.", proposed_classification="service_request")
    ending = {"cause_area": "service", "improvement_need": False, "outcome_reasons": "It is a wish."}
    case = desk.move(case, "reclassify", "process_manager", **ending)
    assert (case.status, case.close_ground) == ("closed", "reclassified")
    assert portal.act(case, "object", "It is a complaint.") == 303
    assert (case.status, case.close_ground) == ("acknowledged", "")


def test_what_was_none_becomes_a_complaint(portal: Portal) -> None:
    case = portal.at("received", classification="enquiry")
    assert portal.act(case, "escalate", "x") == 422
    assert portal.act(case, "make_complaint", "Nobody answers.") == 303 and case.classification == "complaint"


def test_a_late_reopening_is_refused_and_says_what_else(portal: Portal) -> None:
    case = portal.at("closed")
    portal.desk.later(days=400)
    assert "The time to reopen it has passed" in portal.visit().get(f"/portal/cases/{case.ref}/").content.decode()
    assert portal.act(case, "reopen", "Again.") == 422 and case.status == "closed"


def test_whoever_works_here_too_acts_as_a_customer_alone(portal: Portal) -> None:
    """Both grants: in the portal only the contact's rights count, and none in a case that they work on."""
    world = portal.desk.world
    both = portal.person("both", world.customer)
    for role in (Role.COMPLAINT_HANDLER, Role.PROCESS_MANAGER):
        Grant.objects.create(person=both, unit=world.root, role=role)
    client, foreign = (
        portal.visit(both),
        portal.desk.register(customer=world.child.ref, contact=world.child_contact.ref),
    )
    assert client.get(f"/cases/{foreign.ref}/").status_code == 200  # inside: as staff
    assert client.get(f"/portal/cases/{foreign.ref}/").status_code == 404
    inside = portal.desk.register(origin="internal", contact="", complainant="x")
    assert client.get(f"/portal/cases/{inside.ref}/").status_code == 404
    case = portal.at("resolved")
    assert portal.act(case, "confirm", by=client) == 303 and case.confirmation is None
    mine = portal.at("investigating")
    mine = portal.desk.move(mine, "assign", handler=both.email)
    mine = portal.desk.move(mine, "assign", handler=both.email, investigator=both.email)
    version = mine.version
    assert portal.act(mine, "escalate", "x", by=client) == 422 and mine.version == version
    assert Person.objects.get(pk=both.pk).acting_group == ""


def test_staff_find_no_portal(portal: Portal) -> None:
    for name in ("complaint_handler", "administrator", "auditor"):
        assert portal.visit(name).get("/portal/").status_code == 404
    assert portal.visit("supplier_contact").get("/portal/").status_code == 403


def test_somebody_unknown_is_sent_to_sign_in(portal: Portal, client: Any) -> None:
    case = portal.at("received")
    for path in ("/portal/", "/portal/cases/", f"/portal/cases/{case.ref}/", "/portal/me/"):
        assert client.get(path)["Location"] == "/accounts/link/"
        assert client.post(path)["Location"] == "/accounts/link/"


def test_a_forged_step_is_refused(portal: Portal) -> None:
    from django.test import Client

    case = portal.at("resolved")
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(portal.desk.world.person("customer_contact"))
    assert portal.act(case, "confirm", by=strict) == 403 and case.status == "resolved"
