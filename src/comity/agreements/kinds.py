"""The kinds of this room."""

from typing import Any

from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from comity.accounts.models import Person
from comity.accounts.rights import Rights
from comity.accounts.roles import CONTACTS
from comity.agreements import workflows
from comity.agreements.forms import ClauseForm, ServiceForm, VersionForm
from comity.agreements.models import Agreement, AgreementVersion, Clause, Service, ServiceRequirement, Target
from comity.records.kind import Kind, register

GROUP = _("Commitments")
DRAFT = AgreementVersion.Status.DRAFT


def _offered(rows: QuerySet[Any], person: Person, rights: Rights) -> QuerySet[Any]:
    """Contacts see what was offered to them, not our drafts."""
    return rows.exclude(status=DRAFT) if rights.roles <= CONTACTS else rows


def _parts_offered(rows: QuerySet[Any], person: Person, rights: Rights) -> QuerySet[Any]:
    return rows.filter(~Q(agreement_version__status=DRAFT)) if rights.roles <= CONTACTS else rows


service = register(
    Kind(
        model=Service,
        ref="SVC",
        may="agreement",
        workflow=workflows.service_life,
        form=ServiceForm,
        fields=(
            "name", "type", "description", "customers", "interested_parties", "depends_on", "provider_kind", "provider",
            "after_sales", "launched_on", "first_delivery_at", "reconfirmed_at",
        ),
        columns=("ref", "name", "type", "status", "owner", "provider_kind", "launched_on"),
        filters=("status", "type", "provider_kind", "owner", "after_sales"),
        search=("ref", "name", "description"),
        party="customers__contacts__person",
        icon="layers",
        group=GROUP,
    )
)  # fmt: skip

agreement = register(
    Kind(
        model=Agreement,
        ref="AGR",
        may="agreement",
        workflow=workflows.agreement_life,
        fields=(
            "title", "type", "customers", "segment", "parties", "data_exchange", "support_terms", "support_contact",
        ),
        columns=("ref", "title", "type", "segment", "owner", "status"),
        filters=("type", "status", "customers", "segment", "owner"),
        search=("ref", "title", "parties"),
        party="customers__contacts__person",
        icon="handshake",
        group=GROUP,
    )
)  # fmt: skip

agreement_version = register(
    Kind(
        model=AgreementVersion,
        ref="AGV",
        may="agreement",
        workflow=workflows.version_life,
        form=VersionForm,
        narrow=_offered,
        fields=(
            "agreement", "version_no", "services", "calendar", "change_reason", "author", "effective_on", "ends_on",
            "signed_on", "signed_for_us", "signed_by",
        ),
        columns=("ref", "agreement", "version_no", "status", "effective_on", "ends_on", "signed_on", "approved_by"),
        filters=("status", "agreement", "effective_on", "ends_on"),
        search=("ref", "agreement__title"),
        party="agreement__customers__contacts__person",
        own=("owner", "author", "agreement__owner"),
        due="next_due",
        icon="file-pen-line",
        group=GROUP,
    )
)  # fmt: skip

target = register(
    Kind(
        model=Target,
        ref="TGT",
        may="agreement",
        narrow=_parts_offered,
        fields=(
            "agreement_version",
            "title",
            "type",
            "metric",
            "severity",
            "value",
            "unit_of_value",
            "period",
            "method",
            "kpi",
        ),
        columns=("ref", "agreement_version", "metric", "severity", "value", "unit_of_value", "period"),
        filters=("metric", "severity", "type", "agreement_version"),
        search=("ref", "title"),
        party="agreement_version__agreement__customers__contacts__person",
        own=("owner", "agreement_version__author"),
        icon="target",
        group=GROUP,
    )
)

clause = register(
    Kind(
        model=Clause,
        ref="CLA",
        may="agreement",
        form=ClauseForm,
        narrow=_parts_offered,
        fields=(
            "agreement_version", "topic", "text", "attributes", "none_agreed", "reference", "obligation", "due_rule",
        ),
        columns=("ref", "agreement_version", "topic", "none_agreed", "obligation", "due_rule", "changed_at"),
        filters=("topic", "agreement_version", "obligation"),
        search=("ref", "text"),
        party="agreement_version__agreement__customers__contacts__person",
        own=("owner", "agreement_version__author"),
        icon="scroll-text",
        group=GROUP,
    )
)  # fmt: skip

requirement = register(
    Kind(
        model=ServiceRequirement,
        ref="SRQ",
        may="requirement",
        workflow=workflows.requirement_life,
        fields=(
            "title", "text", "type", "category", "customer", "party", "services", "origin_kind", "origin", "requester",
            "identified_on", "topic", "metric", "value", "unit_of_value", "reasonable",
            "interpretation", "replaces", "baselined", "effective_on", "reason", "deferred_to",
        ),
        columns=("ref", "title", "customer", "type", "category", "status", "decision", "identified_on", "owner"),
        filters=("status", "type", "category", "customer", "identified_on", "owner"),
        search=("ref", "title", "text"),
        party="customer__contacts__person",
        own=("owner",),
        due="next_due",
        icon="file-text",
        group=GROUP,
    )
)  # fmt: skip
