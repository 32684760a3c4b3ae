"""Improvements: decided, planned against a value of today, done, and then judged by somebody else."""

from __future__ import annotations

from typing import Any

from django.core.validators import MaxValueValidator
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from comity.accounts.columns import person
from comity.clocks.ahead import happened
from comity.improvement.limits import after
from comity.improvement.models.source import DECIDED, PERSON, Sourced
from comity.improvement.rhythm import Rhythm
from comity.improvement.rules import gain
from comity.records.models import Settled


class Improvement(Sourced):
    """Improvement, corrective or preventive action from any source. Done is not effective: both are said apart.

    Who owns it does not judge its effect (ISO/IEC 20000-1:2011 7.1 and 4.5.5, CSMS:2003 11).
    """

    meaning = _("A change for the better, from any source. Done is not yet effective: both are recorded.")

    class Type(models.TextChoices):
        OPPORTUNITY = "opportunity", _("Opportunity")
        CORRECTIVE = "corrective", _("Corrective")
        PREVENTIVE = "preventive", _("Preventive")
        STRATEGIC = "strategic_initiative", _("Strategic initiative")

    class Gain(models.TextChoices):
        QUALITY = "quality", _("Quality")
        COST = "cost", _("Cost")
        SPEED = "speed", _("Speed")
        EFFICIENCY = "efficiency", _("Efficiency")

    class Reporting(models.TextChoices):
        NONE = "none", _("No report")
        RESULT = "result", _("The result only")
        MONTHLY = Rhythm.MONTHLY.value, _("Monthly, and the result")
        QUARTERLY = Rhythm.QUARTERLY.value, _("Quarterly, and the result")

    class Status(models.TextChoices):
        PROPOSED = "proposed", _("Proposed")
        ANALYSED = "analysed", _("Analysed")
        APPROVED = "approved", _("Approved")
        REJECTED = "rejected", _("Rejected")
        DEFERRED = "deferred", _("Deferred")
        PLANNED = "planned", _("Planned")
        IN_PROGRESS = "in_progress", _("In progress")
        IMPLEMENTED = "implemented", _("Implemented")
        EFFECTIVE = "effective", _("Effective")
        CLOSED = "closed", _("Closed")
        CANCELLED = "cancelled", _("Cancelled")

    title = models.CharField(_("title"), max_length=200)
    type = models.CharField(_("type"), max_length=25, choices=Type, default=Type.OPPORTUNITY)
    customer = models.ForeignKey(
        "parties.Customer", models.PROTECT, null=True, blank=True, related_name="improvements",
        verbose_name=_("customer"),
    )  # fmt: skip
    assignees: models.ManyToManyField[Any, Any] = models.ManyToManyField(
        PERSON, blank=True, related_name="+", verbose_name=_("people at work on it")
    )
    topic = models.CharField(_("topic"), max_length=100, blank=True)
    reporting = models.CharField(
        _("customer wants to hear"), max_length=10, choices=Reporting, blank=True, help_text=_("Asked before planning.")
    )
    gains = models.CharField(_("what it makes better"), max_length=10, choices=Gain, blank=True)
    scope = models.TextField(_("scope"), blank=True)
    analysis = models.TextField(_("analysis"), blank=True)
    objective = models.TextField(_("objective"), blank=True)
    resources = models.TextField(_("resources"), blank=True)
    customer_impact = models.TextField(_("impact on the customer"), blank=True)
    large = models.BooleanField(_("large effort"), default=False, help_text=_("Decided by the operations director."))
    due_on = models.DateField(_("due"), null=True, blank=True)
    next_due = models.DateField(_("next due"), null=True, blank=True, db_index=True, editable=False)
    success_measure = models.CharField(_("measure of success"), max_length=300, blank=True)
    baseline = models.CharField(_("value before"), max_length=100, blank=True)
    wanted_value = models.CharField(_("value wanted"), max_length=100, blank=True)
    value_now = models.CharField(_("value now"), max_length=100, blank=True)
    count_before = models.PositiveIntegerField(_("cases before"), null=True, blank=True)
    count_after = models.PositiveIntegerField(_("cases after"), null=True, blank=True)
    progress = models.PositiveSmallIntegerField(
        _("progress in percent"), default=0, blank=True, validators=[MaxValueValidator(100)]
    )
    progressed_at = models.DateTimeField(_("last progress"), null=True, blank=True, editable=False)
    on_hold = models.BooleanField(_("waits for resources"), default=False, editable=False)
    held_since = models.DateTimeField(_("waits since"), null=True, blank=True, editable=False)
    effect_from = models.DateField(
        _("effect can be judged from"), null=True, blank=True, help_text=_("Empty: after the usual time.")
    )
    effect_conclusion = models.TextField(_("conclusion on the effect"), blank=True)
    decision_reason = models.TextField(_("reason of the decision"), blank=True)
    deferred_to = models.DateField(_("deferred to"), null=True, blank=True)
    proposed_at = models.DateTimeField(_("proposed"), default=timezone.now)
    decided_at = models.DateTimeField(_("decided"), null=True, blank=True, editable=False)
    decided_by = person(_("decided by"), editable=False)
    approved_at = models.DateTimeField(_("approved"), null=True, blank=True, editable=False)
    told_ref = models.CharField(
        _("told by"), max_length=20, blank=True, help_text=_("Reference of the communication that told the decision.")
    )
    told_at = models.DateTimeField(_("decision told"), null=True, blank=True, editable=False)
    started_on = models.DateField(_("started"), null=True, blank=True, editable=False)
    implemented_on = models.DateField(_("implemented"), null=True, blank=True, editable=False)
    judged_by = person(_("effect judged by"), editable=False)
    judged_at = models.DateTimeField(_("effect judged"), null=True, blank=True, editable=False)
    rounds = models.PositiveSmallIntegerField(_("rounds"), default=1, editable=False)
    closed_at = models.DateTimeField(_("closed"), null=True, blank=True, editable=False)
    status = models.CharField(_("status"), max_length=15, choices=Status, default=Status.PROPOSED, editable=False)

    AT_WORK = (Status.APPROVED, Status.PLANNED, Status.IN_PROGRESS)
    UNDECIDED = (Status.PROPOSED, Status.ANALYSED)

    class Meta:
        verbose_name, verbose_name_plural = _("improvement"), _("improvements")
        indexes = [models.Index(fields=["status", "-proposed_at"], name="improvement_by_status")]

    def __str__(self) -> str:
        return self.title

    def clean(self) -> None:
        happened(self, "proposed_at")

    def derive(self, changed: set[str]) -> None:
        """The next date: of the decision, the work, the return of what is deferred, the judgement of the effect."""
        super().derive(changed)
        if self.status in self.UNDECIDED and self.rounds == 1:
            self.next_due = after(timezone.localdate(self.proposed_at), "improvement_decision_days")
        elif self.status in (*self.UNDECIDED, *self.AT_WORK):
            self.next_due = self.due_on
        elif self.status == self.Status.IMPLEMENTED and self.implemented_on:
            self.next_due = after(self.implemented_on, "effectiveness_review_days")
        else:
            self.next_due = self.deferred_to if self.status == self.Status.DEFERRED else None

    def settled(self) -> Settled:
        """What was decided on stays what it was; a date that was planned is moved by a step, which asks why."""
        stays = dict.fromkeys(("objective", "scope", "type", "large"), DECIDED) if self.decided_at else {}
        if self.status in (self.Status.PLANNED, self.Status.IN_PROGRESS):
            stays["due_on"] = _("This date is planned. Move it by the step for that, which asks why.")
        return stays

    @property
    def gained(self) -> float | None:
        """How much of the wanted change was reached: 1 is all of it; None where these are no numbers."""
        return gain(self.baseline, self.wanted_value, self.value_now)
