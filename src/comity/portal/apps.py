"""The room of the customer portal; it owns no record."""

from django.apps import AppConfig


class PortalConfig(AppConfig):
    name = "comity.portal"
    label = "portal"
    default_auto_field = "django.db.models.BigAutoField"
