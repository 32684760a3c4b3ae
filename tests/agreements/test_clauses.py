"""Clauses: what an agreement says on a topic, at every door, and in the next version."""

from typing import Any

import pytest
from django.core.exceptions import ValidationError

from comity.agreements.models import Clause
from comity.agreements.operations import revise
from comity.records import write
from comity.records.forms import form_class
from comity.records.kind import kind_named
from tests.worlds import World

BY = "relationship_manager"


@pytest.fixture
def draft(world: World) -> Any:
    return world.create("agreement_version", BY, agreement=world.agreement.ref)


def clause(world: World, version: Any, **values: Any) -> Any:
    said = {"topic": "accessibility", "text": "By phone and mail.", **values}
    return world.create("clause", BY, agreement_version=version.ref, **said)


def test_particulars_are_written_in_lines_or_as_an_object(world: World, draft: Any) -> None:
    lines = clause(world, draft, attributes="service_hours: Monday to Friday, 9:00 to 17:00\n")
    known = clause(world, draft, attributes={"service_hours": "Always"})
    assert lines.attributes == {"service_hours": "Monday to Friday, 9:00 to 17:00"}
    assert known.attributes == {"service_hours": "Always"}
    form = form_class(kind_named("clause"))(instance=known)
    assert "service_hours: Always" in str(form["attributes"])


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"text": ""}, "text"),
        ({"attributes": "opening: nine"}, "attributes"),
        ({"attributes": ["nine"]}, "attributes"),
        ({"obligation": True}, "due_rule"),
    ],
)
def test_what_says_nothing_or_the_wrong_thing_is_refused(
    world: World, draft: Any, values: dict[str, Any], field: str
) -> None:
    with pytest.raises(ValidationError) as refused:
        clause(world, draft, **values)
    assert list(refused.value.message_dict) == [field]
    assert not Clause.objects.exists()


def test_an_express_nothing_needs_no_words(world: World, draft: Any) -> None:
    assert clause(world, draft, topic="exceptions", text="", none_agreed=True).none_agreed


def test_clauses_of_an_agreed_version_stay(world: World) -> None:
    with pytest.raises(ValidationError):
        clause(world, world.second)
    assert not Clause.objects.exists()


def test_the_next_version_begins_with_the_clauses_of_this_one(world: World, draft: Any) -> None:
    first = clause(world, draft, attributes={"service_hours": "Always"})
    draft.refresh_from_db()
    made = revise(draft, actor=world.actor(BY), reason="Longer hours.")
    (copied,) = made.clauses.all()
    assert (copied.topic, copied.text, copied.attributes) == (first.topic, first.text, first.attributes)
    changed = write.update(copied, {"text": "By phone."}, actor=world.actor(BY))
    first.refresh_from_db()
    assert (changed.text, first.text) == ("By phone.", "By phone and mail.")
