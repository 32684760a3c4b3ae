"""The SQL that differs between SQLite and PostgreSQL: the append-only triggers and the search table."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import QuerySet
from django.db.models.expressions import RawSQL

APPEND_ONLY = ("records_entry", "records_seal", "records_formerrow", "records_blanked")
BLANKED = {"records_entry": ("actor", "changes", "note"), "records_formerrow": ("was",)}
"""The columns whose words an erasure may take out (docs/adr/0012), and nothing else may change."""
FIXED = {
    "records_entry": (
        "id", "at", "happened_at", "actor_id", "role", "via", "kind", "record_id", "ref", "act", "rule", "public",
    ),
    "records_formerrow": ("id", "at", "table", "row", "act"),
}  # fmt: skip
_TOLD = "EXISTS (SELECT 1 FROM records_blanked WHERE entry_id = OLD.id)"  # by whom, and what it said before

FTS5 = """CREATE VIRTUAL TABLE records_search USING fts5
 (body, tokenize='unicode61 remove_diacritics 0', detail=none, prefix='2 3')"""
REFUSE = """CREATE FUNCTION records_append_only() RETURNS trigger LANGUAGE plpgsql AS
 $$ BEGIN RAISE EXCEPTION 'the audit trail is append-only'; END $$"""
BLANKING = f"""CREATE FUNCTION records_only_blanked() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
  IF coalesce(current_setting('comity.blanking', true), '') = 'on'
   AND to_jsonb(OLD) - TG_ARGV[0]::text[] = to_jsonb(NEW) - TG_ARGV[0]::text[]
   AND (TG_TABLE_NAME <> 'records_entry' OR {_TOLD}) THEN RETURN NEW; END IF;
  RAISE EXCEPTION 'the audit trail is append-only'; END $$"""


def _blanking(table: str) -> str:
    """On SQLite: whether an update takes out words in the one way that is open for it."""
    same = " AND ".join(f'OLD."{name}" IS NEW."{name}"' for name in FIXED[table])
    return f"comity_blanking() AND {same} AND {_TOLD if table == 'records_entry' else 1}"


SQLITE = [
    *(
        f"CREATE TRIGGER {table}_no_{verb} BEFORE {verb} ON {table}"
        f" {f'WHEN NOT ({_blanking(table)})' if verb == 'UPDATE' and table in FIXED else ''}"
        f" BEGIN SELECT RAISE(ABORT, 'the audit trail is append-only'); END"
        for table in APPEND_ONLY
        for verb in ("UPDATE", "DELETE")
    ),
    FTS5,
]

POSTGRESQL = [
    REFUSE,
    BLANKING,
    *(
        f"CREATE TRIGGER {table}_append_only BEFORE {'' if table in BLANKED else 'UPDATE OR '}DELETE OR TRUNCATE"
        f" ON {table} FOR EACH STATEMENT EXECUTE FUNCTION records_append_only()"
        for table in APPEND_ONLY
    ),
    *(
        f"CREATE TRIGGER {table}_only_blanked BEFORE UPDATE ON {table}"
        f" FOR EACH ROW EXECUTE FUNCTION records_only_blanked('{{{','.join(columns)}}}')"
        for table, columns in BLANKED.items()
    ),
    "CREATE TABLE records_search (id bigint PRIMARY KEY, body tsvector NOT NULL)",
    "CREATE INDEX records_search_body ON records_search USING gin (body)",
]


def install(apps: Any, editor: Any) -> None:
    """Create triggers and search table; run by the first migration."""
    for statement in SQLITE if editor.connection.vendor == "sqlite" else POSTGRESQL:
        editor.execute(statement)


def disarm(vendor: str, table: str) -> list[str]:
    """Statements that take the guard of an append-only table away."""
    if vendor == "sqlite":
        return [f"DROP TRIGGER {table}_no_{verb}" for verb in ("UPDATE", "DELETE")]
    guards = ["append_only", *(["only_blanked"] if table in BLANKED else [])]
    return [f"DROP TRIGGER {table}_{guard} ON {table}" for guard in guards]


def remove(apps: Any, editor: Any) -> None:
    editor.execute("DROP TABLE records_search")
    for table in APPEND_ONLY:
        for statement in disarm(editor.connection.vendor, table):
            editor.execute(statement)
    if editor.connection.vendor == "postgresql":
        editor.execute("DROP FUNCTION records_append_only, records_only_blanked")


def store_search(vendor: str) -> str:
    """Statement that stores (id, text of tokens) for one row, replacing what was there."""
    if vendor == "sqlite":
        return "INSERT OR REPLACE INTO records_search (rowid, body) VALUES (%s, %s)"
    return (
        "INSERT INTO records_search (id, body) VALUES (%s, array_to_tsvector(string_to_array(%s, ' ')))"
        " ON CONFLICT (id) DO UPDATE SET body = excluded.body"
    )


def find_search(vendor: str) -> str:
    """Statement that yields ids for (query, lowest id, highest id, limit), newest first."""
    if vendor == "sqlite":
        return (
            "SELECT rowid FROM records_search WHERE records_search MATCH %s AND rowid BETWEEN %s AND %s"
            " ORDER BY rowid DESC LIMIT %s"
        )
    return "SELECT id FROM records_search WHERE body @@ %s::tsquery AND id BETWEEN %s AND %s ORDER BY id DESC LIMIT %s"


def query_search(vendor: str, words: list[str]) -> str:
    """The engine's query for all of these tokens, the last of which may be the beginning of a word."""
    if vendor == "sqlite":
        return " ".join([*(f'"{word}"' for word in words[:-1]), f'"{words[-1]}"*'])
    return " & ".join([*(f"'{word}'" for word in words[:-1]), f"'{words[-1]}':*"])


def count(rows: QuerySet[Any], most: int | None = None) -> int:
    """How many rows these are, up to `most`. Django's own count composes a second query around a copy of the first."""
    try:
        found, params = rows.select_related(None).order_by().values("pk")[:most].query.sql_with_params()
    except EmptyResultSet:  # the conditions exclude each other
        return 0
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT COUNT(*) FROM ({found}) AS found", params)  # noqa: S608  composed by Django
        return int(cursor.fetchone()[0])


def among(vendor: str, ids: Sequence[int]) -> RawSQL:
    """These ids as one parameter: of a thousand parameters, the preparing costs more than the query."""
    if vendor == "sqlite":
        return RawSQL("SELECT value FROM json_each(%s)", [json.dumps([*ids])])
    return RawSQL("SELECT unnest(%s::bigint[])", [[*ids]])
