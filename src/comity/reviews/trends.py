"""Where complaints are heading: this period and the three before it, for each service and topic (BRM-3.3-21)."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date

from django.db.models import Sum
from django.utils.translation import gettext as _

from comity.agreements.models import Service
from comity.cases.models.figures import Tally
from comity.cases.rules import figures as rules
from comity.records.models import Term
from comity.reports.blocks import Cell
from comity.reviews.asking import Question

PERIODS = 4


@dataclass(frozen=True)
class Trends:
    """The periods, oldest first, and for each service and topic its counts and the direction of the last step."""

    periods: list[tuple[date, date]]
    rows: list[tuple[str, list[Cell], str]]


def trends(question: Question, most: int) -> Trends:
    """The most frequent services and topics. Equal periods of whole months; below five there is no direction."""
    scope, months = question.scope, len(question.scope.months)
    periods = [
        (rules.after(scope.first, -months * n), rules.after(scope.last, -months * n)) for n in reversed(range(PERIODS))
    ]
    rows = Tally.objects.filter(
        customer_id=scope.customer, service_id=scope.service, dimension__in=("service", "topic")
    )
    rows = rows.filter(month__gte=periods[0][0], month__lte=scope.last).exclude(value="0")
    if scope.units is not None:
        rows = rows.filter(unit_id__in=scope.units)
    counts: dict[tuple[str, int], list[int]] = defaultdict(lambda: [0] * PERIODS)
    for dimension, value, month, n in rows.values_list("dimension", "value", "month").annotate(sum=Sum("n")).order_by():
        at = next(at for at, (first, last) in enumerate(periods) if first <= month <= last)
        counts[(dimension, int(value))][at] += n
    found = sorted(counts.items(), key=lambda item: (item[0][0], -sum(item[1]), item[0][1]))
    services = Service.objects.in_bulk([pk for (name, pk), _n in found if name == "service"])
    topics = Term.objects.in_bulk([pk for (name, pk), _n in found if name == "topic"])
    made: list[tuple[str, list[Cell], str]] = []
    for wanted, table, word in (("service", services, _("Service")), ("topic", topics, _("Topic"))):
        some = [(pk, list[Cell](numbers)) for (name, pk), numbers in found if name == wanted and pk in table][:most]
        made += [
            (f"{word}: {table[pk]}", numbers, rules.direction(counts[(wanted, pk)][-2], counts[(wanted, pk)][-1]))
            for pk, numbers in some
        ]
    return Trends(periods, made)
