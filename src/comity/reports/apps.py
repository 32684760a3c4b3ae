"""The reports room: how what is known gets onto paper."""

from django.apps import AppConfig


class ReportsConfig(AppConfig):
    name = "comity.reports"
    label = "reports"
    default_auto_field = "django.db.models.BigAutoField"
