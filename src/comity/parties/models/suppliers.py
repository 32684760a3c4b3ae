"""Suppliers: who provides or operates services, components or parts of processes for us."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _

from comity.clocks.ahead import not_ahead
from comity.records.models import Record, term


class Supplier(Record):
    """Party that supplies us, outside, inside or as a customer (ISO/IEC 20000-1:2011 7.2, 2018 8.3.4).

    Its owner manages the relationship. It stands among the parties because contacts and cases point to it; contracts,
    qualification and what else is built on it belong to the room of supply.
    """

    meaning = _("A party that provides or operates services for us: outside, inside, or a customer who supplies us.")

    class Type(models.TextChoices):
        EXTERNAL = "external", _("External")
        INTERNAL = "internal", _("Internal")
        CUSTOMER_ACTING = "customer_acting", _("Customer acting as supplier")

    class Tier(models.TextChoices):
        STRATEGIC = "strategic", _("Strategic")
        TACTICAL = "tactical", _("Tactical")
        OPERATIONAL = "operational", _("Operational")
        COMMODITY = "commodity", _("Commodity")

    class Status(models.TextChoices):
        ACTIVE = "active", _("Active")
        ENDED = "ended", _("Ended")

    name = models.CharField(_("name"), max_length=200)
    type = models.CharField(_("type"), max_length=15, choices=Type, default=Type.EXTERNAL)
    tier = models.CharField(_("tier"), max_length=12, choices=Tier, blank=True)
    category = term("supplier_category", null=True, blank=True, verbose_name=_("category"))
    customer = models.ForeignKey(
        "parties.Customer", models.PROTECT, null=True, blank=True, related_name="supplies", verbose_name=_("customer"),
        help_text=_("Where a customer supplies us."),
    )  # fmt: skip
    key = models.BooleanField(_("key supplier"), default=False)
    lead = models.BooleanField(_("leads other suppliers"), default=False)
    data_access = models.BooleanField(_("has access to our data"), default=False)
    reconfirmed_at = models.DateField(_("last confirmed"), null=True, blank=True, validators=[not_ahead])
    status = models.CharField(_("status"), max_length=10, choices=Status, default=Status.ACTIVE, editable=False)

    class Meta:
        verbose_name, verbose_name_plural = _("supplier"), _("suppliers")
        indexes = [models.Index(fields=["status", "-entered_at"], name="supplier_by_status")]

    named_by = ("name",)

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        """A customer is named exactly where a customer supplies us: both records stay linked (2018 8.3.4.2)."""
        if self.type == self.Type.CUSTOMER_ACTING and self.customer_id is None:
            raise ValidationError({"customer": _("Name the customer who supplies us.")})
        if self.type != self.Type.CUSTOMER_ACTING and self.customer_id is not None:
            raise ValidationError({"customer": _("Only a customer acting as supplier is a customer, too.")})

    @classmethod
    def entrusted(cls, person: Any, rights: Any) -> models.Q | None:
        """Whoever enters contacts or works on cases finds the suppliers that they name there."""
        name_them = rights.may("customer", "create") | rights.may("case_handle", "edit")
        return ~models.Q(pk__in=()) if name_them else None
