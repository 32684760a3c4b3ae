"""Who is away gets no new work: it goes to the stand-in, and the timeline says why (journey of the service desk)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from comity.accounts.models import Person
from comity.notices.models import Notification
from comity.records import write
from comity.records.models import Entry
from tests.notices.conftest import Desk, drained
from tests.worlds import World

pytestmark = pytest.mark.django_db


def leave(world: World, who: str, stand_in: str, days: int = 0) -> None:
    first = timezone.localdate() + timedelta(days=days)
    rows = Person.objects.filter(pk=world.person(who).pk)
    rows.update(stand_in=world.person(stand_in), away_from=first, away_to=first + timedelta(days=7))


def action(world: World, **values: Any) -> Any:
    given = {"title": "Write the note", "owner": world.email("complaint_handler"), "due_on": timezone.localdate()}
    return world.create("action", "relationship_manager", **(given | values))


def said(record: Any) -> list[str]:
    return [entry.words for entry in Entry.objects.filter(ref=record.ref, act="auto", rule="stand_in")]


def test_a_new_action_goes_to_the_stand_in(world: World) -> None:
    leave(world, "complaint_handler", "assistant")
    made = action(world)
    assert made.owner == world.person("assistant") and made.version == 2
    assert said(made) == ["Complaint Handler is away; it goes to the stand-in."]
    drained()
    assert {one.person_id for one in Notification.objects.filter(event="assigned")} == {world.person("assistant").pk}


def test_an_action_that_changes_hands_does_so_too_and_others_stay(world: World) -> None:
    made, other = action(world, owner=world.email("process_manager")), action(world)
    leave(world, "complaint_handler", "assistant")
    by = world.actor("relationship_manager")
    made = write.update(made, {"owner": world.email("complaint_handler")}, actor=by)
    other = write.update(other, {"title": "Another title"}, actor=by)
    assert made.owner == world.person("assistant") and len(said(made)) == 1
    assert other.owner == world.person("complaint_handler") and said(other) == []


def test_before_and_without_an_absence_nothing_happens(world: World) -> None:
    leave(world, "complaint_handler", "assistant", days=2)
    assert action(world).owner == world.person("complaint_handler")


def test_two_who_stand_in_for_each_other_and_are_both_away(world: World) -> None:
    leave(world, "complaint_handler", "assistant")
    leave(world, "assistant", "complaint_handler")
    made = action(world)
    assert made.owner == world.person("assistant") and len(said(made)) == 1


def test_a_case_goes_to_the_stand_in(desk: Desk) -> None:
    leave(desk.world, "complaint_handler", "assistant")
    case = desk.step(desk.step(desk.register()))
    assert case.handler == desk.world.person("assistant")
    assert any("away" in text for text in said(case))
