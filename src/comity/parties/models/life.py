"""What several kinds share: a life of use, ranks, and how often something happens."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Life(models.TextChoices):
    ACTIVE = "active", _("Active")
    RETIRED = "retired", _("Retired")


def life() -> "models.CharField[str, str]":
    """The column of it; `workflows.in_use` are its steps."""
    return models.CharField(_("status"), max_length=10, choices=Life, default=Life.ACTIVE, editable=False)


class Rank(models.TextChoices):
    LOW = "low", _("Low")
    MEDIUM = "medium", _("Medium")
    HIGH = "high", _("High")


class Cadence(models.TextChoices):
    DAILY = "daily", _("Daily")
    WEEKLY = "weekly", _("Weekly")
    MONTHLY = "monthly", _("Monthly")
    QUARTERLY = "quarterly", _("Quarterly")
    HALF_YEARLY = "half_yearly", _("Half-yearly")
    YEARLY = "yearly", _("Yearly")
