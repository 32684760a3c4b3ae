"""Customers, their segments, and the people of outside parties whom we reach."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from typing import Any, ClassVar

from django.core.exceptions import ValidationError
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from comity.clocks.ahead import not_ahead
from comity.parties import separation
from comity.records.models import Record, Term

PERSON = "accounts.Person"
LONGEST_CHAIN = 50  # of parent organisations


class Segment(Record):
    """Customer category or market segment; agreements, definitions and managers can be set for all of it at once."""

    meaning = _("A group of customers; agreements, definitions and managers can be set for all of it at once.")

    class Type(models.TextChoices):
        CATEGORY = "category", _("Category")
        MARKET = "market", _("Market segment")

    class Status(models.TextChoices):
        ACTIVE = "active", _("Active")
        RETIRED = "retired", _("Retired")

    name = models.CharField(_("name"), max_length=150)
    type = models.CharField(_("type"), max_length=10, choices=Type, default=Type.CATEGORY)
    demographic_definition = models.TextField(_("definition"), blank=True, help_text=_("Who belongs to it."))
    reconfirmed_at = models.DateField(_("last confirmed"), null=True, blank=True, validators=[not_ahead])
    status = models.CharField(_("status"), max_length=10, choices=Status, default=Status.ACTIVE, editable=False)

    class Meta:
        verbose_name, verbose_name_plural = _("segment"), _("segments")

    named_by = ("name",)

    def __str__(self) -> str:
        return self.name


class Customer(Record):
    """Organisation, unit or person that receives services, inside or outside (ISO/IEC 20000-1:2011 7.1, CSMS:2003 8.1).

    Its owner is the relationship manager in charge; the responsibilities keep that so.
    """

    meaning = _("An organisation, a unit or a person that receives our services, inside or outside.")

    class Nature(models.TextChoices):
        ORGANISATION = "organisation", _("Organisation")
        PERSON = "person", _("Person")

    class Side(models.TextChoices):
        EXTERNAL = "external", _("External")
        INTERNAL = "internal", _("Internal")

    class Type(models.TextChoices):
        AGREEMENT = "agreement", _("Under agreement")
        AD_HOC = "ad_hoc", _("Ad hoc")

    class Status(models.TextChoices):
        PROSPECT = "prospect", _("Prospect")
        ACTIVE = "active", _("Active")
        ENDED = "ended", _("Ended")

    class Stage(models.TextChoices):
        ACQUIRE = "acquire", _("Acquire")
        ONBOARD = "onboard", _("Onboard")
        SERVE = "serve", _("Serve")
        RETAIN = "retain", _("Retain")
        LEAVE = "leave", _("Leave")

    name = models.CharField(_("name"), max_length=200)
    nature = models.CharField(_("organisation or person"), max_length=12, choices=Nature, default=Nature.ORGANISATION)
    side = models.CharField(_("inside or outside"), max_length=10, choices=Side, default=Side.EXTERNAL)
    type = models.CharField(_("type"), max_length=10, choices=Type, default=Type.AGREEMENT)
    status = models.CharField(_("status"), max_length=10, choices=Status, default=Status.PROSPECT, editable=False)
    category = models.ForeignKey(
        Segment, models.PROTECT, null=True, blank=True, related_name="customers_of_category",
        limit_choices_to={"type": "category"}, verbose_name=_("category"),
    )  # fmt: skip
    segment = models.ForeignKey(
        Segment, models.PROTECT, null=True, blank=True, related_name="customers_of_segment",
        limit_choices_to={"type": "market"}, verbose_name=_("market segment"),
    )  # fmt: skip
    parent = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="children", verbose_name=_("belongs to")
    )
    location = models.CharField(_("location"), max_length=200, blank=True)
    postal_address = models.TextField(_("postal address"), max_length=500, blank=True, help_text=_("For letters."))
    jurisdiction = models.CharField(_("jurisdiction"), max_length=100, blank=True)
    language = models.CharField(
        _("language"), max_length=10, blank=True, help_text=_("Code, for example en or zh-hans.")
    )
    special_needs = models.TextField(_("special needs"), blank=True)
    user_population = models.PositiveIntegerField(_("number of users"), null=True, blank=True)
    representative_contact = models.ForeignKey(
        "Contact", models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("representative contact")
    )
    lifecycle_stage = models.CharField(_("stage of the relationship"), max_length=10, choices=Stage, blank=True)
    stage_entered_on = models.DateField(_("in this stage since"), null=True, blank=True)
    review_frequency = models.PositiveSmallIntegerField(_("service review every … months"), null=True, blank=True)
    frequency_reason = models.TextField(_("reason for this frequency"), blank=True)
    frequency_proposer = models.ForeignKey(
        PERSON, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("frequency proposed by")
    )
    frequency_accepter = models.ForeignKey(
        PERSON, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("frequency accepted by")
    )
    reconfirmed_at = models.DateField(_("last confirmed"), null=True, blank=True, validators=[not_ahead])

    class Meta:
        verbose_name, verbose_name_plural = _("customer"), _("customers")
        indexes = [models.Index(fields=["status", "-entered_at"], name="customer_by_status")]

    named_by = ("name",)

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        """An organisation never belongs to itself, and nobody accepts the review frequency that he proposed (8.1)."""
        above, steps = self.parent, 0
        while above is not None and steps < LONGEST_CHAIN:
            if self.pk and above.pk == self.pk:
                raise ValidationError({"parent": _("A customer cannot belong to itself, not even by a detour.")})
            above, steps = above.parent, steps + 1
        separation.check_frequency(self)

    def derive(self, changed: set[str]) -> None:
        if "lifecycle_stage" in changed and "stage_entered_on" not in changed:
            self.stage_entered_on = timezone.localdate() if self.lifecycle_stage else None

    @classmethod
    def registered(cls, records: Sequence[Any], actor: Any) -> None:
        if any(record.parent_id for record in records):
            _reach_anew()
        for record in records:
            separation.declare_frequency(record, actor)

    def updated(self, changed: set[str], actor: Any) -> None:
        if "parent" in changed:
            _reach_anew()
        if changed & {"frequency_accepter", "frequency_proposer"}:
            separation.declare_frequency(self, actor)


class Contact(Record):
    """Reachable person of an outside party. With `person` set it can sign in, and sees its own party's records."""

    meaning = _("A person of a customer or another party whom we can reach.")

    class Type(models.TextChoices):
        CUSTOMER = "customer", _("Customer")
        USER = "user", _("User")
        SUPPLIER = "supplier", _("Supplier")
        INTERESTED_PARTY = "interested_party", _("Interested party")

    class Status(models.TextChoices):
        ACTIVE = "active", _("Active")
        ENDED = "ended", _("Ended")

    name = models.CharField(_("name"), max_length=150)
    type = models.CharField(_("type"), max_length=20, choices=Type, default=Type.CUSTOMER)
    status = models.CharField(_("status"), max_length=10, choices=Status, default=Status.ACTIVE, editable=False)
    customer = models.ForeignKey(
        Customer, models.PROTECT, null=True, blank=True, related_name="own_contacts", verbose_name=_("customer")
    )
    sees_children = models.BooleanField(
        _("sees what belongs to it"), default=False, help_text=_("May see the records of the organisations below, too.")
    )
    customers = models.ManyToManyField(Customer, related_name="contacts", editable=False)  # follows from the two above
    supplier = models.ForeignKey(
        "parties.Supplier", models.PROTECT, null=True, blank=True, related_name="contacts", verbose_name=_("supplier")
    )
    person = models.ForeignKey(
        PERSON, models.PROTECT, null=True, blank=True, related_name="contacts", verbose_name=_("portal sign-in")
    )
    roles = models.ManyToManyField(
        Term, blank=True, related_name="+", limit_choices_to={"list": "contact_role"}, verbose_name=_("roles")
    )
    email = models.EmailField(_("e-mail"), blank=True, db_index=True)
    phone = models.CharField(_("phone"), max_length=50, blank=True)
    postal_address = models.TextField(
        _("postal address"), max_length=500, blank=True, help_text=_("For letters. Empty: the customer's.")
    )
    accepted_channels = models.ManyToManyField(
        Term, blank=True, related_name="+", limit_choices_to={"list": "channel_type"},
        verbose_name=_("accepted channels"),
    )  # fmt: skip
    language = models.CharField(
        _("language"), max_length=10, blank=True, help_text=_("Code, for example en or zh-hans.")
    )
    jurisdiction = models.CharField(_("jurisdiction"), max_length=100, blank=True)
    signing_authority = models.BooleanField(_("may sign for its organisation"), default=False)
    in_words: ClassVar[dict[str, Callable[[Any], str]]] = {}  # the room of cases says what a wish means
    notification_wish = models.JSONField(_("notification wish"), default=dict, blank=True, editable=False)
    away_from = models.DateField(_("away from"), null=True, blank=True)
    away_to = models.DateField(_("away until"), null=True, blank=True)
    involved_on = models.DateField(_("last involved"), null=True, blank=True)

    class Meta:
        verbose_name, verbose_name_plural = _("contact"), _("contacts")

    named_by = ("name",)

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        if self.type in (self.Type.CUSTOMER, self.Type.USER) and not self.customer_id:
            raise ValidationError({"customer": _("Name the customer this contact belongs to.")})
        if self.type == self.Type.SUPPLIER and not self.supplier_id:
            raise ValidationError({"supplier": _("Name the supplier this contact belongs to.")})
        if self.type != self.Type.SUPPLIER and self.supplier_id:
            raise ValidationError({"supplier": _("Only a contact of the type supplier belongs to one.")})
        if self.away_from and self.away_to and self.away_to < self.away_from:
            raise ValidationError({"away_to": _("This is before the absence begins.")})

    @classmethod
    def registered(cls, records: Sequence[Any], actor: Any) -> None:
        ties = cls.customers.through.objects
        ties.bulk_create(ties.model(contact_id=one.pk, customer_id=pk) for one in records for pk in one.reach())

    def updated(self, changed: set[str], actor: Any) -> None:
        if changed & {"customer", "sees_children"}:
            self.customers.set(self.reach())

    def reach(self) -> set[int]:
        """Ids of the customers whose records this contact may see: its own, and if so wished all below it."""
        if self.customer_id is None:
            return set()
        return family(self.customer_id) if self.sees_children else {self.customer_id}

    def speaks_for(self, customer: int | None) -> bool:
        """May this contact bring up matters of this customer, by its id?"""
        return customer is not None and (customer == self.customer_id or customer in self.reach())

    def away(self, on: date) -> bool:
        return bool(self.away_from and self.away_from <= on and (self.away_to is None or on <= self.away_to))


def _reach_anew() -> None:
    """The tree of customers changed: say anew what those see that see what is below."""
    for contact in Contact.objects.filter(sees_children=True):
        contact.customers.set(contact.reach())


def family(customer: int) -> set[int]:
    """Ids of a customer and of all that belong to it, directly or not."""
    found, level = {customer}, {customer}
    while level:
        level = set(Customer.objects.filter(parent__in=level).values_list("pk", flat=True)) - found
        found |= level
    return found
