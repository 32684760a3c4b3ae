"""The database itself, without the application: what the same rows cost as SQL alone, on the same engine."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable, Sequence
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg
from psycopg.types.json import Jsonb

from bench.load import Timing


def connect(data: Path, url: str) -> Any:
    """A connection with the durability that the application has; statements are committed one by one."""
    if url:
        return psycopg.connect(url, autocommit=True)
    connection = sqlite3.connect(data / "comity.sqlite3", isolation_level=None, timeout=30)
    connection.executescript("PRAGMA journal_mode=WAL;PRAGMA synchronous=FULL;PRAGMA cache_size=-16000;")
    # Asked for by the triggers that keep the past.
    connection.create_function("comity_now", 0, lambda: datetime.now(UTC).replace(tzinfo=None).isoformat(" "))
    return connection


def rows(data: Path, url: str, statement: str, values: Sequence[Any] = ()) -> list[Any]:
    """What one statement yields; values are written as %s on either engine."""
    with closing(connect(data, url)) as connection:
        return list(connection.execute(statement if url else statement.replace("%s", "?"), values).fetchall())


def settle(data: Path, url: str) -> None:
    """Let the engine look at what was written, as it does by itself overnight."""
    with closing(connect(data, url)) as connection:
        if url:
            connection.execute("VACUUM ANALYZE")
        else:
            connection.execute("ANALYZE")
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def multiply(data: Path, url: str, cases: int, times: int, rare: str) -> None:
    """Copies of all cases, their trail and their search words under new numbers; rare words stay rare."""
    with closing(connect(data, url)) as connection:

        def ask(statement: str) -> list[Any]:
            return list(connection.execute(statement).fetchall())

        ((kind,),) = ask("SELECT id FROM django_content_type WHERE app_label = 'cases' AND model = 'case'")
        ((entries,),) = ask("SELECT max(id) FROM records_entry")
        ((first,),) = ask("SELECT min(id) FROM cases_case")
        key, common = ("id", f"NOT body @@ '{rare}'::tsquery") if url else ("rowid", f"body NOT LIKE '%{rare}%'")
        low, high = (kind << 40) + first, (kind << 40) + first + cases
        for n in range(1, times):
            moved = {"id": f"id + {n * cases}", "ref": f"'CMP-' || (id - {first - 1} + {n * cases})"}
            lines = {"id": f"id + {n * entries}", "record_id": f"record_id + {n * cases}", "ref": "'CMP-0'"}
            with_id, last = f"id < {first + cases}", f"kind = 'case' AND id <= {entries}"
            for table, changes, where in (("cases_case", moved, with_id), ("records_entry", lines, last)):
                names = [column[0] for column in connection.execute(f"SELECT * FROM {table} LIMIT 0").description]
                values = [changes.get(name, f'"{name}"') for name in names]
                listed = ", ".join(f'"{name}"' for name in names)
                connection.execute(
                    f"INSERT INTO {table} ({listed}) SELECT {', '.join(values)} FROM {table} WHERE {where}"
                )
            connection.execute(
                f"INSERT INTO records_search ({key}, body) SELECT {key} + {n * cases}, body FROM records_search"
                f" WHERE {key} >= {low} AND {key} < {high} AND {common}"
            )
        connection.execute(f"UPDATE records_counter SET value = {cases * times} WHERE prefix = 'CMP'")
        for table in ("cases_case", "records_entry") if url else ():
            connection.execute(f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), (SELECT max(id) FROM {table}))")


class Direct:
    """The statements behind the measured requests, as one would write them by hand."""

    COLUMNS = (
        "c.id, c.ref, c.title, u.name, c.classification, c.severity, c.status, p.name, c.escalation_level,"
        " c.received_at, c.next_due_at, c.resolve_due_at, c.close_ground"
    )
    JOINED = (
        "cases_case c LEFT JOIN parties_customer u ON u.id = c.customer_id"
        " LEFT JOIN accounts_person p ON p.id = c.handler_id"
    )

    def __init__(self, data: Path, url: str) -> None:
        self.vendor = "postgresql" if url else "sqlite"
        self.connection = connect(data, url)
        (self.shift,) = self.ask("SELECT id FROM django_content_type WHERE app_label = 'cases' AND model = 'case'")[0]

    def close(self) -> None:
        self.connection.close()

    def ask(self, statement: str, values: Sequence[Any] = ()) -> list[Any]:
        text = statement if self.vendor == "postgresql" else statement.replace("%s", "?")
        return list(self.connection.execute(text, values).fetchall())

    def timed(self, work: Callable[[int], Any], count: int) -> Timing:
        """Do it `count` times, one after the other."""
        timing, began = Timing(), time.perf_counter()
        for n in range(count):
            at = time.perf_counter()
            work(n)
            timing.times.append((time.perf_counter() - at) * 1000)
        timing.seconds = time.perf_counter() - began
        return timing

    def newest(
        self, where: str = "c.status = 'acknowledged'", values: Sequence[Any] = (), offset: int = 0
    ) -> list[Any]:
        """The newest fifty, and one to know whether there are more."""
        return self.ask(
            f"SELECT {self.COLUMNS} FROM {self.JOINED} WHERE {where} AND c.archived_at IS NULL"
            f" ORDER BY c.received_at DESC, c.id DESC LIMIT 51 OFFSET {offset}",
            values,
        )

    def counted(self, where: str = "status = 'acknowledged'") -> None:
        self.ask(f"SELECT count(*) FROM (SELECT 1 FROM cases_case WHERE {where} AND archived_at IS NULL LIMIT 1001) s")

    def register(self, n: int) -> None:
        self.newest()
        self.counted()

    def deep(self, at: Any, pk: int) -> Callable[[int], None]:
        def page(n: int) -> None:
            self.newest("c.received_at <= %s AND (c.received_at < %s OR c.id < %s)", (at, at, pk))
            self.counted("1=1")

        return page

    def record(self, refs: Sequence[str]) -> Callable[[int], None]:
        def page(n: int) -> None:
            found = self.ask(f"SELECT c.*, u.*, p.* FROM {self.JOINED} WHERE c.ref = %s", (refs[n % len(refs)],))
            self.ask(
                "SELECT * FROM records_entry WHERE kind = 'case' AND record_id = %s ORDER BY id DESC LIMIT 31",
                (found[0][0],),
            )

        return page

    def search(self, word: str) -> Callable[[int], None]:
        low = self.shift << 40
        match = "records_search MATCH %s" if self.vendor == "sqlite" else "body @@ %s::tsquery"
        key = "rowid" if self.vendor == "sqlite" else "id"
        query = f'"{word}"*' if self.vendor == "sqlite" else f"'{word}':*"
        found = (
            f"SELECT {key} FROM records_search WHERE {match} AND {key} BETWEEN %s AND %s ORDER BY {key} DESC LIMIT %s"
        )
        high = low + (1 << 40) - 1

        def page(n: int) -> None:
            ids = [row[0] - low for row in self.ask(found, (query, low, high, 51))]
            self.newest(f"c.id IN ({', '.join(map(str, ids)) or 'NULL'})")
            self.ask(f"SELECT count(*) FROM ({found}) s", (query, low, high, 1_001))

        return page

    def inserting(self) -> Callable[[int], None]:
        """Copies of one case under new numbers, each in its own durable commit; for the end, they stay."""
        cursor = self.connection.execute("SELECT * FROM cases_case ORDER BY id DESC LIMIT 1")
        names = [column[0] for column in cursor.description]
        values = dict(zip(names, cursor.fetchone(), strict=True))
        values = {name: json_text(value) for name, value in values.items()}
        holes = ", ".join(["%s" if self.vendor == "postgresql" else "?"] * len(names))
        statement = f"INSERT INTO cases_case ({', '.join(names)}) VALUES ({holes})"

        def insert(n: int) -> None:
            row = values | {"id": 10**9 + n, "ref": f"RAW-{n}"}
            self.connection.execute(statement, [row[name] for name in names])

        return insert


def json_text(value: Any) -> Any:
    """psycopg reads JSON as Python and does not write it back by itself."""
    return Jsonb(value) if isinstance(value, list | dict) else value
