"""Rows by their conditions or their names: what selects them is put together once for each table, which costs more
than they do."""

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


def rows_of(model: type[M], names: Iterable[Any], column: str = "id") -> dict[Any, M]:
    """The rows with these ids, or with these words in another column that is unique; by them."""
    asked = [one for one in names if one is not None]
    found = _read(model, ", ".join(["%s"] * len(asked)), asked, column) if asked else ()
    return {getattr(row, column): row for row in found}


def words_of(model: type[Model], ids: Iterable[Any], column: str) -> dict[Any, str]:
    """The words in one column of the rows with these ids, by id."""
    asked, quoted = [*ids], connection.ops.quote_name
    if not asked:
        return {}
    words = f"SELECT id, {quoted(column)} FROM {quoted(model._meta.db_table)} WHERE id IN ("  # noqa: S608
    with connection.cursor() as cursor:
        cursor.execute(words + ", ".join(["%s"] * len(asked)) + ")", asked)
        return dict(cursor.fetchall())


def _read(model: type[M], wanted: str, params: Sequence[Any], column: str = "id") -> list[M]:
    select, names, converters = _selected(model)
    with connection.cursor() as cursor:
        cursor.execute(f"{select}.{connection.ops.quote_name(column)} IN ({wanted})", params)
        found = cursor.fetchall()
    rows = []
    for values in map(list, found):
        for place, (convert, expression) in converters.items():
            for one in convert:
                values[place] = one(values[place], expression, connection)
        rows.append(model.from_db(connection.alias, names, values))
    return rows


@lru_cache(maxsize=500)
def _selected(model: type[Model]) -> tuple[str, tuple[str, ...], dict[int, Any]]:
    """The statement up to the column that is asked, the names of all, and what makes Python's values of them."""
    compiler = model._base_manager.order_by().query.get_compiler(connection.alias)
    sql, _params = compiler.as_sql()
    columns = [column for column, _sql, _alias in compiler.select]
    table = connection.ops.quote_name(model._meta.db_table)
    return f"{sql} WHERE {table}", tuple(c.target.attname for c in columns), compiler.get_converters(columns)
