"""Registers as files: CSV as a stream, XLSX in constant memory. Nothing in them can act as a formula."""

import csv
from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal
from itertools import chain
from typing import Any

from django.http import FileResponse, HttpResponseBase, StreamingHttpResponse
from django.utils import timezone

from comity.records import reading
from comity.records.kind import Column, Kind
from comity.reports.sheets import Sheet, workbook
from comity.web.cells import capital

AT_MOST = 1_000_000  # a sheet holds 1,048,576 rows
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")


def plain(value: Any) -> Any:
    """A value as a cell holds it: numbers and dates as such, times in the reader's zone, all else as text."""
    if isinstance(value, datetime):
        return timezone.localtime(value).replace(tzinfo=None, microsecond=0)
    if isinstance(value, list | tuple):
        return ", ".join(str(one) for one in value)
    if value is None or (isinstance(value, int | float | Decimal | date) and not isinstance(value, bool)):
        return value
    return str(value)


def harmless(value: Any) -> Any:
    """Text that a spreadsheet would run as a formula gets an apostrophe in front."""
    return f"'{value}" if isinstance(value, str) and value.startswith(FORMULA) else value


class _Line:
    def write(self, text: str) -> str:
        return text


def answer(kind: Kind, rows: Iterable[Any], columns: list[Column], form: str) -> HttpResponseBase:
    """The file as a download."""
    heads = [capital(column.label) for column in columns]
    name = f"{kind.path}-{timezone.localdate():%Y-%m-%d}"
    lines = ([plain(reading.value_of(row, column)) for column in columns] for row in rows)
    if form == "xlsx":
        return FileResponse(workbook([Sheet(kind.path, heads, lines)]), as_attachment=True, filename=f"{name}.xlsx")
    writer = csv.writer(_Line())
    stream = (writer.writerow([harmless(value) for value in line]) for line in chain([heads], lines))
    response = StreamingHttpResponse(chain(["\ufeff"], stream), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    return response
