"""What this room adds to the side bar and to its records."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from comity.records.access import readable
from comity.records.hanging import has
from comity.records.kind import kind_named
from comity.reviews.asking import reads_figures
from comity.reviews.confirming import answers_to
from comity.reviews.models import ReviewPoint
from comity.web.gate import person_of
from comity.web.navigation import place
from comity.web.panels import panel

SHOWN = 50

place(_("Analysis"), "/analysis/", icon="chart-column", group=_("Complaint desk"), order=25, visible=reads_figures)


@panel("review", "reviews/lists.html", place="main", order=10, label=_("Points to conclude on"))
def lists(record: Any, request: HttpRequest) -> dict[str, Any]:
    """The three lists, each with what it still lacks; the register behind them concludes many at once."""
    rows = record.points.select_related("case", "service", "topic", "improvement").order_by("status", "pk")
    found = []
    for value, label in ReviewPoint.List.choices:
        mine = [one for one in rows if one.list == value]
        lacking = sum(one.status == ReviewPoint.Status.OPEN for one in mine)
        found.append((value, label, mine[:SHOWN], len(mine), lacking))
    return {"lists": found, "filled": record.complaints is not None, "shown": SHOWN}


@panel("review", "reviews/figures.html", place="side", order=10, label=_("Figures and report"))
def figures(record: Any, request: HttpRequest) -> dict[str, Any] | None:
    """The analysis of the period, and the report on paper."""
    if not record.is_analysis or not reads_figures(person_of(request)):
        return None
    first, last = record.months
    return {"period": f"from={first:%Y-%m}&to={last:%Y-%m}"}


@panel("review", "reviews/confirmed.html", place="side", order=12, label=_("Confirmed by the customer"))
def confirmed(record: Any, request: HttpRequest) -> dict[str, Any] | None:
    """Who of the customer confirmed the minutes as they are now, or objects to them."""
    found = answers_to(record) if record.minutes_no else []
    return {"answers": found} if found else None


@panel("case", "reviews/looked_at.html", place="main", order=60, label=_("Reviews"))
def looked_at(record: Any, request: HttpRequest) -> dict[str, Any] | None:
    """What analyses concluded on this case."""
    if not has(record, "review_points"):
        return None
    rows = readable(kind_named("review_point"), person_of(request)).filter(case=record)
    found = list(rows.select_related("review").order_by("pk")[:20])
    return {"points": found} if found else None
