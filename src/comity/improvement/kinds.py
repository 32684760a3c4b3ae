"""The kinds of this room."""

from django.utils.translation import gettext_lazy as _

from comity.improvement import workflows
from comity.improvement.forms import SourceForm
from comity.improvement.models import Action, Improvement
from comity.records.kind import Kind, register

GROUP = _("Improvement")

action = register(
    Kind(
        model=Action,
        ref="ACT",
        may="improvement",
        workflow=workflows.action_life,
        form=SourceForm,
        fields=("title", "type", "description", "source_ref", "customer", "owner", "supervisor", "due_on"),
        columns=("ref", "title", "source_ref", "owner", "due_on", "status"),
        filters=("status", "owner", "customer", "type", "due_on"),
        search=("ref", "title", "description", "source_ref"),
        own=("owner", "supervisor"),
        due="next_due",
        icon="square-check",
        group=GROUP,
    )
)

improvement = register(
    Kind(
        model=Improvement,
        ref="IMP",
        may="improvement",
        workflow=workflows.improvement_life,
        form=SourceForm,
        fields=(
            "title", "type", "source_ref", "customer", "topic", "owner", "scope", "analysis", "objective", "resources",
            "customer_impact", "large", "due_on", "success_measure", "proposed_at",
        ),
        columns=("ref", "title", "type", "source_ref", "customer", "owner", "due_on", "status"),
        filters=("status", "type", "owner", "customer", "due_on"),
        search=("ref", "title", "analysis", "objective", "source_ref"),
        party="customer__contacts__person",
        due="next_due",
        icon="trending-up",
        group=GROUP,
    )
)  # fmt: skip
