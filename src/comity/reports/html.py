"""Blocks of a report as parts of a page. Built in Python: a page of charts and tables must cost a few milliseconds."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from django.utils.html import escape
from django.utils.safestring import SafeString

from comity.reports.blocks import Block, Cell, Fact, Facts, Heading, Text
from comity.reports.charts import Chart, Mark


def shown(blocks: Iterable[Block]) -> SafeString:
    """The blocks in their order; what is empty and has nothing to say of it is left out."""
    return SafeString("\n".join(_shown(block) for block in blocks))


def _shown(block: Block) -> str:
    if isinstance(block, Heading):
        return f"<h2 class='chapter'>{escape(block.text)}</h2>"
    if isinstance(block, Text):
        return f"<p class='{'aside-note' if block.note else 'prose'}'>{escape(block.text)}</p>"
    if isinstance(block, Facts):
        return f"<dl class='numbers'>{''.join(map(_fact, block.items))}</dl>"
    if isinstance(block, Chart):
        return "" if block.empty else _chart(block)
    body = _table(block.title, block.heads, list(block.linked), block.right)
    words = body if block.rows else f"<p class='muted'>{escape(block.empty)}</p>" if block.empty else ""
    return _card(block.title, f"<div class='body'>{words}</div>") if words else ""


def _card(title: str, body: str) -> str:
    return f"<section class='card figure'>{f'<h2>{escape(title)}</h2>' if title else ''}{body}</section>"


def _fact(one: Fact) -> str:
    leads = one.url and one.value not in (0, "–")
    value = f"<a href='{escape(one.url)}'>{escape(one.value)}</a>" if leads else escape(one.value)
    note = f"<dd class='small muted'>{escape(one.note)}</dd>" if one.note else ""
    return f"<div><dt>{escape(one.label)}</dt><dd class='large'>{value}</dd>{note}</div>"


def _chart(chart: Chart) -> str:
    legend = "".join(f"<li>{swatch} {escape(label)}</li>" for label, swatch in chart.legend)
    legend = f"<ul class='legend'>{legend}</ul>" if legend else ""
    rows: list[tuple[str, Sequence[Cell]]] = [("", (label, *marks)) for label, marks in chart.rows]
    table = _table(chart.title, chart.heads, rows, range(1, len(chart.heads)))
    drawing = f"<figure class='drawing'>{chart.svg}{legend}<figcaption>{escape(chart.note)}</figcaption></figure>"
    broad = " broad" if len(chart.heads) > 3 else ""
    return _card(chart.title, f"<div class='both{broad}'>{drawing}<div class='scroll' tabindex='0'>{table}</div></div>")


def _table(title: str, heads: Sequence[str], rows: Iterable[tuple[str, Sequence[Cell]]], right: Sequence[int]) -> str:
    top = "".join(f"<th scope='col'{_side(n, right)}>{escape(head)}</th>" for n, head in enumerate(heads))
    lines = "".join(f"<tr>{_line(url, cells, right, heads)}</tr>" for url, cells in rows)
    caption = f"<caption class='sr'>{escape(title)}</caption>"
    return f"<table class='plain'>{caption}<thead><tr>{top}</tr></thead><tbody>{lines}</tbody></table>"


def _line(url: str, cells: Sequence[Cell], right: Sequence[int], heads: Sequence[str]) -> str:
    first, *others = cells
    start = f"<a href='{escape(url)}'>{escape(_words(first))}</a>" if url else _words_linked(first)
    rest = (
        f"<td{_side(n, right)} data-l='{escape(heads[n])}'>{_words_linked(cell)}</td>"
        for n, cell in enumerate(others, 1)
    )
    return f"<th scope='row'>{start}</th>{''.join(rest)}"


def _side(n: int, right: Sequence[int]) -> str:
    return " class='num'" if n in right else ""


def _words(cell: Cell) -> str:
    return "–" if cell is None else str(cell.value if isinstance(cell, Mark) else cell)


def _words_linked(cell: Cell) -> str:
    if isinstance(cell, Mark) and cell.url and cell.value:
        return f"<a href='{escape(cell.url)}'>{cell.value}</a>"
    return escape(_words(cell))
