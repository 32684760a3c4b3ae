"""Counts that stand beside the figures of the desk."""

from __future__ import annotations

from datetime import datetime

from django.db.models import QuerySet

from comity.cases.models import Case
from comity.cases.models.choices import CloseGround


def reclassified(rows: QuerySet[Case], since: datetime | None = None, until: datetime | None = None) -> int:
    """How many of these left the figures as no complaints, so that nobody cleans the numbers unseen (BRM-3.3-8).

    Counted by the day of the decision; one that the customer objected to is a complaint again and counts no more.
    """
    found = rows.filter(close_ground=CloseGround.RECLASSIFIED)
    found = found.filter(reclassified_at__gte=since) if since else found
    return found.filter(reclassified_at__lt=until).count() if until else found.count()
