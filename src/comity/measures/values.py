"""What follows from a value, and limits that are set from many."""

from __future__ import annotations

from typing import Any

from django.utils import timezone
from django.utils.translation import gettext_noop

from comity.measures.models import Kpi, Measurement
from comity.measures.rules import RUN, Limits, limits
from comity.records import write
from comity.records.write import Actor

LEFT = gettext_noop("%(ref)s left the control limits of this indicator.")
CORRECTED = gettext_noop("Corrected by %(ref)s: %(why)s")


def actual_values(kpi: Kpi, newest: int | None = None) -> list[float]:
    """Actual values of the indicator in the order of time, corrected ones left out."""
    rows = Measurement.objects.filter(kpi=kpi, type=Measurement.Type.ACTUAL, superseded_at__isnull=True)
    found = rows.order_by("-period_end", "-pk").values_list("value", flat=True)
    return list(found[:newest])[::-1]


def take_in(measurement: Measurement, actor: Actor) -> None:
    """A correction takes the place of the old value; a value beyond the limits alerts its indicator."""
    if (old := measurement.corrects) is not None:
        rule = actor.by("correction")
        write.assign(old, {"superseded_at": timezone.now()}, actor=rule, act="supersede")
        write.note_auto(old, CORRECTED, rule, ref=measurement.ref, why=measurement.correction_reason)
    kpi = measurement.kpi
    if kpi is None or kpi.lower_limit is None or measurement.type != Measurement.Type.ACTUAL:
        return
    known = Limits(kpi.lower_limit, kpi.mean or 0.0, kpi.upper_limit or 0.0)
    if known.leaves(actual_values(kpi, RUN)):
        rule = actor.by("control_limits")
        write.assign(kpi, {"trend_alert_at": timezone.now()}, actor=rule, act="alert")
        write.note_auto(kpi, LEFT, rule, ref=measurement.ref)


def set_limits(kpi: Kpi) -> None:
    """Put limits and variance into the columns of the indicator, from all its actual values; unsaved."""
    found: Limits = limits(actual_values(kpi))
    kpi.lower_limit, kpi.mean, kpi.upper_limit = found.lower, found.mean, found.upper
    kpi.target_variance = None if kpi.target is None else found.mean - kpi.target


def measured(kpi: Kpi) -> int:
    """How many actual values there are."""
    rows: Any = Measurement.objects.filter(kpi=kpi, type=Measurement.Type.ACTUAL, superseded_at__isnull=True)
    return int(rows.count())
