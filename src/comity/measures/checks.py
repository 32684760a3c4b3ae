"""How indicators and their values answer to the words of requirements."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, Exists, F, OuterRef, Q, Subquery

from comity.clocks.parameters import number
from comity.measures.models import Kpi, Measurement
from comity.measures.rules import weaker
from comity.measures.words import Better, Category
from comity.records.facts import Fact, Part, Rows, Timed, clock, population, predicate, tie, vocabulary
from comity.records.models import Entry, Link

vocabulary(
    "kpi", Kpi,
    service=Fact("service_ref", to="service", by_ref=True), process=Fact("process_ref", to="process", by_ref=True),
    unit="unit_of_value", control_limits="lower_limit",
)  # fmt: skip
vocabulary(
    "measurement", Measurement, Q(superseded_at__isnull=True),
    target=Fact("target_ref", to="target", by_ref=True), subject=Fact("subject_ref", by_ref=True),
    unit="unit_of_value", supplier=Fact("supplier", to="supplier"),
)  # fmt: skip

tie("kpi", "staff", "staff")
tie("measurement", "kpi", "kpi")
tie("measurement", "customer", "customer")
tie("measurement", "supplier", "supplier")

ACTUAL = Measurement.objects.filter(type=Measurement.Type.ACTUAL, superseded_at__isnull=True).order_by()


@clock("measurement_record")
def measurement_record(inquiry: Any) -> Timed:
    """Recorded in time after the end of its period."""
    return Timed(Q(entered_at__gt=F("record_due_at")), Q(pk__in=[]))


@predicate("measurement_not_overwritten")
def measurement_not_overwritten(as_of: datetime, rows: Rows, **_more: Any) -> Part:
    """No value was changed in place: a correction is a new row with its reason (ISO/IEC 20000-1:2011 7.2)."""
    altered = Entry.objects.filter(kind="measurement", record_id=OuterRef("pk"), act="update", at__lte=as_of)
    return rows, rows.filter(Exists(altered))


@predicate("kpi_target_not_weakened")
def kpi_target_not_weakened(as_of: datetime, rows: Rows | None, **_more: Any) -> Part:
    """No target that customers see asks for less than before, unless a linked review says why (CSMS:2003 4.1)."""
    scope = Kpi.objects.filter(status=Kpi.Status.ACTIVE, customer_facing=True)
    since = as_of - timedelta(days=number("evidence_window_days", as_of))
    entries = Entry.objects.filter(kind="kpi", act="update", happened_at__gt=since, happened_at__lte=as_of)
    first: dict[int, tuple[float | None, datetime]] = {}
    found = entries.filter(changes__has_key="target").order_by("happened_at", "pk")
    for pk, changes, at in found.values_list("record_id", "changes", "happened_at"):
        first.setdefault(pk, (changes["target"][0], at))
    fallen = [
        kpi.pk
        for kpi in scope.filter(pk__in=first)
        if weaker(first[kpi.pk][0], kpi.target, kpi.better == Better.LOWER) and not _justified(kpi, first[kpi.pk][1])
    ]
    return scope, scope.filter(pk__in=fallen)


def _justified(kpi: Kpi, since: datetime) -> bool:
    """A review was linked with the indicator since."""
    forth = Q(from_kind="kpi", from_id=kpi.pk, to_kind="review")
    back = Q(to_kind="kpi", to_id=kpi.pk, from_kind="review")
    return Link.objects.filter(forth | back, at__gte=since).exists()


@population("kpis_customer_facing_long")
def kpis_customer_facing_long(as_of: datetime, rows: Rows, *, inquiry: Any, **_more: Any) -> Rows:
    """Those with enough actual values for limits."""
    enough = ACTUAL.filter(kpi__isnull=False, period_end__lte=inquiry.today).values("kpi").annotate(n=Count("pk"))
    return rows.filter(pk__in=enough.filter(n__gte=inquiry.number("min_points")).values("kpi"))


def _beside(**conditions: Any) -> Rows:
    """Actual values of the same thing for the same customer."""
    same = ACTUAL.filter(customer=OuterRef("customer"), kpi__category=OuterRef("kpi__category"))
    return same.filter(kpi__category=Category.CUSTOMER_SATISFACTION, **conditions)


@population("parties_below_satisfaction")
def parties_below_satisfaction(as_of: datetime, rows: Rows, *, inquiry: Any, **_more: Any) -> Rows:
    """The newest value of each customer only."""
    newer = _beside(period_end__gt=OuterRef("period_end"), period_end__lte=inquiry.today)
    return rows.filter(customer__isnull=False, period_end__lte=inquiry.today).exclude(Exists(newer))


@population("scores_low_or_fallen")
def scores_low_or_fallen(as_of: datetime, rows: Rows, *, inquiry: Any, **_more: Any) -> Rows:
    """Below the target, or below the value before."""
    before = _beside(period_end__lt=OuterRef("period_end")).order_by("-period_end", "-pk")
    fallen = rows.annotate(before=Subquery(before.values("value")[:1])).filter(value__lt=F("before"))
    return rows.filter(Q(value__lt=inquiry.number("satisfaction_target")) | Q(pk__in=fallen.order_by().values("pk")))


@population("measurements_two_periods")
def measurements_two_periods(as_of: datetime, rows: Rows, **_more: Any) -> Rows:
    """Values of targets that have values of at least two periods."""
    other = ACTUAL.filter(target_ref=OuterRef("target_ref")).exclude(period_end=OuterRef("period_end"))
    return rows.exclude(target_ref="").filter(Exists(other))


@population("supplier_misses_repeated")
def supplier_misses_repeated(as_of: datetime, rows: Rows, **_more: Any) -> Rows:
    """Missed in two periods in a row: the value of the same thing before it was missed as well."""
    same = {name: OuterRef(name) for name in ("supplier", "target_ref", "subject_ref")}
    of_kpi = Q(kpi=OuterRef("kpi")) | Q(kpi=None, target_ref__gt="")
    before = ACTUAL.filter(of_kpi, **same, period_end__lt=OuterRef("period_end")).order_by("-period_end", "-pk")
    again = rows.annotate(before=Subquery(before.values("verdict")[:1])).filter(before=Measurement.Verdict.MISSED)
    return rows.filter(pk__in=again.order_by().values("pk"))
