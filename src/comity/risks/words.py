"""The ranks of risks."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class Rank(TextChoices):
    LOW = "low", _("Low")
    MEDIUM = "medium", _("Medium")
    HIGH = "high", _("High")
