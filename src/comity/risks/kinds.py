"""The kinds of this room."""

from django.utils.translation import gettext_lazy as _

from comity.accounts.roles import Role
from comity.records.kind import Kind, register
from comity.records.workflow import Workflow, move
from comity.risks.forms import ControlForm, RunForm
from comity.risks.models import Control, ControlRun

GROUP = _("Measures and controls")
LEADS = (Role.SUPPLIER_MANAGER, Role.PROJECT_MANAGER, Role.PROCESS_MANAGER, Role.OPERATIONS_DIRECTOR)
C = Control.Status

control = register(
    Kind(
        model=Control,
        ref="CTL",
        may="risk",
        workflow=Workflow(
            C.DRAFT,
            (
                move("activate", C.DRAFT, C.ACTIVE, by=LEADS, label=_("Put to use"), primary=True),
                move("retire", (C.DRAFT, C.ACTIVE), C.RETIRED, by=LEADS, note=True, label=_("Retire")),
            ),
            stages=(C.DRAFT, C.ACTIVE),
            bookkeeping={"ran": _("noted the run")},
        ),
        form=ControlForm,
        fields=(
            "title", "type", "purpose", "owner", "subject_ref", "process_ref", "kpi_ref", "record_class_ref", "method",
            "frequency",
        ),
        columns=("ref", "title", "type", "purpose", "owner", "frequency", "last_run_at", "next_due", "status"),
        filters=("status", "type", "purpose", "owner"),
        search=("ref", "title", "method", "process_ref", "subject_ref"),
        due="next_due",
        icon="shield-check",
        group=GROUP,
    )
)  # fmt: skip

control_run = register(
    Kind(
        model=ControlRun,
        ref="RUN",
        may="risk",
        form=RunForm,
        fields=("control", "type", "subject_ref", "run_at", "result", "evidence"),
        columns=("ref", "control", "type", "subject_ref", "run_at", "result"),
        filters=("control", "type", "result", "run_at"),
        search=("ref", "evidence", "subject_ref"),
        own=("owner", "entered_by", "control__owner"),
        order="-run_at",
        icon="list-checks",
        group=GROUP,
    )
)  # fmt: skip
