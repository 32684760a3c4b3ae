"""The kinds of this room."""

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from comity.measures.forms import KpiForm, MeasurementForm
from comity.measures.models import Kpi, Measurement
from comity.measures.workflows import kpi_life
from comity.records.kind import Asked, Kind, register

GROUP = _("Measures and controls")
COUNTS = Asked("counts", _("In the figures"), "flag", lambda _yes: Q(type="actual", superseded_at=None), quiet=True)

kpi = register(
    Kind(
        model=Kpi,
        ref="KPI",
        may="kpi",
        workflow=kpi_life,
        form=KpiForm,
        fields=(
            "title", "type", "category", "level", "owner", "process_ref", "service_ref", "staff", "customer_facing",
            "value_element", "objective", "formula", "data_source", "unit_of_value", "method", "measuring_point",
            "target", "better", "scoring_bands", "period", "frequency", "audience", "report_schedule",
            "relevance_decision", "benchmarked",
        ),
        columns=("ref", "title", "category", "target", "unit_of_value", "frequency", "owner", "status"),
        filters=("status", "category", "level", "owner", "customer_facing"),
        search=("ref", "title", "objective", "formula", "process_ref", "service_ref"),
        own=("owner", "staff"),
        icon="gauge",
        group=GROUP,
    )
)  # fmt: skip

measurement = register(
    Kind(
        model=Measurement,
        ref="MSR",
        may="kpi",
        form=MeasurementForm,
        fields=(
            "kpi", "target_ref", "subject_ref", "customer", "supplier", "type", "value", "unit_of_value", "period_end",
            "verdict", "source", "computed_from", "method", "response_rate", "attribution_method", "cost_elements",
            "objective", "corrects", "correction_reason",
        ),
        columns=(
            "ref", "kpi", "target_ref", "customer", "supplier", "type", "value", "unit_of_value", "period_end",
            "verdict",
        ),
        filters=("kpi", "customer", "supplier", "type", "verdict", "period_end", COUNTS),
        search=("ref", "source", "target_ref"),
        own=("owner", "kpi__owner", "kpi__staff", "supplier__owner"),
        order="-period_end",
        icon="ruler",
        group=GROUP,
    )
)  # fmt: skip
