"""The kind of this room."""

from django.utils.translation import gettext_lazy as _

from comity.people.models import Training
from comity.records.kind import Kind, register

training = register(
    Kind(
        model=Training,
        ref="TRN",
        may="kpi",  # kept by the process manager like the indicators of people; everybody reads what is about them
        fields=(
            "title", "staff", "type", "topic", "theme", "hours", "planned_on", "issued_by", "completed_on", "result",
            "passed", "valid_until", "effectiveness_evaluation", "evaluator", "evaluated_on", "evidence",
        ),
        columns=("ref", "title", "staff", "topic", "planned_on", "completed_on", "valid_until", "passed"),
        filters=("staff", "topic", "theme", "completed_on", "valid_until"),
        search=("ref", "title", "staff__name"),
        own=("owner", "staff"),
        due="valid_until",
        icon="graduation-cap",
        group=_("People"),
    )
)  # fmt: skip
