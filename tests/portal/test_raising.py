"""What a contact tells us: orders and queries about privacy, and public forms asked of somebody whom we know."""

from __future__ import annotations

import re
from typing import Any

import pytest

from comity.cases.models import Case, PublicForm
from comity.communications.models import Communication
from comity.records.models import File
from tests.intake.public.conftest import picture
from tests.intake.public.test_own_forms import BY, QUESTIONS, made, own
from tests.portal.conftest import Portal


def filled(portal: Portal, address: str, **said: Any) -> Any:
    """What answers when the form of this address is sent."""
    client = portal.visit()
    page = client.get(f"/portal/forms/{address}/").content.decode()
    hidden = dict(re.findall(r'type="hidden" name="(stamp|customer)" value="([^"]+)"', page))
    portal.desk.later(hours=0.01)
    return client.post(f"/portal/forms/{address}/", {"description": "The new pump.", **hidden, **said})


@pytest.mark.parametrize(
    ("chosen", "sort"),
    [("service_request/order", ("service_request", "order")), ("enquiry/privacy", ("enquiry", "privacy"))],
)  # fmt: skip
def test_orders_and_privacy_are_told_as_such(portal: Portal, chosen: str, sort: tuple[str, str]) -> None:
    assert portal.raised(classification=chosen).status_code == 303
    case = Case.objects.get()
    assert (case.classification, case.subtype) == sort
    logged = Communication.objects.filter(subject_ref=case.ref, topic="privacy", purpose="intake")
    assert logged.exists() == (case.subtype == "privacy")
    assert portal.raised(classification="complaint/order").status_code == 422 and Case.objects.count() == 1


def test_a_public_form_asks_whom_we_know_no_more_than_it_must(portal: Portal) -> None:
    world = portal.desk.world
    form = made(world, *QUESTIONS)
    assert form.title in portal.visit().get("/portal/cases/new/").content.decode()
    page = portal.visit().get("/portal/forms/praise/").content.decode()
    assert "What did you like?" in page and world.person("customer_contact").email in page
    assert not re.search('name="(who|name|address|reach|tell|conduct)"', page)
    assert filled(portal, "praise").status_code == 422 and not Case.objects.exists()  # one must be answered
    said = {own("choice"): "Daily", own("several"): ["Play"], "files": [picture()], "severity": "critical"}
    answer = filled(portal, "praise", **said)
    case = Case.objects.get()
    assert (answer.status_code, answer["Location"]) == (303, f"/portal/cases/{case.ref}/")
    assert (case.contact, case.customer, case.channel, case.public_form) == (
        world.contact, world.customer, "portal", form,
    )  # fmt: skip
    assert (case.classification, case.severity, case.notification_wish) == ("praise", "normal", {})
    assert case.answers.rows == [("How often do you use it?", "Daily"), ("Used for", "Play")]
    assert File.objects.get().public and "Play</dd>" in portal.visit().get(answer["Location"]).content.decode()


def test_a_form_is_offered_to_those_whom_it_is_for(portal: Portal) -> None:
    world = portal.desk.world
    mine = made(world, customer=world.customer.ref, service=world.service.ref, title="Mine", address="mine")
    made(world, customer=world.child.ref, title="Theirs", address="theirs")
    made(world, is_open=False, title="Draft", address="draft")
    page = portal.visit().get("/portal/cases/new/").content.decode()
    assert "/portal/forms/mine/" in page and "Theirs" not in page and "Draft" not in page
    for address in ("theirs", "draft", "nothing"):
        assert portal.visit().get(f"/portal/forms/{address}/").status_code == 404
        assert filled(portal, address).status_code == 404
    assert not Case.objects.exists()
    assert filled(portal, "mine", customer=world.child.ref).status_code == 422 and not Case.objects.exists()
    assert filled(portal, "mine").status_code == 303
    case = Case.objects.get()
    assert (case.customer, case.service, case.public_form) == (world.customer, world.service, mine)


def test_what_is_wrong_or_too_late_keeps_what_was_typed(portal: Portal) -> None:
    world = portal.desk.world
    form = made(world, {"asks": "line", "label": "Colour"}, classification="complaint")
    answer = filled(portal, "praise", **{own("line"): "Blue-green"})
    assert answer.status_code == 422 and "what it is about" in answer.content.decode()
    assert "Blue-green" in answer.content.decode()
    world.move(form, "close", BY, note="Enough.")
    answer = portal.visit().post("/portal/forms/praise/", {own("line"): "Blue-green", "description": "My words."})
    assert answer.status_code == 410 and "My words." in answer.content.decode()
    assert not Case.objects.exists() and PublicForm.objects.get().status == "closed"
