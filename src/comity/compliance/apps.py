"""Standards as data, verdicts computed from the records, and what is kept of them."""

from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules


class ComplianceConfig(AppConfig):
    name = "comity.compliance"
    label = "compliance"

    def ready(self) -> None:
        from comity.compliance import settings as settings

        autodiscover_modules("checks")
