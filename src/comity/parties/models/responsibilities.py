"""Who answers for what, and who has consented to what."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from comity.clocks.ahead import happened
from comity.parties.duties import SINGLE, Duty
from comity.parties.models.customers import PERSON, Contact, Customer, Segment
from comity.parties.pointers import kind_name
from comity.records.models import Record, Settled, Term


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
    covers = models.ManyToManyField(
        Term, blank=True, related_name="+", limit_choices_to={"list": "duty"}, verbose_name=_("answers for")
    )
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

    def settled(self) -> Settled:
        """Once approved it can only be ended: whoever else shall answer gets a row of his own."""
        why = _("This is approved and cannot be changed. End it and assign anew.")
        return dict.fromkeys(self.FROZEN, why) if self.approved_at else {}


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
        happened(self, "accepted_at")

    def settled(self) -> Settled:
        why = _("Consent is not changed afterwards. Withdraw it and record what holds.")
        return dict.fromkeys(self.kind.fields, why)
