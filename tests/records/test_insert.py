"""A row written by itself reads back as the model's own saving would have left it, on either engine."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from django.db import IntegrityError, models, transaction

from comity.records import write
from comity.records.insert import insert
from comity.records.kind import kind_named
from comity.records.models import Entry, Outbox, Term
from tests.worlds import World

pytestmark = pytest.mark.django_db


def columns(row: models.Model) -> dict[str, Any]:
    fields = (field for field in row._meta.concrete_fields if field.name not in ("id", "ref"))
    return {field.attname: getattr(row, field.attname) for field in fields}


def test_a_row_comes_back_as_it_went_in() -> None:
    elsewhere = datetime(2026, 3, 29, 2, 30, tzinfo=timezone(timedelta(hours=8)))
    entry = Entry(
        at=datetime(2026, 3, 1, 9, 0, 0, 5, UTC), happened_at=elsewhere, actor_id=7, actor="Ünal", via="web",
        kind="case", record_id=2**40, ref="CMP-00001", act="create", public=True,
        changes={"title": [None, "a “%s” 投诉"]},
    )  # fmt: skip
    insert(entry)
    assert entry.pk and not entry._state.adding
    assert columns(Entry.objects.get(pk=entry.pk)) == columns(entry)


@pytest.mark.parametrize("name", ["customer", "contact", "service", "agreement"])
def test_a_record_comes_back_as_saving_would_leave_it(world: World, name: str) -> None:
    record: Any = getattr(world, name)
    before, kind = columns(record), type(record)
    with transaction.atomic():
        twin = kind.objects.get(pk=record.pk)
        twin.pk, twin._state.adding, twin.ref = None, True, "TWIN-1"
        insert(twin)
    assert columns(kind.objects.get(pk=twin.pk)) == before and twin.pk != record.pk


def test_what_the_database_refuses_is_told_as_django_tells_it() -> None:
    insert(Term(list="topic", code="once", label="Once"))
    with pytest.raises(IntegrityError), transaction.atomic():
        insert(Term(list="topic", code="once", label="Twice"))
    assert Term.objects.get(list="topic", code="once").label == "Once"


def test_the_line_of_an_act_waits_in_the_outbox(world: World) -> None:
    segment = write.create(kind_named("segment"), {"name": "Schools"}, actor=world.actor("process_manager"))
    entry = Entry.objects.get(kind="segment", record_id=segment.pk)
    assert Outbox.objects.filter(entry_id=entry.pk).count() == 1
