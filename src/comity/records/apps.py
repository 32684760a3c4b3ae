"""The kernel: what a record is, who may touch it, how it is written and how it is read."""

from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules


class RecordsConfig(AppConfig):
    name = "comity.records"
    label = "records"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from comity.accounts import audit
        from comity.records import checks, trail  # noqa: F401  (checks registers the system checks)

        audit.recorders.append(trail.account_act)
        autodiscover_modules("kinds")
