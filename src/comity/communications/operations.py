"""Questions that other rooms ask of the log."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet

from comity.communications.models import Communication


def about(record: Any, *purposes: str, direction: str = "") -> QuerySet[Communication]:
    """What was said about a record and stands, oldest first; of these purposes and this direction if named."""
    rows = Communication.objects.filter(subject_ref=record.ref, status=Communication.Status.RECORDED)
    if purposes:
        rows = rows.filter(purpose__in=purposes)
    if direction:
        rows = rows.filter(direction=direction)
    return rows.order_by("occurred_at", "pk")
