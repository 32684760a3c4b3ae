"""Customers, their contacts and segments, who answers for them, and what they have consented to."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PartiesConfig(AppConfig):
    name = "comity.parties"
    verbose_name = _("Parties")
    default_auto_field = "django.db.models.BigAutoField"
