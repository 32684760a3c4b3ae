"""A moment of the past, as people write it at the doors that ask for one."""

from __future__ import annotations

from datetime import datetime, time

from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.dateparse import parse_date, parse_datetime
from django.utils.translation import gettext as _

from comity.records.forms import sensible


def moment(said: str) -> datetime:
    """The end of that day, or that very time, in the organisation's zone; of today, now. Raises ValidationError."""
    try:
        day, found = parse_date(said), parse_datetime(said)
    except ValueError:
        day = found = None
    if day is not None:
        found = datetime.combine(day, time.max)
    if found is None or not sensible(found):
        raise ValidationError(_("Enter a day such as 2026-03-31, or a moment such as 2026-03-31T14:30."))
    at, now = timezone.make_aware(found) if timezone.is_naive(found) else found, timezone.now()
    if at > now and day != timezone.localdate():
        raise ValidationError(_("This lies in the future."))
    return min(at, now)
