"""Risks: rated in numbers, treated by somebody, looked at again and again."""

from __future__ import annotations

from datetime import timedelta

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from comity.clocks.ahead import happened
from comity.clocks.parameters import declare, number
from comity.improvement.models.source import rating
from comity.records.models import Record, Settled
from comity.risks.rules import rank, score
from comity.risks.words import Rank

declare("risk_analyse_days", 14, "d", 1, 92, _("Time to rate and rank a newly identified risk."))
declare("risk_review_interval_days", 180, "d", 31, 366, _("Open risks and security controls are looked at this often."))


RATINGS = ("likelihood", "business_impact", "delivery_impact")


class Risk(Record):
    """Uncertain event that can hurt a service, a supplier, a relationship or security (CSMS:2003 8.4.4 to 8.4.8).

    Its score is the likelihood times the heavier of its two impacts; the rank follows from the score. One that the
    work itself brought up is only proposed: somebody takes it up or dismisses it, and says why.
    """

    meaning = _("What may happen, how likely it is, how much it would hurt, and what is done about it.")

    class Type(models.TextChoices):
        SERVICE = "service", _("Service")
        SUPPLIER = "supplier", _("Supplier")
        RELATIONSHIP = "relationship", _("Relationship")
        SECURITY = "security", _("Security")

    class Status(models.TextChoices):
        PROPOSED = "proposed", _("Proposed")
        IDENTIFIED = "identified", _("Identified")
        TREATED = "treated", _("Treated")
        ACCEPTED = "accepted", _("Accepted")
        CLOSED = "closed", _("Closed")
        DISMISSED = "dismissed", _("Dismissed")

    title = models.CharField(_("title"), max_length=200)
    type = models.CharField(_("type"), max_length=12, choices=Type, default=Type.SERVICE)
    description = models.TextField(_("description"), blank=True)
    subject_ref = models.CharField(
        _("what it threatens"), max_length=20, blank=True, db_index=True,
        help_text=_("Service, customer, supplier or other record."),
    )  # fmt: skip
    identified_on = models.DateField(_("identified"), default=timezone.localdate)
    likelihood = rating(_("likelihood"))
    business_impact = rating(_("impact on the business"))
    delivery_impact = rating(_("impact on delivery"))
    score = models.PositiveSmallIntegerField(_("score"), null=True, blank=True, editable=False)
    rank = models.CharField(_("rank"), max_length=6, choices=Rank, blank=True, editable=False)
    acceptance_level = models.CharField(
        _("acceptable up to"), max_length=6, choices=Rank, default=Rank.LOW, help_text=_("Higher ranks need a control.")
    )
    treatment = models.TextField(_("treatment"), blank=True)
    reviewed_at = models.DateTimeField(_("looked at again"), null=True, blank=True, editable=False)
    reconfirmed_at = models.DateTimeField(_("reconfirmed"), null=True, blank=True, editable=False)
    closed_at = models.DateTimeField(_("closed"), null=True, blank=True, editable=False)
    next_due = models.DateField(_("next due"), null=True, blank=True, db_index=True, editable=False)
    status = models.CharField(_("status"), max_length=10, choices=Status, default=Status.IDENTIFIED, editable=False)

    OPEN = (Status.IDENTIFIED, Status.TREATED, Status.ACCEPTED)

    class Meta:
        verbose_name, verbose_name_plural = _("risk"), _("risks")
        indexes = [models.Index(fields=["status", "rank"], name="risk_by_rank")]

    def __str__(self) -> str:
        return self.title

    def clean(self) -> None:
        happened(self, "identified_on")

    def derive(self, changed: set[str]) -> None:
        """Score and rank follow from the ratings; next it is rated, then looked at again in its interval."""
        self.score = score(self.likelihood, self.business_impact, self.delivery_impact)
        self.rank = "" if self.score is None else rank(self.score)
        looked = timezone.localdate(self.reviewed_at) if self.reviewed_at else self.identified_on
        days = "risk_review_interval_days" if self.rank else "risk_analyse_days"
        waits = self.status in (self.Status.PROPOSED, *self.OPEN)
        self.next_due = looked + timedelta(days=round(number(days))) if waits else None

    def settled(self) -> Settled:
        """What was accepted was accepted as it was rated: whether it has grown is said by looking at it again."""
        if self.status in (self.Status.CLOSED, self.Status.DISMISSED):
            return dict.fromkeys(self.kind.fields, _("This is closed and no longer changes."))
        why = _("It was accepted as it is rated. Rate it anew by looking at it again.")
        return dict.fromkeys(RATINGS, why) if self.status == self.Status.ACCEPTED else {}

    @property
    def grown(self) -> bool:
        """Whether the ratings, not yet saved, make it greater than it is known to be."""
        now = score(self.likelihood, self.business_impact, self.delivery_impact)
        return self.score is not None and (now is None or now > self.score)
