"""What is said to have happened has happened: days and moments to come are refused, at every door in the same words."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

LEEWAY = timedelta(minutes=5)  # clocks of two machines differ


def is_ahead(when: date | datetime) -> bool:
    """Is this day, or this moment, still to come?"""
    if isinstance(when, datetime):
        return when > timezone.now() + LEEWAY
    return when > timezone.localdate()


def not_ahead(when: date | datetime) -> None:
    """Refuse it then."""
    if is_ahead(when):
        raise ValidationError(_("This lies in the future."))


def happened(record: object, *names: str) -> None:
    """The same of columns of a record, where they are filled; the refusal names the column."""
    for name in names:
        if (when := getattr(record, name)) and is_ahead(when):
            raise ValidationError({name: _("This lies in the future.")})
