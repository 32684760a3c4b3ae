"""From the rows of a table to drafts of records: one for each row, or one for all rows about the same record."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from django.utils.translation import gettext as _

from comity.intake.mapping import Plan, Step, WrongMapping
from comity.intake.tables import Unclosed
from comity.intake.values import AT, Get, Row, Rule, WrongValue, text_of
from comity.records.bulk import Happened

Rows = list[tuple[int, Row]]
FAR = datetime.max.replace(tzinfo=UTC)


@dataclass
class Draft:
    """What a row, or the rows of one record, came to: values or errors by field, and the past in order."""

    line: int
    rows: int = 1
    key: str = ""
    values: dict[str, Any] = field(default_factory=dict)
    past: list[Happened] = field(default_factory=list)
    flags: list[str] = field(default_factory=list)
    errors: dict[str, list[str]] = field(default_factory=dict)
    cells: dict[str, str] = field(default_factory=dict)  # as they stand there, where the table may be our own export

    @property
    def digest(self) -> str:
        """Differs exactly when the source says something else about the record."""
        said = repr((sorted(self.values.items(), key=lambda pair: pair[0]), self.past, self.flags))
        return hashlib.sha256(said.encode()).hexdigest()[:32]


class Reader:
    """A mapping bound to the heading of one file."""

    def __init__(self, plan: Plan, columns: Sequence[str]) -> None:
        missing = [name for name in (*plan.match, plan.group) if name and name not in columns]
        if missing:
            raise WrongMapping(_("The file has no column “%(name)s”.") % {"name": missing[0]})
        if not plan.columns() & set(columns):
            raise WrongMapping(_("None of the columns of the mapping is in the file."))
        self.plan, self.columns = plan, tuple(columns)
        self.spots = {name: i for i, name in enumerate(columns)}
        self.fields = [(name, self._bound(rule), rule.first) for name, rule in plan.fields.items()]
        known = plan.key and (plan.refs or any(name in self.spots for name in plan.key.columns()))
        self.key = self._bound(plan.key) if plan.key and known else None
        self.flags = [(self._bound(flag.earlier), self._bound(flag.than), flag.note) for flag in plan.flags]
        self.steps = [_BoundStep(step, self._bound) for step in plan.steps]
        self.seen: dict[str, int] = {}
        own = plan.fields.items() if plan.refs else ()
        self.cells = [(name, self.spots[rule.column]) for name, rule in own if rule.column in self.spots]

    def _bound(self, rule: Rule) -> Get:
        return rule.bound(self.spots, self.plan.source)

    def drafts(self, rows: Iterator[tuple[int, Row]]) -> Iterator[Draft]:
        """One draft for each record, in the order of the file. The rows of one need not stand together."""
        if not self.plan.group:
            for line, row in rows:
                yield self.draft([(line, row)])
            return
        together = self._together(rows)
        while together:
            yield self.draft(together.pop(next(iter(together))))

    def _together(self, rows: Iterator[tuple[int, Row]]) -> dict[str, Rows]:
        """Rows by record; only the cells that a rule reads are kept, and equal ones once."""
        used = [i for i, name in enumerate(self.columns) if name in self.plan.columns()]
        spot, width, same = self.spots[self.plan.group], len(self.columns), {}  # type: int, int, dict[Any, Any]
        found: dict[str, Rows] = {}
        for line, row in rows:
            kept: Row = row
            if len(row) == width:
                cells: list[Any] = [None] * width
                for i in used:
                    cells[i] = same.setdefault(row[i], row[i])
                kept = cells
            key = text_of(row[spot]) if spot < len(row) else ""
            found.setdefault(key, []).append((line, kept))
        return found

    def draft(self, rows: Rows) -> Draft:
        """The draft of these rows. Whatever is wrong is listed, all of it at once."""
        draft = Draft(rows[0][0], len(rows))
        width = len(self.columns)
        for line, row in rows:
            if isinstance(row, Unclosed):
                draft.errors[""] = [str(row)]
                return draft
            if len(row) > width and any(text_of(cell) for cell in row[width:]):
                draft.errors[""] = [
                    _("Line %(line)d has %(found)d cells, the heading %(width)d.")
                    % {"line": line, "found": len(row), "width": width}
                ]
                return draft
        if not all(_clean(cell) for _line, row in rows for cell in row if isinstance(cell, str)):
            draft.errors[""] = [_("The row holds characters that no text can have, such as NUL.")]
            return draft
        whole = [(line, row if len(row) >= width else [*row, *[None] * (width - len(row))]) for line, row in rows]
        past = self._past(draft, whole)
        first, last = whole[0][1], whole[-1][1]
        draft.key = self._key(draft, last)
        draft.cells = {name: text_of(last[spot]) for name, spot in self.cells}
        for name, get, early in self.fields:
            try:
                value = get(first if early else last)
            except WrongValue as wrong:
                draft.errors.setdefault(name, []).append(str(wrong))
                continue
            if value is not None:
                draft.values[name] = value
        draft.past = past
        for earlier, than, note in self.flags:
            try:
                one, other = earlier(last), than(last)
            except WrongValue:
                continue  # the field that holds the date says so
            if one and other and one < other:
                draft.flags.append(note)
        return draft

    def _key(self, draft: Draft, row: Row) -> str:
        """The source's own key, or the content of the row with a number for each repetition."""
        if self.key is not None:
            try:
                found = self.key(row)
            except WrongValue as wrong:
                found, draft.errors[""] = None, [str(wrong)]
            if found is None and not self.plan.refs:
                draft.errors.setdefault("", []).append(_("The row has no key."))
            return str(found or "")[:120]
        if self.plan.group:
            return text_of(row[self.spots[self.plan.group]])[:120]
        content = hashlib.sha256("\x1f".join(map(text_of, row)).encode()).hexdigest()[:32]
        number = self.seen[content] = self.seen.get(content, 0) + 1
        return f"{content}-{number}"

    def _past(self, draft: Draft, rows: Rows) -> list[Happened]:
        """What happened, in order of time; puts the rows into that order too where there are several."""
        timed: list[tuple[datetime, int, _BoundStep, Row]] = []
        order: dict[int, datetime] = {}
        for n, (_line, row) in enumerate(rows):
            for step in self.steps:
                if not step.admits(row):
                    continue
                try:
                    at = step.at(row)
                except WrongValue as wrong:
                    draft.errors.setdefault("", []).append(str(wrong))
                    continue
                if at is not None:
                    timed.append((at, n, step, row))
                    order.setdefault(n, at)
        timed.sort(key=lambda one: (one[0], one[1]))
        if len(rows) > 1:
            rows[:] = [rows[n] for n in sorted(range(len(rows)), key=lambda n: (order.get(n, FAR), n))]
        known: dict[str, str] = {}
        found = []
        for at, _n, step, row in timed:
            try:
                found.append(step.past(at, row, known))
            except WrongValue as wrong:
                draft.errors.setdefault("", []).append(str(wrong))
        return found


def _clean(text: str) -> bool:
    """Can every database keep it?"""
    if text.isascii():
        return "\x00" not in text
    try:
        return b"\x00" not in text.encode()
    except UnicodeEncodeError:  # half of a character
        return False


class _BoundStep:
    def __init__(self, step: Step, bound: Any) -> None:
        self.at: Get = bound(step.at)
        self.set = [(name, bound(rule)) for name, rule in step.set.items()]
        self.when = [(bound(Rule(column=column)), words, wanted) for column, words, wanted in step.when]
        self.watch = [(name, bound(Rule(column=name))) for name in step.watch]
        self.note: Get | None = bound(step.note) if step.note else None
        self.public = step.public

    def admits(self, row: Row) -> bool:
        return all(words.found_in(str(get(row) or "")) is wanted for get, words, wanted in self.when)

    def past(self, at: datetime, row: Row, known: dict[str, str]) -> Happened:
        """The step on this row; `known` remembers what the watched columns held before."""
        values = {name: value for name, get in self.set if (value := get(row)) is not None}
        values = {name: at if value == AT else value for name, value in values.items()}
        noted = {}
        for name, get in self.watch:
            new = str(get(row) or "")
            old = known.get(name)
            if old is not None and old != new:
                noted[name] = [old, new]
            known[name] = new
        note = self.note(row) if self.note else None
        return Happened(at, values, noted, str(note or ""), self.public)
