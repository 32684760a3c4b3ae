"""Words are taken out of the kept past in one way only: told by a sealed line, and found by whoever verifies."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.management import call_command
from django.db import DatabaseError, connection, transaction

from comity.records import seal, sql, write
from comity.records.blanking import Unsealed, blank_entries, blank_former, blank_rows
from comity.records.models import Blanked, Entry, FormerRow
from comity.records.write import Actor
from tests.records.test_trail import seal_all
from tests.worlds import World

pytestmark = pytest.mark.django_db


def said(world: World) -> Entry:
    return write.post(world.customer, "Call Ada Aster at home.", actor=world.actor("relationship_manager"))


def blanked(world: World, *lines: Entry) -> int:
    wanted = {line.pk: {"note": "[erased]", "changes": line.changes} for line in lines}
    return blank_entries(wanted, world.contact, Actor.system("erasure"))


def test_a_blanked_line_keeps_its_seal_and_is_told(world: World, capsys: Any) -> None:
    first, second = said(world), said(world)
    with pytest.raises(Unsealed):
        blanked(world, first)
    assert not Blanked.objects.exists() and Entry.objects.get(pk=first.pk).note == first.note
    seal_all()
    assert blanked(world, first, second) == 2 and not blanked(world, first)
    seal_all()
    assert Entry.objects.get(pk=first.pk).note == "[erased]"
    again = {first.pk: {"actor": "Erased person 1"}}  # another erasure meets the same line
    assert blank_entries(again, world.customer, Actor.system("erasure")) == 1
    seal_all()
    found = seal.verify()
    assert (found.broken, found.blanked, found.told_in) == ("", 2, (world.contact.ref, world.customer.ref))
    call_command("verify")
    assert f"2 entries blanked by erasure, named in {world.contact.ref}" in capsys.readouterr().out


@pytest.mark.parametrize(
    "silent",
    [
        "UPDATE records_entry SET note = 'x'",  # no erasure is at work
        "UPDATE records_formerrow SET was = '{}'",
        "DELETE FROM records_blanked",
    ],
)
def test_nothing_else_takes_words_out(world: World, silent: str) -> None:
    seal_all()
    line = said(world)
    world.move(world.channel, "retire", "process_manager", note="Closed.")
    seal_all()
    blanked(world, line)
    before = [*Entry.objects.order_by("pk").values_list("note", flat=True)]
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(silent)
    assert [*Entry.objects.order_by("pk").values_list("note", flat=True)] == before and Blanked.objects.exists()


def test_even_an_erasure_changes_words_only(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    line = said(world)
    seal_all()
    with pytest.raises(ValueError, match="never blanked"):
        blank_entries({line.pk: {"act": "read"}}, world.contact, Actor.system("erasure"))
    monkeypatch.setitem(sql.BLANKED, "records_entry", ("note", "act"))
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        blank_entries({line.pk: {"act": "read"}}, world.contact, Actor.system("erasure"))
    monkeypatch.undo()
    assert Entry.objects.get(pk=line.pk).act == Entry.POST and not Blanked.objects.exists()


@pytest.mark.parametrize(
    "hidden",
    [
        "UPDATE records_entry SET note = 'Something else' WHERE id = {line}",
        "DELETE FROM records_blanked",
        "INSERT INTO records_blanked SELECT id + 1, {line}, now, now, told_in FROM records_blanked",
        "UPDATE records_blanked SET told_in = told_in - 1",
    ],
)
def test_blanking_in_silence_is_found(world: World, hidden: str) -> None:
    line = said(world)
    seal_all()
    blanked(world, line)
    seal_all()
    with connection.schema_editor(atomic=False) if connection.vendor == "postgresql" else connection.cursor() as editor:
        for table in sql.APPEND_ONLY:
            for statement in sql.disarm(connection.vendor, table):
                editor.execute(statement)
        editor.execute(hidden.format(line=line.pk))
    assert seal.verify().broken


def test_rows_and_what_they_held_before_lose_their_words(world: World) -> None:
    version = world.contact.version
    blank_rows(type(world.contact), {world.contact.pk: {"name": "Erased person 1"}})
    world.contact.refresh_from_db()
    assert (world.contact.name, world.contact.version) == ("Erased person 1", version + 1)
    former = FormerRow.objects.get(table="parties_contact", was__name="Ada Aster")
    assert blank_former({former.pk: former.was | {"name": "Erased person 1"}}) == 1
    assert not FormerRow.objects.filter(was__name="Ada Aster").exists()
