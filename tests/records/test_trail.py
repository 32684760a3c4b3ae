"""The audit trail: append-only in the database itself, and sealed so that no change goes unnoticed."""

from __future__ import annotations

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, transaction

from comity.records import seal, sql, write
from comity.records.models import Blanked, Entry, Outbox, Seal
from comity.records.write import Actor
from tests.worlds import World

pytestmark = pytest.mark.django_db

TAMPER = {
    "a changed value": "UPDATE records_entry SET note = 'x' WHERE id = (SELECT min(id) + 3 FROM records_entry)",
    "a missing entry": "DELETE FROM records_entry WHERE id = (SELECT min(id) + 3 FROM records_entry)",
    "a missing link": "DELETE FROM records_seal WHERE seq = 4",
    "a cut end": "DELETE FROM records_seal WHERE seq > 4",
    "a foreign hash": "UPDATE records_seal SET hash = 'f' WHERE seq = 4",
    "an entry cut off before its seal": "DELETE FROM records_outbox",
}


def seal_all() -> None:
    while seal.drain():
        pass


@pytest.mark.parametrize("table", sql.APPEND_ONLY)
@pytest.mark.parametrize("act", ["UPDATE {} SET hash = hash", "DELETE FROM {}"])
def test_the_database_refuses_to_change_the_past(world: World, table: str, act: str) -> None:
    seal_all()
    column = {"records_seal": "hash", "records_entry": "note", "records_formerrow": "act", "records_blanked": "now"}[
        table
    ]
    world.move(world.channel, "retire", "process_manager", note="Closed.")
    Blanked.objects.create(entry_id=0, was="", now="", told_in=0)
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(act.format(table).replace("hash", column))


def test_every_entry_is_sealed_once_and_verifies(world: World) -> None:
    seal_all()
    verdict = seal.verify()
    assert (verdict.broken, verdict.unsealed, verdict.sealed) == ("", 0, Entry.objects.count())
    world.create("segment", "process_manager", name="Later")
    assert seal.verify().unsealed == 1
    seal_all()
    assert not Outbox.objects.exists() and seal.verify().sealed == Seal.objects.count()


@pytest.mark.parametrize("how", TAMPER)
def test_the_first_broken_entry_is_named(world: World, how: str) -> None:
    seal_all()
    world.create("segment", "process_manager", name="Waiting")
    with connection.schema_editor(atomic=False) if connection.vendor == "postgresql" else connection.cursor() as editor:
        for table in sql.APPEND_ONLY:
            for statement in sql.disarm(connection.vendor, table):
                editor.execute(statement)
        editor.execute(TAMPER[how])
    assert seal.verify().broken
    with pytest.raises(CommandError, match="broken"):
        call_command("verify")


def test_subscribers_hear_each_entry_once(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    heard: list[int] = []
    monkeypatch.setattr(seal, "_subscribers", [lambda entries: heard.extend(e.pk for e in entries)])
    seal_all()
    seal_all()
    assert sorted(heard) == sorted(Entry.objects.values_list("pk", flat=True))
    assert len(heard) == len(set(heard))


def test_an_automatic_line_reads_in_the_readers_language(world: World) -> None:
    line = write.note_auto(world.customer, "Risk score %(score)s.", Actor.system("CSMS-10.2-c"), score=8)
    assert (line.rule, line.words, line.actor) == ("CSMS-10.2-c", "Risk score 8.", "Comity")
    assert line.fields_changed == {}
