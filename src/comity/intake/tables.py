"""Tables as they come: CSV in any delimiter and encoding, packed or not, and spreadsheets. Rows come with lines."""

from __future__ import annotations

import codecs
import csv
import gzip
import hashlib
import io
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from django.utils.translation import gettext as _

from comity.intake import workbook

UNPACKED_AT_MOST = 1 << 30  # bytes; a packed file that grows beyond is refused before it fills memory or disk
CELL_AT_MOST = 1 << 20
ROW_AT_MOST = 8 << 20
DELIMITERS = ",;\t|"
PROBE = 1 << 16
GZIP, ZIP = b"\x1f\x8b", b"PK"
BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)

Row = tuple[int, Sequence[Any]]


class Unreadable(ValueError):
    """The file is no table that we can read. The message is for people."""


@dataclass(frozen=True)
class Table:
    """The heading of a file, and its rows with the line at which each begins."""

    columns: tuple[str, ...]
    rows: Iterator[Row]


class Unclosed(tuple[Any, ...]):
    """In place of a line that went into a cell of another one, whose quote is not closed."""

    opened: int

    @classmethod
    def since(cls, line: int) -> Unclosed:
        made = cls()
        made.opened = line
        return made

    def __str__(self) -> str:
        return _("A quote that opens in line %(line)d is not closed.") % {"line": self.opened}


def digest(path: Path) -> str:
    """SHA-256 of the file's bytes: what a resumed import compares."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@contextmanager
def opened(
    path: Path, *, encoding: str = "", delimiter: str = "", sheet: str = "", most: int = UNPACKED_AT_MOST
) -> Iterator[Table]:
    """The table in a file. What is not said is found out. Raises Unreadable, at once or while reading."""
    try:
        with path.open("rb") as raw:
            start = raw.read(4)
    except FileNotFoundError:
        raise Unreadable(_("The file is not kept here any more. Upload it again.")) from None
    if start.startswith(ZIP):
        yield _headed(_sheet_rows(path, sheet, most))
        return
    with gzip.open(path) if start.startswith(GZIP) else path.open("rb") as packed:
        found = _encoding(packed, most)
        encoding = encoding or found
        try:
            codecs.lookup(encoding)
        except LookupError:
            raise Unreadable(_("There is no encoding “%(name)s”.") % {"name": encoding}) from None
        packed.seek(0)
        probe = packed.read(PROBE).decode(encoding, "ignore")
        packed.seek(0)
        text = io.TextIOWrapper(packed, encoding=encoding, newline="")
        yield _headed(_csv_rows(text, delimiter or _delimiter(probe)))


def _headed(rows: Iterator[Row]) -> Table:
    _line, heading = next(rows, (0, ()))
    if isinstance(heading, Unclosed):
        raise Unreadable(str(heading))
    columns = tuple(str(cell if cell is not None else "").strip() for cell in heading)
    while columns and not columns[-1]:
        columns = columns[:-1]
    if not columns:
        raise Unreadable(_("The file has no heading."))
    double = next((name for name in columns if name and columns.count(name) > 1), "")
    if double:
        raise Unreadable(_("The column “%(name)s” is there twice.") % {"name": double})
    return Table(columns, rows)


def _encoding(packed: IO[bytes] | gzip.GzipFile, most: int) -> str:
    """UTF-8 where the whole file is valid UTF-8, else GB18030, which every older Chinese encoding is part of."""
    decoders = {name: codecs.getincrementaldecoder(name)() for name in ("utf-8", "gb18030")}
    size = 0
    try:
        while chunk := packed.read(1 << 20):
            marked = next((name for mark, name in BYTE_ORDER_MARKS if size == 0 and chunk.startswith(mark)), "")
            size += len(chunk)
            if size > most:
                raise Unreadable(_("Unpacked, the file is larger than %(limit)d MB.") % {"limit": most >> 20})
            if marked:
                decoders = {marked: codecs.getincrementaldecoder(marked)()}
            for name, decoder in list(decoders.items()):
                try:
                    decoder.decode(chunk)
                except UnicodeDecodeError:
                    del decoders[name]
    except (OSError, EOFError, zlib.error) as error:
        raise Unreadable(_("The packed file is damaged.")) from error
    for name, decoder in decoders.items():
        try:
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            continue
        return name
    return "latin-1"


def _delimiter(probe: str) -> str:
    """The one that cuts the heading, and the rows after it alike, into most parts."""

    def score(delimiter: str) -> tuple[int, int]:
        rows = csv.reader(io.StringIO(probe, newline=""), delimiter=delimiter)
        try:
            widths = [len(row) for row, _n in zip(rows, range(20), strict=False) if row]
        except csv.Error:
            return (0, 0)
        if not widths or widths[0] < 2:
            return (0, 0)
        return (sum(width == widths[0] for width in widths), widths[0])

    return max(DELIMITERS, key=score)


def _csv_rows(text: io.TextIOWrapper, delimiter: str) -> Iterator[Row]:
    csv.field_size_limit(CELL_AT_MOST)
    taken: list[str] = []  # the lines of the row in hand
    reader, line, width = csv.reader(_lines(text, taken), delimiter=delimiter), 1, 0
    while True:
        taken.clear()
        try:
            row = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            if "field larger" in str(error):
                raise _too_large(line) from error
            raise Unreadable(_("Line %(line)d cannot be read: %(why)s") % {"line": line, "why": error}) from error
        except UnicodeDecodeError as error:
            raise Unreadable(_("Line %(line)d is not in the encoding of the file.") % {"line": line}) from error
        if _swallowed(taken, delimiter, width):
            opened = line + _opened(taken, delimiter)
            yield from ((line + n, Unclosed.since(opened)) for n in range(len(taken)))
        elif row:
            yield line, row
        width = width or len(row)
        line = reader.line_num + 1


def _swallowed(lines: list[str], delimiter: str, width: int) -> bool:
    """Did a row take in what follows it, because one of its quotes is not closed? Its end shows it, or rows inside."""
    if len(lines) == 1 and lines[0].count('"') % 2 == 0:
        return False
    try:
        list(csv.reader(lines, delimiter=delimiter, strict=True))
    except csv.Error as error:
        alone = (next(csv.reader([one], delimiter=delimiter), []) for one in lines[1:])
        return "end of data" in str(error) or any(1 < len(row) == width for row in alone)
    return False


def _opened(lines: list[str], delimiter: str) -> int:
    """How many lines into such a row the cell begins that took in the rest: other cells may hold line ends, too."""
    inside, begun = False, 0
    for number, line in enumerate(lines):
        at = -1
        while (at := line.find('"', at + 1)) >= 0:
            after = line[at + 1 : at + 2]
            if inside and after == '"':
                at += 1  # a quote within the cell
            elif inside:
                inside = False
                if after not in ("", "\r", "\n", delimiter):
                    return begun
            elif at == 0 or line[at - 1] == delimiter:
                inside, begun = True, number
    return begun


def _lines(text: io.TextIOWrapper, taken: list[str]) -> Iterator[str]:
    """Its lines, each added to those taken. One that fits into no row is refused before it is read to its end."""
    number = 1
    while line := text.readline(ROW_AT_MOST):
        if len(line) == ROW_AT_MOST and not line.endswith("\n"):
            raise _too_large(number)
        taken.append(line)
        yield line
        number += 1


def _too_large(line: int) -> Unreadable:
    told = {"line": line, "limit": CELL_AT_MOST >> 20}
    return Unreadable(_("In line %(line)d, a cell is larger than %(limit)d MB.") % told)


def _sheet_rows(path: Path, sheet: str, most: int) -> Iterator[Row]:
    """Rows of one sheet of a workbook, else the first. Its unpacked size is looked at before it is read."""
    try:
        with zipfile.ZipFile(path) as packed:
            size = sum(info.file_size for info in packed.infolist())
        if size > most:
            raise Unreadable(_("Unpacked, the file is larger than %(limit)d MB.") % {"limit": most >> 20})
        for line, row in enumerate(workbook.rows(path, sheet), 1):
            if any(cell not in ("", None) for cell in row):
                yield line, row
    except workbook.TooLarge:
        limit = {"limit": workbook.MEMORY >> 20}
        raise Unreadable(_("Reading the workbook takes more than %(limit)d MB of memory.") % limit) from None
    except workbook.NoSheet:
        raise Unreadable(_("There is no sheet “%(name)s”.") % {"name": sheet}) from None
    except (workbook.Damaged, zipfile.BadZipFile, OSError) as error:
        raise Unreadable(_("This is no workbook that can be read.")) from error
