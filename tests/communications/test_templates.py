"""Texts of one's own: placeholders are checked where they are written, and filled without surprises."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.exceptions import ValidationError
from hypothesis import given
from hypothesis import strategies as st

from comity.communications import rules, templates
from comity.communications.models import Template
from comity.records import write
from comity.records.access import NotAllowed
from comity.records.kind import kind_named
from comity.records.models import Entry
from tests.worlds import World


def text(world: World, by: str = "process_manager", **values: Any) -> Any:
    given = {"name": "Receipt", "use": "acknowledged", "language": "en", "subject": "Got it: {ref}",
             "body": "Number {ref}. {next_step} Ask {handler}."}  # fmt: skip
    return world.create("template", by, **(given | values))


@pytest.mark.parametrize(
    ("words", "values", "found"),
    [
        ("Hello {name}", {"name": "Ada"}, "Hello Ada"),
        ("Hello {name}", {}, "Hello –"),
        ("A [until {due}] b", {"due": "Monday"}, "A until Monday b"),
        ("A [until {due}] b", {"due": ""}, "A  b"),
        ("A\n\n[until {due}]\n\nB", {}, "A\n\nB"),
        ("[1] and [note] stay", {}, "[1] and [note] stay"),
        ("{a}", {"a": "{b} [c {d}]", "b": "no"}, "{b} [c {d}]"),
        ("[{a} and {b}]", {"a": "x"}, ""),
    ],
)
def test_filling(words: str, values: dict[str, str], found: str) -> None:
    assert rules.filled(words, values) == found


@given(st.text(min_size=1, alphabet=st.characters(exclude_categories=["Cc", "Zs", "Zl", "Zp"])))
def test_a_value_is_never_read_as_text(value: str) -> None:
    others = dict.fromkeys(rules.placeholders(value), "WRONG")
    assert rules.filled("<{a}> [<{a}>]", {**others, "a": value}) == f"<{value}> <{value}>"


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("values", "field", "named"),
    [
        ({"body": "{ref} {next_step} {handler} {wether}"}, "body", "{wether}"),
        ({"subject": "{price}"}, "subject", "{price}"),
        ({"body": "{ref} {handler}"}, "body", "{next_step}"),
        ({"body": "{ref} {next_step} {}"}, "body", "{}"),
        ({"use": "resolved", "body": "Done."}, "body", "{outcome}"),
        ({"use": "nothing"}, "use", ""),
    ],
)
def test_a_placeholder_that_is_unknown_or_lacking_is_named(
    world: World, values: dict[str, str], field: str, named: str
) -> None:
    with pytest.raises(ValidationError) as refused:
        text(world, **values)
    assert named in " ".join(refused.value.message_dict[field]) and not Template.objects.exists()


@pytest.mark.django_db
def test_one_text_at_most_is_in_effect_for_a_notice_and_a_language(world: World) -> None:
    first, second = text(world), text(world, name="Better")
    chinese, answer = text(world, language="zh-hans"), text(world, use="answer", body="Dear {contact}")
    other = text(world, use="answer", body="Hello {contact}")
    assert templates.standing("acknowledged", "en") is None
    for one in (first, chinese, answer, other, second):
        world.move(one, "adopt", "process_manager")
    assert templates.standing("acknowledged", "en") == second
    assert templates.standing("acknowledged", "zh-hans") == chinese
    first.refresh_from_db()
    assert first.status == "retired"
    line = Entry.objects.get(kind="template", record_id=first.pk, act="retire")
    assert line.rule == "text_replaced" and line.note == second.ref
    assert templates.answers(["en"]) == [answer, other]
    world.move(second, "retire", "operations_director", note="Ours will do.")
    assert templates.standing("acknowledged", "en") is None


@pytest.mark.django_db
def test_who_keeps_texts(world: World) -> None:
    for name in ("complaint_handler", "service_desk", "customer_contact", "auditor", "administrator"):
        with pytest.raises(NotAllowed):
            text(world, by=name)
    assert not Template.objects.exists()
    made = text(world)
    with pytest.raises(NotAllowed):
        write.transition(made, "adopt", actor=world.actor("complaint_handler"))
    made.refresh_from_db()
    assert made.status == "draft"


def test_every_use_ships_words_that_its_own_rules_accept() -> None:
    for one in templates.uses():
        if one.shipped is None:
            continue
        subject, body = one.shipped()
        names = rules.placeholders(subject + body)
        assert names <= one.places.keys() and one.must <= names, one.code
        assert one.sample is not None and one.sample().keys() >= one.places.keys()


def test_the_kind_is_registered_with_history_for_free() -> None:
    assert kind_named("template").path == "templates"
