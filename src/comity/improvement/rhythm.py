"""How often something is done again, where the organisation sets that for the single thing."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class Rhythm(TextChoices):
    DAILY = "daily", _("Daily")
    WEEKLY = "weekly", _("Weekly")
    MONTHLY = "monthly", _("Monthly")
    QUARTERLY = "quarterly", _("Quarterly")
    HALF_YEARLY = "half_yearly", _("Half-yearly")
    YEARLY = "yearly", _("Yearly")

    @property
    def days(self) -> int:
        """The longest such span: a punctual rhythm never fails by the calendar."""
        return DAYS[self]


DAYS = {
    Rhythm.DAILY: 1, Rhythm.WEEKLY: 7, Rhythm.MONTHLY: 31, Rhythm.QUARTERLY: 92, Rhythm.HALF_YEARLY: 184,
    Rhythm.YEARLY: 366,
}  # fmt: skip
