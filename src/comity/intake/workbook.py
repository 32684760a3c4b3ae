"""Reads a workbook in a process of its own, with so much memory and no more.

A small file can name a cell in the last corner of a sheet, or one long text a million times: it fits into no memory,
and the reader then ends its process. Here that is a process which nobody misses. It writes to standard output,
pickled: "ok" or "sheet" (there is no such sheet), then lists of rows, then None.
"""

from __future__ import annotations

import pickle
import resource
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

MEMORY = 2 << 30  # bytes of address space
SECONDS = 300  # of processor time
TOGETHER = 500


class TooLarge(Exception):
    """The reader needed more than it may have."""


class NoSheet(Exception):
    """The workbook has no sheet of this name."""


class Damaged(Exception):
    """This is no workbook."""


def rows(path: Path, sheet: str) -> Iterator[list[Any]]:
    """The rows of one sheet, else of the first, empty ones included."""
    words = [sys.executable, "-I", __file__, str(path), *([sheet] if sheet else [])]
    process = subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)  # noqa: S603  (our own words)
    out: Any = process.stdout
    try:
        if pickle.load(out) == "sheet":  # noqa: S301  (from our own process)
            raise NoSheet
        while (some := pickle.load(out)) is not None:  # noqa: S301
            yield from some
    except (EOFError, pickle.UnpicklingError):
        raise (Damaged if process.wait() == 2 else TooLarge) from None
    finally:
        process.kill()
        out.close()
        process.wait()


def main(path: str, sheet: str = "") -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    from python_calamine import CalamineWorkbook

    try:
        book = CalamineWorkbook.from_path(path)
        if sheet and sheet not in book.sheet_names:
            pickle.dump("sheet", sys.stdout.buffer)
            return
        found = book.get_sheet_by_name(sheet) if sheet else book.get_sheet_by_index(0)
    except MemoryError:
        raise
    except Exception:  # the reader has a dozen errors of its own and no common one
        sys.exit(2)
    pickle.dump("ok", sys.stdout.buffer)
    some: list[list[Any]] = []
    for row in found.iter_rows():
        some.append(row)
        if len(some) == TOGETHER:
            pickle.dump(some, sys.stdout.buffer)
            some = []
    pickle.dump(some, sys.stdout.buffer)
    pickle.dump(None, sys.stdout.buffer)


if __name__ == "__main__":
    main(*sys.argv[1:])
