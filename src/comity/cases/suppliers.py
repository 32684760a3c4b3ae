"""What was complained about a supplier, on its page: how many, in which period, how many upheld."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.db.models import Count, Q
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from comity.cases.figures.facts import begin_of, day_of
from comity.cases.models.choices import Classification, Upheld
from comity.records.access import readable
from comity.records.kind import kind_named
from comity.web.gate import person_of
from comity.web.panels import panel

PERIODS = {"month": (_("Last 30 days"), 30), "quarter": (_("Last 92 days"), 92), "year": (_("Last 365 days"), 365)}
SHOWN = 20


@panel("supplier", "cases/about_supplier.html", place="main", order=20, label=_("Complaints about this supplier"))
def about_supplier(record: Any, request: HttpRequest) -> dict[str, Any] | None:
    """Counted by the day of receipt, without anything being typed twice (CSMS:2003 8.5)."""
    rows = readable(kind_named("case"), person_of(request))
    rows = rows.filter(at_fault=record, classification=Classification.COMPLAINT, archived_at=None)
    today, counts = day_of(timezone.now()), dict[str, Q]()
    for name, (_label, days) in PERIODS.items():
        lately = Q(received_at__gte=begin_of(today - timedelta(days=days)))
        counts |= {name: lately, f"{name}_upheld": lately & Q(upheld__in=(Upheld.YES, Upheld.PARTLY))}
    found = rows.order_by().aggregate(
        total=Count("pk"), **{name: Count("pk", filter=condition) for name, condition in counts.items()}
    )
    if not found["total"]:
        return None
    periods = [(label, found[name], found[f"{name}_upheld"]) for name, (label, _days) in PERIODS.items()]
    newest = list(rows.select_related("customer").order_by("-received_at", "-pk")[:SHOWN])
    return {"periods": periods, "cases": newest}
