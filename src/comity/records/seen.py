"""Rows as one reader may see them: the same rows, but what this reader must not see is forgotten, in memory only."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import islice
from typing import Any, Self

from django.db.models import Q

from comity.records.models import GuardedQuerySet

Veil = Callable[[list[Any]], None]
TOGETHER = 500  # rows that a veil looks at in one go


class SeenRows(GuardedQuerySet[Any]):
    """A queryset whose rows pass a veil as they are read. Filters and counts stay, and writing reads the row anew."""

    _veil: Veil | None = None
    _silent: Q | None = None
    told: tuple[str, ...] = ()  # the columns that the reader sees of each row, where it is not all that are searched

    def through(self, veil: Veil, silent: Q | None = None) -> Self:
        """Rows as this veil leaves them. Those that meet `silent` are not found by their words, which may tell it."""
        rows = self.all()
        rows._veil, rows._silent = veil, silent
        return rows

    def telling(self, *columns: str) -> Self:
        """Rows that are found by words of these columns only."""
        rows = self.all()
        rows.told = columns
        return rows

    @property
    def discreet(self) -> bool:
        """May words be found in a row that this reader does not see there?"""
        return bool(self.told or (self._veil and self._silent is None))

    def searched(self) -> Self:
        """The rows in whose words the reader may search."""
        return self if self._silent is None else self.exclude(self._silent)

    def _clone(self) -> Self:
        rows: Self = super()._clone()  # type: ignore[misc]
        rows._veil, rows._silent, rows.told = self._veil, self._silent, self.told
        return rows

    def _fetch_all(self) -> None:
        fresh = self._result_cache is None
        super()._fetch_all()
        if fresh:
            found = self._result_cache or []
            for start in range(0, len(found), TOGETHER):
                self._drop(found[start : start + TOGETHER])

    def whole(self) -> list[Any]:
        found = super().whole()
        self._drop(found)
        return found

    def iterator(self, *args: Any, **options: Any) -> Iterator[Any]:
        rows = super().iterator(*args, **options)
        while part := list(islice(rows, TOGETHER)):
            self._drop(part)
            yield from part

    def _drop(self, rows: list[Any]) -> None:
        if self._veil and rows and isinstance(rows[0], self.model):
            self._veil(rows)
