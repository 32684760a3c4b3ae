"""What our own people have learned."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PeopleConfig(AppConfig):
    name = "comity.people"
    verbose_name = _("People")
    default_auto_field = "django.db.models.BigAutoField"
