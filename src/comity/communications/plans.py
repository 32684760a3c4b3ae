"""Who talks with whom about what, through which channel, how often."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _

from comity.clocks.ahead import not_ahead
from comity.clocks.rules import Duration
from comity.parties.models.life import Cadence
from comity.records.models import Record, Settled

PERSON = "accounts.Person"
APPROVED = _("This version is approved and no longer changes. Draft the next one.")


class CommunicationPlan(Record):
    """One version of the plan for a customer, a segment, another party, or, naming none of them, for everybody.

    It counts from its approval until the next version of it is approved; from then on neither it nor
    its lines change (PG-004-38 to PG-004-44, ISO/IEC 20000-1:2011 7.1).
    """

    meaning = _("Who talks with whom about what, through which channel, how often, and what happens in a conflict.")

    class Status(models.TextChoices):
        DRAFT = "draft", _("Draft")
        APPROVED = "approved", _("Approved")
        SUPERSEDED = "superseded", _("Superseded")
        ENDED = "ended", _("Ended")

    name = models.CharField(_("name"), max_length=200)
    version_no = models.PositiveIntegerField(_("version number"), default=1, editable=False)
    customer = models.ForeignKey(
        "parties.Customer", models.PROTECT, null=True, blank=True, related_name="communication_plans",
        verbose_name=_("customer"),
    )  # fmt: skip
    segment = models.ForeignKey(
        "parties.Segment", models.PROTECT, null=True, blank=True, related_name="communication_plans",
        verbose_name=_("segment"),
    )  # fmt: skip
    interested_party = models.ForeignKey(
        "parties.InterestedParty", models.PROTECT, null=True, blank=True, related_name="communication_plans",
        verbose_name=_("interested party"),
    )  # fmt: skip
    feedback_channel = models.ForeignKey(
        "communications.Channel", models.PROTECT, null=True, blank=True, related_name="+",
        verbose_name=_("channel for feedback"),
    )  # fmt: skip
    audience = models.CharField(_("audience"), max_length=300, blank=True)
    dates = models.TextField(_("dates"), blank=True, help_text=_("When what is told, for a roll-out for example."))
    conflict_levels = models.TextField(_("levels in a conflict"), blank=True)
    conflict_persons = models.TextField(_("people at these levels"), blank=True)
    conflict_time_limits = models.TextField(_("time limits at these levels"), blank=True)
    reconfirmed_at = models.DateField(_("last confirmed"), null=True, blank=True, validators=[not_ahead])
    approved_by = models.ForeignKey(
        PERSON, models.PROTECT, null=True, blank=True, related_name="+", editable=False, verbose_name=_("approved by")
    )
    approved_at = models.DateTimeField(_("approved"), null=True, blank=True, editable=False)
    over_at = models.DateTimeField(_("out of force since"), null=True, blank=True, editable=False)
    status = models.CharField(_("status"), max_length=10, choices=Status, default=Status.DRAFT, editable=False)

    class Meta:
        verbose_name, verbose_name_plural = _("communication plan"), _("communication plans")

    named_by = ("name", "version_no")

    def __str__(self) -> str:
        return f"{self.name} · v{self.version_no}"

    @property
    def open(self) -> bool:
        """Whether it and its lines can still change."""
        return self.status == self.Status.DRAFT

    def derive(self, changed: set[str]) -> None:
        if self._state.adding:
            last = self.same_plan().aggregate(n=models.Max("version_no"))["n"]
            self.version_no = (last or 0) + 1

    def clean(self) -> None:
        if sum(map(bool, (self.customer_id, self.segment_id, self.interested_party_id))) > 1:
            raise ValidationError(_("A plan is for one party: a customer, a segment, or an interested party."))

    def settled(self) -> Settled:
        """What was approved stays; that it still holds can be confirmed, and somebody else can look after it."""
        return {} if self.open else dict.fromkeys(FIXED, APPROVED)

    def same_plan(self) -> models.QuerySet[CommunicationPlan]:
        """The other versions of it: of the same name for the same party."""
        mine = {"customer": self.customer_id, "segment": self.segment_id, "interested_party": self.interested_party_id}
        return CommunicationPlan.objects.filter(name=self.name, **mine).exclude(pk=self.pk)


FIXED = frozenset(
    {"name", "customer", "segment", "interested_party", "feedback_channel", "audience", "dates", "conflict_levels",
     "conflict_persons", "conflict_time_limits"}
)  # fmt: skip


def limit_of_time(text: str) -> None:
    """Refuse what is no length of time such as "2 bd"."""
    try:
        Duration.parse(text)
    except ValueError:
        raise ValidationError(_("Enter a time such as 4 bh, 2 bd, 24 h or 7 d.")) from None


class Part(Record):
    """What belongs to one version of a plan, and is fixed with it."""

    plan: Any
    plan_id: int | None

    class Meta:
        abstract = True

    def editable(self, person: Any) -> bool:
        return bool(self.plan.open)

    def clean(self) -> None:
        if self.plan_id and not self.plan.open:
            raise ValidationError({"plan": APPROVED})


class PlanLine(Part):
    """One subject of a plan: through which channel, how often, within what time we answer, and who speaks with whom."""

    meaning = _("One subject of a plan: through which channel, how often, and who speaks with whom.")

    class Level(models.TextChoices):
        OPERATIONAL = "operational", _("Operational")
        TACTICAL = "tactical", _("Tactical")
        STRATEGIC = "strategic", _("Strategic")

    plan = models.ForeignKey(CommunicationPlan, models.PROTECT, related_name="lines", verbose_name=_("plan"))
    topic = models.CharField(_("topic"), max_length=200)
    topic_level = models.CharField(_("level"), max_length=12, choices=Level, blank=True)
    channel = models.ForeignKey(
        "communications.Channel", models.PROTECT, null=True, blank=True, related_name="plan_lines",
        verbose_name=_("channel"),
    )  # fmt: skip
    cadence = models.CharField(_("how often"), max_length=12, choices=Cadence, blank=True)
    response_time = models.CharField(
        _("we answer within"), max_length=12, blank=True, validators=[limit_of_time],
        help_text=_("For example 4 bh, 2 bd, 24 h or 7 d."),
    )  # fmt: skip
    contact = models.ForeignKey(
        "parties.Contact", models.PROTECT, null=True, blank=True, related_name="plan_lines", verbose_name=_("contact")
    )

    class Meta:
        verbose_name, verbose_name_plural = _("line of a plan"), _("lines of plans")

    def __str__(self) -> str:
        return f"{self.plan} · {self.topic}"


class PlanParty(Part):
    """Somebody who takes part in a plan, with role and duties (PG-004-40)."""

    meaning = _("Somebody who takes part in a plan, with role and duties.")

    plan = models.ForeignKey(CommunicationPlan, models.PROTECT, related_name="parties", verbose_name=_("plan"))
    own_person = models.ForeignKey(
        PERSON, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("own person")
    )
    contact = models.ForeignKey(
        "parties.Contact", models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("contact")
    )
    role = models.CharField(_("role"), max_length=100, blank=True)
    duties = models.TextField(_("duties"), blank=True)
    person = models.CharField(_("person"), max_length=150, blank=True, editable=False)  # who of the two it is, in words

    class Meta:
        verbose_name, verbose_name_plural = _("party to a plan"), _("parties to plans")

    def __str__(self) -> str:
        return self.person or self.role or self.ref

    def derive(self, changed: set[str]) -> None:
        self.person = str(self.own_person or self.contact or "")

    def clean(self) -> None:
        super().clean()
        if self.own_person_id and self.contact_id:
            raise ValidationError(_("Name either a contact or one of our own people."))
