"""How risks, controls and their runs answer to the words of requirements."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.db.models import Exists, OuterRef, Q

from comity.improvement.models import ChangeRequest
from comity.records.facts import Fact, Rows, population, tie, vocabulary
from comity.risks.models import Control, ControlRun, Risk


def of_all_access(as_of: datetime) -> Q:
    """A review of access looks at everybody's, unless it or its control names what it looks at (CSMS:2003 12.1)."""
    whole = Q(control__isnull=True) | Q(control__subject_ref="")
    return whole & Q(type=ControlRun.Type.ACCESS_REVIEW, subject_ref="")


vocabulary(
    "risk", Risk,
    status=Fact("status", words={"open": tuple(state.value for state in Risk.OPEN)}),
    subject=Fact("subject_ref", by_ref=True),
)  # fmt: skip
vocabulary(
    "control", Control,
    subject=Fact("subject_ref", by_ref=True), process=Fact("process_ref", to="process", by_ref=True),
    kpi=Fact("kpi_ref", to="kpi", by_ref=True), record_class=Fact("record_class_ref", to="record_class", by_ref=True),
)  # fmt: skip
vocabulary(
    "control_run", ControlRun,
    subject=Fact("subject_ref", by_ref=True), every_access_grant=Fact(holds=of_all_access),
)  # fmt: skip

tie("control_run", "control", "control")


@population("control_runs_backup_before_change")
def control_runs_backup_before_change(as_of: datetime, rows: Rows, *, inquiry: Any, **_more: Any) -> Rows:
    """Backups of what a change touched, in the hours before it was carried out (CSMS:2003 12.3)."""
    hours = timedelta(hours=inquiry.number("pre_change_backup_hours"))
    changes = ChangeRequest.objects.filter(implemented_at__lte=as_of, implemented_at__gte=OuterRef("run_at"))
    soon = changes.filter(implemented_at__lte=OuterRef("run_at") + hours).order_by()
    return rows.filter(Exists(soon.filter(ref=OuterRef("subject_ref"))))
