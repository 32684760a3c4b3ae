"""What nobody would type is refused in words, and a search tells nothing of what its reader must not see."""

import base64
from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.test import Client

from comity.cases.models import Case
from comity.records import reading, write
from comity.records.kind import kind_named
from comity.records.trail import Actor
from tests.cases.conftest import Desk
from tests.cases.test_access import internal

LATE = base64.urlsafe_b64encode(b'["2026-01-01T25:00:00Z",1]').decode()


def signed_in(desk: Desk, role: str) -> Client:
    client = Client()
    client.force_login(desk.world.person(role), backend="comity.accounts.sign_in.CurrentPeople")
    return client


@pytest.mark.parametrize(
    ("query", "status"),
    [("received_at_to=9999-12-31", 200), (f"q=charge&after={LATE}", 400), (f"after={LATE}", 400)],
)
def test_broken_questions(desk: Desk, query: str, status: int) -> None:
    assert signed_in(desk, "complaint_handler").get(f"/cases/?{query}").status_code == status


@pytest.mark.parametrize("number", ["²", "9" * 5000])
def test_broken_numbers(desk: Desk, number: str) -> None:
    case, client = desk.register(), signed_in(desk, "complaint_handler")
    assert client.get(case.url, {"before": number}).status_code == 200
    assert client.post(f"{case.url}edit/", {"version": number}).status_code == 422


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("received_at", "0001-01-01T00:00"),
        ("first_dissatisfied_at", "0001-01-01T00:00"),
        ("notification_wish", '{"every_days":' + "9" * 5000 + "}"),
        ("notification_wish", '{"a":' * 5000 + "1" + "}" * 5000),
    ],
)
def test_broken_values(desk: Desk, name: str, value: str) -> None:
    answer = signed_in(desk, "service_desk").post("/cases/new/", {**desk.intake(), name: value})
    assert answer.status_code == 422


def test_a_step_before_all_time(desk: Desk) -> None:
    data = {"next_step": "x", "happened_at": "0001-01-01T00:00"}
    assert signed_in(desk, "service_desk").post(f"{desk.register().url}acknowledge/", data).status_code == 422


def test_leading_on_to_two_lines(desk: Desk) -> None:
    answer = signed_in(desk, "service_desk").post("/preferences/", {"language": "en", "next": "/a\r\nX: y"})
    assert (answer.status_code, answer.headers["Location"]) == (303, "/")


def test_a_count_keeps_the_secret(desk: Desk) -> None:
    internal(desk, description="Unmistakable")
    kind: Any = kind_named("case")
    counts = {
        role: reading.register(kind, desk.world.person(role), {"q": "unmistakable"}).count
        for role in ("operations_director", "internal_assessor")
    }
    assert counts == {"operations_director": 1, "internal_assessor": 0}


def test_an_auditor_leaves_nothing_behind(desk: Desk) -> None:
    case, other, client = desk.register(), desk.register(), signed_in(desk, "auditor")
    assert client.post(f"{case.url}post/", {"body": "seen"}).status_code == 403
    assert client.post(f"{case.url}link/", {"to": other.ref}).status_code == 403
    assert b'class="write"' not in client.get(case.url).content
    with pytest.raises(write.NotAllowed):
        write.post(case, "seen", actor=Actor(desk.world.person("auditor"), via="api"))


@pytest.mark.parametrize(
    ("wish", "said"),
    [
        ({"event": ["acknowledged"]}, "event. A wish has events, result_only, every_days, channel"),
        ({"events": ["merged"]}, "merged. A wish has"),
        ({"events": ["nonsense"]}, "not a wish"),
        ({"channel": "pigeon"}, "email, phone, letter"),
    ],
)
def test_a_wish_says_only_what_the_desk_knows(desk: Desk, wish: dict[str, Any], said: str) -> None:
    with pytest.raises(ValidationError) as refused:
        desk.register(notification_wish=wish)
    assert said in " ".join(refused.value.message_dict["notification_wish"])
    assert not Case.objects.exists()


@pytest.mark.parametrize("escape", ["\\ud800", "a\\udc00b"])
def test_half_a_sign_is_no_text(desk: Desk, escape: str) -> None:
    values = {**desk.intake(), "notification_wish": f'{{"channel": "{escape}"}}', "classification": "complaint"}
    answer = signed_in(desk, "complaint_handler").post("/cases/new/", values)
    assert answer.status_code == 422 and "valid JSON" in answer.content.decode()
    assert not Case.objects.exists()


def test_a_call_in_the_minute_of_the_result_came_after_it(desk: Desk) -> None:
    """People enter minutes, the clock counts seconds."""
    desk.later(hours=20 / 3600)
    case = desk.at("resolved")
    said = desk.heard(case, occurred_at=case.resolved_at.replace(second=0).isoformat())
    assert desk.move(case, "confirm", communication=said).status == "closed"
    other = desk.at("resolved")
    early = desk.heard(other, occurred_at=(other.resolved_at - timedelta(minutes=1)).isoformat())
    with pytest.raises(ValidationError):
        desk.move(other, "confirm", communication=early)
