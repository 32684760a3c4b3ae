"""A day or a moment of the past, as people write it at the doors that ask for one."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, time
from typing import TypeVar

from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.dateparse import parse_date, parse_datetime
from django.utils.translation import gettext as _

from comity.clocks.ahead import is_ahead, not_ahead
from comity.records.forms import sensible

Said = TypeVar("Said", date, datetime)


def _read(parse: Callable[[str], Said | None], said: str) -> Said | None:
    try:
        found = parse(said)
    except ValueError:
        return None
    return found if found and sensible(found) else None


def end_of(day: date) -> datetime:
    """The last moment of a day in the organisation's zone, or now if it has not come."""
    last = datetime.combine(day, time.max, tzinfo=timezone.get_default_timezone())
    return min(last, timezone.now())


def day_of(said: str) -> date | None:
    """The day that somebody names, if it makes sense and has come."""
    day = _read(parse_date, said)
    return day if day and not is_ahead(day) else None


def moment(said: str) -> datetime:
    """The end of that day, or that very time, in the organisation's zone; of today, now. Raises ValidationError."""
    if day := _read(parse_date, said):
        not_ahead(day)
        return end_of(day)
    at = _read(parse_datetime, said)
    if at is None:
        raise ValidationError(_("Enter a day such as 2026-03-31, or a moment such as 2026-03-31T14:30."))
    at = timezone.make_aware(at, timezone.get_default_timezone()) if timezone.is_naive(at) else at
    not_ahead(at)
    return min(at, timezone.now())
