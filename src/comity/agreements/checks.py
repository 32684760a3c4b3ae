"""How services, agreements and targets answer to the words of requirements. An agreement there is a version here."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Q
from django.utils import timezone

from comity.agreements.models import AgreementVersion, Service, Target
from comity.records.facts import Fact, tie, vocabulary


def in_force(as_of: datetime) -> Q:
    """Agreed, begun, and neither over, ended nor followed by another version by then."""
    today = timezone.localtime(as_of).date()
    held = Q(agreed_at__lte=as_of, effective_on__lte=today, status__in=("agreed", "in_force"))
    return held & (Q(ends_on__isnull=True) | Q(ends_on__gte=today)) & (Q(ended_on__isnull=True) | Q(ended_on__gt=today))


vocabulary(
    "service", Service,
    status=Fact("status", words={"active": ("live",)}), recipients=Fact("customers", to="customer"),
    provider_kind="provider_kind",
)  # fmt: skip
vocabulary(
    "agreement", AgreementVersion,
    type="agreement__type", customers=Fact("agreement__customers", to="customer"), in_force=Fact(holds=in_force),
    data_exchange="agreement__data_exchange", support_terms="agreement__support_terms",
    support_contact="agreement__support_contact", parties="agreement__parties", starts_on="effective_on",
)  # fmt: skip
vocabulary("target", Target, agreement=Fact("agreement_version", to="agreement"), unit="unit_of_value")

tie("service", "customer", "customers")
tie("agreement", "customer", "agreement__customers")
tie("agreement", "service", "services")
tie("target", "agreement", "agreement_version")
