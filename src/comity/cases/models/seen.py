"""Rows of cases as one reader may see them: without the complainant where the reader is not to know who complains."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Self

from comity.records.models import GuardedQuerySet


class CaseRows(GuardedQuerySet[Any]):
    """A queryset that can forget the complainant of confidential cases, and of restricted ones for an auditor.

    Only what is read changes; rows, filters and counts stay, and writing reads the row anew.
    """

    looked_at = ("confidential", "restricted", "handler", "investigator", "owner", "entered_by")
    _reader: tuple[int, bool, bool] | None = None

    def hiding(self, person: int, *, works: bool, audits: bool) -> Self:
        """Hide names as this reader's part in the matter asks."""
        rows = self.all()
        rows._reader = (person, works, audits)
        return rows

    def _clone(self) -> Self:
        rows: Self = super()._clone()  # type: ignore[misc]
        rows._reader = self._reader
        return rows

    def _fetch_all(self) -> None:
        fresh = self._result_cache is None
        super()._fetch_all()
        if fresh and self._reader:
            for row in self._result_cache or ():
                self._hide(row)

    def iterator(self, *args: Any, **options: Any) -> Iterator[Any]:
        for row in super().iterator(*args, **options):
            yield self._hide(row)

    def _hide(self, row: Any) -> Any:
        if self._reader is None or not hasattr(row, "hide_complainant"):
            return row
        person, works, audits = self._reader
        part = person in (row.handler_id, row.investigator_id, row.owner_id, row.entered_by_id)
        if (row.confidential and not (works or part)) or (row.restricted and audits):
            row.hide_complainant()
        return row
