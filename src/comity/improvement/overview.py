"""Where findings and improvements stand: done and effective told apart, causes that come back, and their trend.

Four equal periods are compared; of fewer than five in one no direction is told, and a change within the scatter of
chance is none (CSMS:2003 11.1, BRM-3.2.4-8).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from typing import Any
from urllib.parse import urlencode

from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from comity.accounts.models import Person
from comity.improvement.models import Action, Finding, Improvement
from comity.improvement.rules import direction
from comity.records.access import readable
from comity.records.kind import kind_of
from comity.reports.blocks import Block, Cell, Fact, Facts, Table
from comity.reports.charts import Mark, Series, stacked

PERIODS, DAYS, MOST = 4, 91, 20
WORDS = {
    "up": gettext_lazy("↗ more"), "down": gettext_lazy("↘ fewer"), "level": gettext_lazy("→ about the same"),
    "": gettext_lazy("too few to say"),
}  # fmt: skip
S = Improvement.Status


@dataclass(frozen=True)
class Overview:
    """As far as one person may read. Every number leads to its records."""

    person: Person

    @cached_property
    def periods(self) -> list[tuple[date, date]]:
        """First and last day of each, oldest first; the last one ended yesterday."""
        end = timezone.localdate() - timedelta(days=1)
        last = (end - timedelta(days=DAYS * n) for n in reversed(range(PERIODS)))
        return [(day - timedelta(days=DAYS - 1), day) for day in last]

    def _rows(self, model: type[Any]) -> Any:
        return readable(kind_of(model), self.person).filter(archived_at__isnull=True)

    def blocks(self) -> Iterator[Block]:
        yield Facts(list(self.standing()))
        yield self.trend()
        yield self.causes()

    def standing(self) -> Iterator[Fact]:
        """What is open, late, done and effective; done is not yet effective."""
        today = timezone.localdate()
        improvements, findings = self._rows(Improvement), self._rows(Finding)
        late = self._rows(Action).filter(next_due__lt=today).count()
        judged = improvements.filter(status__in=(S.EFFECTIVE, S.CLOSED)).count()
        yield _fact(_("Open findings"), findings.filter(status__in=Finding.OPEN).count(), "findings", Finding.OPEN)
        yield _fact(_("Improvements at work"), improvements.filter(status__in=Improvement.AT_WORK).count(),
                    "improvements", Improvement.AT_WORK)  # fmt: skip
        yield _fact(_("Done, effect not judged yet"), improvements.filter(status=S.IMPLEMENTED).count(),
                    "improvements", (S.IMPLEMENTED,))  # fmt: skip
        yield _fact(_("Effective"), judged, "improvements", (S.EFFECTIVE, S.CLOSED))
        again = improvements.filter(rounds__gt=1).count()
        yield Fact(_("Begun anew"), again, note=_("was not effective, or the cause came back"))
        yield Fact(_("Actions past their day"), late, url="/actions/?late=yes")

    def trend(self) -> Any:
        """Findings by type in each period."""
        found = Counter(
            (kind, at)
            for kind, day in self._rows(Finding).filter(opened_at__date__gte=self.periods[0][0])
            .values_list("type", "opened_at").order_by()
            if (at := self._place(timezone.localdate(day))) is not None
        )  # fmt: skip
        series = [Series(str(kind.label), tone) for tone, kind in enumerate(Finding.Type)]
        columns = [
            (f"{last:%m-%d}", [Mark(found[kind, at], self._url(at, type=kind)) for kind in Finding.Type])
            for at, (_first, last) in enumerate(self.periods)
        ]
        sums = [sum(mark.value for mark in marks) for _label, marks in columns]
        said = _("Against the period before: %(word)s.") % {"word": WORDS[direction(sums[-2], sums[-1])]}
        note = _("Four periods of %(days)s days, by their last day.") % {"days": DAYS}
        return stacked(_("Findings"), f"{note} {said}", _("Until"), series, columns)

    def causes(self) -> Table:
        """Kinds of cause in the same thing that were found more than once in the time."""
        counts: dict[tuple[str, str], list[int]] = {}
        rows = self._rows(Finding).filter(opened_at__date__gte=self.periods[0][0]).exclude(cause_category="")
        for cause, subject, day in rows.values_list("cause_category", F("subject_ref"), "opened_at").order_by():
            if (at := self._place(timezone.localdate(day))) is not None:
                counts.setdefault((cause, subject), [0] * PERIODS)[at] += 1
        often = sorted((one for one in counts.items() if sum(one[1]) > 1), key=lambda one: (-sum(one[1]), one[0]))
        labels = dict(Finding.Cause.choices)
        heads = [_("Cause"), _("Concerns"), *(f"{last:%m-%d}" for _first, last in self.periods), _("Direction")]
        lines: list[list[Cell]] = [
            [
                str(labels[cause]),
                subject,
                *(Mark(n, self._url(at, cause_category=cause)) for at, n in enumerate(numbers)),
                str(WORDS[direction(numbers[-2], numbers[-1])]),
            ]
            for (cause, subject), numbers in often[:MOST]
        ]
        title, right = _("Causes that were found again"), range(2, 2 + PERIODS)
        return Table(title, heads, lines, right=right, empty=_("No cause was found twice in the year past."))

    def _place(self, day: date) -> int | None:
        return next((at for at, (first, last) in enumerate(self.periods) if first <= day <= last), None)

    def _url(self, at: int, **asked: str) -> str:
        first, last = self.periods[at]
        return f"/findings/?{urlencode({**asked, 'opened_at_from': first, 'opened_at_to': last})}"


def _fact(label: str, number: int, path: str, states: Any) -> Fact:
    return Fact(label, number, url=f"/{path}/?{urlencode([('status', state) for state in states])}")
