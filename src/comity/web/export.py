"""Registers as files: CSV as a stream, XLSX in constant memory. Nothing in them can act as a formula."""

from __future__ import annotations

import csv
import re
import tempfile
from collections.abc import Callable, Iterable, Iterator
from datetime import date, datetime
from decimal import Decimal
from itertools import islice
from typing import Any

from django.http import FileResponse, HttpResponseBase, StreamingHttpResponse
from django.utils import timezone

from comity.records import reading
from comity.records.kind import Column, Kind
from comity.web import cells

AT_MOST = 1_000_000  # a sheet holds 1,048,576 rows
CHUNK = 500
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")

Fetch = Callable[[Kind, list[Any], Iterable[Column]], list[Any]]


def first_sentence(text: str | None) -> str:
    """What a kind is for: the first sentence of its docstring; empty where Django made the docstring."""
    line = " ".join((text or "").split())
    return "" if re.match(r"\w+\(", line) else line


def plain(value: Any) -> Any:
    """A value as a cell holds it: numbers and dates as such, everything else as text."""
    if value is None or isinstance(value, int | float | Decimal) and not isinstance(value, bool):
        return value
    if isinstance(value, datetime):
        return timezone.localtime(value).replace(tzinfo=None, microsecond=0)
    if isinstance(value, date):
        return value
    if isinstance(value, list | tuple):
        return ", ".join(str(one) for one in value)
    return str(value)


def harmless(value: Any) -> Any:
    """Text that a spreadsheet would run as a formula gets an apostrophe in front (OWASP: CSV injection)."""
    if isinstance(value, datetime):
        return value.isoformat(" ")
    return f"'{value}" if isinstance(value, str) and value.startswith(FORMULA) else value


def _lines(kind: Kind, rows: Iterable[Any], columns: list[Column], fetch: Fetch) -> Iterator[list[Any]]:
    source = iter(rows)
    while chunk := list(islice(source, CHUNK)):
        for row in fetch(kind, chunk, columns):
            yield [plain(reading.value_of(row, column)) for column in columns]


class _Echo:
    def write(self, text: str) -> str:
        return text


def answer(kind: Kind, rows: Iterable[Any], columns: list[Column], form: str, fetch: Fetch) -> HttpResponseBase:
    """The file as a download."""
    heads = [cells.capital(str(column.label)) for column in columns]
    name = f"{kind.path}-{timezone.localdate():%Y-%m-%d}"
    lines = _lines(kind, rows, columns, fetch)
    if form == "xlsx":
        return FileResponse(_sheet(kind, heads, lines), as_attachment=True, filename=f"{name}.xlsx")
    writer = csv.writer(_Echo())
    stream = (writer.writerow([harmless(value) for value in line]) for line in _chain(heads, lines))
    response = StreamingHttpResponse(_bom(stream), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    return response


def _chain(heads: list[Any], lines: Iterator[list[Any]]) -> Iterator[list[Any]]:
    yield heads
    yield from lines


def _bom(stream: Iterator[Any]) -> Iterator[str]:
    yield "\ufeff"  # so that spreadsheets read it as UTF-8
    yield from stream


def _sheet(kind: Kind, heads: list[str], lines: Iterator[list[Any]]) -> Any:
    """A workbook in a temporary file. Text is written as text, never judged."""
    import xlsxwriter

    target = tempfile.TemporaryFile(suffix=".xlsx")  # noqa: SIM115  (closed by the response)
    book = xlsxwriter.Workbook(target, {"constant_memory": True, "default_date_format": "yyyy-mm-dd hh:mm"})
    sheet = book.add_worksheet(kind.plural[:31].translate(str.maketrans("[]:*?/\\", "       ")))
    bold, day = book.add_format({"bold": True}), book.add_format({"num_format": "yyyy-mm-dd"})
    for n, head in enumerate(heads):
        sheet.write_string(0, n, head, bold)
    sheet.set_column(0, max(len(heads) - 1, 0), 18)
    sheet.freeze_panes(1, 0)
    for at, line in enumerate(lines, 1):
        for n, value in enumerate(line):
            if isinstance(value, datetime):
                sheet.write_datetime(at, n, value)
            elif isinstance(value, date):
                sheet.write_datetime(at, n, datetime(value.year, value.month, value.day), day)
            elif isinstance(value, str):
                sheet.write_string(at, n, value[:32767])
            elif value is not None:
                sheet.write_number(at, n, value)
    book.close()
    target.seek(0)
    return target
