"""A report as a list of blocks: put together once, then shown as a page, set as a PDF, or written as a workbook."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from comity.reports.charts import Chart, Mark
from comity.reports.models import Letterhead
from comity.reports.sheets import Sheet

Cell = Mark | str | int | float | None


@dataclass(frozen=True)
class Heading:
    text: str
    level: int = 1


@dataclass(frozen=True)
class Text:
    """A paragraph; a `note` stands out."""

    text: str
    note: bool = False


@dataclass(frozen=True)
class Fact:
    """One large number with its label, what to know about it, and where its records are."""

    label: str
    value: str | int
    note: str = ""
    url: str = ""


@dataclass(frozen=True)
class Facts:
    items: Sequence[Fact]


@dataclass(frozen=True)
class Table:
    """Rows of cells under heads; `right` are the columns of numbers; `links` are addresses of the first cells."""

    title: str
    heads: Sequence[str]
    rows: Sequence[Sequence[Cell]]
    right: Sequence[int] = ()
    links: Sequence[str] = ()
    widths: Sequence[int] = ()
    empty: str = ""

    @property
    def linked(self) -> Iterator[tuple[str, Sequence[Cell]]]:
        for n, row in enumerate(self.rows):
            yield (self.links[n] if n < len(self.links) else "", row)


Block = Heading | Text | Facts | Table | Chart


@dataclass
class Report:
    """Title, facts for its head, and blocks. `anchor` names it in files."""

    title: str
    subtitle: str
    anchor: str
    language: str
    blocks: list[Block] = field(default_factory=list)
    facts: list[tuple[str, str]] = field(default_factory=list)
    words: dict[str, str] = field(default_factory=dict)  # page: "Page # of #", contents: heading or empty
    on: date = field(default_factory=date.today)


def plain(cell: Cell) -> Any:
    """A cell without its address."""
    return cell.value if isinstance(cell, Mark) else cell


def for_press(report: Report, reference: str = "") -> dict[str, Any]:
    """The report as its template reads it."""
    short = report.language.partition("-")[0]
    return {
        "lang": short, "region": "cn" if short == "zh" else "gb", "date": report.on.isoformat(), "title": report.title,
        "subtitle": report.subtitle, "reference": reference, "facts": report.facts, "head": Letterhead.current().data(),
        "contents": report.words.get("contents", ""), "words": {"page": report.words.get("page", "# / #")},
        "blocks": [made for block in report.blocks for made in _pressed(block)],
    }  # fmt: skip


def _pressed(block: Block) -> Iterator[dict[str, Any]]:
    if isinstance(block, Heading):
        yield {"type": "heading", "text": block.text, "level": block.level}
    elif isinstance(block, Text):
        yield {"type": "note" if block.note else "text", "text": block.text}
    elif isinstance(block, Facts):
        yield {"type": "facts", "items": [(one.label, str(one.value), one.note) for one in block.items]}
    elif isinstance(block, Table):
        if block.title:
            yield {"type": "heading", "text": block.title, "level": 2}
        rows = [[_printed(plain(cell)) for cell in row] for row in block.rows]
        if rows:
            widths = {"widths": list(block.widths)} if block.widths else {}
            yield {"type": "table", "head": list(block.heads), "rows": rows, "right": list(block.right)} | widths
        elif block.empty:
            yield {"type": "text", "text": block.empty}
    elif not block.empty:
        yield {"type": "heading", "text": block.title, "level": 2}
        legend = [(label, str(swatch)) for label, swatch in block.legend]
        yield {"type": "chart", "svg": str(block.svg), "alt": f"{block.title}. {block.note}", "caption": block.note,
               "legend": legend}  # fmt: skip
        rows = [[label, *(_printed(plain(mark)) for mark in marks)] for label, marks in block.rows]
        right = list(range(1, len(block.heads)))
        yield {"type": "table", "head": list(block.heads), "rows": rows, "right": right}


def _printed(value: Any) -> Any:
    return value if value is None or isinstance(value, int | str) else str(value)


def for_workbook(report: Report) -> Iterable[Sheet]:
    """A sheet for the large numbers, and one for each table and chart."""
    facts = [(one.label, one.value, one.note) for b in report.blocks if isinstance(b, Facts) for one in b.items]
    yield Sheet(report.title, (report.title, "", report.subtitle), [*((k, v, "") for k, v in report.facts), *facts])
    for block in report.blocks:
        if isinstance(block, Table):
            yield Sheet(block.title, block.heads, ([plain(cell) for cell in row] for row in block.rows))
        elif isinstance(block, Chart):
            rows = ([label, *(plain(mark) for mark in marks)] for label, marks in block.rows)
            yield Sheet(block.title, block.heads, rows)
