"""What was said stays; its place may come later. What is published, all our own people may name."""

from typing import Any

import pytest
from django.core.exceptions import ValidationError

from comity.communications.models import Communication
from comity.records import write
from comity.records.access import NotAllowed, may, readable
from comity.records.kind import kind_named
from tests.home.conftest import as_, untouched
from tests.worlds import World

__all__ = ["as_", "untouched"]


def test_owner_and_topic_may_come_later_the_words_may_not(world: World) -> None:
    by = "process_manager"
    said = world.create("communication", by, direction="inbound", summary="All well", customer=world.customer.ref)
    place = {"owner": world.email("relationship_manager"), "topic": "feedback", "tags": ["expectations"]}
    said = write.update(said, place, actor=world.actor(by))
    assert (said.owner, said.topic) == (world.person("relationship_manager"), "feedback")
    with pytest.raises(ValidationError):
        write.update(said, {"summary": "All bad"}, actor=world.actor(by))
    said.refresh_from_db()
    assert said.summary == "All well"


def test_its_edit_page_shows_the_words_as_facts_and_refuses_them_beside_the_field(world: World, as_: Any) -> None:
    said = world.create(
        "communication", "process_manager", direction="inbound", summary="All well", customer=world.customer.ref
    )
    page = as_("process_manager").get(f"{said.url}edit/")
    assert {*page.context["form"].fields} == {"owner", "topic", "tags", "plan_line"}
    assert "This stays as it is" in page.content.decode() and world.customer.name in page.content.decode()
    sent = {"version": said.version, "summary": "All bad", "topic": "feedback"}
    answer = as_("process_manager").post(f"{said.url}edit/", sent)
    assert answer.status_code == 422 and "summary" in answer.context["form"].errors
    said.refresh_from_db()
    assert (said.summary, said.topic) == ("All well", "")
    sent.pop("summary")
    assert as_("process_manager").post(f"{said.url}edit/", sent).status_code == 303
    said.refresh_from_db()
    assert (said.summary, said.topic) == ("All well", "feedback")


def test_a_contact_does_not_say_who_of_us_looks_after_it(world: World) -> None:
    told = {"direction": "inbound", "summary": "Hello", "customer": world.customer.ref}
    with pytest.raises(ValidationError) as error:
        world.create("communication", "customer_contact", owner=world.email("complaint_handler"), **told)
    assert "owner" in error.value.message_dict
    assert not Communication.objects.filter(summary="Hello").exists()


def test_published_channels_are_known_to_all_our_people_and_changed_by_none_of_them(world: World) -> None:
    shown = world.create("channel", "process_manager", name="Chat", type="chat", published_at="2026-01-01")
    hidden = world.create("channel", "process_manager", name="Draft", type="chat")
    seen = readable(kind_named("channel"), world.person("project_manager"))
    assert shown in seen and hidden not in seen
    assert not may(world.person("project_manager"), shown, "edit")
    with pytest.raises(NotAllowed):
        write.update(shown, {"name": "Mine"}, actor=world.actor("project_manager"))
    shown.refresh_from_db()
    assert shown.name == "Chat"
    others = world.create("channel", "process_manager", name="B", type="chat", published_at="2026-01-01")
    write.update(others, {"customers": [world.child.ref]}, actor=world.actor("process_manager"))
    assert others not in readable(kind_named("channel"), world.person("customer_contact"))
