"""The figures of one supplier, period by period: complaints in which it is at fault, and values measured of it.

Counted from the records when asked, by the day of receipt and the end of the period measured, so nothing is typed twice
(CSMS:2003 8.5, ISO/IEC 20000-1:2011 7.2). Scores of past periods follow today's lines and weights.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from fractions import Fraction
from functools import cached_property
from typing import Any

from django.db.models import BooleanField, ExpressionWrapper, Q

from comity.cases.figures.facts import OPEN, begin_of, counted, day_of
from comity.cases.figures.filters import standing as on_the_clock
from comity.cases.models import Case
from comity.cases.models.choices import Upheld
from comity.cases.rules.deadlines import Figure
from comity.clocks.parameters import number
from comity.measures.models import Kpi, Measurement
from comity.measures.words import Better
from comity.parties.models import Supplier
from comity.parties.models.life import Life
from comity.supply import rules
from comity.supply.models import ScorecardLine
from comity.supply.rules import Bands, Period, Standing, Weighed

PERIODS = 8
LATE = on_the_clock(Figure.LATE) | on_the_clock(Figure.OPEN_LATE)
UPHELD = (Upheld.YES.value, Upheld.PARTLY.value)


@dataclass
class Counts:
    """Complaints received in a period in which the supplier is at fault, and how many of them are what."""

    received: int = 0
    decided: int = 0
    upheld: int = 0
    open: int = 0
    late: int = 0


@dataclass(frozen=True)
class Line:
    """What one line says of a period: value, what is wanted, points; no points where nothing was measured."""

    label: str
    weight: int
    value: float | None
    bands: Bands | None
    kpi: Kpi | None = None
    active: bool = True

    @property
    def points(self) -> int | None:
        known = self.active and self.value is not None and self.bands is not None
        return self.bands.points(self.value) if known else None  # type: ignore[union-attr,arg-type]

    @property
    def weighed(self) -> Weighed:
        return Weighed(self.weight, self.points)


@dataclass
class Figures:
    """One period of a supplier."""

    period: Period
    counts: Counts = field(default_factory=Counts)
    values: dict[int, list[float]] = field(default_factory=dict)
    lines: list[Line] = field(default_factory=list)

    @property
    def judged(self) -> bool:
        """Whether complaints say anything: one was decided, or there was none beside values. That there was none where
        nothing else was measured is no news, and what is not decided yet speaks neither for nor against."""
        return bool(self.counts.decided or (self.values and not self.counts.received))

    @property
    def score(self) -> Fraction | None:
        return rules.score(line.weighed for line in self.lines)

    @property
    def formula(self) -> str:
        return rules.formula(line.weighed for line in self.lines)

    @property
    def standing(self) -> Standing | None:
        return rules.standing(self.score, number("supplier_good_from"), number("supplier_watch_from"))


class Scorecard:
    """A period of a supplier and those before it, whoever looks."""

    def __init__(self, supplier: Supplier, period: Period, periods: int = PERIODS) -> None:
        self.supplier, self.period = supplier, period
        self.trend = [Figures(one) for one in period.run(periods)]
        self._place = {one.period: one for one in self.trend}
        self._count()
        for one in self.trend:
            one.lines = list(self._lines_of(one))

    @property
    def now(self) -> Figures:
        """The period asked for."""
        return self.trend[-1]

    def complaints(self, period: Period | None = None) -> Q:
        """The complaints of the period; of all shown without one."""
        first, last = (period.first, period.last) if period else (self.trend[0].period.first, self.period.last)
        received = Q(received_at__gte=begin_of(first), received_at__lt=begin_of(last + timedelta(days=1)))
        return counted() & Q(at_fault=self.supplier) & received

    @property
    def measurements(self) -> Q:
        """The values of indicators measured of the supplier in all periods shown, corrected ones left out."""
        within = Q(period_end__gte=self.trend[0].period.first, period_end__lte=self.period.last)
        return within & Q(supplier=self.supplier, kpi__isnull=False, type="actual", superseded_at__isnull=True)

    def _count(self) -> None:
        late = ExpressionWrapper(LATE, BooleanField())
        rows = Case.objects.filter(self.complaints()).annotate(is_late=late).order_by()
        for received, upheld, status, is_late in rows.values_list("received_at", "upheld", "status", "is_late"):
            counts = self._place[Period.of(self.period.length, day_of(received))].counts
            counts.received += 1
            counts.decided += bool(upheld)
            counts.upheld += upheld in UPHELD
            counts.open += status in OPEN
            counts.late += bool(is_late)
        values = Measurement.objects.filter(self.measurements).order_by("period_end", "pk")
        for kpi, end, value in values.values_list("kpi_id", "period_end", "value"):
            self._place[Period.of(self.period.length, end)].values.setdefault(kpi, []).append(value)

    @cached_property
    def lines(self) -> list[ScorecardLine]:
        """Its own lines, else those for all."""
        rows = ScorecardLine.objects.filter(Q(supplier=self.supplier) | Q(supplier=None), status=Life.ACTIVE)
        found = list(rows.select_related("kpi").order_by("-weight", "pk"))
        own = [line for line in found if line.supplier_id]
        return own or found

    @cached_property
    def _unweighed(self) -> list[Kpi]:
        """Indicators that were measured and that no line weighs."""
        measured = {kpi for one in self.trend for kpi in one.values} - {line.kpi_id for line in self.lines}
        return list(Kpi.objects.filter(pk__in=measured).order_by("title", "pk"))

    def _lines_of(self, figures: Figures) -> Iterator[Line]:
        share = self.period.length.months / 3  # bounds of complaints are those of a quarter
        for line in self.lines:
            if line.kpi is not None:
                yield _of_kpi(line.kpi, line.weight, figures)
            else:
                bounds = Bands(line.good * share, line.fair * share, lower=True)
                yield Line(str(line), line.weight, figures.counts.upheld, bounds, active=figures.judged)
        for kpi in self._unweighed:
            yield _of_kpi(kpi, 0, figures)


def _of_kpi(kpi: Any, weight: int, figures: Figures) -> Line:
    """The mean of what was measured in the period, against the bands of the indicator."""
    values = figures.values.get(kpi.pk, ())
    value = sum(values) / len(values) if values else None
    return Line(kpi.title, weight, value, rules.bands(kpi.scoring_bands, kpi.target, kpi.better == Better.LOWER), kpi)
