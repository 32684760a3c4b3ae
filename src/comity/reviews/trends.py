"""Where complaints are heading: this period and the three before it, for each service and topic (BRM-3.3-21)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from django.db.models import Sum
from django.utils.translation import gettext as _

from comity.agreements.models import Service
from comity.cases.figures.reading import Scope
from comity.cases.models.figures import Tally
from comity.cases.rules import figures as rules
from comity.records.models import Term

PERIODS = 4
Period = tuple[date, date]  # first and last month
Row = tuple[str, dict[str, str], list[int], str]  # name, how the register asks for it, counts, direction


@dataclass(frozen=True)
class Trends:
    """The periods, oldest first, and the counts in each for every service and topic, by their ids."""

    periods: list[Period]
    counts: dict[str, dict[int, list[int]]]

    def rows(self, services: Mapping[int, Service], topics: Mapping[int, Term], most: int) -> Iterator[Row]:
        """The most frequent by name, with the direction of the last step."""
        asked = {"service": lambda pk: services[pk].ref, "topic": lambda pk: topics[pk].code}
        kinds: tuple[tuple[Mapping[int, object], str, str], ...] = (
            (services, "service", _("Service")), (topics, "topic", _("Topic")),
        )  # fmt: skip
        for known, name, word in kinds:
            found = sorted(self.counts.get(name, {}).items(), key=lambda item: (-sum(item[1]), item[0]))
            for pk, numbers in [one for one in found if one[0] in known][:most]:
                yield (
                    f"{word}: {known[pk]}",
                    {name: asked[name](pk)},
                    numbers,
                    rules.direction(numbers[-2], numbers[-1]),
                )


def trends(scope: Scope) -> Trends:
    """Equal periods of whole months; one question, whatever the number of complaints."""
    months = len(scope.months)
    periods = [
        (rules.after(scope.first, -months * n), rules.after(scope.last, -months * n)) for n in reversed(range(PERIODS))
    ]
    place = {month: at for at, period in enumerate(periods) for month in rules.months(*period)}
    rows = Tally.objects.filter(customer_id=scope.customer, service_id=scope.service)
    rows = rows.filter(dimension__in=("service", "topic"), month__gte=periods[0][0], month__lte=scope.last)
    rows = rows.exclude(value="0")
    if scope.units is not None:
        rows = rows.filter(unit_id__in=scope.units)
    counts: dict[str, dict[int, list[int]]] = defaultdict(lambda: defaultdict(lambda: [0] * PERIODS))
    found = rows.values_list("dimension", "value", "month").annotate(sum=Sum("n")).order_by()
    for dimension, value, month, n in found:
        counts[dimension][int(value)][place[month]] += n
    return Trends(periods, counts)
