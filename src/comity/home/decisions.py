"""What applies to the sample organisation, what its senior manager has decided not to, and what is accepted for now."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone

from comity.accounts.roles import Role
from comity.home.demonstration import Organisation

PR, SN = Role.PROCESS_MANAGER, Role.SENIOR_MANAGER
OBLIGATIONS = (
    # title, type, topic, jurisdiction, where to read it
    ("General Data Protection Regulation", "law", "privacy", "EU", "OJ L 119, 4.5.2016"),
    ("Fair Credit Reporting Act", "law", "privacy", "US", ""),
    ("Rules of the bureau on answering complaints", "other", "service", "US", ""),
    ("ISO/IEC 20000-1:2018", "standard", "service", "", "ISO catalogue 70636"),
)


def decide(organisation: Organisation) -> None:
    """Obligations, one waiver that ends in a quarter, and one requirement that does not apply."""
    for title, type, topic, jurisdiction, source in OBLIGATIONS:
        organisation.make(
            "obligation", PR, title=title, type=type, topic=topic, jurisdiction=jurisdiction, source=source,
            owner=organisation.email(PR),
        )  # fmt: skip
    organisation.make(
        "waiver", SN, requirement="ISO20000-7.1-17", ends_on=timezone.localdate() + timedelta(days=90),
        reason="The definition of complaints is put before the customers with the agreements of the coming year.",
    )  # fmt: skip
    organisation.make(
        "exclusion", SN, requirement="CSMS-8.5-s6", reason="We carry out no orders of goods; services are delivered."
    )
