"""Signed-in browsers for the cast of the world, and the records it has of each kind."""

from __future__ import annotations

from typing import Any

from django.test import Client

from comity.accounts.models import Person
from comity.accounts.rights import rights_of
from comity.records.access import may, readable
from comity.records.kind import Kind, kinds
from tests.worlds import World

HTMX = {"HX-Request": "true"}
KINDS = kinds()
NAMES = [kind.name for kind in KINDS]


def visitor(person: Person) -> Client:
    """A browser of that person, who is read afresh as a request does."""
    client = Client()
    client.force_login(person)
    return client


def stranger() -> Person:
    """Somebody who may sign in and holds nothing."""
    return Person.objects.create_user("stranger@provider.example", name="Stranger")


def staff(world: World) -> list[Person]:
    """Everybody inside; contacts of outside parties have other pages."""
    return [person for name, person in world.people.items() if not name.endswith("_contact")]


def one(world: World, kind: Kind) -> tuple[Any, Person] | None:
    """A record of the kind with somebody who may read it."""
    for person in staff(world):
        record = readable(kind, person).first()
        if record is not None:
            return record, person
    return None


def some(world: World, kind: Kind) -> tuple[Any, Person]:
    """The same, where there must be one."""
    found = one(world, kind)
    assert found, f"nobody inside reads a record of the kind {kind.name}"
    return found


def editor(world: World, record: Any) -> Person | None:
    return next((person for person in staff(world) if may(person, record, "edit")), None)


def creator(world: World, kind: Kind) -> Person | None:
    return next((person for person in staff(world) if may(person, kind, "create")), None)


def only_reader(world: World, record: Any) -> Person | None:
    """Somebody inside who may read the record and not change it."""
    return next(
        (
            person
            for person in staff(world)
            if rights_of(person).roles and may(person, record, "read") and not may(person, record, "edit")
        ),
        None,
    )
