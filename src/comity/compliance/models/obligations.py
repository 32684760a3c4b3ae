"""Laws, standards and other requirements that apply to the organisation."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from comity.records.models import Record


class Obligation(Record):
    """Applicable law, standard or other requirement (CSMS:2003 4.3, 8.5 and 8.7.2)."""

    meaning = _("A law, a standard or another requirement that applies to the organisation.")
    named_by = ("title",)

    class Type(models.TextChoices):
        LAW = "law", _("Law")
        STANDARD = "standard", _("Standard")
        OTHER = "other", _("Other")

    class Topic(models.TextChoices):
        PRIVACY = "privacy", _("Privacy")
        ORDER_FULFILMENT = "order_fulfilment", _("Order fulfilment")
        SECURITY = "security", _("Information security")
        SERVICE = "service", _("Service")
        OTHER = "other", _("Other")

    class Status(models.TextChoices):
        ACTIVE = "active", _("Active")
        RETIRED = "retired", _("Retired")

    title = models.CharField(_("title"), max_length=200)
    type = models.CharField(_("type"), max_length=10, choices=Type, default=Type.LAW)
    topic = models.CharField(_("topic"), max_length=20, choices=Topic, default=Topic.OTHER)
    jurisdiction = models.CharField(
        _("jurisdiction"), max_length=60, blank=True, help_text=_("The country or area whose law it is, such as DE.")
    )
    source = models.CharField(_("where to read it"), max_length=300, blank=True)
    reviewed_on = models.DateField(_("last reviewed"), null=True, blank=True)
    status = models.CharField(_("status"), max_length=10, choices=Status, default=Status.ACTIVE, editable=False)

    class Meta:
        verbose_name, verbose_name_plural = _("obligation"), _("obligations")

    def __str__(self) -> str:
        return self.title
