"""How one value is got from a row: a column, a constant, a template; then words, dates, names to look up."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

Row = Sequence[Any]
Get = Callable[[Row], Any]
ISO = "iso"
AT = "@at"  # as a constant in a step: the time of the step
_SLOT = re.compile(r"\{([^{}]+)\}")
_EDGES = " \t\r\n-–—:·,;/|"


class WrongValue(ValueError):
    """A value of the row cannot be taken over. The message says why."""


@dataclass(frozen=True)
class Source:
    """What holds for all values of one source."""

    name: str
    zone: ZoneInfo
    dates: tuple[str, ...] = (ISO,)
    empty: frozenset[str] = frozenset({""})
    encoding: str = ""
    delimiter: str = ""
    sheet: str = ""
    defused: bool = False  # our own exports put an apostrophe before what a spreadsheet would take for a formula


@dataclass(frozen=True)
class Wanted:
    """A record of another kind (or a term of a list) that is named by an attribute, and may be registered if absent."""

    kind: str  # a kind's name, or "term:" and the list
    by: str
    text: str
    create: bool = False
    data: tuple[tuple[str, Any], ...] = ()


@dataclass(frozen=True)
class Words:
    """Words to look for, in any case: whole cells, beginnings (`^word`), or anywhere in the cell; any of them will do.

    They are no expressions: what an uploaded file could make run for ever is never compiled.
    """

    exact: frozenset[str] = frozenset()
    first: tuple[str, ...] = ()
    within: tuple[str, ...] = ()

    @classmethod
    def of(cls, told: Any) -> Words:
        """A list names whole cells, a text words in a cell. Raises ValueError where it names none."""
        if isinstance(told, list):
            return cls(exact=frozenset(str(word).casefold() for word in told))
        words = told.casefold().split("|") if isinstance(told, str) else []
        if not all(word.removeprefix("^") for word in words) or not words:
            raise ValueError(_("A word is missing."))
        return cls(
            first=tuple(word[1:] for word in words if word[0] == "^"),
            within=tuple(word for word in words if word[0] != "^"),
        )

    def found_in(self, text: str) -> bool:
        text = text.casefold()
        return text in self.exact or text.startswith(self.first) or any(word in text for word in self.within)


@dataclass(frozen=True)
class Rule:
    """Where a value comes from and what is made of it. `kept` names the type of the column it is for."""

    column: str = ""
    value: Any = None
    template: str = ""
    map: Mapping[str, Any] = field(default_factory=dict)
    contains: tuple[tuple[Words, Any], ...] = ()
    otherwise: Any = None
    default: Any = None  # a constant, or another rule for when this one finds nothing
    first: bool = False  # of several rows of one record: the earliest instead of the latest
    most: int = 0
    kept: str = ""  # "", "datetime" or "date"
    lookup: str = ""
    by: str = ""
    create: bool = False
    data: Mapping[str, Rule] = field(default_factory=dict)

    def columns(self) -> Iterator[str]:
        """The columns it reads."""
        if self.column:
            yield self.column
        yield from _SLOT.findall(self.template)
        for rule in (*self.data.values(), self.default):
            if isinstance(rule, Rule):
                yield from rule.columns()

    def bound(self, spots: Mapping[str, int], source: Source) -> Get:
        """The function that takes the value from a row; a column that the file lacks is empty."""
        get = self._raw(spots, source)
        if self.map or self.contains or self.otherwise is not None:
            get = self._translated(get)
        if self.kept:
            get = _dated(get, source, self.kept)
        if self.default is not None:
            get = _defaulted(get, self._other(spots, source))
        if self.most:
            get = _cut(get, self.most)
        if self.lookup:
            get = self._wanted(get, {name: rule.bound(spots, source) for name, rule in self.data.items()})
        return get

    def _other(self, spots: Mapping[str, int], source: Source) -> Get:
        if isinstance(self.default, Rule):
            return replace(self.default, kept=self.default.kept or self.kept).bound(spots, source)
        constant = self.default
        return lambda _row: constant

    def _raw(self, spots: Mapping[str, int], source: Source) -> Get:
        empty, defused = source.empty, source.defused
        if self.template:
            return _filled(self.template, spots, empty)
        if not self.column:
            constant = self.value
            return lambda _row: constant
        spot = spots.get(self.column)
        if spot is None:
            return lambda _row: None

        def get(row: Row) -> Any:
            cell = row[spot]
            if isinstance(cell, str):
                cell = cell.strip()
                if defused and cell[:1] == "'" and cell[1:2] in ("=", "+", "-", "@"):
                    cell = cell[1:]
                return None if cell in empty else cell
            return _typed(cell)

        return get

    def _translated(self, get: Get) -> Get:
        known, contained, otherwise = self.map, self.contains, self.otherwise

        def translate(row: Row) -> Any:
            found = get(row)
            if found is None:
                return otherwise
            text = str(found)
            if text in known:
                return known[text]
            for words, value in contained:
                if words.found_in(text):
                    return value
            if otherwise is None:
                raise WrongValue(_("The mapping has no word for “%(text)s”.") % {"text": text[:80]})
            return otherwise

        return translate

    def _wanted(self, get: Get, data: Mapping[str, Get]) -> Get:
        def want(row: Row) -> Any:
            text = get(row)
            if text is None:
                return None
            more = tuple((name, one(row)) for name, one in data.items())
            return Wanted(self.lookup, self.by, str(text), self.create, more)

        return want


def _typed(cell: Any) -> Any:
    """A cell of a spreadsheet: numbers without a needless fraction, times as they are."""
    if cell is None or cell == "":
        return None
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return cell if isinstance(cell, datetime | date | time | bool) else str(cell)


def _filled(template: str, spots: Mapping[str, int], empty: frozenset[str]) -> Get:
    """A text with columns in it. Empty ones leave no orphaned dash behind; without any of them there is no value."""
    parts = _SLOT.split(template)  # text, column, text, column, ... text
    texts, names = parts[::2], parts[1::2]
    if not names:
        return lambda _row: template
    spots_of = [spots.get(name, -1) for name in names]

    def fill(row: Row) -> Any:
        cells = [text_of(row[spot]) if spot >= 0 else "" for spot in spots_of]
        cells = ["" if cell in empty else cell for cell in cells]
        if not any(cells):
            return None
        found = texts[0]
        for cell, text in zip(cells, texts[1:], strict=True):
            found += cell + text if cell else ("" if not text.strip(_EDGES) else text)
        return found.strip() if all(cells) else found.strip(_EDGES)

    return fill


def text_of(cell: Any) -> str:
    found = cell.strip() if isinstance(cell, str) else _typed(cell)
    return "" if found is None else str(found)


def _defaulted(get: Get, other: Get) -> Get:
    def fall_back(row: Row) -> Any:
        found = get(row)
        return other(row) if found is None else found

    return fall_back


def _cut(get: Get, most: int) -> Get:
    def cut(row: Row) -> Any:
        found = get(row)
        return found[: most - 1] + "…" if isinstance(found, str) and len(found) > most else found

    return cut


def _dated(get: Get, source: Source, kept: str) -> Get:
    zone, formats = source.zone, source.dates

    def parse(row: Row) -> Any:
        found = get(row)
        if found is None or found == AT:
            return found
        if isinstance(found, str):
            found = moment(found, formats, zone)
        elif isinstance(found, datetime):
            found = found.replace(tzinfo=found.tzinfo or zone).astimezone(UTC)
        elif isinstance(found, date):
            found = datetime.combine(found, time(), zone).astimezone(UTC)
        else:
            raise WrongValue(_("“%(text)s” is no date.") % {"text": str(found)[:40]})
        return found.astimezone(zone).date() if kept == "date" else found

    return parse


@lru_cache(maxsize=100_000)
def moment(text: str, formats: tuple[str, ...], zone: ZoneInfo) -> datetime:
    """The instant in UTC. A time without an offset is a time in the zone; a date is its first moment there."""
    for form in formats:
        try:
            found = datetime.fromisoformat(text) if form == ISO else datetime.strptime(text, form)
        except ValueError:
            continue
        try:
            return found.replace(tzinfo=found.tzinfo or zone).astimezone(UTC)
        except OverflowError:
            break
    raise WrongValue(
        _("“%(text)s” is no date in the form %(forms)s.") % {"text": text[:40], "forms": ", ".join(formats)}
    )
