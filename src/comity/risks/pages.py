"""What this room adds to its records: the runs of a control."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from comity.records.access import may, readable
from comity.records.kind import kind_named
from comity.web.gate import person_of
from comity.web.panels import panel

SHOWN = 12


@panel("control", "risks/runs.html", place="main", order=10, label=_("Runs"))
def runs(record: Any, request: HttpRequest) -> dict[str, Any]:
    """The newest runs with their results, and the way to note another."""
    kind, person = kind_named("control_run"), person_of(request)
    found = list(readable(kind, person).filter(control=record).order_by("-run_at")[:SHOWN])
    return {"runs": found, "may_run": may(person, kind, "create")}
