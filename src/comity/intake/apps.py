"""The room for imports and exports."""

from django.apps import AppConfig


class IntakeConfig(AppConfig):
    name = "comity.intake"
    label = "intake"
    default_auto_field = "django.db.models.BigAutoField"
