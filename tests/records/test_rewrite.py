"""Many changes at a time leave exactly what as many single ones would, and one that is refused stops no other."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext

from comity.parties.models import Contact, Segment
from comity.records import search, write
from comity.records.bulk import Bulk, create_many
from comity.records.kind import kind_named
from comity.records.models import Entry, Outbox
from comity.records.rewrite import Outcome, Rewriter
from comity.records.write import NotAllowed
from tests.worlds import World

pytestmark = pytest.mark.django_db


def rewrite(world: World, kind: str, by: str, *changes: tuple[Any, dict[str, Any]]) -> list[Outcome]:
    return Rewriter(Bulk(kind_named(kind), actor=world.actor(by), note="At once")).write(changes)


def segments(world: World, count: int) -> list[Any]:
    rows = [{"name": f"Segment {n}"} for n in range(count)]
    done = create_many(kind_named("segment"), rows, actor=world.actor("process_manager"))
    return [record for _index, record in done.created]


def test_each_change_has_its_line_version_and_words(world: World) -> None:
    one, two, three = segments(world, 3)
    waiting = Outbox.objects.count()
    outcomes = rewrite(
        world, "segment", "process_manager", (one, {"name": "Hospitals"}), (two, {"name": "Segment 1"}),
        (three, {"name": "Schools"}),
    )  # fmt: skip
    assert outcomes == [{"name": ["Segment 0", "Hospitals"]}, {}, {"name": ["Segment 2", "Schools"]}]
    rows = Segment.objects.filter(pk__in=[one.pk, two.pk, three.pk]).order_by("pk")
    assert list(rows.values_list("name", "version")) == [
        ("Hospitals", 2), ("Segment 1", 1), ("Schools", 2),
    ]  # fmt: skip
    lines = Entry.objects.filter(act="update", kind="segment").order_by("pk")
    assert [(line.ref, line.note, line.changes) for line in lines] == [
        (one.ref, "At once", {"name": ["Segment 0", "Hospitals"]}),
        (three.ref, "At once", {"name": ["Segment 2", "Schools"]}),
    ]  # fmt: skip
    assert Outbox.objects.count() == waiting + 2
    found = search.pages(kind_named("segment"), "hospitals", Segment.objects.all(), 5)
    assert [row.ref for row in found] == [one.ref]


def test_who_is_refused_stops_nobody(world: World) -> None:
    one, two, three = segments(world, 3)
    outcomes = rewrite(
        world, "segment", "process_manager", (one, {"name": ""}), (two, {"bogus": "x"}), (three, {"name": "Schools"})
    )
    assert [isinstance(outcome, ValidationError) for outcome in outcomes] == [True, True, False]
    one.refresh_from_db()
    assert (one.name, one.version) == ("Segment 0", 1)
    assert Entry.objects.filter(act="update", kind="segment").count() == 1


def test_who_may_not_change_is_refused(world: World) -> None:
    bulk = Bulk(kind_named("customer"), actor=world.actor("relationship_manager"))
    bulk.actor = world.actor("auditor")
    [outcome] = Rewriter(bulk).write([(world.customer, {"name": "Another"})])
    assert isinstance(outcome, NotAllowed)
    world.customer.refresh_from_db()
    assert world.customer.name == "Aster Group"


def test_what_is_refused_only_as_it_is_written_leaves_nothing(world: World) -> None:
    values = {"direction": "outbound", "purpose": "answer", "customer": world.customer.ref}
    said = [world.create("communication", "relationship_manager", **values, summary=f"Word {n}") for n in range(5)]
    outcomes = rewrite(
        world, "communication", "relationship_manager",
        *((one, {"summary": "Another word"} if n == 3 else {"summary": one.summary}) for n, one in enumerate(said)),
    )  # fmt: skip
    assert [isinstance(outcome, ValidationError) for outcome in outcomes] == [False, False, False, True, False]
    said[3].refresh_from_db()
    assert (said[3].summary, said[3].version) == ("Word 3", 1)
    assert not Entry.objects.filter(kind="communication", act="update").exists()


def test_relations_change_as_well(world: World) -> None:
    changes = {"roles": ["requester", "complainant"], "customer": world.child.ref}
    [outcome] = rewrite(world, "contact", "relationship_manager", (world.contact, changes))
    assert outcome == {
        "roles": [["approver", "complainant"], ["complainant", "requester"]],
        "customer": [world.customer.ref, world.child.ref],
    }
    contact = Contact.objects.get(pk=world.contact.pk)
    assert sorted(term.code for term in contact.roles.all()) == ["complainant", "requester"]
    assert (contact.customer, list(contact.customers.all())) == (
        world.child,
        [world.child],
    )


def test_it_asks_for_many_as_often_as_for_one(world: World) -> None:
    def asked(count: int, names: str) -> int:
        changes = [(one, {"name": f"{names} {one.pk}"}) for one in segments(world, count)]
        rewriter = Rewriter(Bulk(kind_named("segment"), actor=world.actor("process_manager")))
        with CaptureQueriesContext(connection) as queries:
            assert all(rewriter.write(changes))
        return len([query for query in queries if " times: " not in query["sql"]])

    assert asked(20, "Many") <= asked(1, "One") + 1
    assert write.update(segments(world, 1)[0], {"name": "Single"}, actor=world.actor("process_manager")).version == 2
