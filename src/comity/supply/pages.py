"""What this room adds to the page of a supplier: how it does, and the way to its scorecard."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from comity.cases.figures.facts import day_of
from comity.records.access import readable
from comity.records.kind import kind_named
from comity.supply.reading import Scorecard
from comity.supply.report import STANDINGS, asked, sees_values
from comity.supply.rules import Length, Period
from comity.web.gate import person_of
from comity.web.panels import panel

SHOWN = 10


@panel("supplier", "supply/how.html", place="main", order=10, label=_("Scorecard"))
def how(record: Any, request: HttpRequest) -> dict[str, Any] | None:
    """The running quarter and the one before it, and the newest complaints in which it is at fault."""
    person = person_of(request)
    card = Scorecard(record, Period.of(Length.QUARTER, day_of(timezone.now())), 2)
    rows = readable(kind_named("case"), person).filter(at_fault=record, classification="complaint", archived_at=None)
    periods = [
        (one.period, asked(one.period), one.counts, None if one.score is None else round(one.score),
         STANDINGS[one.standing] if one.standing else "")
        for one in reversed(card.trend)
    ]  # fmt: skip
    cases = list(rows.select_related("customer").order_by("-received_at", "-pk")[:SHOWN])
    return {"periods": periods, "values": sees_values(person, record), "cases": cases}
