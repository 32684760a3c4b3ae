"""The kinds of this room."""

from django.utils.translation import gettext_lazy as _

from comity.parties import workflows
from comity.parties.forms import AcceptanceForm, ContactForm, ResponsibilityForm
from comity.parties.models import Acceptance, Contact, Customer, Responsibility, Segment
from comity.records.kind import Kind, May, register

GROUP = _("Relationships")

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
            "name", "type", "customer", "sees_children", "person", "roles", "email", "phone", "postal_address",
            "accepted_channels", "language", "jurisdiction", "signing_authority", "away_from", "away_to", "involved_on",
        ),
        columns=("ref", "name", "customer", "type", "email", "phone", "status"),
        filters=("status", "type", "customer", "signing_authority"),
        search=("ref", "name", "email", "phone", "customer__name"),
        party="customer__contacts__person",
        own=("owner", "customer__owner"),
        icon="contact",
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

responsibility = register(
    Kind(
        model=Responsibility,
        ref="RSP",
        may="responsibility",
        workflow=workflows.responsibility_life,
        form=ResponsibilityForm,
        fields=(
            "role", "person", "deputy", "customer", "segment", "subject_ref", "process", "duties", "authorities",
            "starts_on", "ends_on",
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
