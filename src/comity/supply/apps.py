"""The supply room."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class SupplyConfig(AppConfig):
    name = "comity.supply"
    label = "supply"
    verbose_name = _("Suppliers")
    default_auto_field = "django.db.models.BigAutoField"
