"""The complaint desk: cases, escalations, topic bundles."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CasesConfig(AppConfig):
    name = "comity.cases"
    verbose_name = _("Complaint desk")
    default_auto_field = "django.db.models.BigAutoField"
