"""Controls and what came of their runs."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class RisksConfig(AppConfig):
    name = "comity.risks"
    verbose_name = _("Risks and controls")
    default_auto_field = "django.db.models.BigAutoField"
