"""What this room adds to its records: the row of values beside an indicator, and the corrections of a value."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from comity.measures.models import Kpi, Measurement
from comity.parties.pages import leads
from comity.records.access import may, readable
from comity.records.kind import kind_named
from comity.web.gate import person_of
from comity.web.panels import panel

SHOWN = 13  # a year of months, and the one before


leads("kpi", "process_ref", "service_ref")
leads("measurement", "target_ref", "subject_ref")


@panel("kpi", "measures/values.html", place="main", order=10, label=_("Values"))
def values(record: Any, request: HttpRequest) -> dict[str, Any] | None:
    """The newest values, each against target and limits; corrected ones stay with their correction."""
    kind, person = kind_named("measurement"), person_of(request)
    rows = readable(kind, person).filter(kpi=record, superseded_at__isnull=True)
    found = list(rows.select_related("customer").order_by("-period_end", "-pk")[:SHOWN])
    more = record.status != Kpi.Status.RETIRED and may(person, kind, "create")
    outside = {one.pk for one in found if _outside(record, one)}
    return {"values": found, "outside": outside, "more": more} if found or more else None


def _outside(kpi: Any, one: Measurement) -> bool:
    if kpi.lower_limit is None or one.type != Measurement.Type.ACTUAL:
        return False
    return not kpi.lower_limit <= one.value <= kpi.upper_limit


@panel("measurement", "measures/corrections.html", place="main", order=10, label=_("Corrections"))
def corrections(record: Any, request: HttpRequest) -> dict[str, Any] | None:
    """The value that this one corrects, and the ones that correct it."""
    later = list(record.corrections.order_by("pk"))
    return {"earlier": record.corrects, "later": later} if later or record.corrects else None
