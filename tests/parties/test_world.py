"""The world stands, and its copies equal it."""

import pytest

from comity.accounts.models import Person
from comity.records.models import Entry


@pytest.mark.parametrize("turn", range(3))
def test_stands(world, turn):
    assert world.customer.owner == world.person("relationship_manager")
    assert world.second.status == "in_force"
    assert world.first.status == "superseded"
    assert world.own_definition.status == "effective"
    assert Entry.objects.filter(kind="customer", ref=world.customer.ref).exists()
    assert world.create("customer", "process_manager", name="New one").ref == "CUS-00003"


def test_is_not_there_for_who_does_not_ask(db):
    assert not Entry.objects.exists() and not Person.objects.exists()


def test_stands_again(world):
    assert world.create("customer", "process_manager", name="New one").ref == "CUS-00003"
