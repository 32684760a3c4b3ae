"""What the words of requirements mean on a case, and what cases and escalations hang together with."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db.models import Q

from comity.cases.models import Case, Escalation
from comity.cases.rules import words
from comity.cases.rules.words import Ground, Origin
from comity.clocks.parameters import number
from comity.records.facts import Fact, tie, vocabulary

FAILURES = ("availability", "performance", "delivery")  # topics of a service that did not do what it should (PG-001-08)
CONCERNED = Q(service__isnull=False) | ~Q(conduct="")  # a service or somebody's conduct (7.1, BRM-3.3-5)
INSIDE = Q(origin=Origin.INTERNAL.value)
REACHABLE = ~Q(complainant="") & (~Q(address="") | ~Q(reach=""))  # who is no known contact
NAMED = Q(contact__isnull=False) | Q(anonymous=True) | REACHABLE
COMPLAINS = Q(contact__isnull=False) | Q(anonymous=True) | ~Q(complainant="")
NOBODY_TO_TELL = Q(anonymous=True) | Q(contact__isnull=True, address="", reach="")

IS_OPEN = Q(status__in=[status.value for status in words.OPEN])
UNRESOLVED = Q(status__in=[status.value for status in words.BEFORE_RESULT])
LEFT_THE_PATH = Q(
    close_ground__in=[one.value for one in (Ground.WITHDRAWN, Ground.MERGED, Ground.RECLASSIFIED, Ground.ANSWERED)]
)


def window(as_of: datetime, column: str) -> Q:
    """That the column lies in the time that verdicts look back on."""
    since = as_of - timedelta(days=number("evidence_window_days", as_of))
    return Q(**{f"{column}__gt": since, f"{column}__lte": as_of})


vocabulary(
    "case", Case,
    type="classification", number="ref", recorder="entered_by", next_due="next_due_at", due_on="next_due_at",
    occurred_at="received_at",
    status=Fact("status", words={"open": tuple(status.value for status in words.OPEN)}),
    origin=Fact("origin", words={"customer": ("customer",), "internal": ("internal",)}),
    customer=Fact("customer", to="customer", filled=Q(customer__isnull=False) | INSIDE),
    contact=Fact("contact", to="contact", filled=NAMED | INSIDE),
    complainant=Fact("complainant", filled=COMPLAINS | INSIDE),
    service=Fact("service", to="service", filled=CONCERNED),
    service_or_conduct=Fact("service", to="service", filled=CONCERNED),
    tags=Fact("topic__code", words={"service_failure": FAILURES}),
    reason="proposal_reason", procedure_version=Fact("procedure", to="document_version"),
    customer_notice=Fact(
        "customer_notice", to="communication", filled=Q(customer_notice__isnull=False) | NOBODY_TO_TELL
    ),
)  # fmt: skip
vocabulary("escalation", Escalation, occurred_at="raised_at")

tie("case", "customer", "customer")
tie("case", "contact", "contact")
tie("case", "service", "service")
tie("case", "escalation", "bundle")
tie("escalation", "case", "case")
tie("escalation", "customer", "customer")
tie("escalation", "service", "service")
