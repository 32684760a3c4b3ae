"""Questions that other rooms ask of the log."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet

from comity.accounts.models import Person
from comity.accounts.rights import rights_of
from comity.communications.models import Communication


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
