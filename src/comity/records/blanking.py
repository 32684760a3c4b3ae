"""Taking words out of what is kept, where the law asks for it, and leaving proof that only this was done.

Everything else about a row stays: its number, its dates, who is in charge, what it points at. A line of the trail keeps
its seal, and a sealed line of its own tells which lines were blanked. See docs/adr/0012.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from django.db import connection, models, transaction
from django.db.models import F
from django.utils.translation import gettext_noop

from comity.records import search, sql
from comity.records.kind import kind_of
from comity.records.models import Blanked, Entry, FormerRow, Record, Seal, writing
from comity.records.seal import commitment, digest
from comity.records.trail import Actor, log

NOTE = gettext_noop("Words were taken out of lines of the trail: %(count)s.")


@contextmanager
def _opened() -> Iterator[None]:
    """A transaction in which the database lets words of the kept past be taken out."""
    gate: Any = connection
    with transaction.atomic():
        if connection.vendor == "sqlite":
            gate.blanking = True
            try:
                yield
            finally:
                gate.blanking = False
            return
        _switch("on")
        yield
        _switch("")  # where it fails, the setting goes with the transaction


def _switch(value: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('comity.blanking', %s, true)", [value])


def blank_entries(wanted: Mapping[int, Mapping[str, Any]], about: Record, actor: Actor) -> int:
    """Give these sealed lines of the trail other words, and tell of it on the trail of `about`. How many changed.

    Raises Unsealed where one of them still waits for its seal: what it said would then be proved by nothing.
    """
    with _opened():
        rows, changed = list[Blanked](), list[Entry]()
        for entry in Entry.objects.filter(pk__in=wanted).order_by("pk"):
            was = digest(entry)
            for name, value in wanted[entry.pk].items():
                if name not in sql.BLANKED["records_entry"]:
                    raise ValueError(f"{name} of an entry is never blanked.")
                setattr(entry, name, value)
            if (now := digest(entry)) != was:
                rows.append(Blanked(entry_id=entry.pk, was=was, now=now))
                changed.append(entry)
        if not rows:
            return 0
        if Seal.objects.filter(entry_id__in=[row.entry_id for row in rows]).count() < len(rows):
            raise Unsealed
        values = {"count": len(rows), "digest": commitment(rows)}
        told = log(about, Entry.AUTO, actor, note=NOTE, changes={"": values})
        for row in rows:
            row.told_in = told.pk
        Blanked.objects.bulk_create(rows)
        for entry in changed:
            words = {name: getattr(entry, name) for name in sql.BLANKED["records_entry"]}
            Entry.objects.filter(pk=entry.pk).update(**words)
        return len(rows)


class Unsealed(Exception):
    """A line of the trail is not sealed yet."""


def blank_former(wanted: Mapping[int, dict[str, Any]]) -> int:
    """Give these former rows other words. How many changed."""
    with _opened():
        rows = FormerRow.objects.filter(pk__in=wanted).order_by("pk")
        changed = [row for row in rows if row.was != wanted[row.pk]]
        for row in changed:
            FormerRow.objects.filter(pk=row.pk).update(was=wanted[row.pk])
        return len(changed)


def blank_rows(model: type[models.Model], wanted: Mapping[Any, Mapping[str, Any]]) -> int:
    """Set words of rows of any table, without a line for each; records are found by their new words. How many rows.

    Who is at work on such a record meanwhile is told that it changed.
    """
    rows: Any = model._base_manager
    is_record = issubclass(model, Record)
    with transaction.atomic(), writing():
        for pk, values in wanted.items():
            more = {"version": F("version") + 1} if is_record else {}
            rows.filter(pk=pk).update(**values, **more)
        if is_record:
            search.index(kind_of(model), rows.filter(pk__in=[*wanted]))
    return len(wanted)


@contextmanager
def thoroughly() -> Iterator[None]:
    """Inside, SQLite overwrites what is deleted; afterwards its log and the words for searching hold no more of it.

    PostgreSQL cleans up by itself (autovacuum).
    """
    if connection.vendor != "sqlite":
        yield
        return
    _say("PRAGMA secure_delete = ON")
    try:
        yield
        _say("INSERT INTO records_search(records_search) VALUES ('optimize')")
    finally:
        _say("PRAGMA secure_delete = OFF")
    if not connection.in_atomic_block:
        _say("PRAGMA wal_checkpoint(TRUNCATE)")


def _say(statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)
