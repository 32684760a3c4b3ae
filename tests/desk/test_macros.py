"""Macros and acts from the list: all or nothing for each record, in the actor's rights; a preview keeps nothing."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.test import Client

from comity.cases.models import Case
from comity.communications.models import Communication
from comity.desk import operations
from comity.records import write
from comity.records.models import Entry, Link
from tests.journeys.test_busy_morning import received
from tests.worlds import World
from tests.worlds import world as built

__all__ = ["built"]
pytestmark = pytest.mark.django_db


@pytest.fixture
def world(built: World) -> World:
    return built


def macro(world: World, **values: Any) -> Any:
    return world.create("macro", "process_manager", **({"name": "Billing, mine"} | values))


def state(case: Any) -> tuple[Any, ...]:
    case = Case.objects.get(pk=case.pk)
    lines = Entry.objects.filter(kind="case", record_id=case.pk).count()
    return (case.version, case.status, case.topic, case.handler, lines, Communication.objects.count())


def test_all_of_it_in_one_go(world: World) -> None:
    text = world.create(
        "template",
        "process_manager",
        name="Billing",
        use="answer",
        language="en",
        subject="{ref}",
        body="Dear {contact}",
    )
    made = macro(
        world, changes="topic = billing", to_me=True, step="acknowledge", step_values="next_step = We call you.",
        text=text.ref, note="Called.",
    )  # fmt: skip
    case = received(world)
    operations.apply(made, case, world.actor("complaint_handler"))
    case = Case.objects.get(pk=case.pk)
    assert (case.topic.code, case.status) == ("billing", "acknowledged")
    assert case.handler == world.person("complaint_handler")
    sent = Communication.objects.get(subject_ref=case.ref, purpose="answer")
    assert (sent.summary, sent.contact) == (case.ref, world.contact)
    acts = list(Entry.objects.filter(kind="case", record_id=case.pk).order_by("pk").values_list("act", flat=True))
    assert [one for one in acts if one in ("update", "assign", "acknowledge")] == ["update", "assign", "acknowledge"]


def test_nothing_of_it_where_one_part_is_refused(world: World) -> None:
    made, case = macro(world, changes="topic = billing", to_me=True, step="resolve"), received(world)
    before = state(case)
    with pytest.raises((write.Refused, ValidationError)):
        operations.apply(made, case, world.actor("complaint_handler"))
    assert state(case) == before


def test_rights_are_those_of_whoever_applies_it(world: World) -> None:
    made, case = macro(world, to_me=True), received(world)
    before = state(case)
    with pytest.raises((write.NotAllowed, write.NotReadable)):
        operations.apply(made, case, world.actor("auditor"))
    assert state(case) == before


@pytest.mark.parametrize(
    "values", [{}, {"changes": "colour = red"}, {"changes": "topic"}, {"step": "acknowledge", "step_values": "x = 1"}]
)
def test_a_macro_that_can_do_nothing_is_refused(world: World, values: dict[str, str]) -> None:
    with pytest.raises(ValidationError):
        macro(world, **values)


def test_over_many_with_a_preview_that_keeps_nothing(world: World, client: Client) -> None:
    made, cases = macro(world, changes="topic = billing", to_me=True), [received(world) for _n in range(3)]
    closed = received(world, classification="enquiry")
    closed = world.move(closed, "finish", "service_desk", outcome="It is up.")
    client.force_login(world.person("complaint_handler"))
    before = [state(one) for one in (*cases, closed)]
    refs = ",".join(one.ref for one in (*cases, closed))
    sent = {"do": f"macro:{made.ref}", "refs": refs, "confirm": "1"}
    page = client.post("/cases/bulk/", sent | {"preview": "1"})
    tried = page.context["preview"]
    assert [bool(one["why"]) for one in tried] == [False, False, False, True]
    assert "Billing" in page.content.decode() and "What it would do" in page.content.decode()
    assert [state(one) for one in (*cases, closed)] == before
    done = client.post("/cases/bulk/", sent)
    assert (done.context["done"], len(done.context["failed"])) == (3, 1)
    assert {Case.objects.get(pk=one.pk).topic.code for one in cases} == {"billing"}
    assert state(closed) == before[3]
    assert made.name in client.get(cases[0].url).content.decode()


def test_linked_from_the_list(world: World, client: Client) -> None:
    cases = [received(world) for _n in range(3)]
    client.force_login(world.person("complaint_handler"))
    sent = {"do": "link:with", "refs": ",".join(one.ref for one in cases), "to": cases[0].ref, "confirm": "1"}
    client.post("/cases/bulk/", sent | {"preview": "1"})
    assert not Link.objects.exists()
    done = client.post("/cases/bulk/", sent)
    assert (done.context["done"], len(done.context["failed"])) == (2, 1), "none is linked with itself"
    assert set(Link.objects.values_list("from_ref", "to_ref")) == {(one.ref, cases[0].ref) for one in cases[1:]}
    client.post("/cases/bulk/", sent | {"to": "CMP-99999"})
    assert Link.objects.count() == 2


def test_merged_from_the_list(world: World, client: Client) -> None:
    cases = [received(world) for _n in range(3)]
    values = {
        "case": cases[0].ref,
        "cause_area": "service",
        "outcome_reasons": "The same outage.",
        "improvement_need": "false",
        "confirm": "1",
    }
    sent = {"do": "merge:into", "refs": ",".join(one.ref for one in cases), **values}
    client.force_login(world.person("service_desk"))
    assert client.post("/cases/bulk/", sent).status_code == 400, "the desk may not merge"
    assert not Case.objects.filter(status="closed").exists()
    client.force_login(world.person("process_manager"))
    client.post("/cases/bulk/", sent | {"preview": "1"})
    assert not Case.objects.filter(status="closed").exists()
    done = client.post("/cases/bulk/", sent)
    assert (done.context["done"], len(done.context["failed"])) == (2, 1), done.context["failed"]
    merged = Case.objects.filter(close_ground="merged")
    assert {one.pk for one in merged} == {one.pk for one in cases[1:]} and {one.successor for one in merged} == {
        cases[0]
    }


def test_split_from_the_list_one_at_a_time(world: World, client: Client) -> None:
    case, other = received(world), received(world)
    client.force_login(world.person("service_desk"))
    assert "split:off" in client.get("/cases/").content.decode()
    answer = client.post("/cases/bulk/", {"do": "split:off", "tick": case.ref})
    assert (answer.status_code, answer["Location"]) == (303, f"{case.url}split/")
    for sent in ({"tick": [case.ref, other.ref]}, {"all": "2"}, {}):
        answer = client.post("/cases/bulk/", {"do": "split:off", **sent})
        assert answer.status_code == 422 and "tick one row" in answer.content.decode(), sent
    part = {"classification": "service_request", "description": "A new phone."}
    made = client.post(f"{case.url}split/", part)["Location"]
    assert Link.objects.filter(from_ref=made.split("/")[-2], verb="split_from", to_ref=case.ref).exists()


def test_who_may_not_register_may_not_split(world: World, client: Client) -> None:
    case = received(world)
    client.force_login(world.person("auditor"))
    assert "split:off" not in client.get("/cases/").content.decode()
    assert client.post("/cases/bulk/", {"do": "split:off", "tick": case.ref}).status_code == 403
    assert f"{case.url}split/" not in client.get(case.url).content.decode()
    part = {"classification": "service_request", "description": "A new phone."}
    assert client.post(f"{case.url}split/", part).status_code == 403
    assert Case.objects.count() == 1
