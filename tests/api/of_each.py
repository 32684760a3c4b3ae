"""One record of each kind there is, made through the interface by somebody who may."""

from __future__ import annotations

import pytest

from comity.accounts.models import ApiToken, Grant, Person
from comity.accounts.roles import CONTACTS, Role
from comity.records.kind import kinds
from tests.api.conftest import Machine
from tests.api.samples import created
from tests.standing import layer, stood
from tests.web.visitors import one
from tests.worlds import LONG_AGO, World


def maker(world: World) -> Machine:
    """Somebody who makes a record of any kind."""
    person = Person.objects.create_user("maker@provider.example", name="Maker", starts_on=LONG_AGO)
    for role in set(Role) - CONTACTS - {Role.ADMINISTRATOR, Role.AUDITOR}:
        Grant.objects.create(person=person, unit=world.root, role=role, starts_on=LONG_AGO)
    return Machine(ApiToken.issue(person, "samples", ["read", "write"], 1)[1])


@layer
def one_of_each(world: World) -> None:
    """The small provider, and a record of each kind that it has none of."""
    machine = maker(world)
    for kind in kinds():
        if one(world, kind) is None:
            created(machine, kind)


@pytest.fixture(name="one_of_each")
def each(world: World) -> World:
    """The small provider with it, for the tests of a folder whose conftest imports this."""
    stood("one_of_each", world)
    return world
