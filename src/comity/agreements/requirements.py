"""What customers and other parties need or expect of a service, from the day it was said to the day it is met."""

from __future__ import annotations

from datetime import datetime, time

from django.core.exceptions import ValidationError
from django.core.validators import MinValueValidator
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from comity.agreements import levels
from comity.clocks.ahead import happened
from comity.clocks.models import standard
from comity.clocks.parameters import declare, limit
from comity.clocks.rules import due
from comity.communications.models import Communication
from comity.records.models import Record, Settled

PERSON = "accounts.Person"
declare(
    "requirement_response_days", 20, "bd", 1, 60,
    _("Time to decide on a new or changed requirement and tell the requester."),
)  # fmt: skip


class ServiceRequirement(Record):
    """A need or an expectation: who has it, where it was said, how we read it, and what was decided about it.

    A changed one is a new version that names the one it replaces (ISO/IEC 20000-1:2011 7.1, ISO/IEC 20000-1:2018 8.3.2,
    BRM-2.1, BRM-3.1).
    """

    meaning = _("What a customer or another party needs or expects of our services, and what we decided about it.")

    class Type(models.TextChoices):
        NEW = "new", _("New")
        CHANGED = "changed", _("Changed")
        STANDING = "standing", _("Standing")
        FUTURE = "future", _("Future")
        SPECIAL_DELIVERY = "special_delivery", _("Special delivery")

    class Category(models.TextChoices):
        CONTENT = "content", _("What the service does")
        LEVEL = "level", _("How well it does it")

    class Origin(models.TextChoices):
        CUSTOMER = "customer", _("Customer")
        INTERESTED_PARTY = "interested_party", _("Other party")
        INTERNAL = "internal", _("Ourselves")
        LAW = "law", _("Law or standard")

    class Decision(models.TextChoices):
        ACCEPTED = "accepted", _("Accepted")
        REJECTED = "rejected", _("Rejected")
        DEFERRED = "deferred", _("Deferred")

    class Status(models.TextChoices):
        PROPOSED = "proposed", _("Proposed")
        CURRENT = "current", _("Current")
        REJECTED = "rejected", _("Rejected")
        SUPERSEDED = "superseded", _("Superseded")
        RETIRED = "retired", _("Retired")

    title = models.CharField(_("title"), max_length=200)
    text = models.TextField(_("requirement"), blank=True)
    type = models.CharField(_("type"), max_length=20, choices=Type, default=Type.NEW)
    category = models.CharField(_("category"), max_length=10, choices=Category, default=Category.CONTENT)
    customer = models.ForeignKey(
        "parties.Customer", models.PROTECT, null=True, blank=True, related_name="requirements",
        verbose_name=_("customer"),
    )  # fmt: skip
    party = models.ForeignKey(
        "parties.InterestedParty", models.PROTECT, null=True, blank=True, related_name="requirements",
        verbose_name=_("other party"),
    )  # fmt: skip
    services = models.ManyToManyField(
        "agreements.Service", blank=True, related_name="requirements", verbose_name=_("services")
    )
    origin_kind = models.CharField(_("whose it is"), max_length=20, choices=Origin, default=Origin.CUSTOMER)
    origin = models.CharField(
        _("where it was said"), max_length=20, blank=True, help_text=_("Reference of any record.")
    )
    origin_of = models.CharField(max_length=40, blank=True, editable=False)
    requester = models.ForeignKey(
        "parties.Contact", models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("said by")
    )
    identified_on = models.DateField(_("identified on"), default=timezone.localdate)
    topic = models.CharField(_("topic"), max_length=100, blank=True)
    metric = models.CharField(
        _("measure"), max_length=15, choices=levels.Metric, blank=True, help_text=_("Of how well the service does it.")
    )
    value = models.FloatField(_("value"), null=True, blank=True, validators=[MinValueValidator(0)])
    unit_of_value = models.CharField(_("unit of the value"), max_length=10, choices=levels.Unit, blank=True)
    reasonable = models.BooleanField(_("reasonable"), null=True, blank=True)
    interpretation = models.TextField(_("how we read it"), blank=True)
    replaces = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="replaced_by", verbose_name=_("replaces")
    )
    baselined = models.BooleanField(_("part of a baseline"), default=False)
    version_no = models.PositiveIntegerField(_("version"), default=1, editable=False)
    effective_on = models.DateField(_("effective on"), null=True, blank=True)
    reason = models.TextField(_("reason of the decision"), blank=True)
    deferred_to = models.DateField(_("deferred to"), null=True, blank=True)
    decision = models.CharField(_("decision"), max_length=10, choices=Decision, blank=True, editable=False)
    decided_at = models.DateTimeField(_("decided"), null=True, blank=True, editable=False)
    decided_by = models.ForeignKey(
        PERSON, models.PROTECT, null=True, blank=True, related_name="+", editable=False, verbose_name=_("decided by")
    )
    confirmed_at = models.DateTimeField(_("confirmed by the customer"), null=True, blank=True, editable=False)
    reconfirmed_at = models.DateField(_("last confirmed"), null=True, blank=True, editable=False)
    entered_late = models.BooleanField(_("entered late"), default=False, editable=False)
    respond_by = models.DateField(_("answer by"), null=True, blank=True, editable=False)
    next_due = models.DateField(_("next due"), null=True, blank=True, db_index=True, editable=False)
    status = models.CharField(_("status"), max_length=10, choices=Status, default=Status.PROPOSED, editable=False)

    class Meta:
        verbose_name, verbose_name_plural = _("service requirement"), _("service requirements")
        indexes = [models.Index(fields=["customer", "status"], name="requirement_of_customer")]

    named_by = ("title",)

    def __str__(self) -> str:
        return self.title

    def clean(self) -> None:
        if self.origin_kind == self.Origin.CUSTOMER and self.customer_id is None:
            raise ValidationError({"customer": _("Name the customer whose requirement it is.")})
        happened(self, "identified_on")

    def derive(self, changed: set[str]) -> None:
        if self._state.adding:
            calendar = standard()
            self.entered_late = self.entered_at > due(calendar, self.said_at, limit("complaint_record_hours"))
            respond = due(calendar, self._end_of_day, limit("requirement_response_days"))
            self.respond_by = timezone.localtime(respond).date()
        self.version_no = self.replaces.version_no + 1 if self.replaces else 1
        self.next_due = self.deferred_to if self.status == self.Status.PROPOSED else None

    @property
    def _end_of_day(self) -> datetime:
        return timezone.make_aware(datetime.combine(self.identified_on, time.max))

    @property
    def said_at(self) -> datetime:
        """When it was said: in the communication that is named, else some time on that day."""
        said = Communication.objects.filter(ref=self.origin).values_list("occurred_at", flat=True).first()
        return said or self._end_of_day

    def settled(self) -> Settled:
        """What was decided on stays what it was; a change is a new version."""
        decided = self.decided_at and self.status != self.Status.PROPOSED
        why = _("This is decided. Register the changed one as a version that replaces it.")
        asked = ("text", "category", "customer", "metric", "value", "unit_of_value")
        return dict.fromkeys(asked, why) if decided else {}
