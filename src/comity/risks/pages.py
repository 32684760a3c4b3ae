"""What this room adds to its records: the controls of a risk, the runs of a control."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from comity.parties.pages import leads
from comity.records.access import may, readable
from comity.records.kind import kind_named
from comity.risks.models import Risk
from comity.web.gate import person_of
from comity.web.panels import panel

SHOWN = 12


leads("risk", "subject_ref")
leads("control", "subject_ref", "process_ref", "kpi_ref", "record_class_ref")
leads("control_run", "subject_ref")


@panel("risk", "risks/controls.html", place="main", order=10, label=_("Rating and controls"))
def controls(record: Any, request: HttpRequest) -> dict[str, Any]:
    """How great the risk is, what keeps it small, when it was last run, and the way to a further control."""
    kind, person = kind_named("control"), person_of(request)
    found = list(readable(kind, person).filter(subject_ref=record.ref, archived_at__isnull=True).order_by("pk"))
    new = record.status != Risk.Status.CLOSED and may(person, kind, "create")
    return {"controls": found, "new": new}


@panel("control", "risks/runs.html", place="main", order=10, label=_("Runs"))
def runs(record: Any, request: HttpRequest) -> dict[str, Any]:
    """The newest runs with their results, and the way to note another."""
    kind, person = kind_named("control_run"), person_of(request)
    found = list(readable(kind, person).filter(control=record).order_by("-run_at")[:SHOWN])
    return {"runs": found, "may_run": may(person, kind, "create")}
