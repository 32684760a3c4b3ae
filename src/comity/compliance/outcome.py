"""What a check found: rows and gaps by kind, and the single things that should be there."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from comity.compliance.rules.verdicts import Verdict, of_counts, together
from comity.records.facts import Rows


@dataclass(frozen=True)
class Lot:
    """The members of one kind: all, those that are gaps, those that have time left; `detail` says of a gap why."""

    kind: str
    scope: Rows
    gaps: Rows
    pending: Rows | None = None
    detail: Callable[[Any], str] | None = None

    @cached_property
    def size(self) -> int:
        return self.scope.order_by().count()

    @cached_property
    def gap_count(self) -> int:
        return self.gaps.order_by().count() if self.size else 0

    @cached_property
    def pending_count(self) -> int:
        return self.pending.order_by().count() if self.size and self.pending is not None else 0


@dataclass(frozen=True)
class Single:
    """One thing that is asked for, such as a document in force; `missing` says what is wrong, if anything."""

    label: str
    missing: str = ""


@dataclass(frozen=True)
class Outcome:
    """The answer of one rule, or of several that hold together: `parts` has theirs, and whether each is optional."""

    lots: tuple[Lot, ...] = ()
    singles: tuple[Single, ...] = ()
    share: float | None = None
    parts: tuple[tuple[Outcome, bool], ...] = ()
    unrecorded: str = ""  # what the installation lacks, where it does

    @property
    def population(self) -> int:
        return sum(lot.size for lot in self.every_lot) + len(self.every_single)

    @property
    def pending(self) -> int:
        return sum(lot.pending_count for lot in self.every_lot)

    @property
    def gaps(self) -> int:
        return sum(lot.gap_count for lot in self.every_lot) + sum(bool(one.missing) for one in self.every_single)

    @cached_property
    def every_lot(self) -> tuple[Lot, ...]:
        return (*self.lots, *(lot for part, _ in self.parts for lot in part.every_lot))

    @cached_property
    def every_single(self) -> tuple[Single, ...]:
        return (*self.singles, *(one for part, _ in self.parts for one in part.every_single))

    @cached_property
    def lacks(self) -> tuple[str, ...]:
        """What the installation does not record and the answer would need."""
        own = (self.unrecorded,) if self.unrecorded else ()
        return (*own, *(name for part, _ in self.parts for name in part.lacks))

    @cached_property
    def verdict(self) -> Verdict:
        if self.unrecorded:
            return Verdict.NOT_ASSESSED
        if self.parts:
            required = [part.verdict for part, optional in self.parts if not optional]
            return together(required, [part.verdict for part, optional in self.parts if optional])
        return of_counts(self.population, self.pending, self.gaps, self.share)


def of(lots: Iterable[Lot], **more: Any) -> Outcome:
    return Outcome(tuple(lots), **more)
