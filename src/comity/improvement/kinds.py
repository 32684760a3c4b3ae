"""The kinds of this room."""

from django.utils.translation import gettext_lazy as _

from comity.improvement import workflows
from comity.improvement.against import within_scope
from comity.improvement.forms import FindingForm, ImprovementForm, ObjectForm, SourceForm
from comity.improvement.models import Action, ChangeRequest, Finding, Improvement
from comity.records.kind import Kind, register

GROUP = _("Improvement")

finding = register(
    Kind(
        model=Finding,
        ref="FND",
        may="improvement",
        workflow=workflows.finding_life,
        form=FindingForm,
        narrow=within_scope,
        fields=(
            "title", "type", "nature", "category", "description", "source_ref", "requirement", "subject_ref", "topic",
            "owner", "opened_at", "improvement_opportunity", "potential_cause", "whys", "cause", "cause_category",
            "process_owner_participant", "likelihood", "consequence", "alternatives", "situation_study",
        ),
        columns=("ref", "title", "type", "nature", "source_ref", "cause_category", "owner", "next_due", "status"),
        filters=("status", "type", "nature", "category", "cause_category", "owner", "opened_at"),
        search=("ref", "title", "description", "cause", "source_ref", "requirement"),
        own=("owner", "entered_by", "process_owner_participant"),
        due="next_due",
        icon="circle-alert",
        group=GROUP,
    )
)  # fmt: skip

action = register(
    Kind(
        model=Action,
        ref="ACT",
        may="improvement",
        workflow=workflows.action_life,
        form=SourceForm,
        narrow=within_scope,
        fields=(
            "title", "type", "description", "source_ref", "requirement", "customer", "owner", "supervisor", "due_on",
        ),
        columns=("ref", "title", "source_ref", "owner", "due_on", "status"),
        filters=("status", "owner", "customer", "type", "due_on"),
        search=("ref", "title", "description", "source_ref", "requirement"),
        own=("owner", "supervisor"),
        due="next_due",
        icon="square-check",
        group=GROUP,
    )
)  # fmt: skip

improvement = register(
    Kind(
        model=Improvement,
        ref="IMP",
        may="improvement",
        workflow=workflows.improvement_life,
        form=ImprovementForm,
        narrow=within_scope,
        fields=(
            "title", "type", "source_ref", "requirement", "customer", "topic", "owner", "assignees", "scope",
            "analysis", "objective", "resources", "customer_impact", "reporting", "gains", "large", "due_on",
            "success_measure", "proposed_at",
        ),
        columns=("ref", "title", "type", "source_ref", "customer", "owner", "due_on", "status"),
        filters=("status", "type", "owner", "customer", "gains", "due_on"),
        search=("ref", "title", "analysis", "objective", "source_ref"),
        party="customer__contacts__person",
        due="next_due",
        icon="trending-up",
        group=GROUP,
    )
)  # fmt: skip

change_request = register(
    Kind(
        model=ChangeRequest,
        ref="CHR",
        may="change_request",
        workflow=workflows.change_life,
        form=ObjectForm,
        fields=(
            "title", "type", "object_ref", "origin", "reason", "wanted", "owner", "due_on", "impact_services",
            "impact_management_system", "impact_standards", "impact_systems", "impact_customers", "customer_impact",
            "affected_targets", "affected_internal_agreements", "affected_contracts",
        ),
        columns=("ref", "title", "type", "object_ref", "originator", "due_on", "status"),
        filters=("status", "type", "owner", "due_on"),
        search=("ref", "title", "reason", "object_ref"),
        own=("owner", "originator"),
        due="next_due",
        icon="git-pull-request-arrow",
        group=GROUP,
    )
)  # fmt: skip
