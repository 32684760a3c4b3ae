"""Questions that nearly every page asks: their SQL is put together once, which costs ten times the answer."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from functools import lru_cache, wraps
from typing import Any

from django.db import connection
from django.db.models import QuerySet

ANY = 2**62 + 1  # stands in the conditions for whom, or what, is asked about
ASKED = (ANY, str(ANY))
Rows = list[tuple[Any, ...]]


def prepared(rows: Callable[..., QuerySet[Any, Any]]) -> Callable[..., Rows]:
    """A question about one thing, which is given first: the rows in whose conditions it stands for ANY.

    Values come as the engine has them: ask for numbers and texts only.
    """

    @lru_cache(maxsize=100)
    def compiled(*given: Hashable) -> tuple[str, tuple[Any, ...]]:
        sql, params = rows(*given).query.sql_with_params()
        return sql, params

    @wraps(rows)
    def ask(one: int | str, *given: Hashable) -> Rows:
        sql, params = compiled(*given)
        with connection.cursor() as cursor:
            cursor.execute(sql, [one if value in ASKED else value for value in params])
            found: Rows = cursor.fetchall()
            return found

    return ask
