"""Who else is at a record: told by beats, forgotten after seconds, never written by a page that is read."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db.models import F
from django.test import Client

from comity.desk.models import Presence
from comity.records.models import Entry
from tests.web.visitors import visitor
from tests.worlds import World
from tests.worlds import world as built

__all__ = ["built"]
pytestmark = pytest.mark.django_db


@pytest.fixture
def world(built: World) -> World:
    return built


def beat(client: Client, world: World, editing: str = "0") -> str:
    return client.post(f"{world.customer.url}here/", {"editing": editing}).content.decode().strip()


def test_two_people_see_each_other(world: World) -> None:
    first, second = visitor(world.person("relationship_manager")), visitor(world.person("process_manager"))
    assert beat(first, world) == "", "nobody else is here"
    assert "Relationship Manager is here, too." in beat(second, world, "1")
    assert "Process Manager is editing this." in beat(first, world)
    assert Presence.objects.count() == 2
    Presence.objects.update(at=F("at") - timedelta(minutes=1))
    assert beat(first, world) == "", "who does not beat has gone"
    Presence.objects.update(at=F("at") - timedelta(hours=2))
    beat(first, world)
    assert Presence.objects.count() == 1, "old rows do not pile up"


def test_reading_a_page_writes_nothing(world: World) -> None:
    client, lines = visitor(world.person("relationship_manager")), Entry.objects.count()
    page = client.get(world.customer.url).content.decode()
    assert f'data-beat="{world.customer.url}here/"' in page
    assert (Presence.objects.count(), Entry.objects.count()) == (0, lines)
    beat(client, world)
    assert Entry.objects.count() == lines, "a beat is no act"


def test_who_may_not_read_learns_nothing(world: World) -> None:
    beat(visitor(world.person("relationship_manager")), world)
    for name in ("customer_contact", "supplier_contact"):
        client = visitor(world.person(name))
        assert client.post(f"{world.customer.url}here/", {"editing": "0"}).status_code == 404
    assert Client().post(f"{world.customer.url}here/").status_code == 302
    assert visitor(world.person("process_manager")).get(f"{world.customer.url}here/").status_code == 405
    assert Presence.objects.count() == 1
