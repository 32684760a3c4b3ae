"""The routes by which parties reach the organisation, and the log of what was said."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CommunicationsConfig(AppConfig):
    name = "comity.communications"
    verbose_name = _("Communications")
    default_auto_field = "django.db.models.BigAutoField"
