"""Actions and improvements. Their source is any record, named by its reference."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from comity.parties import standing_in
from comity.parties.pointers import kind_name
from comity.records.models import Record

PERSON = "accounts.Person"


class Action(Record):
    """Follow-up task raised from any record, with owner and due date; done by its owner, verified by somebody else."""

    meaning = _("A task that follows from a record; its owner does it, somebody else verifies it.")

    class Type(models.TextChoices):
        TASK = "task", _("Task")
        PENALTY = "penalty", _("Penalty")
        NOTIFICATION = "notification", _("Notification")

    class Status(models.TextChoices):
        OPEN = "open", _("Open")
        IN_PROGRESS = "in_progress", _("In progress")
        DONE = "done", _("Done")
        VERIFIED = "verified", _("Verified")
        CANCELLED = "cancelled", _("Cancelled")

    title = models.CharField(_("title"), max_length=200)
    type = models.CharField(_("type"), max_length=15, choices=Type, default=Type.TASK)
    description = models.TextField(_("description"), blank=True)
    source_ref = models.CharField(_("source"), max_length=20, blank=True, db_index=True)
    source_kind = models.CharField(max_length=40, blank=True, editable=False)
    customer = models.ForeignKey(
        "parties.Customer", models.PROTECT, null=True, blank=True, related_name="actions", verbose_name=_("customer")
    )
    supervisor = models.ForeignKey(
        PERSON, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("supervisor")
    )
    due_on = models.DateField(_("due"), null=True, blank=True)
    next_due = models.DateField(_("next due"), null=True, blank=True, db_index=True, editable=False)
    started_on = models.DateField(_("started"), null=True, blank=True, editable=False)
    completed_at = models.DateTimeField(_("completed"), null=True, blank=True, editable=False)
    completion_report = models.TextField(_("report of completion"), blank=True)
    verified_by = models.ForeignKey(
        PERSON, models.PROTECT, null=True, blank=True, related_name="+", editable=False, verbose_name=_("verified by")
    )
    verified_at = models.DateTimeField(_("verified"), null=True, blank=True, editable=False)
    status = models.CharField(_("status"), max_length=15, choices=Status, default=Status.OPEN, editable=False)

    OPEN = (Status.OPEN, Status.IN_PROGRESS)

    class Meta:
        verbose_name, verbose_name_plural = _("action"), _("actions")
        indexes = [models.Index(fields=["owner", "status", "next_due"], name="action_of_owner")]

    def __str__(self) -> str:
        return self.title

    def derive(self, changed: set[str]) -> None:
        self.source_kind = kind_name(self.source_ref)
        self.next_due = self.due_on if self.status in self.OPEN else None

    @classmethod
    def registered(cls, records: Sequence[Any], actor: Any) -> None:
        for record in records:
            standing_in.hand_over(record, actor)

    def updated(self, changed: set[str], actor: Any) -> None:
        if "owner" in changed:
            standing_in.hand_over(self, actor)

    @property
    def overdue(self) -> bool:
        """Asked, never stored."""
        return self.status in self.OPEN and self.due_on is not None and self.due_on < timezone.localdate()


class Improvement(Record):
    """Improvement, corrective or preventive action from any source. Done is not effective: both are said apart.

    Who owns it does not judge its effect (ISO/IEC 20000-1:2011 7.1 and 4.5.5, CSMS:2003 11).
    """

    meaning = _("A change for the better, from any source. Done is not yet effective: both are recorded.")

    class Type(models.TextChoices):
        OPPORTUNITY = "opportunity", _("Opportunity")
        CORRECTIVE = "corrective", _("Corrective")
        PREVENTIVE = "preventive", _("Preventive")
        STRATEGIC = "strategic_initiative", _("Strategic initiative")

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
    source_ref = models.CharField(_("source"), max_length=20, blank=True, db_index=True)
    source_kind = models.CharField(max_length=40, blank=True, editable=False)
    customer = models.ForeignKey(
        "parties.Customer",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="improvements",
        verbose_name=_("customer"),
    )
    topic = models.CharField(_("topic"), max_length=100, blank=True)
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
    count_before = models.PositiveIntegerField(_("cases before"), null=True, blank=True)
    count_after = models.PositiveIntegerField(_("cases after"), null=True, blank=True)
    effect_conclusion = models.TextField(_("conclusion on the effect"), blank=True)
    decision_reason = models.TextField(_("reason of the decision"), blank=True)
    deferred_to = models.DateField(_("deferred to"), null=True, blank=True)
    proposed_at = models.DateTimeField(_("proposed"), default=timezone.now)
    decided_at = models.DateTimeField(_("decided"), null=True, blank=True, editable=False)
    decided_by = models.ForeignKey(
        PERSON, models.PROTECT, null=True, blank=True, related_name="+", editable=False, verbose_name=_("decided by")
    )
    approved_at = models.DateTimeField(_("approved"), null=True, blank=True, editable=False)
    told_ref = models.CharField(
        _("told by"), max_length=20, blank=True, help_text=_("Reference of the communication that told the decision.")
    )
    told_at = models.DateTimeField(_("decision told"), null=True, blank=True, editable=False)
    started_on = models.DateField(_("started"), null=True, blank=True, editable=False)
    implemented_on = models.DateField(_("implemented"), null=True, blank=True, editable=False)
    judged_by = models.ForeignKey(
        PERSON,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        editable=False,
        verbose_name=_("effect judged by"),
    )
    rounds = models.PositiveSmallIntegerField(_("rounds"), default=1, editable=False)
    closed_at = models.DateTimeField(_("closed"), null=True, blank=True, editable=False)
    status = models.CharField(_("status"), max_length=15, choices=Status, default=Status.PROPOSED, editable=False)

    class Meta:
        verbose_name, verbose_name_plural = _("improvement"), _("improvements")
        indexes = [models.Index(fields=["status", "-proposed_at"], name="improvement_by_status")]

    def __str__(self) -> str:
        return self.title

    def derive(self, changed: set[str]) -> None:
        self.source_kind = kind_name(self.source_ref)
        at_work = (self.Status.APPROVED, self.Status.PLANNED, self.Status.IN_PROGRESS)
        undecided = self.status in (self.Status.PROPOSED, self.Status.ANALYSED)
        deferred = self.deferred_to if self.status == self.Status.DEFERRED else None
        self.next_due = self.due_on if undecided or self.status in at_work else deferred

    @classmethod
    def registered(cls, records: Sequence[Any], actor: Any) -> None:
        for record in records:
            standing_in.hand_over(record, actor)

    def updated(self, changed: set[str], actor: Any) -> None:
        """What was decided on stays what it was."""
        if "owner" in changed:
            standing_in.hand_over(self, actor)
        if self.decided_at and changed & {"objective", "scope", "type", "large"}:
            raise ValidationError(_("This is decided; what was decided on no longer changes."))
