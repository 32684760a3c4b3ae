"""Services, agreements with their versions, targets and clauses."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from comity.agreements import levels
from comity.agreements.charters import for_contacts
from comity.agreements.clauses import Clause
from comity.agreements.requirements import ServiceRequirement
from comity.clocks.ahead import not_ahead
from comity.records.models import Record, Settled

__all__ = ["Agreement", "AgreementVersion", "Clause", "Service", "ServiceRequirement", "Target"]

PERSON = "accounts.Person"


class Service(Record):
    """Service or component of the catalogue: recipients, owner, provider, dependencies (ISO/IEC 20000-1:2018 8.2)."""

    meaning = _("What we provide: its recipients, its owner, and what it depends on.")

    class Type(models.TextChoices):
        SERVICE = "service", _("Service")
        COMPONENT = "component", _("Service component")

    class Provider(models.TextChoices):
        OWN = "own", _("Ourselves")
        INTERNAL = "internal", _("Another internal group")
        SUPPLIER = "supplier", _("Supplier")

    class Status(models.TextChoices):
        PLANNED = "planned", _("Planned")
        LIVE = "live", _("Live")
        RETIRED = "retired", _("Retired")

    name = models.CharField(_("name"), max_length=200)
    type = models.CharField(_("type"), max_length=10, choices=Type, default=Type.SERVICE)
    description = models.TextField(_("description"), blank=True)
    customers = models.ManyToManyField(
        "parties.Customer", blank=True, related_name="services", verbose_name=_("customers")
    )
    interested_parties = models.ManyToManyField(
        "parties.InterestedParty", blank=True, related_name="services", verbose_name=_("other parties with a stake")
    )
    depends_on = models.ManyToManyField(
        "self", symmetrical=False, blank=True, related_name="supports", verbose_name=_("depends on")
    )
    provider_kind = models.CharField(_("provided by"), max_length=10, choices=Provider, default=Provider.OWN)
    provider = models.CharField(_("name of the provider"), max_length=200, blank=True)
    after_sales = models.BooleanField(_("after-sales service"), default=False)
    launched_on = models.DateField(_("launched on"), null=True, blank=True)
    first_delivery_at = models.DateField(_("first delivered"), null=True, blank=True)
    reconfirmed_at = models.DateField(_("last confirmed"), null=True, blank=True, validators=[not_ahead])
    status = models.CharField(_("status"), max_length=10, choices=Status, default=Status.PLANNED, editable=False)

    class Meta:
        verbose_name, verbose_name_plural = _("service"), _("services")

    named_by = ("name",)

    def __str__(self) -> str:
        return self.name


class Agreement(Record):
    """What is agreed with whom; its versions say what. Without customers and segment it binds towards everybody.

    A charter is published and accepted by use, the others by signature (ISO/IEC 20000-1:2011 7.1, 6.1).
    """

    meaning = _("What is agreed with a customer or an internal party; its versions say what.")

    class Type(models.TextChoices):
        SLA = "sla", _("Service level agreement")
        CHARTER = "charter", _("Service charter")
        OLA = "ola", _("Operational level agreement")
        INTERNAL_SUPPLY = "internal_supply", _("Internal supply agreement")
        SERVICE_ACCEPTANCE = "service_acceptance", _("Service acceptance")

    class Status(models.TextChoices):
        ACTIVE = "active", _("Active")
        ENDED = "ended", _("Ended")

    title = models.CharField(_("title"), max_length=200)
    type = models.CharField(_("type"), max_length=20, choices=Type, default=Type.SLA)
    customers = models.ManyToManyField(
        "parties.Customer", blank=True, related_name="agreements", verbose_name=_("customers")
    )
    segment = models.ForeignKey(
        "parties.Segment", models.PROTECT, null=True, blank=True, related_name="agreements", verbose_name=_("segment")
    )
    parties = models.CharField(_("internal parties"), max_length=300, blank=True)
    data_exchange = models.BooleanField(_("data are exchanged"), default=False)
    support_terms = models.TextField(_("terms of support"), blank=True)
    support_contact = models.CharField(_("contact for support"), max_length=200, blank=True)
    status = models.CharField(_("status"), max_length=10, choices=Status, default=Status.ACTIVE, editable=False)

    class Meta:
        verbose_name, verbose_name_plural = _("agreement"), _("agreements")

    def __str__(self) -> str:
        return self.title

    @classmethod
    def entrusted(cls, person: Any, rights: Any) -> models.Q | None:
        return for_contacts(person, rights)


TOWARDS_CUSTOMERS = (Agreement.Type.SLA, Agreement.Type.CHARTER, Agreement.Type.SERVICE_ACCEPTANCE)


class AgreementVersion(Record):
    """One version of an agreement with the services, calendar and targets it promises. Immutable once agreed.

    It is in force from its effective date until its last day, or until the next agreed version of the same agreement
    takes effect. A new version never changes an old one: what was promised is judged by the version of that time.
    """

    meaning = _("One version of an agreement, with the services, the calendar and the targets it promises.")

    class Status(models.TextChoices):
        DRAFT = "draft", _("Draft")
        IN_NEGOTIATION = "in_negotiation", _("In negotiation")
        AGREED = "agreed", _("Agreed")
        IN_FORCE = "in_force", _("In force")
        SUPERSEDED = "superseded", _("Superseded")
        EXPIRED = "expired", _("Expired")
        ENDED = "ended", _("Ended")
        WITHDRAWN = "withdrawn", _("Withdrawn")

    agreement = models.ForeignKey(Agreement, models.PROTECT, related_name="versions", verbose_name=_("agreement"))
    version_no = models.PositiveIntegerField(_("version"), default=0, blank=True, help_text=_("Empty: the next one."))
    services = models.ManyToManyField(
        Service, blank=True, related_name="agreement_versions", verbose_name=_("services"),
        help_text=_("Empty: all services."),
    )  # fmt: skip
    calendar = models.ForeignKey(
        "clocks.Calendar", models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("calendar"),
        help_text=_("Empty: the organisation's calendar."),
    )  # fmt: skip
    change_reason = models.TextField(_("reason for this version"), blank=True)
    effective_on = models.DateField(_("effective on"), null=True, blank=True)
    ends_on = models.DateField(_("last day"), null=True, blank=True)
    next_due = models.DateField(_("next due"), null=True, blank=True, db_index=True, editable=False)
    author = models.ForeignKey(
        PERSON, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("drafted by")
    )
    signed_on = models.DateField(_("signed on"), null=True, blank=True)
    signed_for_us = models.ForeignKey(
        PERSON, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("signed for us by")
    )
    signed_by = models.ForeignKey(
        "parties.Contact",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("signed for the customer by"),
    )
    approved_by = models.ForeignKey(
        PERSON, models.PROTECT, null=True, blank=True, related_name="+", editable=False, verbose_name=_("approved by")
    )
    agreed_at = models.DateTimeField(_("agreed"), null=True, blank=True, editable=False)
    ended_on = models.DateField(_("ended on"), null=True, blank=True)
    status = models.CharField(_("status"), max_length=15, choices=Status, default=Status.DRAFT, editable=False)

    CONTENT = frozenset(
        {
            "agreement",
            "version_no",
            "services",
            "calendar",
            "effective_on",
            "ends_on",
            "signed_on",
            "signed_for_us",
            "signed_by",
            "author",
        }
    )

    class Meta:
        verbose_name, verbose_name_plural = _("agreement version"), _("agreement versions")
        constraints = [models.UniqueConstraint(fields=["agreement", "version_no"], name="agreement_version_once")]
        indexes = [models.Index(fields=["agreement", "-effective_on"], name="agreement_version_in_force")]

    def __str__(self) -> str:
        return f"{self.agreement} · v{self.version_no}"

    @classmethod
    def entrusted(cls, person: Any, rights: Any) -> models.Q | None:
        return for_contacts(person, rights, "agreement__")

    @property
    def open(self) -> bool:
        """Its content can still change."""
        return self.agreed_at is None and self.status in (self.Status.DRAFT, self.Status.IN_NEGOTIATION)

    def clean(self) -> None:
        if self.effective_on and self.ends_on and self.ends_on < self.effective_on:
            raise ValidationError({"ends_on": _("This is before it takes effect.")})

    def derive(self, changed: set[str]) -> None:
        self.next_due = self.ends_on if self.status in (self.Status.AGREED, self.Status.IN_FORCE) else None
        if not self.version_no:
            last = AgreementVersion.objects.filter(agreement=self.agreement_id).aggregate(n=models.Max("version_no"))[
                "n"
            ]
            self.version_no = (last or 0) + 1

    def settled(self) -> Settled:
        why = _("This version is agreed and no longer changes. Draft the next one.")
        return dict.fromkeys(self.CONTENT, why) if self.agreed_at else {}


class Target(Record):
    """Measurable commitment of one version of an agreement. Time limits bind the clocks of the work they speak of."""

    meaning = _("A promise of an agreement that can be measured; its time limits set the deadlines.")

    class Type(models.TextChoices):
        SERVICE_TARGET = "service_target", _("Service target")
        WORKLOAD_LIMIT = "workload_limit", _("Workload limit")

    Metric, Unit = levels.Metric, levels.Unit

    class Severity(models.TextChoices):
        MINOR = "minor", _("Minor")
        NORMAL = "normal", _("Normal")
        MAJOR = "major", _("Major")
        CRITICAL = "critical", _("Critical")

    agreement_version = models.ForeignKey(
        AgreementVersion, models.PROTECT, related_name="targets", verbose_name=_("agreement version")
    )
    title = models.CharField(_("title"), max_length=200, blank=True)
    type = models.CharField(_("type"), max_length=15, choices=Type, default=Type.SERVICE_TARGET)
    metric = models.CharField(_("measure"), max_length=15, choices=levels.Metric)
    severity = models.CharField(
        _("severity"), max_length=10, choices=Severity, blank=True, help_text=_("Empty: for every severity.")
    )
    value = models.FloatField(_("value"), validators=[MinValueValidator(0)])
    unit_of_value = models.CharField(_("unit of the value"), max_length=10, choices=levels.Unit)
    period = models.CharField(_("period"), max_length=60, blank=True)
    method = models.CharField(_("how it is measured"), max_length=300, blank=True)
    kpi = models.ForeignKey(
        "measures.Kpi", models.PROTECT, null=True, blank=True, related_name="targets", verbose_name=_("indicator")
    )

    TIMES = levels.TIMES

    class Meta:
        verbose_name, verbose_name_plural = _("target"), _("targets")

    def __str__(self) -> str:
        return self.title or f"{self.get_metric_display()}: {self.value:g} {self.get_unit_of_value_display()}"

    @classmethod
    def entrusted(cls, person: Any, rights: Any) -> models.Q | None:
        return for_contacts(person, rights, "agreement_version__agreement__")

    def editable(self, person: Any) -> bool:
        return self.agreement_version.open

    def clean(self) -> None:
        if self.agreement_version_id and not self.agreement_version.open:
            raise ValidationError({"agreement_version": _("This version is agreed; its targets no longer change.")})
        timed = self.metric in (
            Target.Metric.ACKNOWLEDGE,
            Target.Metric.ANSWER,
            Target.Metric.UPDATE,
            Target.Metric.RESOLVE,
        )
        if timed and self.unit_of_value not in self.TIMES:
            raise ValidationError({"unit_of_value": _("A time limit is counted in hours or days.")})
