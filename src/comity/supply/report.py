"""The scorecard as a report: a page, a PDF and a workbook are made from it. Every figure leads to its records."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from urllib.parse import urlencode

from django.utils.functional import Promise
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from comity.accounts.models import Person
from comity.accounts.rights import rights_of
from comity.cases.models import Case
from comity.measures.models import Measurement
from comity.records.access import readable
from comity.records.kind import kind_named
from comity.reports.blocks import Block, Cell, Fact, Facts, Report, Table, Text
from comity.reports.charts import Mark, line
from comity.supply.reading import UPHELD, Figures, Line, Scorecard
from comity.supply.rules import Period, Standing

STANDINGS: dict[Standing, str | Promise] = {
    Standing.GOOD: gettext_lazy("Stands well"),
    Standing.WATCH: gettext_lazy("To be watched"),
    Standing.POOR: gettext_lazy("Stands badly"),
}
LISTED = 50


def sees_values(person: Person, supplier: object) -> bool:
    """May this person see what was measured of the supplier, hence its score? Its manager, and whoever may read what is
    measured of all suppliers; the desk sees the complaints."""
    rights = rights_of(person)
    own = getattr(supplier, "owner_id", None) in (None, person.pk)
    scopes = {rights.cell("supplier_measurement", role).scope("read") for role in rights.roles}
    return "all" in scopes or ("own" in scopes and own)


class Printed:
    """The scorecard for one reader."""

    def __init__(self, card: Scorecard, person: Person) -> None:
        self.card, self.person = card, person
        self.values = sees_values(person, card.supplier)

    def report(self) -> Report:
        period = self.card.period
        title = _("Scorecard of %(supplier)s") % {"supplier": self.card.supplier}
        anchor = f"scorecard-{self.card.supplier.ref}-{period.label.replace(' ', '-')}"
        facts = [(_("Period"), period.label), (_("Supplier"), f"{self.card.supplier.ref} · {self.card.supplier}")]
        return Report(
            title, period.label, anchor, get_language() or "en", list(self.blocks()), facts, {"page": _("Page # of #")}
        )

    def blocks(self) -> Iterator[Block]:
        yield Facts(list(self._numbers(self.card.now)))
        if self.values:
            yield Text(self._words(), note=True)
            yield self._lines(self.card.now)
            yield from self._chart()
        else:
            yield Text(_("What was measured, and the score, are for the manager of the supplier and for managers."))
        yield self._trend()
        yield self._complaints()

    def _numbers(self, now: Figures) -> Iterator[Fact]:
        if self.values:
            yield Fact(_("Score"), _number(now), now.formula or _("nothing measured"))
            standing = str(STANDINGS[now.standing]) if now.standing else "–"
            yield Fact(_("How it stands"), standing, "" if now.standing else _("nothing measured"))
        counts, period = now.counts, now.period
        yield Fact(_("Complaints received"), counts.received, "", self._cases(period))
        yield Fact(_("Upheld"), counts.upheld, _("wholly or partly"), self._cases(period, upheld=UPHELD))
        yield Fact(_("Open"), counts.open, _("not resolved"), self._cases(period, unresolved="yes"))
        yield Fact(_("Late"), counts.late, _("past the promised time"), self._late(period))

    def _words(self) -> str:
        """How the score comes about."""
        if not self.card.lines:
            return _("No line is weighed yet, so there is no score. Scorecard lines say what counts how much.")
        return _(
            "The score is the mean of the points of the lines, by their weight: good counts 100, fair 50, else 0. "
            "Lines of which nothing was measured are left out; a period without any has no score. Past periods are "
            "counted with today's weights."
        )

    def _lines(self, now: Figures) -> Table:
        rows = [
            (one.label, _value(one), _wanted(one), _("nothing measured") if one.points is None else one.points,
             one.weight or _("not weighed"))
            for one in now.lines
        ]  # fmt: skip
        links = [self._behind(one, now.period) for one in now.lines]
        heads = (_("What is weighed"), _("Value"), _("Wanted"), _("Points"), _("Weight"))
        return Table(_("Lines"), heads, rows, (1, 3, 4), links, empty=_("Nothing is weighed or measured yet."))

    def _chart(self) -> Iterator[Block]:
        points = [
            (one.period.label, Mark(round(one.score), self._at(one.period)))
            for one in self.card.trend
            if one.score is not None
        ]
        if len(points) > 1:
            note = _("Periods in which nothing was measured are left out.")
            yield line(_("Score over time"), note, (_("Period"), _("Score")), points)

    def _trend(self) -> Table:
        heads = [_("Period"), _("Complaints received"), _("Upheld"), _("Open"), _("Late")]
        heads += [_("Score"), _("How it stands")] if self.values else []
        rows: list[list[Cell]] = []
        for one in reversed(self.card.trend):
            counts = one.counts
            row: list[Cell] = [
                one.period.label, Mark(counts.received, self._cases(one.period)),
                Mark(counts.upheld, self._cases(one.period, upheld=UPHELD)),
                Mark(counts.open, self._cases(one.period, unresolved="yes")), Mark(counts.late, self._late(one.period)),
            ]  # fmt: skip
            if self.values:
                row += [_number(one), str(STANDINGS[one.standing]) if one.standing else _("nothing measured")]
            rows.append(row)
        links = [self._at(one.period) for one in reversed(self.card.trend)]
        return Table(_("Trend"), heads, rows, range(1, 6), links)

    def _complaints(self) -> Table:
        rows = readable(kind_named("case"), self.person).filter(self.card.complaints(self.card.period))
        found = list(rows.order_by("-received_at", "-pk")[:LISTED])
        lines = [
            (one.ref, one.title, f"{one.received_at:%Y-%m-%d}", one.get_status_display(),
             one.get_upheld_display() or "–")
            for one in found
        ]  # fmt: skip
        heads = (_("Reference"), _("Title"), _("Received"), _("Status"), _("Upheld"))
        empty = _("None that you may read.") if self.card.now.counts.received else _("None in this period.")
        return Table(_("Complaints in this period"), heads, lines, (), [one.url for one in found], empty=empty)

    def _at(self, period: Period) -> str:
        return f"{self.card.supplier.url}scorecard/?{asked(period)}"

    @cached_property
    def _reads_cases(self) -> bool:
        """Whether the register would show this reader exactly what is counted."""
        every = Case.objects.filter(self.card.complaints()).count()
        return every == readable(kind_named("case"), self.person).filter(self.card.complaints()).count()

    @cached_property
    def _reads_values(self) -> bool:
        every = Measurement.objects.filter(self.card.measurements).count()
        return every == readable(kind_named("measurement"), self.person).filter(self.card.measurements).count()

    def _cases(self, period: Period, **more: object) -> str:
        if not self._reads_cases:
            return ""
        days = {"day_from": period.first.isoformat(), "day_to": period.last.isoformat()}
        asks = {"at_fault": self.card.supplier.ref, "in_figures": "yes", **days, **more}
        return f"/cases/?{urlencode(asks, doseq=True)}"

    def _late(self, period: Period) -> str:
        return self._cases(period, standing=("late", "open_late"))

    def _behind(self, one: Line, period: Period) -> str:
        """The records that a line was counted from."""
        if one.value is None or not one.active:
            return ""
        if one.kpi is None:
            return self._cases(period, upheld=UPHELD)
        if not self._reads_values:
            return ""
        days = {"period_end_from": period.first.isoformat(), "period_end_to": period.last.isoformat()}
        asks = {"supplier": self.card.supplier.ref, "kpi": one.kpi.ref, "counts": "yes", **days}
        return f"/measurements/?{urlencode(asks)}"


def asked(period: Period) -> str:
    """The period as an address asks for it."""
    return f"period={period.length.value}&at={period.first:%Y-%m}"


def _number(figures: Figures) -> str | int:
    return "–" if figures.score is None else round(figures.score)


def _value(one: Line) -> str:
    if one.value is None or not one.active:
        return "–"
    unit = f" {one.kpi.unit_of_value}" if one.kpi and one.kpi.unit_of_value else ""
    return f"{one.value:.4g}{unit}"


def _wanted(one: Line) -> str:
    if one.bands is None:
        return _("no bands, no target")
    sign = "≤" if one.bands.lower else "≥"
    good = _("good %(bound)s") % {"bound": f"{sign} {one.bands.good:.4g}"}
    if one.bands.fair is None:
        return good
    return f"{good}, " + _("fair %(bound)s") % {"bound": f"{sign} {one.bands.fair:.4g}"}
