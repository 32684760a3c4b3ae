"""Workbooks in constant memory. Text is written as text and never judged, so nothing in it can act as a formula."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import chain
from typing import Any, BinaryIO


@dataclass(frozen=True)
class Sheet:
    """Name, heads, and rows of text, numbers, dates and nothing."""

    name: str
    heads: Sequence[str]
    rows: Iterable[Sequence[Any]]


def workbook(sheets: Iterable[Sheet], created: datetime | None = None) -> BinaryIO:
    """In a temporary file, which goes when it is closed; with a time, the same sheets give the same bytes."""
    import xlsxwriter

    target = tempfile.TemporaryFile(suffix=".xlsx")  # noqa: SIM115  (closed by whoever reads it)
    book = xlsxwriter.Workbook(target, {"constant_memory": True})
    book.set_properties({"created": created} if created else {})
    formats = {
        datetime: book.add_format({"num_format": "yyyy-mm-dd hh:mm"}),
        date: book.add_format({"num_format": "yyyy-mm-dd"}),
    }
    taken: set[str] = set()
    for one in sheets:
        sheet = book.add_worksheet(_name(one.name, taken))
        sheet.set_column(0, max(len(one.heads) - 1, 0), 18)
        sheet.freeze_panes(1, 0)
        for at, line in enumerate(chain([one.heads], one.rows)):
            for n, value in enumerate(line):
                if isinstance(value, date):
                    sheet.write_datetime(at, n, value, formats[type(value)])
                elif isinstance(value, str):
                    sheet.write_string(at, n, value[:32767])
                elif value is not None:
                    sheet.write_number(at, n, value)
    book.close()
    target.seek(0)
    return target


def _name(wanted: str, taken: set[str]) -> str:
    """A name that a sheet may bear and no other bears: at most 31 letters, none of those that formulas use."""
    base = re.sub(r"[\[\]:*?/\\']", " ", wanted).strip()[:28] or "-"
    name = next(name for n in range(100) if (name := f"{base} {n}" if n else base).lower() not in taken)
    taken.add(name.lower())
    return name
