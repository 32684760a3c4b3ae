"""Customers, contacts, segments, responsibilities and acceptances."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from typing import Any, ClassVar

from django.core.exceptions import ValidationError
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from comity.parties import separation
from comity.parties.duties import SINGLE, Duty
from comity.parties.pointers import kind_name
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
    reconfirmed_at = models.DateField(_("last confirmed"), null=True, blank=True)
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
    reconfirmed_at = models.DateField(_("last confirmed"), null=True, blank=True)

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


class Responsibility(Record):
    """Dated assignment of a duty over a customer, a segment, another record or the whole organisation to one person.

    It counts from its approval, between its dates, for as long as the person belongs to the organisation; that the
    person has accepted it is told apart (ISO/IEC 20000-1:2011 7.1, 4.1.3). History is kept: a change is a new row.
    """

    meaning = _("Who answers for what: one person, one duty, from one day to another.")

    class Status(models.TextChoices):
        PROPOSED = "proposed", _("Proposed")
        APPROVED = "approved", _("Approved")
        ACTIVE = "active", _("Accepted")
        ENDED = "ended", _("Ended")
        WITHDRAWN = "withdrawn", _("Withdrawn")

    role = models.CharField(_("duty"), max_length=40, choices=Duty)
    person = models.ForeignKey(PERSON, models.PROTECT, related_name="responsibilities", verbose_name=_("person"))
    deputy = models.BooleanField(_("deputy"), default=False)
    customer = models.ForeignKey(
        Customer, models.PROTECT, null=True, blank=True, related_name="responsibilities", verbose_name=_("customer")
    )
    segment = models.ForeignKey(
        Segment, models.PROTECT, null=True, blank=True, related_name="responsibilities", verbose_name=_("segment")
    )
    subject_ref = models.CharField(
        _("other subject"), max_length=20, blank=True, db_index=True, help_text=_("Reference of a service, supplier, …")
    )
    subject_kind = models.CharField(max_length=40, blank=True, editable=False)
    process = models.CharField(_("process"), max_length=60, blank=True)
    duties = models.TextField(_("duties"), blank=True)
    authorities = models.TextField(_("authorities"), blank=True)
    starts_on = models.DateField(_("starts on"), default=timezone.localdate)
    ends_on = models.DateField(
        _("ends on"), null=True, blank=True, help_text=_("The first day on which it no longer counts.")
    )
    approved_by = models.ForeignKey(
        PERSON, models.PROTECT, null=True, blank=True, related_name="+", editable=False, verbose_name=_("approved by")
    )
    approved_at = models.DateTimeField(_("approved"), null=True, blank=True, editable=False)
    accepted_at = models.DateTimeField(_("accepted"), null=True, blank=True, editable=False)
    status = models.CharField(_("status"), max_length=10, choices=Status, default=Status.PROPOSED, editable=False)

    FROZEN = frozenset({"role", "person", "deputy", "customer", "segment", "subject_ref", "process", "starts_on"})

    class Meta:
        verbose_name, verbose_name_plural = _("responsibility"), _("responsibilities")
        indexes = [models.Index(fields=["role", "customer", "starts_on"], name="duty_of_customer")]

    def __str__(self) -> str:
        return f"{self.get_role_display()} · {self.person}"

    def derive(self, changed: set[str]) -> None:
        self.subject_kind = kind_name(self.subject_ref)

    def clean(self) -> None:
        if sum(map(bool, (self.customer_id, self.segment_id, self.subject_ref))) > 1:
            raise ValidationError(_("A responsibility has one subject: a customer, a segment, or another record."))
        if self.ends_on and self.ends_on < self.starts_on:
            raise ValidationError({"ends_on": _("This is before it starts.")})
        if (rival := self.rival()) is not None:
            raise ValidationError(
                {
                    "person": _("%(person)s holds this duty then (%(ref)s). End that first, or name a deputy.")
                    % {"person": rival.person, "ref": rival.ref}
                }
            )

    def rival(self) -> Responsibility | None:
        """Another direct holder of a duty that only one person holds, at the same time over the same thing."""
        if self.deputy or self.role not in SINGLE or self.status in (self.Status.ENDED, self.Status.WITHDRAWN):
            return None
        others = Responsibility.objects.filter(
            role=self.role, deputy=False, customer=self.customer_id, segment=self.segment_id,
            subject_ref=self.subject_ref, process=self.process,
        )  # fmt: skip
        others = others.exclude(pk=self.pk).exclude(status=self.Status.WITHDRAWN).select_related("person")
        others = others.filter(models.Q(ends_on__isnull=True) | models.Q(ends_on__gt=self.starts_on))
        return (others.filter(starts_on__lt=self.ends_on) if self.ends_on else others).first()

    def updated(self, changed: set[str], actor: Any) -> None:
        """Once approved it can only be ended: whoever else shall answer gets a row of his own."""
        if self.approved_at and changed & self.FROZEN:
            message = _("This is approved and cannot be changed. End it and assign anew.")
            raise ValidationError(dict.fromkeys(sorted(changed & self.FROZEN), message))


class Acceptance(Record):
    """Dated consent of a named person to one exact version. A new version is another record: consent lapses with it."""

    meaning = _("The consent of a named person to one exact version.")

    class Type(models.TextChoices):
        AGREED = "agreed", _("Agreed")
        SIGNED = "signed", _("Signed")
        READ = "read", _("Read and understood")
        CONFIRMED = "confirmed", _("Confirmed")

    class Status(models.TextChoices):
        GIVEN = "given", _("Given")
        WITHDRAWN = "withdrawn", _("Withdrawn")

    type = models.CharField(_("type"), max_length=10, choices=Type, default=Type.AGREED)
    person = models.ForeignKey(
        PERSON, models.PROTECT, null=True, blank=True, related_name="acceptances", verbose_name=_("own person")
    )
    contact = models.ForeignKey(
        Contact, models.PROTECT, null=True, blank=True, related_name="acceptances", verbose_name=_("contact")
    )
    version_ref = models.CharField(_("version accepted"), max_length=20, db_index=True)
    version_kind = models.CharField(max_length=40, blank=True, editable=False)
    version_no = models.PositiveIntegerField(_("version number"), default=1, editable=False)
    topic = models.CharField(_("topic"), max_length=200, blank=True)
    accepted_at = models.DateTimeField(_("accepted"), default=timezone.now)
    proof_ref = models.CharField(
        _("proof"), max_length=20, blank=True,
        help_text=_("Reference of the communication in which the contact consented."),
    )  # fmt: skip
    status = models.CharField(_("status"), max_length=10, choices=Status, default=Status.GIVEN, editable=False)

    class Meta:
        verbose_name, verbose_name_plural = _("acceptance"), _("acceptances")

    def __str__(self) -> str:
        return f"{self.get_type_display()} · {self.version_ref}"

    def derive(self, changed: set[str]) -> None:
        self.version_kind = kind_name(self.version_ref)

    def clean(self) -> None:
        if bool(self.person_id) == bool(self.contact_id):
            raise ValidationError(_("Name either a contact or one of our own people."))
        if self.accepted_at and self.accepted_at > timezone.now():
            raise ValidationError({"accepted_at": _("This lies in the future.")})

    def editable(self, person: Any) -> bool:
        return False

    def updated(self, changed: set[str], actor: Any) -> None:
        raise ValidationError(_("Consent is not changed afterwards. Withdraw it and record what holds."))
