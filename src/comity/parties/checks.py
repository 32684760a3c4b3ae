"""How parties, people and responsibilities answer to the words of requirements."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Q
from django.utils import timezone

from comity.accounts.models import Grant, Person
from comity.accounts.roles import CONTACTS
from comity.parties.models import Acceptance, Contact, Customer, Responsibility, Segment
from comity.records.facts import Fact, tie, vocabulary
from comity.records.models import Entry


def at_work(as_of: datetime) -> Q:
    """People of the organisation who belong to it on that day."""
    today = timezone.localtime(as_of).date()
    return Q(is_active=True, starts_on__lte=today) & (Q(ends_on__isnull=True) | Q(ends_on__gt=today))


def held(as_of: datetime) -> Q:
    """Responsibilities that count on that day: approved, begun, not over."""
    today = timezone.localtime(as_of).date()
    begun = Q(status__in=("approved", "active"), starts_on__lte=today)
    return begun & (Q(ends_on__isnull=True) | Q(ends_on__gt=today))


vocabulary("customer", Customer, services=Fact("services", to="service"))
vocabulary("segment", Segment)
vocabulary(
    "contact", Contact,
    party_kind=Fact("type", words={"customer": ("customer", "user")}),
    role="roles__code", addresses="email", accepted_channels="accepted_channels__code",
)  # fmt: skip
vocabulary(
    "staff", Person, Q(pk__in=Grant.objects.exclude(role__in=[role.value for role in CONTACTS]).values("person")),
    status=Fact(holds=at_work), responsibilities=Fact("responsibilities", to="responsibility"),
)  # fmt: skip
vocabulary(
    "responsibility", Responsibility,
    status=Fact(holds=held), holder=Fact("person", to="staff"), subject=Fact("customer", to="customer"),
    approval="approved_at",
)  # fmt: skip
vocabulary("acceptance", Acceptance, version="version_ref", party="contact")
vocabulary(
    "event", Entry,
    type=Fact(
        "act",
        words={
            "comment": ("post",), "read": ("read",), "transition": ("transition",), "test": ("test",),
            "disclosed": ("disclosed",),
        },
    ),
    occurred_at="happened_at", entered_at="at", actor="actor_id", reason="note", record_kind="kind",
)  # fmt: skip

tie("customer", "customer", "parent")
tie("contact", "customer", "customer")
tie("responsibility", "customer", "customer")
tie("responsibility", "staff", "person")
tie("acceptance", "contact", "contact")
