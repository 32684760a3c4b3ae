"""The answer clock: a communication that somebody marked as substantive stops it, through whichever door it came."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from comity.accounts.models import ApiToken
from comity.cases.models import Case
from comity.communications.models import Communication
from comity.records.bulk import Bulk, Incoming
from comity.records.kind import kind_named
from tests.cases.conftest import Desk

pytestmark = pytest.mark.django_db


def call(case: Any, **changed: Any) -> dict[str, Any]:
    """What is logged of a call to the customer that answered the matter."""
    return {
        "direction": "outbound", "purpose": "answer", "customer": case.customer.ref, "contact": case.contact.ref,
        "subject_ref": case.ref, "summary": "We told Ada that it was us.", "substantive": True, **changed,
    }  # fmt: skip


def logged(desk: Desk, case: Any, by: str = "complaint_handler", **changed: Any) -> Any:
    return desk.world.create("communication", by, **call(case, **changed))


def answered(case: Any) -> Any:
    return Case.objects.get(pk=case.pk).answered_at


def by_mail(desk: Desk, case: Any) -> None:
    client = Client()
    client.force_login(desk.world.person("complaint_handler"))
    sent = {
        "contact": case.contact.ref,
        "purpose": "answer",
        "summary": "Yes",
        "body": "It was us.",
        "substantive": "on",
    }
    assert client.post(f"{case.url}write/", sent | {"act": "send"}).status_code == 303


def by_form(desk: Desk, case: Any) -> None:
    client = Client()
    client.force_login(desk.world.person("complaint_handler"))
    now = timezone.now().strftime("%Y-%m-%dT%H:%M")
    answer = client.post("/communications/new/", call(case, substantive="on", occurred_at=now))
    assert answer.status_code == 303, answer.content.decode()


def by_machine(desk: Desk, case: Any) -> None:
    _row, secret = ApiToken.issue(desk.world.person("complaint_handler"), "test", ["read", "write"], 1)
    headers = {"authorization": f"Bearer {secret}"}
    sent = json.dumps(call(case))
    answer = Client().post("/api/v1/communications", sent, content_type="application/json", headers=headers)
    assert answer.status_code == 201, answer.content.decode()


def by_import(desk: Desk, case: Any) -> None:
    bulk = Bulk(kind_named("communication"), actor=desk.world.actor("complaint_handler", "import"))
    assert not bulk.write([(0, Incoming(call(case)))]).errors


@pytest.mark.parametrize("door", [by_mail, by_form, by_machine, by_import])
def test_every_door_stops_the_clock_in_time(desk: Desk, door: Callable[[Desk, Any], None]) -> None:
    case = desk.at("assessed")
    assert case.answered_at is None and case.next_due_at == case.answer_due_at
    desk.later(hours=2)
    door(desk, case)
    now, said = timezone.now(), Communication.objects.latest("pk")
    case = Case.objects.get(pk=case.pk)
    assert case.answered_at == said.occurred_at == now < case.answer_due_at
    assert [line.words for line in desk.lines(case)][-1] == f"{said.ref} counts as the first substantive answer."
    desk.until(case.answer_due_at)
    desk.sweep()
    assert ("answer_missed", 1) not in desk.escalations(case)


@pytest.mark.parametrize(
    "changed", [{"substantive": False}, {"direction": "inbound", "purpose": "other"}, {"subject_ref": ""}]
)
def test_what_answers_nothing_stops_nothing(desk: Desk, changed: dict[str, Any]) -> None:
    case = desk.at("assessed")
    logged(desk, case, **changed)
    assert answered(case) is None
    desk.until(case.answer_due_at)
    desk.sweep()
    assert ("answer_missed", 1) in desk.escalations(case)


def test_too_late_is_late_and_sends_the_case_up(desk: Desk) -> None:
    case = desk.at("assessed")
    desk.until(case.answer_due_at)
    desk.sweep()
    logged(desk, case)
    case = Case.objects.get(pk=case.pk)
    assert case.answered_at > case.answer_due_at and ("answer_missed", 1) in desk.escalations(case)


def test_the_earliest_counts_though_it_be_logged_last(desk: Desk) -> None:
    case = desk.at("assessed")
    called = desk.later(hours=1)
    desk.later(hours=3)
    desk.move(case, "answer", text="It was us.")
    assert answered(case) == timezone.now()
    logged(desk, case, occurred_at=called.isoformat())
    assert answered(case) == called
    desk.later(hours=1)
    logged(desk, case)
    assert answered(case) == called


def test_what_was_said_before_the_clock_began_is_no_answer(desk: Desk) -> None:
    case = desk.at("assessed")
    logged(desk, case, occurred_at=(case.received_at - timedelta(minutes=1)).isoformat())
    assert answered(case) is None
    logged(desk, case, occurred_at=case.received_at.replace(second=0, microsecond=0).isoformat())
    assert answered(case) is not None


def test_who_is_complained_about_does_not_stop_the_clock(desk: Desk) -> None:
    case = desk.at("assessed", about=[desk.world.email("relationship_manager")])
    logged(desk, case, "relationship_manager")
    assert answered(case) is None


def test_a_withdrawn_one_gives_way_to_the_next_or_lets_the_clock_run_on(desk: Desk) -> None:
    case = desk.at("assessed")
    desk.later(hours=1)
    first = logged(desk, case)
    at = desk.later(hours=1)
    second = logged(desk, case)
    assert answered(case) == first.occurred_at
    desk.world.move(second, "withdraw", "complaint_handler", note="Another customer.")
    assert answered(case) == first.occurred_at
    second = logged(desk, case)
    desk.world.move(first, "withdraw", "complaint_handler", note="Another customer.")
    assert answered(case) == at == second.occurred_at
    desk.world.move(second, "withdraw", "complaint_handler", note="Another customer.")
    case = Case.objects.get(pk=case.pk)
    assert case.answered_at is None and case.next_due_at == case.answer_due_at
    assert "no longer" in desk.lines(case)[-1].words
    desk.until(case.answer_due_at)
    desk.sweep()
    assert ("answer_missed", 1) in desk.escalations(case)


def test_an_answer_in_a_step_is_withdrawn_like_any_other(desk: Desk) -> None:
    case = desk.move(desk.at("assessed"), "answer", text="It was us.")
    lines = len(desk.lines(case))
    [said] = desk.told(case, "answer")
    assert said.substantive and len(desk.lines(case)) == lines
    desk.world.move(said, "withdraw", "complaint_handler", note="Sent to nobody.")
    assert answered(case) is None


def test_the_result_answers_where_nothing_did_before(desk: Desk) -> None:
    case = desk.at("investigating")
    said = logged(desk, case)
    while case.status != "resolved":
        desk.later(hours=1)
        case = desk.step(Case.objects.get(pk=case.pk))
    desk.world.move(said, "withdraw", "complaint_handler", note="Another customer.")
    assert answered(case) == case.resolved_at
