"""The kinds of this room."""

from django.utils.translation import gettext_lazy as _

from comity.parties import workflows
from comity.parties.forms import AcceptanceForm, ConsentForm, ContactForm, ResponsibilityForm
from comity.parties.models import (
    Acceptance,
    Consent,
    Contact,
    Customer,
    InterestedParty,
    Position,
    Process,
    ProcessInterface,
    ProcessRole,
    ProcessStep,
    Responsibility,
    Segment,
    Supplier,
)
from comity.records.kind import Kind, May, register

GROUP = _("Relationships")
PROCESSES = _("Processes")

customer = register(
    Kind(
        model=Customer,
        ref="CUS",
        may="customer",
        workflow=workflows.customer_life,
        fields=(
            "name", "nature", "side", "type", "category", "segment", "parent", "location", "postal_address",
            "jurisdiction", "language", "special_needs", "user_population", "representative_contact", "lifecycle_stage",
            "stage_entered_on", "review_frequency", "frequency_reason", "frequency_proposer", "frequency_accepter",
            "reconfirmed_at",
        ),
        columns=("ref", "name", "type", "status", "category", "owner", "parent"),
        filters=("status", "type", "side", "category", "segment", "owner"),
        search=("ref", "name", "location"),
        party="contacts__person",
        icon="building-2",
        group=GROUP,
    )
)  # fmt: skip

contact = register(
    Kind(
        model=Contact,
        ref="CON",
        may="customer",
        workflow=workflows.contact_life,
        form=ContactForm,
        fields=(
            "name", "type", "customer", "supplier", "sees_children", "person", "roles", "email", "phone",
            "postal_address", "accepted_channels", "language", "jurisdiction", "signing_authority", "away_from",
            "away_to", "involved_on",
        ),
        columns=("ref", "name", "customer", "supplier", "type", "email", "phone", "status"),
        filters=("status", "type", "customer", "supplier", "signing_authority"),
        search=("ref", "name", "email", "phone", "customer__name", "supplier__name"),
        party="customer__contacts__person",
        own=("owner", "customer__owner"),
        icon="contact",
        group=GROUP,
    )
)  # fmt: skip

supplier = register(
    Kind(
        model=Supplier,
        ref="SUP",
        may="supplier",
        workflow=workflows.supplier_life,
        fields=(
            "name", "type", "customer", "tier", "category", "owner", "key", "lead", "data_access", "reconfirmed_at",
        ),
        columns=("ref", "name", "type", "tier", "category", "key", "owner", "status"),
        filters=("status", "type", "tier", "category", "key", "owner"),
        search=("ref", "name"),
        party="contacts__person",
        icon="handshake",
        group=GROUP,
    )
)  # fmt: skip

segment = register(
    Kind(
        model=Segment,
        ref="SEG",
        may="customer",
        workflow=workflows.segment_life,
        fields=("name", "type", "demographic_definition", "reconfirmed_at"),
        columns=("ref", "name", "type", "status", "reconfirmed_at"),
        filters=("type", "status"),
        search=("ref", "name"),
        icon="shapes",
        group=GROUP,
    )
)

interested_party = register(
    Kind(
        model=InterestedParty,
        ref="INP",
        may="customer",
        workflow=workflows.in_use,
        fields=(
            "name", "type", "contact", "owner", "interest", "needs", "influence", "key", "stands_for_customers",
            "expectation_status", "rating", "reason", "cadence", "reconfirmed_at",
        ),
        columns=("ref", "name", "type", "influence", "key", "expectation_status", "owner", "reconfirmed_at", "status"),
        filters=("status", "type", "influence", "key", "expectation_status", "owner"),
        search=("ref", "name"),
        icon="users",
        group=GROUP,
    )
)  # fmt: skip

position = register(
    Kind(
        model=Position,
        ref="POS",
        may="responsibility",
        fields=("person", "type", "team", "department", "manager", "job_requirements", "customer_facing"),
        columns=("ref", "person", "type", "team", "department", "manager", "customer_facing"),
        filters=("type", "department", "customer_facing", "manager"),
        search=("ref", "person__name", "team"),
        own=("person",),
        icon="briefcase",
        group=GROUP,
    )
)

responsibility = register(
    Kind(
        model=Responsibility,
        ref="RSP",
        may="responsibility",
        workflow=workflows.responsibility_life,
        form=ResponsibilityForm,
        fields=(
            "role", "person", "deputy", "customer", "segment", "subject_ref", "process", "covers", "duties",
            "authorities", "starts_on", "ends_on",
        ),
        columns=("ref", "role", "person", "deputy", "customer", "segment", "starts_on", "ends_on", "status"),
        filters=("role", "person", "status", "customer", "segment", "deputy"),
        search=("ref", "person__name", "customer__name"),
        party="customer__contacts__person",
        own=("person",),
        icon="user-check",
        group=GROUP,
    )
)  # fmt: skip

acceptance = register(
    Kind(
        model=Acceptance,
        ref="ACC",
        may=May(create="communication", handle="communication"),
        workflow=workflows.acceptance_life,
        form=AcceptanceForm,
        fields=("type", "version_ref", "contact", "person", "topic", "accepted_at", "proof_ref"),
        columns=("ref", "type", "version_ref", "version_no", "contact", "person", "accepted_at", "status"),
        filters=("type", "status", "contact", "person"),
        search=("ref", "version_ref", "topic"),
        party="contact__customer__contacts__person",
        own=("owner", "person"),
        icon="signature",
        group=GROUP,
    )
)

consent = register(
    Kind(
        model=Consent,
        ref="CNS",
        may=May(create="communication", handle="communication"),
        form=ConsentForm,
        fields=("contact", "purpose", "type", "chosen_at", "proof_ref"),
        columns=("ref", "contact", "purpose", "type", "offered_at", "chosen_at"),
        filters=("purpose", "type", "contact"),
        search=("ref", "contact__name"),
        party="contact__person",
        own=("owner", "contact__customer__owner"),
        icon="bell-off",
        group=GROUP,
    )
)

process = register(
    Kind(
        model=Process,
        ref="PRC",
        may="definition",
        workflow=workflows.in_use,
        fields=(
            "name", "type", "tag", "owner", "inputs", "input_sources", "outputs", "output_recipients", "criticality",
            "manual_part", "customer_facing", "customer_outcome", "reconfirmed_at",
        ),
        columns=("ref", "name", "type", "tag", "owner", "criticality", "customer_facing", "status"),
        filters=("status", "type", "tag", "criticality", "customer_facing", "owner"),
        search=("ref", "name"),
        icon="network",
        group=PROCESSES,
    )
)  # fmt: skip

process_role = register(
    Kind(
        model=ProcessRole,
        ref="PRL",
        may="definition",
        fields=("process", "role", "duties"),
        columns=("ref", "process", "role"),
        filters=("process", "role"),
        search=("ref", "process__name"),
        own=("process__owner",),
        icon="id-card",
        group=PROCESSES,
    )
)

process_step = register(
    Kind(
        model=ProcessStep,
        ref="STP",
        may="supplier",
        fields=(
            "process", "position", "name", "owner_role", "operator_kind", "operator", "inputs", "outputs",
            "requirements", "stage", "journey_stage",
        ),
        columns=("ref", "process", "position", "name", "owner_role", "operator_kind", "operator"),
        filters=("process", "owner_role", "operator_kind"),
        search=("ref", "name", "operator", "process__name"),
        own=("owner", "process__owner"),
        icon="list-checks",
        group=PROCESSES,
    )
)  # fmt: skip

process_interface = register(
    Kind(
        model=ProcessInterface,
        ref="PIF",
        may="supplier",
        workflow=workflows.in_use,
        fields=(
            "name", "type", "process", "direction", "other_process", "from_step", "to_step", "inputs", "outputs",
            "contact_own", "contact_other", "verified_at",
        ),
        columns=("ref", "name", "type", "process", "direction", "contact_own", "contact_other", "verified_at"),
        filters=("status", "type", "process", "direction", "verified_at"),
        search=("ref", "name", "process__name"),
        own=("owner", "contact_own", "process__owner"),
        icon="link-2",
        group=PROCESSES,
    )
)  # fmt: skip
