"""A saved view with a limit: its person is told once when it is passed, and only of what that person may read."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from comity.communications.models import Mail
from comity.notices.models import Event, Notification, Preference, Way
from comity.notices.operations import alerts
from comity.notices.operations.notifying import words
from comity.records.models import SavedView
from tests.notices.conftest import Desk
from tests.worlds import World

pytestmark = pytest.mark.django_db


def view(world: World, by: str, limit: int, **values: Any) -> SavedView:
    given = {"kind": "case", "name": "Waiting", "query": "status=received", **values}
    return SavedView.objects.create(person=world.person(by), limit=limit, **given)


def told() -> list[str]:
    """Look at all views; what people were told, each once."""
    list(alerts.look())
    rows = [words(one) for one in Notification.objects.filter(event=Event.ALERT).order_by("pk")]
    Notification.objects.all().delete()
    return rows


def test_told_once_when_passed_and_again_only_after_it_came_back(desk: Desk) -> None:
    kept = view(desk.world, "process_manager", 1)
    first = desk.register()
    assert told() == [], "one is not more than one"
    desk.register()
    assert told() == ["Waiting: 2, the limit is 1"]
    desk.register()
    assert told() == [], "it stays passed"
    for case in (first, *type(first).objects.exclude(pk=first.pk)[:1]):
        desk.step(case)
    assert told() == []
    kept.refresh_from_db()
    assert not kept.passed, "it came back"
    desk.register()
    assert told() == ["Waiting: 2, the limit is 1"]


def test_fewer_than(desk: Desk) -> None:
    view(desk.world, "process_manager", 1, below=True)
    assert told() == ["Waiting: 0, the limit is 1"]
    desk.register()
    assert told() == []


def test_only_what_the_reader_may_read_counts_and_nobody_else_is_told(desk: Desk) -> None:
    world = desk.world
    view(world, "northerner", 0, shared=True)
    desk.register()
    assert told() == [], "the case is not of the North"
    view(world, "process_manager", 0)
    list(alerts.look())
    assert [one.person for one in Notification.objects.all()] == [world.person("process_manager")]


def test_who_left_or_asks_nonsense_is_passed_over(desk: Desk) -> None:
    world = desk.world
    gone = view(world, "process_manager", 0)
    view(world, "complaint_handler", 0, query="sort=nothing")
    type(gone.person).objects.filter(pk=gone.person_id).update(is_active=False)
    desk.register()
    assert told() == []


def test_by_mail_where_wished(desk: Desk) -> None:
    person = desk.world.person("process_manager")
    Preference.objects.create(person=person, event=Event.ALERT, way=Way.MAIL)
    view(desk.world, "process_manager", 0)
    desk.register()
    Mail.objects.all().delete()
    list(alerts.look())
    assert Mail.objects.filter(recipients__icontains=person.email).count() == 1


def test_the_limit_is_set_and_shown_in_the_menu_of_views(world: World, client: Client) -> None:
    client.force_login(world.person("process_manager"))
    sent = {"do": "keep", "name": "Waiting", "query": "status=received", "limit": "10", "below": ""}
    assert client.post("/cases/views/", sent).status_code == 303
    kept = SavedView.objects.get(name="Waiting")
    assert (kept.limit, kept.below) == (10, False)
    assert "more than 10" in client.get(f"/cases/?status=received&view={kept.pk}").content.decode()
    assert client.post("/cases/views/", sent | {"limit": "-1"}).status_code == 400
    kept.refresh_from_db()
    assert kept.limit == 10
    client.post("/cases/views/", sent | {"limit": ""})
    kept.refresh_from_db()
    assert kept.limit is None
