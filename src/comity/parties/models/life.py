"""The life of what is simply in use, or no longer."""

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
