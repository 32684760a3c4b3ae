"""Charts as SVG, drawn here: the same picture goes into a page and onto paper, without a script.

Fills are presentation attributes, so that paper has colours, and classes, so that a page's style sheet may take others
for a dark screen. What colours tell, patterns tell as well. Every mark leads to its records; those who read by keyboard
or by ear have the same numbers and links in the table beside, hence the picture itself is one image to them.
"""

from __future__ import annotations

import unicodedata
import zlib
from collections.abc import Sequence
from dataclasses import dataclass, field

from django.utils.html import escape
from django.utils.safestring import SafeString

WIDTH = 460
FONT = 'font-family="Inter, Noto Sans CJK SC, sans-serif"'
INK, MUTED, LINE = "#1a2228", "#55616b", "#c9d2d8"
TONES = ("#0b6478", "#b3261e", "#5b8a98", "#875000", "#6b7580")
HATCHES = (
    "",  # plain
    '<path d="M-1 7L7 -1M-1 1L1 -1M5 7L7 5" stroke="{0}" class="s{1}" stroke-width="2"/>',
    '<path d="M0 3H6" stroke="{0}" class="s{1}" stroke-width="1.2"/>',
    '<circle cx="3" cy="3" r="1.7" fill="{0}" class="f{1}"/>',
    '<path d="M0 0L6 6M6 0L0 6" stroke="{0}" class="s{1}" stroke-width="1"/>',
)


@dataclass(frozen=True)
class Mark:
    """One number, and where its records are."""

    value: int
    url: str = ""


@dataclass(frozen=True)
class Series:
    """What one fill stands for."""

    label: str
    tone: int = 0


@dataclass(frozen=True)
class Chart:
    """A drawing with its figures: rows of (label, mark, mark, …) under the heads; `note` says what it shows."""

    title: str
    note: str
    svg: SafeString
    heads: tuple[str, ...]
    rows: list[tuple[str, list[Mark | str]]]
    legend: list[tuple[str, SafeString]] = field(default_factory=list)

    part = "chart"

    @property
    def empty(self) -> bool:
        return not any(isinstance(mark, Mark) and mark.value for _label, marks in self.rows for mark in marks)


def ranked(title: str, note: str, heads: Sequence[str], rows: Sequence[tuple[str, Mark]], shares: bool) -> Chart:
    """Bars from the largest down; with `shares`, what they make up together so far stands behind each (Pareto)."""
    total, most, done = sum(mark.value for _l, mark in rows), max((m.value for _l, m in rows), default=0), 0
    left, right, step = 168, 52 if shares else 8, 26
    drawing = _Drawing(title, note, len(rows) * step + 4)
    table: list[tuple[str, list[Mark | str]]] = []
    for n, (label, mark) in enumerate(rows):
        done += mark.value
        at, length = n * step + 2, (WIDTH - left - right - 34) * mark.value / (most or 1)
        drawing.text(left - 8, at + 15, short(label, 24), anchor="end", full=label)
        drawing.bar(left, at + 2, max(length, 1.5), step - 8, 0, mark, label)
        drawing.text(left + length + 5, at + 15, str(mark.value), weight=600)
        so_far = f"{round(100 * done / total)} %" if shares and total else ""
        if so_far:
            drawing.text(WIDTH - 4, at + 15, so_far, anchor="end", fill="muted")
        table.append((label, [mark, *([so_far] if shares else [])]))
    return Chart(title, note, drawing.done(), tuple(heads), table)


def stacked(
    title: str, note: str, head: str, series: Sequence[Series], columns: Sequence[tuple[str, Sequence[Mark]]]
) -> Chart:
    """A column for each label, made of the series from the bottom up; one series makes plain columns."""
    height, left, bottom, top = 210, 30, 26, 16
    drawing = _Drawing(title, note, height)
    most = max((sum(mark.value for mark in marks) for _l, marks in columns), default=0)
    highest, ticks = scale(most)
    room, width = height - bottom - top, (WIDTH - left - 4) / max(len(columns), 1)
    drawing.grid(ticks, highest, left, top, room)
    every = -(-len(columns) // 13)
    for n, (label, marks) in enumerate(columns):
        x, y = left + n * width + width * 0.14, float(top + room)
        for one, mark in zip(series, marks, strict=True):
            tall = room * mark.value / highest
            y -= tall
            drawing.bar(x, y, width * 0.72, tall, one.tone, mark, f"{label}, {one.label}" if len(series) > 1 else label)
        if total := sum(mark.value for mark in marks):
            drawing.text(x + width * 0.36, y - 4, str(total), anchor="middle", size=10)
        if n % every == 0:
            drawing.text(x + width * 0.36, height - 8, label, anchor="middle", size=10, fill=_every_other(n // every))
    rows = [(label, list[Mark | str](marks)) for label, marks in columns]
    legend = [(one.label, drawing.swatch(one.tone)) for one in series] if len(series) > 1 else []
    return Chart(title, note, drawing.done(), (head, *(one.label for one in series)), rows, legend)


def line(title: str, note: str, heads: Sequence[str], points: Sequence[tuple[str, Mark]]) -> Chart:
    """A line through the points in their order."""
    height, left, bottom, top = 190, 30, 26, 16
    drawing = _Drawing(title, note, height)
    highest, ticks = scale(max((mark.value for _l, mark in points), default=0))
    right = max(10.0, cells(points[-1][0]) * 3.1) if points else 0.0  # half of the last label stands behind its point
    room, width = height - bottom - top, (WIDTH - left - 6 - right) / max(len(points) - 1, 1)
    drawing.grid(ticks, highest, left, top, room)
    places = [(left + 6 + n * width, top + room * (1 - m.value / highest)) for n, (_l, m) in enumerate(points)]
    drawing.path(places)
    every = -(-len(points) // 9)
    for n, ((x, y), (label, mark)) in enumerate(zip(places, points, strict=True)):
        drawing.dot(x, y, mark, label)
        if n % every == 0:
            drawing.text(x, height - 8, label, anchor="middle", size=10, fill=_every_other(n // every))
    return Chart(title, note, drawing.done(), tuple(heads), [(label, [mark]) for label, mark in points])


def _every_other(n: int) -> str:
    """The class of a label below an axis; on a small screen a style sheet may leave out every other one."""
    return "muted alt" if n % 2 else "muted"


def scale(most: int) -> tuple[int, list[int]]:
    """A round upper end for counts up to `most`, and the lines to draw."""
    for step in (10**n * m for n in range(9) for m in (1, 2, 5)):
        if step * 4 >= most:
            top = max(1, -(-most // step)) * step
            return top, list(range(0, top + 1, step))
    raise ValueError(most)


def cells(text: str) -> int:
    """How much room a text takes, wide letters counted twice."""
    return sum(2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in text)


def short(text: str, most: int) -> str:
    """As much of a text as fits, wide letters counted twice."""
    width = 0
    for n, letter in enumerate(text):
        width += cells(letter)
        if width > most:
            return text[: max(n - 1, 1)].rstrip() + "…"
    return text


class _Drawing:
    """The parts of one picture, in the order of drawing."""

    def __init__(self, title: str, note: str, height: float) -> None:
        self.name, self.title, self.note, self.height = f"c{zlib.crc32(title.encode()):x}", title, note, height
        self.parts: list[str] = []
        self.tones: set[int] = set()

    def done(self) -> SafeString:
        hatches = "".join(self._hatch(tone) for tone in sorted(self.tones) if HATCHES[tone])
        return SafeString(
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {self.height:g}" role="img" {FONT}'
            f' font-size="12" aria-labelledby="{self.name}-t {self.name}-d"><title id="{self.name}-t">'
            f'{escape(self.title)}</title><desc id="{self.name}-d">{escape(self.note)}</desc>'
            f"{f'<defs>{hatches}</defs>' if hatches else ''}{''.join(self.parts)}</svg>"
        )

    def _hatch(self, tone: int) -> str:
        return (
            f'<pattern id="{self.name}-{tone}" width="6" height="6" patternUnits="userSpaceOnUse"><rect width="6"'
            f' height="6" class="f{tone}" fill="{TONES[tone]}" fill-opacity=".22"/>'
            f"{HATCHES[tone].format(TONES[tone], tone)}</pattern>"
        )

    def _fill(self, tone: int) -> str:
        self.tones.add(tone)
        frame = f'stroke="{TONES[tone]}" stroke-width="1"'
        if HATCHES[tone]:
            return f'class="s{tone}" fill="url(#{self.name}-{tone})" {frame}'
        return f'class="f{tone}" fill="{TONES[tone]}"'

    def _leading(self, shape: str, mark: Mark, label: str) -> None:
        told = shape.replace("/>", f"><title>{escape(label)}: {mark.value}</title></{shape[1 : shape.index(' ')]}>")
        self.parts.append(f'<a href="{escape(mark.url)}" tabindex="-1">{told}</a>' if mark.url else told)

    def bar(self, x: float, y: float, width: float, height: float, tone: int, mark: Mark, label: str) -> None:
        if height > 0 and mark.value:
            place = f'x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height:.1f}"'
            self._leading(f"<rect {place} {self._fill(tone)}/>", mark, label)

    def dot(self, x: float, y: float, mark: Mark, label: str) -> None:
        self._leading(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3.5" class="f0" fill="{TONES[0]}"/>', mark, label)

    def path(self, places: Sequence[tuple[float, float]]) -> None:
        points = " ".join(f"{x:.1f},{y:.1f}" for x, y in places)
        self.parts.append(f'<polyline points="{points}" fill="none" class="s0" stroke="{TONES[0]}" stroke-width="2"/>')

    def grid(self, ticks: Sequence[int], highest: int, left: float, top: float, room: float) -> None:
        for tick in ticks:
            y = top + room * (1 - tick / highest)
            self.parts.append(f'<path d="M{left} {y:.1f}H{WIDTH}" class="grid" stroke="{LINE}" stroke-width=".7"/>')
            self.text(left - 5, y + 3.5, str(tick), anchor="end", size=10, fill="muted")

    def text(
        self, x: float, y: float, words: str, anchor: str = "start", size: int = 12, fill: str = "ink",
        weight: int = 400, full: str = "",
    ) -> None:  # fmt: skip
        colour = INK if fill == "ink" else MUTED
        more = f"<title>{escape(full)}</title>" if full and full != words else ""
        self.parts.append(
            f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" font-size="{size}" font-weight="{weight}"'
            f' class="{fill}" fill="{colour}">{more}{escape(words)}</text>'
        )

    def swatch(self, tone: int) -> SafeString:
        """The fill beside its word; with a pattern of its own, for it may stand elsewhere than the drawing."""
        own = _Drawing(f"{self.title} {tone}", "", 12)
        fill = own._fill(tone)
        hatch = f"<defs>{own._hatch(tone)}</defs>" if HATCHES[tone] else ""
        return SafeString(
            f'<svg xmlns="http://www.w3.org/2000/svg" width="14" height="12" viewBox="0 0 14 12" aria-hidden="true">'
            f'{hatch}<rect x=".5" y=".5" width="13" height="11" {fill}/></svg>'
        )
