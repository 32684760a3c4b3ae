"""The kind of this room."""

from django.utils.translation import gettext_lazy as _

from comity.parties.workflows import in_use
from comity.records.kind import Kind, register
from comity.supply.models import ScorecardLine

scorecard_line = register(
    Kind(
        model=ScorecardLine,
        ref="SCL",
        may="supplier",
        workflow=in_use,
        fields=("supplier", "measure", "kpi", "weight", "good", "fair"),
        columns=("ref", "supplier", "measure", "kpi", "weight", "good", "fair", "status"),
        filters=("status", "supplier", "measure", "kpi"),
        search=("ref", "supplier__name", "kpi__title"),
        own=("owner", "supplier__owner", "supplier__isnull"),
        icon="scale",
        group=_("Measures and controls"),
    )
)
