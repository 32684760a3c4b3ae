"""Sets of channels, plans and communications that only code can tell."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db.models import Exists, OuterRef, Q

from comity.communications.checks.names import in_force
from comity.communications.models import Channel, CommunicationPlan, PlanLine
from comity.parties.models import Contact, Customer
from comity.records.facts import Rows, population
from comity.records.models import Link

AGREED = Customer.objects.filter(status=Customer.Status.ACTIVE, type=Customer.Type.AGREEMENT)
DEPENDS_ON = "depends_on"  # the link by which somebody says which service a channel needs


def plans_for(customers: Rows) -> Q:
    """Plans for one of these customers: its own, its segments', or everybody's."""
    of_segment = Q(segment__in=customers.values("category")) | Q(segment__in=customers.values("segment"))
    default = Q(customer__isnull=True, segment__isnull=True, interested_party__isnull=True)
    return Q(customer__in=customers.values("pk")) | of_segment | default


@population("channels_planned")
def channels_planned(as_of: datetime, rows: Rows, **_more: Any) -> Rows:
    """Channels that a plan in force for an active customer under agreement names (CSMS:2003 8.7.4)."""
    plans = CommunicationPlan.objects.filter(in_force(as_of)).filter(plans_for(AGREED.order_by()))
    return rows.filter(
        pk__in=PlanLine.objects.filter(plan__in=plans.values("pk"), channel__isnull=False).values("channel")
    )


@population("channels_independent_tested")
def channels_independent_tested(as_of: datetime, rows: Rows, **_more: Any) -> Rows:
    """Channels that passed their last test and are linked to no service on which they depend (PG-001-07)."""
    needs = Link.objects.filter(from_kind="channel", verb=DEPENDS_ON, to_kind="service").values("from_id")
    return rows.filter(test_result=Channel.Result.PASSED).exclude(pk__in=needs)


@population("communication_plans_with_accepted_channel")
def with_accepted_channel(as_of: datetime, rows: Rows, **_more: Any) -> Rows:
    """Plans with a line on an active channel of a type that a contact of the customer accepts (CSMS:2003 8.7.4).

    A plan for many is looked at by the contacts that it names.
    """
    lines = PlanLine.objects.filter(plan=OuterRef("pk"), channel__status=Channel.Status.ACTIVE)
    accepting = Contact.objects.filter(status=Contact.Status.ACTIVE, accepted_channels__code=OuterRef("channel__type"))
    of_customer = Exists(accepting.filter(customer=OuterRef("plan__customer")))
    named = Exists(accepting.filter(pk=OuterRef("contact")))
    return rows.filter(Exists(lines.filter(of_customer | named)))


@population("communications_of_period")
def communications_of_period(as_of: datetime, rows: Rows, *, inquiry: Any, **_more: Any) -> Rows:
    """Those that took place in the period that is looked at: that of the review in question, else the window."""
    since, until = getattr(inquiry, "period", None) or (inquiry.before("evidence_window_days"), as_of)
    return rows.filter(occurred_at__gt=since, occurred_at__lte=until)
