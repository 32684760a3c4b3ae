"""What rows held before they changed, kept by the database itself; and the records read as they were at a moment.

Triggers on every table of evidence write down what an UPDATE or DELETE takes away, and which rows without an entry time
came when: nothing that changes a row, of whatever column and by whatever door, escapes them. `as_it_was` lays temporary
views over those tables that put all of it back, under the tables' own names, so that the same code answers for the past
as for today. See docs/adr/0011.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from datetime import datetime
from typing import Any

from django.apps import apps
from django.db import connection, models, transaction

from comity.accounts.models import Grant, Person, Unit
from comity.clocks.models import Calendar, CalendarDay
from comity.records.models import Entry, File, FormerRow, Link, Record, Term

Evidence = type[models.Model]

BESIDE: tuple[Evidence, ...] = (Link, Term, Person, Grant, Unit, Calendar, CalendarDay)  # evidence, not records
SECRET = {"accounts_person": ("password", "last_login")}  # columns that are nobody's evidence

_SQLITE = """CREATE TRIGGER "{table}_{verb}_kept" AFTER {verb} ON "{table}" WHEN {when} BEGIN
 INSERT INTO records_formerrow ("at", "table", "row", "act", "was")
 VALUES (comity_now(), '{table}', {row}.id, '{act}', rtrim('{{' || {was}, ',') || '}}'); END"""
_CELL = """CASE WHEN {when} THEN '"{column}":' || json_quote(OLD."{column}") || ',' ELSE '' END"""

_POSTGRESQL = """CREATE OR REPLACE FUNCTION records_keep() RETURNS trigger LANGUAGE plpgsql AS $$
 DECLARE
  moment timestamptz := coalesce(nullif(current_setting('comity.now', true), '')::timestamptz, clock_timestamp());
  former jsonb := '{}';
 BEGIN
  IF TG_OP = 'INSERT' THEN
   INSERT INTO records_formerrow ("at", "table", "row", "act", "was")
    VALUES (moment, TG_TABLE_NAME, NEW.id, 'i', former);
   RETURN NULL;
  ELSIF TG_OP = 'DELETE' THEN former := to_jsonb(OLD) - TG_ARGV[0]::text[];
  ELSE
   SELECT jsonb_object_agg(o.key, o.value) INTO former FROM jsonb_each(to_jsonb(OLD) - TG_ARGV[0]::text[]) o
    JOIN jsonb_each(to_jsonb(NEW)) n USING (key) WHERE o.value IS DISTINCT FROM n.value;
   IF former IS NULL THEN RETURN NULL; END IF;
  END IF;
  INSERT INTO records_formerrow ("at", "table", "row", "act", "was")
   VALUES (moment, TG_TABLE_NAME, OLD.id, lower(left(TG_OP, 1)), former);
  RETURN NULL;
 END $$"""


def evidence() -> list[Evidence]:
    """The models whose rows are evidence: every kind, its relations of many to many, and what records are judged by."""
    kinds: list[Evidence] = [model for model in apps.get_models() if issubclass(model, Record)]
    ties: list[Any] = [field.remote_field.through for model in kinds for field in model._meta.local_many_to_many]
    return [*kinds, *ties, *BESIDE]


def _columns(model: Evidence) -> list[str]:
    return [str(field.column) for field in model._meta.local_concrete_fields]


def _dated(model: Evidence) -> bool:
    """Whether a row itself says when it was entered."""
    return issubclass(model, Record)


def watch() -> None:
    """Make the triggers anew, after every migration, for they name the columns."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(_POSTGRESQL)
        for model in evidence():
            for statement in _sqlite(model) if connection.vendor == "sqlite" else _postgresql(model):
                cursor.execute(statement)


def _sqlite(model: Evidence) -> Iterator[str]:
    table = model._meta.db_table
    open_columns = [name for name in _columns(model) if name not in SECRET.get(table, ())]
    differs = [f'OLD."{name}" IS NOT NEW."{name}"' for name in open_columns]
    cells = [_CELL.format(column=name, when=when) for name, when in zip(open_columns, differs, strict=True)]
    whole = [_CELL.format(column=name, when="1") for name in open_columns]
    acts = [("UPDATE", "u", "OLD", cells, " OR ".join(differs)), ("DELETE", "d", "OLD", whole, "1")]
    for verb, act, row, was, when in [*acts, *([] if _dated(model) else [("INSERT", "i", "NEW", ["''"], "1")])]:
        yield f'DROP TRIGGER IF EXISTS "{table}_{verb}_kept"'
        yield _SQLITE.format(table=table, verb=verb, act=act, row=row, was=" || ".join(was), when=when)


def _postgresql(model: Evidence) -> Iterator[str]:
    table = model._meta.db_table
    verbs = "UPDATE OR DELETE" if _dated(model) else "INSERT OR UPDATE OR DELETE"
    hidden = ",".join(SECRET.get(table, ()))
    yield f'DROP TRIGGER IF EXISTS "{table}_kept" ON "{table}"'
    yield (
        f'CREATE TRIGGER "{table}_kept" AFTER {verbs} ON "{table}"'
        f" FOR EACH ROW EXECUTE FUNCTION records_keep('{{{hidden}}}')"
    )


@contextmanager
def as_it_was(moment: datetime) -> Iterator[None]:
    """Inside, every question to the evidence is answered as it would have been at that moment, and none can be written.

    What counts is when a thing was entered, not when it happened. Rights are evidence too: whether somebody may see the
    answer is to be asked outside. Where nobody else writes meanwhile the answer is exact.
    """
    # On SQLite a transaction would keep others from writing.
    within = transaction.atomic() if connection.vendor == "postgresql" else nullcontext()
    with within, connection.cursor() as cursor:
        veils = _Veils(cursor)
        try:
            veils.lay(moment)
            yield
        finally:
            if not connection.needs_rollback:
                veils.lift()


class _Veils:
    """Temporary tables and views before the real ones; both engines look for temporary names first."""

    def __init__(self, cursor: Any) -> None:
        self.cursor = cursor
        self.sqlite = connection.vendor == "sqlite"
        self.made: list[str] = []
        self.schema = "main" if self.sqlite else self.rows("SELECT quote_ident(current_schema())")[0][0]

    def lay(self, moment: datetime) -> None:
        at = f"'{connection.ops.adapt_datetimefield_value(moment)}'"
        self.table("past_touched", f'SELECT id, "table", "row", act, was FROM {self.real(FormerRow)} WHERE "at" > {at}')
        self.run('CREATE INDEX past_touched_row ON past_touched ("table", "row")')
        touched = {table for (table,) in self.rows('SELECT DISTINCT "table" FROM past_touched')}
        for model in evidence():
            table, known = model._meta.db_table, f'"entered_at" <= {at}' if _dated(model) else "1 = 1"
            columns = ", ".join(f'"{name}"' for name in _columns(model))
            if table in touched:
                self.put_back(model, columns)
                same = f"""id NOT IN (SELECT "row" FROM past_touched WHERE "table" = '{table}')"""
                former = f'UNION ALL SELECT {columns} FROM "past_{table}" WHERE {known}'
                self.view(table, f"SELECT {columns} FROM {self.real(model)} WHERE {known} AND {same} {former}")
            elif _dated(model):
                self.view(table, f"SELECT {columns} FROM {self.real(model)} WHERE {known}")
        self.view("records_entry", f'SELECT * FROM {self.real(Entry)} WHERE "at" <= {at}')
        self.view("records_file", f'SELECT * FROM {self.real(File)} WHERE "at" <= {at}')  # a file stays as it came
        other = f"value - {secrets.randbits(40)} AS value"  # other marks: nothing remembered passes from time to time
        self.view("records_counter", f"SELECT prefix, {other} FROM {self.schema}.records_counter")

    def lift(self) -> None:
        for statement in reversed(self.made):
            self.run(statement)

    def run(self, sql: str) -> None:
        self.cursor.execute(sql)

    def rows(self, sql: str) -> list[Any]:
        self.run(sql)
        found: list[Any] = self.cursor.fetchall()
        return found

    def real(self, model: Evidence) -> str:
        return f'{self.schema}."{model._meta.db_table}"'

    def table(self, name: str, select: str) -> None:
        self.run(f'CREATE TEMP TABLE "{name}" AS {select}')
        self.made.append(f'DROP TABLE "{name}"')

    def view(self, name: str, select: str) -> None:
        self.run(f'CREATE TEMP VIEW "{name}" AS {select}')
        self.made.append(f'DROP VIEW {"temp" if self.sqlite else "pg_temp"}."{name}"')

    def put_back(self, model: Evidence, columns: str) -> None:
        """A table `past_…` with the rows that changed or went since, as they were: the oldest former value counts."""
        table = model._meta.db_table
        ours = f"""FROM past_touched WHERE "table" = '{table}'"""
        later = f"""(SELECT "row" {ours} AND act = 'i')"""
        if self.sqlite:
            self._patched(model, columns, ours, later)
        else:
            self._populated(model, ours, later)
            self.run(f'CREATE INDEX "past_{table}_id" ON "past_{table}" (id)')
        for field in model._meta.local_concrete_fields:
            if field.is_relation:
                self.run(f'CREATE INDEX "past_{table}_{field.column}" ON "past_{table}" ("{field.column}")')

    def _patched(self, model: Evidence, columns: str, ours: str, later: str) -> None:
        table = model._meta.db_table
        changed = f'id IN (SELECT "row" {ours}) AND id NOT IN {later}'
        self.table(f"past_{table}", f"SELECT {columns} FROM {self.real(model)} WHERE {changed}")
        gone = ", ".join(f"""json_extract(was, '$."{name}"')""" for name in _columns(model))
        self.run(f"""INSERT INTO "past_{table}" SELECT {gone} {ours} AND act = 'd' AND "row" NOT IN {later}""")
        cells = (
            f'SELECT "row", key, value, min(past_touched.id) AS first {ours.replace("WHERE", ", json_each(was) WHERE")}'
        )
        self.table(f"undo_{table}", f"""{cells} AND act = 'u' GROUP BY "row", key""")
        self.run(f'CREATE UNIQUE INDEX "undo_{table}_cell" ON "undo_{table}" (key, "row")')
        self.run(f'CREATE INDEX "past_{table}_id" ON "past_{table}" (id)')
        for (name,) in self.rows(f'SELECT DISTINCT key FROM "undo_{table}"'):
            former = f"""FROM "undo_{table}" WHERE key = '{name}'"""
            value = f"""SELECT value {former} AND "row" = "past_{table}".id"""
            self.run(f'UPDATE "past_{table}" SET "{name}" = ({value}) WHERE id IN (SELECT "row" {former})')

    def _populated(self, model: Evidence, ours: str, later: str) -> None:
        table, row = model._meta.db_table, self.real(model)
        cells = ours.replace("WHERE", ", jsonb_each(was) WHERE")
        newest_first = "jsonb_object_agg(key, value ORDER BY id DESC)"  # so that the oldest is the last to be set
        undo = f"""SELECT "row", {newest_first} AS former {cells} AND act = 'u' GROUP BY "row" """
        patch = "CROSS JOIN LATERAL jsonb_populate_record({0}, {1} coalesce(undo.former, '{{}}')) AS r"
        kept = patch.format("now", "")
        gone = patch.format(f"NULL::{row}", "went.was ||")
        self.table(
            f"past_{table}",
            f"""WITH undo AS ({undo}), went AS (SELECT * {ours} AND act = 'd')
 SELECT r.* FROM {row} AS now LEFT JOIN undo ON undo."row" = now.id {kept}
 WHERE now.id IN (SELECT "row" {ours}) AND now.id NOT IN {later}
 UNION ALL SELECT r.* FROM went LEFT JOIN undo ON undo."row" = went."row" {gone} WHERE went."row" NOT IN {later}""",
        )
