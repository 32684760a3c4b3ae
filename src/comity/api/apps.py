"""The JSON interface under /api/v1/."""

from django.apps import AppConfig


class ApiConfig(AppConfig):
    name = "comity.api"
    label = "api"
    default_auto_field = "django.db.models.BigAutoField"
