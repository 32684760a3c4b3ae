"""Whoever migrates, the database goes on keeping what changes."""

from __future__ import annotations

import io

import pytest
from django.core.management import call_command
from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from django.utils import timezone

from comity.accounts.models import Unit
from comity.records.models import FormerRow
from comity.records.past import as_it_was
from tests.worlds import World


def kept() -> int:
    Unit.objects.update(name=f"Unit {timezone.now().isoformat()}")
    return FormerRow.objects.filter(table="accounts_unit", act="u").count()


def as_after_a_rebuilt_table() -> None:
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute('DROP TRIGGER "accounts_unit_UPDATE_kept"')
        else:
            cursor.execute('DROP TRIGGER "accounts_unit_kept" ON "accounts_unit"')


def test_migrating_one_app_watches_its_tables_again(world: World) -> None:
    before = kept()
    as_after_a_rebuilt_table()
    assert kept() == before
    call_command("migrate", "accounts", verbosity=0)
    assert kept() > before


def test_while_migrations_are_missing_it_says_that_nothing_is_kept(world: World) -> None:
    before = kept()
    as_after_a_rebuilt_table()
    (last,) = MigrationLoader(connection).graph.leaf_nodes("compliance")
    MigrationRecorder(connection).record_unapplied(*last)
    said = io.StringIO()
    call_command("migrate", "accounts", verbosity=0, stderr=said)
    assert "comity migrate" in said.getvalue()
    assert kept() == before


@pytest.mark.skipif("connection.vendor != 'postgresql'", reason="SQLite has no schemas")
def test_the_past_is_read_in_whatever_schema_the_tables_lie(world: World) -> None:
    count = Unit.objects.count()
    with connection.cursor() as cursor:
        cursor.execute("ALTER SCHEMA public RENAME TO elsewhere")
        cursor.execute("SET LOCAL search_path = elsewhere")
    with as_it_was(timezone.now()):
        assert Unit.objects.count() == count
