"""Questions that other rooms ask of the log."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from django.db.models import Q, QuerySet
from django.utils import timezone

from comity.accounts.models import Person
from comity.accounts.rights import rights_of
from comity.communications.models import Channel, Communication


def open_channels(customers: Collection[int]) -> QuerySet[Channel]:
    """The published ways by which these customers can reach us: those for everybody, and their own."""
    rows = Channel.objects.filter(status=Channel.Status.ACTIVE, published_at__lte=timezone.localdate())
    rows = rows.exclude(audience=Channel.Audience.STAFF)
    return rows.filter(Q(customers__isnull=True) | Q(customers__in=customers)).distinct().order_by("type", "name")


def about(record: Any, *purposes: str, direction: str = "") -> QuerySet[Communication]:
    """What was said about a record and stands, oldest first; of these purposes and this direction if named."""
    rows = Communication.objects.filter(subject_ref=record.ref, status=Communication.Status.RECORDED)
    if purposes:
        rows = rows.filter(purpose__in=purposes)
    if direction:
        rows = rows.filter(direction=direction)
    return rows.order_by("occurred_at", "pk")


def shown_about(record: Any, person: Person) -> QuerySet[Communication]:
    """The same as this reader of the record may see it: without the words of what must be kept from him."""
    return about(record).as_seen_by(person, rights_of(person))  # type: ignore[attr-defined, no-any-return]


def channel_at(addresses: Collection[str]) -> Channel | None:
    """Our e-mail channel in force that is published under one of these addresses, in small letters."""
    rows = Channel.objects.filter(type=Channel.Type.EMAIL, status=Channel.Status.ACTIVE).exclude(address="")
    known = {address.strip().lower() for address in addresses}
    return next((row for row in rows.order_by("pk") if row.address.strip().lower() in known), None)
