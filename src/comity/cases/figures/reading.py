"""The figures as pages read them: two queries over sums, however many cases stand behind them.

Only where a customer and a service are asked for together are the facts of that customer's cases summed up anew.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import QuerySet, Sum

from comity.cases.figures.counting import state
from comity.cases.models.figures import Fact, Tally
from comity.cases.rules import figures as rules

Counts = dict[str, dict[str, int]]


@dataclass(frozen=True)
class Scope:
    """What is asked for: months from first to last, perhaps one customer, one service, some units."""

    first: date
    last: date
    customer: int = 0
    service: int = 0
    units: frozenset[int] | None = None

    def back(self, months: int) -> Scope:
        """The same, begun so many months earlier."""
        return Scope(rules.after(self.first, -months), self.last, self.customer, self.service, self.units)

    @property
    def months(self) -> list[date]:
        return [*rules.months(self.first, self.last)]


@dataclass
class Figures:
    """Counts by dimension and value, and the standings month by month; `months` may begin earlier than the scope."""

    scope: Scope
    counts: Counts
    months: dict[date, dict[str, int]]
    as_of: datetime | None = None
    complete: bool = True

    @property
    def total(self) -> int:
        return sum(self.of("standing").values())

    @property
    def reclassified(self) -> int:
        """How many left the figures in the period, by the day of the decision (BRM-3.3-8)."""
        return self.of("reclassified").get("yes", 0)

    def of(self, dimension: str) -> dict[str, int]:
        return self.counts.get(dimension, {})

    def received(self, month: date) -> int:
        return sum(self.months.get(month, {}).values())

    def steps(self, stage: str) -> dict[int, int]:
        """How many took how long to this stage, on the scale of the rules."""
        return {int(step): n for step, n in self.of(stage).items()}


def read(scope: Scope, back: int = 0) -> Figures:
    """The figures of the scope, and the months of `back` more before it."""
    how_far = state()
    both = bool(scope.customer and scope.service)
    counts, months = _facts(scope, back) if both else _tallies(scope, back)
    return Figures(scope, counts, months, how_far.as_of, how_far.complete)


def _tallies(scope: Scope, back: int) -> tuple[Counts, dict[date, dict[str, int]]]:
    rows = Tally.objects.filter(customer_id=scope.customer, service_id=scope.service)
    counts: Counts = defaultdict(dict)
    within = _limited(rows, scope).filter(dimension__in=rules.DIMENSIONS).values_list("dimension", "value")
    for dimension, value, n in within.annotate(sum=Sum("n")).order_by():
        if n:
            counts[dimension][value] = n
    months: dict[date, dict[str, int]] = defaultdict(dict)
    each = _limited(rows, scope.back(back)).filter(dimension="standing").values_list("month", "value")
    for month, value, n in each.annotate(sum=Sum("n")).order_by():
        if n:
            months[month][value] = n
    return dict(counts), dict(months)


def _limited(rows: QuerySet[Tally], scope: Scope) -> QuerySet[Tally]:
    rows = rows.filter(month__gte=scope.first, month__lte=scope.last)
    return rows if scope.units is None else rows.filter(unit_id__in=scope.units)


def _facts(scope: Scope, back: int) -> tuple[Counts, dict[date, dict[str, int]]]:
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    months: dict[date, Counter[str]] = defaultdict(Counter)
    rows = Fact.objects.filter(customer_id=scope.customer, service_id=scope.service)
    rows = rows.filter(month__gte=scope.back(back).first, month__lte=scope.last)
    if scope.units is not None:
        rows = rows.filter(unit_id__in=scope.units)
    for month, parts in rows.values_list("month", "parts").iterator():
        for name, value in _pairs(parts):
            if name == "standing":
                months[month][value] += 1
            if month >= scope.first:
                counts[name][value] += 1
    return {name: dict(found) for name, found in counts.items()}, {
        month: dict(found) for month, found in months.items()
    }


def _pairs(parts: str) -> Iterator[tuple[str, str]]:
    for part in parts.split("|"):
        name, _sep, value = part.partition("=")
        yield name, value
