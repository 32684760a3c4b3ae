"""Sets of parties and steps that only code can tell."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db.models import Count, F, Min, OuterRef, Q, Subquery, Value
from django.db.models.functions import Coalesce, Concat, NullIf

from comity.parties.models import Contact, Customer, ProcessInterface, ProcessStep
from comity.records.facts import Part, Rows, Unrecorded, population, predicate, spoken


@population("jurisdictions_used")
def jurisdictions_used(as_of: datetime, rows: Rows, **_more: Any) -> Rows:
    """One contact for each jurisdiction: the contact's own, else its customer's (CSMS:2003 8.7.2)."""
    place = Coalesce(NullIf("jurisdiction", Value("")), NullIf("customer__jurisdiction", Value("")))
    active = Contact.objects.filter(status=Contact.Status.ACTIVE).annotate(place=place).filter(place__isnull=False)
    return Contact.objects.filter(pk__in=active.order_by().values("place").annotate(one=Min("pk")).values("one"))


@population("stakeholder_groups_key")
def stakeholder_groups_key(as_of: datetime, rows: Rows, **_more: Any) -> Rows:
    """The key parties, among them the one that stands for the customers as a group (CSMS:2003 15.1).

    Where there are customers and no such party, their group cannot be shown, and nothing is answered.
    """
    customers = Customer.objects.filter(status=Customer.Status.ACTIVE)
    if not rows.filter(stands_for_customers=True).exists() and customers.exists():
        raise Unrecorded("interested_party that stands for the customers as a group")
    return rows


def operators(path: str = "") -> Concat:
    """Who carries a step out, as one value."""
    return Concat(f"{path}operator_kind", Value(" "), f"{path}operator")


@population("process_steps_shared")
def process_steps_shared(as_of: datetime, rows: Rows, **_more: Any) -> Rows:
    """Processes whose steps have more than one operator (ISO/IEC 20000-1:2011 7.2)."""
    shared = ProcessStep.objects.order_by().values("process").annotate(n=Count(operators(), distinct=True))
    return rows.filter(pk__in=shared.filter(n__gt=1).values("process"))


@predicate("joint_process_interfaces")
def joint_process_interfaces(as_of: datetime, rows: Rows | None, **_more: Any) -> Part:
    """Where the next step has another operator, an interface says what is handed over (ISO/IEC 20000-1:2011 7.2).

    Where a supplier takes part, a clause of its contract must say so too; contracts are not recorded yet.
    """
    following = ProcessStep.objects.filter(process=OuterRef("process"), position__gt=OuterRef("position"))
    following = following.order_by("position", "pk")
    steps = ProcessStep.objects.filter(process__status="active").annotate(
        doer=operators(), next=Subquery(following.values("pk")[:1]),
        next_doer=Subquery(following.annotate(doer=operators()).values("doer")[:1]),
    )  # fmt: skip
    scope = steps.filter(next__isnull=False).exclude(doer=F("next_doer"))
    supplied = Q(operator_kind="supplier") | Q(next_doer__startswith="supplier ")
    if scope.filter(supplied).exists():
        spoken("contract")
    between = ProcessInterface.objects.filter(status="active", from_step=OuterRef("pk"), to_step=OuterRef("next"))
    found = scope.annotate(interface=Subquery(between.values("pk")[:1]))
    return scope, found.filter(interface__isnull=True)
