"""What a check found: rows and gaps by kind, and the single things that should be there."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from itertools import compress
from typing import Any

from django.db.models import Case, Count, Max, Min, Q, Value, When

from comity.compliance.columns import NOTHING
from comity.compliance.names import joined
from comity.compliance.rules.verdicts import Verdict, of_counts, together
from comity.records.facts import Rows
from comity.records.models import Record

NAMED = 50  # gaps of one lot that are kept by name
SPAN = 1000  # so many keys are searched for the oldest gaps at first
GAP, PENDING, FINE, EXEMPT = 1, 2, 0, 3


@dataclass(frozen=True)
class Fault:
    """One thing that may be wrong with a row: the question, and what is said of a row that it is true of."""

    question: Q
    words: Callable[[Any], str]


@dataclass(frozen=True)
class Lot:
    """The members of one kind: all, those that are gaps, those that have time left; `detail` says of a gap why.

    What is a gap is a question (`wrong`), or else rows of their own (`short`). With a question all is counted at once;
    what is `young` and no gap is pending, and what is `exempt` is no member.
    """

    kind: str
    rows: Rows
    short: Rows | None = None
    detail: Callable[[Any], str] | None = None
    wrong: Q | None = None
    young: Q = NOTHING
    exempt: Q = NOTHING
    details: Callable[[Sequence[Any]], dict[int, str]] | None = None  # the same of many, where that is quicker

    @cached_property
    def scope(self) -> Rows:
        """The members."""
        return self.rows if self.exempt == NOTHING else self.rows.exclude(self.exempt)

    @cached_property
    def gaps(self) -> Rows:
        """The rows that fall short."""
        if self.short is not None:
            return self.short
        return self.scope.none() if self.wrong is None else self.scope.filter(self.wrong)

    @cached_property
    def _asked(self) -> dict[str, int]:
        """Everything that is counted, and the first gap, in one question where that can be."""
        if self.wrong is not None:
            return counted([self])[0]
        if not (size := self.scope.order_by().count()):
            return {}
        gaps = self.gaps.order_by().aggregate(gaps=Count("pk"), first=Min("pk"), last=Max("pk"))
        return {"size": size, "gaps": gaps["gaps"], "first": gaps["first"] or 0, "last": gaps["last"] or 0}

    @property
    def state(self) -> Case:
        """What a row is to this lot: exempt, a gap, pending or fine; a later question is not asked of what is known."""
        told = ((self.exempt, EXEMPT), (self.wrong, GAP), (self.young, PENDING))
        known = [When(question, then=Value(state)) for question, state in told if question not in (None, NOTHING)]
        return Case(*known, default=Value(FINE))

    @property
    def counts(self) -> tuple[int, int, int]:
        """How many there are, how many are gaps, how many have time left."""
        return self._asked.get("size", 0), self._asked.get("gaps", 0), self._asked.get("young", 0)

    @property
    def first_gap(self) -> Any:
        """The oldest row that is a gap; None without."""
        return self.gaps.model._default_manager.filter(pk=self._asked["first"]).first() if self.gap_count else None

    def told(self, rows: Sequence[Any]) -> dict[int, str]:
        """Why each of these rows is a gap."""
        if self.details is not None:
            return self.details(rows) if rows else {}
        return {row.pk: str(self.detail(row)) for row in rows} if self.detail else {}

    @cached_property
    def named(self) -> tuple[str, ...]:
        """What the oldest gaps are called, at most NAMED: records by reference, others by kind and number."""
        records = issubclass(self.gaps.model, Record)
        rows = self.gaps.values_list("ref" if records else "pk", flat=True)
        found = self.oldest(rows, min(self.gap_count, NAMED))
        return tuple(found) if records else tuple(f"{self.kind} {key}" for key in found)

    def oldest(self, rows: Rows, count: int) -> list[Any]:
        """The first `count` of these gaps, or all of them: in stretches, so that no row before or after is asked."""
        found: list[Any] = []
        start, last, span = self._asked.get("first", 0), self._asked.get("last", 0), SPAN
        while len(found) < count and start <= last:
            stretch = rows.filter(pk__gte=start, pk__lt=start + span).order_by("pk")
            found += stretch[: count - len(found)]
            start, span = start + span, span * 8
        return found

    @property
    def size(self) -> int:
        return self.counts[0]

    @property
    def gap_count(self) -> int:
        return self.counts[1]

    @property
    def pending_count(self) -> int:
        return self.counts[2]


def counted(lots: Sequence[Lot]) -> list[dict[str, int]]:
    """What is counted of lots over the same rows, by reading each row once."""
    names = [f"found_{n}" for n in range(len(lots))]
    states = {name: lot.state for name, lot in zip(names, lots, strict=True)}
    each = lots[0].rows.order_by().annotate(**states).values(*names)
    told = list(each.values_list(*names, Count("pk"), Min("pk"), Max("pk")))
    found = []
    for n in range(len(lots)):
        sizes: Counter[int] = Counter()
        for row in told:
            sizes[row[n]] += row[-3]
        first = min((row[-2] for row in told if row[n] == GAP), default=0)
        last = max((row[-1] for row in told if row[n] == GAP), default=-1)
        size = sizes.total() - sizes[EXEMPT]
        found.append({"size": size, "gaps": sizes[GAP], "first": first, "last": last, "young": sizes[PENDING]})
    return found


def count(lots: Iterable[Lot]) -> None:
    """Count at once those of these lots that ask the same rows, such as several rules about one population."""
    over: defaultdict[int, dict[int, Lot]] = defaultdict(dict)
    for lot in lots:
        if lot.wrong is not None and "_asked" not in vars(lot):
            over[id(lot.rows)][id(lot)] = lot
    for same in over.values():
        if len(same) > 1:
            for lot, told in zip(same.values(), counted(list(same.values())), strict=True):
                vars(lot)["_asked"] = told


def judged(kind: str, rows: Rows, faults: Sequence[Fault], young: Q | None = None, excused: Q | None = None) -> Lot:
    """The lot of rows of which any of these faults is a gap; a row that is `young` is pending instead, `excused` fine.

    The questions must not multiply rows: `columns.asked` makes them so.
    """
    wrong = NOTHING
    for fault in faults:
        wrong |= fault.question
    if excused is not None:
        wrong &= ~excused
    late, early = (wrong, NOTHING) if young is None else (wrong & ~young, young & wrong)

    @cache
    def held(*keys: int) -> dict[int, list[Fault]]:
        asked = {f"fault_{n}": Case(*_then(one.question), default=0) for n, one in enumerate(faults)}
        every = rows.model._default_manager.filter(pk__in=keys).annotate(**asked)
        return {pk: list(compress(faults, told)) for pk, *told in every.values_list("pk", *asked)}

    def details(some: Sequence[Any]) -> dict[int, str]:
        found = held(*(row.pk for row in some))
        return {row.pk: joined(one.words(row) for one in found.get(row.pk, ())) for row in some}

    def detail(row: Any) -> str:
        return details([row])[row.pk]

    return Lot(kind, rows, detail=detail, wrong=late, young=early, details=details)


def _then(question: Q) -> list[When]:
    """One where the question holds; no question never does."""
    return [When(question, then=1)] if question else []


@dataclass(frozen=True)
class Single:
    """One thing that is asked for, such as a document in force; `missing` says what is wrong, if anything.

    Both are put into the reader's language when they are shown (`reasons.later`).
    """

    label: str
    missing: str = ""


@dataclass(frozen=True)
class Outcome:
    """The answer of one rule, or of several that hold together: `parts` has theirs, and whether each is optional."""

    lots: tuple[Lot, ...] = ()
    singles: tuple[Single, ...] = ()
    share: float | None = None
    parts: tuple[tuple[Outcome, bool], ...] = ()
    unrecorded: tuple[str, ...] = ()  # what the installation lacks, where it does
    flagged: tuple[Lot, ...] = ()  # shown as warnings; no gaps

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
        return (*self.unrecorded, *(name for part, _ in self.parts for name in part.lacks))

    @cached_property
    def verdict(self) -> Verdict:
        """A gap that is known is one, whatever else is not recorded."""
        count(self.every_lot)
        known = of_counts(self.population, self.pending, self.gaps, self.share) if not self.parts else None
        if self.unrecorded:
            return Verdict.GAP if known is Verdict.GAP else Verdict.NOT_ASSESSED
        if known is not None:
            return known
        required = [part.verdict for part, optional in self.parts if not optional]
        return together(required, [part.verdict for part, optional in self.parts if optional])
