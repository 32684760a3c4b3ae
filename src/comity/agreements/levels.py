"""How well a service is to be done: what is measured, in which unit, and whether one value suffices for another."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class Metric(models.TextChoices):
    ACKNOWLEDGE = "acknowledge", _("Time to acknowledge")
    ANSWER = "answer", _("Time to answer")
    UPDATE = "update", _("Time between updates")
    RESOLVE = "resolve", _("Time to resolve")
    AVAILABILITY = "availability", _("Availability")
    VOLUME = "volume", _("Volume")
    SATISFACTION = "satisfaction", _("Satisfaction")
    OTHER = "other", _("Other")


class Unit(models.TextChoices):
    BUSINESS_HOURS = "bh", _("business hours")
    BUSINESS_DAYS = "bd", _("business days")
    HOURS = "h", _("clock hours")
    DAYS = "d", _("calendar days")
    PERCENT = "percent", _("percent")
    NUMBER = "number", _("number")


TIMES = ("bh", "bd", "h", "d")
Level = tuple[str, str, float | None]  # metric, unit, value


def suffices(promised: Level, wanted: Level) -> bool:
    """Whether what is promised is at least as good: sooner where a time is counted, as much everywhere else.

    What is measured otherwise, or in another unit, cannot be compared and does not suffice.
    """
    if promised[:2] != wanted[:2] or promised[2] is None or wanted[2] is None:
        return False
    return promised[2] <= wanted[2] if promised[1] in TIMES else promised[2] >= wanted[2]
