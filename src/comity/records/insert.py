"""Inserting with columns prepared once: a single row, or rows by the heap with ids taken first.

Django compiles a statement anew for each row it saves, and `bulk_create` every value of every row into one; for wide
tables that costs more than checking the rows.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from operator import itemgetter
from typing import Any

from django.db import connection, models

Prepare = Callable[[Any], Any]
Prepared = tuple[tuple[str, Prepare | None], ...]
AS_THEY_ARE = (models.CharField, models.TextField, models.IntegerField, models.BooleanField, models.UUIDField)


def take_ids(model: type[models.Model], count: int) -> list[int]:
    """As many new primary keys, which nobody else will get: in the caller's transaction, which must be writing."""
    table, column = model._meta.db_table, model._meta.pk.column
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":  # the transaction holds the only write lock there is
            cursor.execute(
                f'SELECT max((SELECT coalesce(max("{column}"), 0) FROM "{table}"),'  # noqa: S608
                " coalesce((SELECT seq FROM sqlite_sequence WHERE name = %s), 0))",
                [table],
            )
            first = int(cursor.fetchone()[0]) + 1
            return list(range(first, first + count))
        cursor.execute(
            "SELECT nextval(pg_get_serial_sequence(%s, %s)) FROM generate_series(1, %s)", [f'"{table}"', column, count]
        )
        return [int(row[0]) for row in cursor.fetchall()]


@lru_cache(maxsize=200)
def _statement(
    model: type[models.Model], names: tuple[str, ...], vendor: str
) -> tuple[str, tuple[Prepare | None, ...]]:
    """The statement, and for each column what is to be done with its values; None where they go in as they are."""
    by_name: dict[str, Any] = {field.attname: field for field in model._meta.concrete_fields}
    fields = [by_name[name] for name in names]
    table, columns = model._meta.db_table, ", ".join(f'"{field.column}"' for field in fields)
    if vendor == "sqlite":
        statement = f'INSERT INTO "{table}" ({columns}) VALUES ({", ".join(["%s"] * len(fields))})'  # noqa: S608
    else:
        statement = f'COPY "{table}" ({columns}) FROM STDIN'
    return statement, tuple(_preparation(field, vendor) for field in fields)


def _preparation(field: Any, vendor: str) -> Prepare | None:
    target = field
    while target.is_relation:
        target = target.target_field
    if isinstance(target, models.UUIDField):
        return None if vendor != "sqlite" else lambda value: value.hex
    if isinstance(target, AS_THEY_ARE) and type(target).get_db_prep_value is models.Field.get_db_prep_value:
        return None
    if isinstance(target, models.IntegerField):
        return None
    if type(target) is models.DateTimeField:
        return _sqlite_time if vendor == "sqlite" else None
    if type(target) is models.JSONField and target.encoder is None:
        return json.dumps
    return lambda value: field.get_db_prep_save(value, connection)


def _sqlite_time(value: datetime) -> Any:
    """As Django writes it, without a detour for what is in UTC already."""
    return str(value)[:-6] if value.tzinfo is UTC else connection.ops.adapt_datetimefield_value(value)


@lru_cache(maxsize=200)
def _single(model: type[models.Model], vendor: str) -> tuple[str, Prepared]:
    """The statement for one row that gets its primary key from the database, and how its columns are prepared."""
    fields = [field for field in model._meta.concrete_fields if not field.primary_key]
    columns, places = ", ".join(f'"{field.column}"' for field in fields), ", ".join(["%s"] * len(fields))
    table, key = model._meta.db_table, model._meta.pk.column
    statement = f'INSERT INTO "{table}" ({columns}) VALUES ({places}) RETURNING "{key}"'  # noqa: S608
    return statement, tuple((field.attname, _preparation(field, vendor)) for field in fields)


def insert(one: models.Model) -> None:
    """Insert a row and give it its primary key. No signals, no defaults beyond the instance's."""
    statement, prepared = _single(type(one), connection.vendor)
    with connection.cursor() as cursor:
        cursor.execute(statement, _values(one.__dict__, prepared))
        one.pk = cursor.fetchone()[0]
    one._state.adding, one._state.db = False, connection.alias


def _values(held: dict[str, Any], prepared: Prepared) -> list[Any]:
    values = ((held[name], prepare) for name, prepare in prepared)
    return [value if prepare is None or value is None else prepare(value) for value, prepare in values]


def insert_rows(model: type[models.Model], names: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Insert rows of plain values for these columns, named by attribute, the primary key among them."""
    statement, preparations = _statement(model, tuple(names), connection.vendor)
    prepared = (
        [
            value if prepare is None or value is None else prepare(value)
            for value, prepare in zip(row, preparations, strict=True)
        ]
        for row in rows
    )
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.executemany(statement, prepared)  # type: ignore[arg-type]  # the driver takes any iterable
            return
        with connection.wrap_database_errors, cursor.copy(statement) as copy:
            for row in prepared:
                copy.write_row(row)


def update_many(objects: Sequence[models.Model]) -> None:
    """Write all columns of these rows, all of one model and each there already."""
    if not objects:
        return
    statement, prepared = _change(type(objects[0]), connection.vendor)
    with connection.cursor() as cursor:
        cursor.executemany(statement, [[*_values(one.__dict__, prepared), one.pk] for one in objects])


@lru_cache(maxsize=200)
def _change(model: type[models.Model], vendor: str) -> tuple[str, Prepared]:
    """The statement that writes all columns of a row, and how they are prepared."""
    fields = [field for field in model._meta.concrete_fields if not field.primary_key]
    columns, table, key = ", ".join(f'"{field.column}" = %s' for field in fields), model._meta.db_table, model._meta.pk
    statement = f'UPDATE "{table}" SET {columns} WHERE "{key.column}" = %s'  # noqa: S608
    return statement, tuple((field.attname, _preparation(field, vendor)) for field in fields)


def insert_many(objects: Sequence[models.Model]) -> None:
    """Insert them, all of one model, with their primary keys as set. No signals, no defaults beyond the instances'."""
    if not objects:
        return
    model = type(objects[0])
    names = tuple(field.attname for field in model._meta.concrete_fields)
    values = itemgetter(*names)
    insert_rows(model, names, (values(one.__dict__) for one in objects))
    for one in objects:
        one._state.adding, one._state.db = False, connection.alias
