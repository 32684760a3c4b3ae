"""The kinds of this room."""

from django.utils.translation import gettext_lazy as _

from comity.records.kind import Kind, register
from comity.risks import workflows
from comity.risks.forms import ControlForm, RunForm, SubjectForm
from comity.risks.models import Control, ControlRun, Risk

GROUP = _("Measures and controls")

risk = register(
    Kind(
        model=Risk,
        ref="RSK",
        may="risk",
        workflow=workflows.risk_life,
        form=SubjectForm,
        fields=(
            "title", "type", "description", "subject_ref", "owner", "identified_on", "likelihood", "business_impact",
            "delivery_impact", "acceptance_level", "treatment",
        ),
        columns=("ref", "title", "type", "subject_ref", "score", "rank", "owner", "next_due", "status"),
        filters=("status", "type", "rank", "owner", "identified_on"),
        search=("ref", "title", "description", "treatment", "subject_ref"),
        due="next_due",
        icon="triangle-alert",
        group=GROUP,
    )
)  # fmt: skip

control = register(
    Kind(
        model=Control,
        ref="CTL",
        may="risk",
        workflow=workflows.control_life,
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
