"""Names of time zones, checked against the zone database."""

from zoneinfo import available_timezones

from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _


def default_zone() -> str:
    """The zone of people who have not chosen theirs."""
    return str(getattr(settings, "COMITY_TIME_ZONE", settings.TIME_ZONE))


def validate_zone(name: str) -> None:
    if name not in available_timezones():
        raise ValidationError(_("“%(name)s” is not a time zone, such as Asia/Shanghai."), params={"name": name})
