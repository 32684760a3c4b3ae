"""How we keep in touch with customers, and how they began with us."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, datetime, time, timedelta
from typing import Any

from django.db.models import Q
from django.utils import timezone

from comity.clocks.parameters import limit
from comity.communications.checks.names import in_force
from comity.communications.checks.populations import AGREED
from comity.communications.models import Channel, Communication, CommunicationPlan, PlanLine
from comity.parties.duties import Duty
from comity.parties.models import Customer, Responsibility
from comity.parties.operations import holding
from comity.records.facts import Part, Rows, Unrecorded, predicate, spoken, tied
from comity.records.models import Entry

SPOKEN = {"phone", "face_to_face", "meeting", "video"}  # types of channels, and modes of reviews


def window(as_of: datetime) -> datetime:
    """Where the look back begins."""
    return as_of - timedelta(days=limit("evidence_window_days", as_of).value)


@predicate("contact_channels_varied")
def contact_channels_varied(as_of: datetime, rows: Rows | None, **_more: Any) -> Part:
    """We are in touch with each customer under agreement in at least two ways, one of them by voice (PG-004-10)."""
    said = Communication.objects.filter(
        status=Communication.Status.RECORDED,
        occurred_at__gt=window(as_of),
        occurred_at__lte=as_of,
        channel__isnull=False,
    )
    ways: dict[int, set[str]] = defaultdict(set)
    for customer, way in said.order_by().values_list("customer", "channel__type").distinct():
        ways[customer].add(way)
    for customer, mode in _met(as_of):
        ways[customer].add("face_to_face" if mode == "meeting" else mode)
    varied = [customer for customer, known in ways.items() if len(known) > 1 and known & SPOKEN]
    customers = AGREED.all()
    return customers, customers.exclude(pk__in=varied)


def _met(as_of: datetime) -> Rows | list[tuple[int, str]]:
    """Customers with whom a review was held, and how; where reviews name no customer, none."""
    try:
        review = spoken("review")
        path, held_at, mode = (review.fact(name).path for name in ("customer", "held_at", "mode"))
    except Unrecorded:
        return []
    happened = {f"{held_at}__gt": window(as_of), f"{held_at}__lte": as_of, f"{path}__isnull": False}
    return review.rows.order_by().filter(**happened).values_list(path, mode).distinct()


@predicate("customer_onboarded")
def customer_onboarded(as_of: datetime, rows: Rows | None, **_more: Any) -> Part:
    """On the day on which we began to serve a customer, everything stood ready (PG-004-26).

    That is a relationship manager, a line of a communication plan, a published channel, and, for a customer under
    agreement, the agreement.
    """
    begun = Entry.objects.filter(kind="customer", act="activate", happened_at__gt=window(as_of), happened_at__lte=as_of)
    days: dict[date, set[int]] = defaultdict(set)
    for pk, at in begun.order_by("pk").values_list("record_id", "happened_at"):
        days[timezone.localdate(at)].add(pk)
    unready = {
        pk
        for day, found in days.items()
        for pk in Customer.objects.filter(pk__in=found).exclude(ready(day)).values_list("pk", flat=True)
    }
    new = {pk for found in days.values() for pk in found}
    customers = Customer.objects.filter(pk__in=new, status=Customer.Status.ACTIVE)
    return customers, customers.filter(pk__in=unready)


def ready(day: date) -> Q:
    """Customers for whom all of it stood ready at the end of that day."""
    at = timezone.make_aware(datetime.combine(day + timedelta(days=1), time.min)) - timedelta(microseconds=1)
    return managed(day) & planned(at) & reachable(day) & (~Q(type=Customer.Type.AGREEMENT) | agreed(at))


def named(rows: Rows, path: str) -> Q:
    """Customers that one of the rows names; rows that name none are left out, for nothing can be compared with none."""
    return Q(pk__in=rows.filter(**{f"{path}__isnull": False}).values(path))


def of_segments(rows: Rows, path: str) -> Q:
    segments = rows.filter(**{f"{path}__isnull": False}).values(path)
    return Q(category__isnull=False, category__in=segments) | Q(segment__isnull=False, segment__in=segments)


def managed(day: date) -> Q:
    rows = Responsibility.objects.filter(holding(day), role=Duty.RELATIONSHIP_MANAGER, deputy=False)
    if rows.filter(customer__isnull=True, segment__isnull=True, subject_ref="").exists():
        return Q()
    return named(rows, "customer") | of_segments(rows, "segment")


def planned(at: datetime) -> Q:
    lines = PlanLine.objects.filter(plan__in=CommunicationPlan.objects.filter(in_force(at)))
    if lines.filter(plan__customer=None, plan__segment=None, plan__interested_party=None).exists():
        return Q()
    return named(lines, "plan__customer") | of_segments(lines, "plan__segment")


def reachable(day: date) -> Q:
    rows = Channel.objects.filter(published_at__lte=day).exclude(audience=Channel.Audience.STAFF)
    return Q() if rows.filter(customers__isnull=True).exists() else named(rows, "customers")


def agreed(at: datetime) -> Q:
    agreement = spoken("agreement")
    return named(agreement.rows.filter(agreement.at("in_force", at)), tied("agreement", "customer"))
