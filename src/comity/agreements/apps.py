"""The service catalogue, versioned agreements with their targets, and what was promised at a moment."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AgreementsConfig(AppConfig):
    name = "comity.agreements"
    verbose_name = _("Agreements")
    default_auto_field = "django.db.models.BigAutoField"
