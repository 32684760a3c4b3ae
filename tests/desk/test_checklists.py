"""Checklists on cases: put on once, checked by somebody at a time, and holding back a result where they say so."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from comity.cases.models import Case
from comity.desk.models import Point
from comity.records import write
from comity.records.models import Entry
from tests.journeys.test_busy_morning import received
from tests.worlds import World
from tests.worlds import world as built

__all__ = ["built"]
pytestmark = pytest.mark.django_db


@pytest.fixture
def world(built: World) -> World:
    return built


def signed_in(world: World, name: str) -> Client:
    client = Client()
    client.force_login(world.person(name))
    return client


def lines(case: Any) -> list[str]:
    return list(
        Entry.objects.filter(kind="case", record_id=case.pk, rule="checklist")
        .order_by("pk")
        .values_list("note", flat=True)
    )


def test_put_on_once_and_gone_through(world: World) -> None:
    made = world.create("checklist", "process_manager", name="Billing", points="Check the bill\n\nCall back\nCall back")
    case, desk = received(world), signed_in(world, "service_desk")
    for _twice in range(2):
        desk.post(f"{case.url}points/", {"list": made.ref})
    desk.post(f"{case.url}points/", {"text": "Ask for the date"})
    assert [one.text for one in Point.objects.order_by("pk")] == ["Check the bill", "Call back", "Ask for the date"]
    first = Point.objects.order_by("pk")[0]
    for _twice in range(2):
        desk.post(f"{case.url}points/", {"point": first.pk, "on": "1"})
    first.refresh_from_db()
    assert first.checked_by == world.person("service_desk") and first.checked_at
    assert len(lines(case)) == 3, "what changed nothing leaves no line"
    page = desk.get(case.url).content.decode()
    assert "Done: Check the bill" in page and "Service Desk" in page
    desk.post(f"{case.url}points/", {"point": first.pk, "on": "0"})
    first.refresh_from_db()
    assert first.checked_by is None and len(lines(case)) == 4


def test_who_may_not_write_checks_nothing(world: World) -> None:
    case, other = received(world), received(world)
    point = Point.objects.create(kind="case", record_id=case.pk, text="Call back")
    sent = {"point": point.pk, "on": "1"}
    assert signed_in(world, "auditor").post(f"{case.url}points/", sent).status_code in (403, 404)
    signed_in(world, "service_desk").post(f"{other.url}points/", sent)
    assert signed_in(world, "service_desk").post(f"{world.customer.url}points/", sent).status_code == 404
    point.refresh_from_db()
    assert point.checked_at is None and not lines(case) and not lines(other)


def test_an_open_point_holds_back_the_result(world: World) -> None:
    made = world.create("checklist", "process_manager", name="Before", points="Call back", holds=True)
    case = received(world, classification="enquiry")
    desk = signed_in(world, "service_desk")
    desk.post(f"{case.url}points/", {"list": made.ref})
    with pytest.raises(write.Refused, match="Call back"):
        world.move(case, "finish", "service_desk", outcome="It is up.")
    assert Case.objects.get(pk=case.pk).status == "received"
    desk.post(f"{case.url}points/", {"point": Point.objects.get().pk, "on": "1"})
    assert world.move(case, "finish", "service_desk", outcome="It is up.").status == "closed"
