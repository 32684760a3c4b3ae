"""The tables of docs/performance.md."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from bench.measure import Line, Result

BEGIN, END = "<!-- tables: written by python -m bench -->", "<!-- end of tables -->"
GOALS = {"register": 16.0, "record": 15.0, "API list": 11.0, "search, 1 % word": 16.0, "create": 15.0}  # ms, 100,000
GOAL_SIZE, BIG, MORE, MORE_SEARCH = 100_000, 1_000_000, 1.3, 1.5
CREATES, IMPORTED, START, MEMORY, VISIT, HTML = 135.0, 3_000.0, 1.5, 250.0, 105.0, 10.0


def goal(name: str, cases: int) -> float:
    """The most that the median for one client may be, in ms; 0 where nothing was promised."""
    known = GOALS.get(name, 0.0)
    if cases < BIG:
        return known
    return known * (MORE_SEARCH if name == "search, 1 % word" else MORE)


def _mark(value: float, most: float) -> str:
    return f"{most:.0f} {'met' if value <= most else f'missed by {100 * (value / most - 1):.0f} %'}" if most else ""


def _row(name: str, line: Line, cases: int) -> str:
    eight = f"{line.eight.median:.1f} / {line.eight.p95:.1f} | {line.eight.rate:.0f}" if line.eight else " | "
    raw = f"{line.raw.median:.2f} | {line.ratio:.0f}" if line.raw else " | "
    target = _mark(line.one.median, goal(name, cases))
    return (
        f"| {name} | {line.one.median:.1f} / {line.one.p95:.1f} | {target} | {line.processor:.1f} | {eight} | {raw} |"
    )


def _works(result: Result) -> Iterator[str]:
    yield f"### {result.engine}, {result.cases:,} cases\n"
    yield (
        "| Work | 1 client, median / p95 ms | Goal, ms | Processor, ms | 8 clients, median / p95 ms | a second"
        " | SQL alone, ms | Ratio |"
    )
    yield "| --- | --- | --- | --- | --- | --- | --- | --- |"
    for name, line in result.lines.items():
        yield _row(name, line, result.cases)
    yield ""


def _others(results: Sequence[Result]) -> Iterator[str]:
    yield "### The rest\n"
    yield (
        "| Data | Import, rows/s | Creates by 8 clients, a second | Start to ready, s | Memory idle, MB | after use, MB"
        " | First visit, kB | HTML of it, kB |"
    )
    yield "| --- | --- | --- | --- | --- | --- | --- | --- |"
    yield (
        f"| goal | ≥ {IMPORTED:,.0f} | ≥ {CREATES:.0f} | ≤ {START} | ≤ {MEMORY:.0f} | | ≤ {VISIT:.0f} | ≤ {HTML:.0f} |"
    )
    for result in results:
        sizes = [packed for packed, _plain in result.weights.values()]
        eight = result.lines["create"].eight
        yield (
            f"| {result.engine}, {result.cases:,} | {result.imported:,.0f} | {eight.rate if eight else 0:.0f}"
            f" | {result.start:.2f} | {result.memory:.0f} | {result.after_use:.0f}"
            f" | {sum(sizes) / 1000:.1f} | {sizes[0] / 1000:.1f} |"
        )
    yield ""
    yield "### Files of the first visit\n"
    yield "| File | kB over the wire | kB unpacked |"
    yield "| --- | --- | --- |"
    for path, (packed, plain) in results[0].weights.items():
        yield f"| {path} | {packed / 1000:.1f} | {plain / 1000:.1f} |"


def tables(results: Sequence[Result]) -> str:
    """All tables, as Markdown."""
    return "\n".join([*(text for result in results for text in _works(result)), *_others(results)])


def put(page: Path, text: str) -> None:
    """Replace what stands between the two marks of the page."""
    before, _begin, rest = page.read_text(encoding="utf-8").partition(BEGIN)
    _old, _end, after = rest.partition(END)
    page.write_text(f"{before}{BEGIN}\n\n{text}\n\n{END}{after}", encoding="utf-8")
