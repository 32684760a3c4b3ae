"""What the sample organisation tells each customer, and knows of each: profile, charter, policies, ways to complain."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.utils import timezone

from comity.accounts.roles import Role
from comity.agreements.models import AgreementVersion
from comity.communications.models import Channel
from comity.documents import operations
from comity.documents.models import DocumentVersion
from comity.home.demonstration import Organisation
from comity.home.reviewing import ago
from comity.parties.models import Contact
from comity.records import write

RM, PR, OD = Role.RELATIONSHIP_MANAGER, Role.PROCESS_MANAGER, Role.OPERATIONS_DIRECTOR
TOLD = (  # topic, what was written, the type of document that went with it
    ("charter", "Our service charter", ""), ("privacy", "How we keep what you tell us", "privacy_policy"),
    ("security", "How we keep it safe", "security_policy"),
    ("disputes_complaints", "How to complain, and what happens then", "complaint_procedure"),
    ("escalation_route", "Whom to turn to if you are not content", ""), ("services", "What we do for you", ""),
    ("channels", "How to reach us", ""),
)  # fmt: skip


def inform(organisation: Organisation) -> None:
    """A letter on each topic to each customer, and a profile that both sides have confirmed."""
    mail = Channel.objects.filter(type="email").order_by("pk").first()
    carried = {one.document.type: one.ref for one in DocumentVersion.objects.filter(status="effective")}
    charter = AgreementVersion.objects.filter(agreement__type="charter", status="in_force").first()
    for contact in Contact.objects.filter(customer__status="active", type="customer", status="active"):
        if contact.customer is None:
            continue
        whom = {"customer": contact.customer.ref, "contact": contact.ref, "channel": mail.ref if mail else ""}
        for topic, words, type in TOLD:
            version = charter.ref if topic == "charter" and charter else carried.get(type, "")
            organisation.make(
                "communication", RM, direction="outbound", topic=topic, summary=words, version_carried=version,
                owner=organisation.email(RM), occurred_at=ago(3), **whom,
            )  # fmt: skip
        _profile(organisation, contact, whom)


def _profile(organisation: Organisation, contact: Contact, whom: dict[str, Any]) -> None:
    """Written, approved, and confirmed by the manager and in a message of the customer."""
    writer, customer = organisation.actor(PR), whom["customer"]
    version = operations.from_starter("customer_profile", "en", writer)
    write.update(
        version.document, {"customer": customer, "title": f"Profile of {contact.customer}"[:200]}, actor=writer
    )
    version = write.update(version, {"change_reason": "First issue."}, actor=writer)
    version = write.transition(version, "submit", {}, actor=writer, happened_at=ago(60))
    dates = {"effective_on": ago(60).date(), "review_due_on": timezone.localdate() + timedelta(days=300)}
    version = write.transition(version, "approve", dates, actor=organisation.actor(OD), happened_at=ago(60))
    said = organisation.make(
        "communication", RM, direction="inbound", topic="information", summary="Your picture of us is right.",
        owner=organisation.email(RM), subject_ref=version.ref, occurred_at=ago(50), purpose="confirmation", **whom,
    )  # fmt: skip
    organisation.make(
        "communication", RM, direction="outbound", topic="information", summary="Thank you; then we plan with it.",
        owner=organisation.email(RM), subject_ref=said.ref, occurred_at=ago(49.9), purpose="answer", **whom,
    )  # fmt: skip
    about = {"type": "confirmed", "version_ref": version.ref}
    organisation.make("acceptance", RM, **about, person=organisation.email(RM))
    organisation.make("acceptance", RM, **about, contact=contact.ref, proof_ref=said.ref)
