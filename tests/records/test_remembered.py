"""What is made out of records is made anew after each change, in whichever process, and after no rollback too late."""

from __future__ import annotations

import pytest
from django.db import transaction
from django.test import TestCase

from comity.parties.models import Segment
from comity.records import write
from comity.records.bulk import create_many
from comity.records.kind import kind_named
from comity.records.remembered import Remembered
from tests.worlds import World

pytestmark = pytest.mark.django_db


class Undo(Exception):
    pass


@pytest.fixture
def names() -> Remembered[list[str]]:
    return Remembered(lambda: sorted(Segment.objects.values_list("name", flat=True)), "segment")


def test_it_is_made_once_until_a_record_changes(world: World, names: Remembered[list[str]]) -> None:
    elsewhere = Remembered(names._load, "segment")  # as another process has it
    assert names() == elsewhere() == ["Key accounts"]
    kept = names()
    world.create("customer", "relationship_manager", name="No segment")
    assert names() is kept
    one = world.create("segment", "process_manager", name="Hospitals")
    assert names() == elsewhere() == ["Hospitals", "Key accounts"]
    write.update(one, {"name": "Clinics"}, actor=world.actor("process_manager"))
    assert names() == elsewhere() == ["Clinics", "Key accounts"]
    create_many(kind_named("segment"), [{"name": "Schools"}], actor=world.actor("process_manager"))
    assert names() == elsewhere() == ["Clinics", "Key accounts", "Schools"]


def test_asking_again_is_one_small_question(world: World, names: Remembered[list[str]]) -> None:
    names()
    with TestCase().assertNumQueries(1):
        names()


def test_what_was_rolled_back_is_forgotten(world: World, names: Remembered[list[str]]) -> None:
    for name in ("Hospitals", "Schools"):
        with pytest.raises(Undo), transaction.atomic():
            world.create("segment", "process_manager", name=name)
            assert names() == [name, "Key accounts"] if name < "Key" else ["Key accounts", name]
            raise Undo
        assert names() == ["Key accounts"]
    world.create("segment", "process_manager", name="Museums")
    assert names() == ["Key accounts", "Museums"]
