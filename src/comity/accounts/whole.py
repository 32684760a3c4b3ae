"""Rows with all their columns: what selects them is put together once for each table, which costs more than they do."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Any, TypeVar

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import Model, QuerySet

M = TypeVar("M", bound=Model)


def whole(rows: QuerySet[M]) -> list[M]:
    """The rows of a question about one table, in no order: of what it would ask, only its conditions are put together.

    The rows belong to the moment at which the conditions hold: it is one statement.
    """
    try:
        sql, params = rows.order_by().values("pk").query.sql_with_params()
    except EmptyResultSet:
        return []
    return _read(rows.model, sql, params)


def rows_of(model: type[M], ids: Iterable[Any]) -> dict[Any, M]:
    """The rows with these ids, by id."""
    asked = tuple(one for one in ids if one is not None)
    found = _read(model, ", ".join(["%s"] * len(asked)), asked) if asked else ()
    return {row.pk: row for row in found}


def _read(model: type[M], ids: str, params: Sequence[Any]) -> list[M]:
    select, names, converters = _selected(model)
    with connection.cursor() as cursor:
        cursor.execute(f"{select} IN ({ids})", params)
        found = cursor.fetchall()
    rows = []
    for values in map(list, found):
        for place, (convert, column) in converters.items():
            for one in convert:
                values[place] = one(values[place], column, connection)
        rows.append(model.from_db(connection.alias, names, values))
    return rows


@lru_cache(maxsize=500)
def _selected(model: type[Model]) -> tuple[str, tuple[str, ...], dict[int, Any]]:
    """The beginning of the statement up to the id, the names of the columns, and what makes Python's values of them."""
    compiler = model._base_manager.order_by().query.get_compiler(connection.alias)
    sql, _params = compiler.as_sql()
    columns = [column for column, _sql, _alias in compiler.select]
    quoted: Any = connection.ops.quote_name
    place = f"{quoted(model._meta.db_table)}.{quoted(model._meta.pk.column)}"
    return f"{sql} WHERE {place}", tuple(c.target.attname for c in columns), compiler.get_converters(columns)
