"""What a case can be besides a complaint: an order, a query about privacy; and that it can become another thing."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.exceptions import ValidationError

from comity.cases.models import Case
from comity.communications.models import Communication
from comity.records import write
from comity.records.models import Entry
from tests.cases.conftest import Desk
from tests.cases.test_path import refused
from tests.web.visitors import visitor

pytestmark = pytest.mark.django_db


def inbound(case: Case) -> list[tuple[str, str]]:
    rows = Communication.objects.filter(subject_ref=case.ref, direction="inbound").order_by("pk")
    return list(rows.values_list("purpose", "topic"))


@pytest.mark.parametrize(
    ("classification", "subtype"), [("complaint", "order"), ("enquiry", "order"), ("praise", "privacy")]
)
def test_a_subtype_belongs_to_its_classification(desk: Desk, classification: str, subtype: str) -> None:
    with pytest.raises(ValidationError) as caught:
        desk.register(classification=classification, subtype=subtype)
    assert "subtype" in caught.value.message_dict and not Case.objects.exists()


def test_an_order_is_a_request_and_stays_out_of_the_complaints(desk: Desk) -> None:
    case = desk.register(classification="service_request", subtype="order")
    assert (case.classification, case.resolve_due_at, inbound(case)) == ("service_request", None, [])
    page = visitor(desk.world.person("complaint_handler")).get("/cases/?subtype=order").content.decode()
    assert case.ref in page


def test_a_query_about_privacy_stands_in_the_log_with_its_clock(desk: Desk) -> None:
    case = desk.register(classification="enquiry", subtype="privacy")
    assert inbound(case) == [("intake", "privacy")]
    case = desk.move(case, "answer", "complaint_handler", text="We keep your name and address.")
    told = Communication.objects.get(subject_ref=case.ref, direction="outbound", purpose="answer")
    assert told.topic == "privacy"


def test_what_it_is_can_be_put_right_without_losing_its_history(desk: Desk) -> None:
    case = desk.move(desk.register(classification="enquiry"), "acknowledge", "service_desk")
    number, due = case.ref, case.answer_due_at
    assert due is not None
    refused(desk, case, "classify", "service_desk", note="x", classification="complaint")
    refused(desk, case, "classify", "service_desk", note="x", classification="enquiry")
    refused(desk, case, "classify", "service_desk", note="x", classification="praise", subtype="order")
    refused(desk, desk.register(), "classify", note="x", classification="enquiry")
    case = desk.move(
        case, "classify", "service_desk", note="They order.", classification="service_request", subtype="order"
    )
    assert (case.ref, case.subtype, case.status, case.answer_due_at) == (number, "order", "acknowledged", None)
    case = desk.move(case, "classify", "service_desk", note="No.", classification="enquiry", subtype="privacy")
    assert (case.answer_due_at, inbound(case)) == (due, [("intake", "privacy")])
    case = desk.move(case, "make_complaint", "service_desk", note="Angry.")
    assert (case.classification, case.subtype) == ("complaint", "privacy")
    found = Entry.objects.filter(kind="case", record_id=case.pk, act="classify").order_by("pk")
    assert [line.changes["subtype"] for line in found] == [["", "order"], ["order", "privacy"]]


def test_a_subtype_that_no_longer_fits_goes_and_the_trail_keeps_it(desk: Desk) -> None:
    case = desk.register(classification="service_request", subtype="order")
    case = desk.move(case, "make_complaint", "service_desk", note="Never came.")
    assert (case.classification, case.subtype) == ("complaint", "")
    assert any(line.words == "Until now it was: Service order." for line in desk.lines(case))


def test_what_is_logged_already_is_put_under_privacy_and_not_twice(desk: Desk) -> None:
    case = desk.register(classification="enquiry")
    about: dict[str, Any] = {"direction": "inbound", "purpose": "intake", "topic": "feedback", "summary": "Hello"}
    desk.world.create("communication", "complaint_handler", subject_ref=case.ref, customer=case.customer.ref, **about)
    write.update(case, {"subtype": "privacy"}, actor=desk.world.actor("complaint_handler"))
    assert inbound(case) == [("intake", "privacy")]


def test_the_counter_offers_orders_and_privacy(desk: Desk) -> None:
    said = {"customer": desk.world.customer.ref, "contact": desk.world.contact.ref, "channel": "phone",
            "classification": "enquiry/privacy", "description": "What do you keep of me?"}  # fmt: skip
    answer = visitor(desk.world.person("service_desk")).post("/cases/intake/", said)
    case = Case.objects.get()
    assert answer.status_code == 303 and (case.classification, case.subtype) == ("enquiry", "privacy")
