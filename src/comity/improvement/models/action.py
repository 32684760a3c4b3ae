"""Actions: what somebody does until a day, from whatever record it follows."""

from __future__ import annotations

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from comity.accounts.columns import person
from comity.improvement.models.source import Sourced


class Action(Sourced):
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
    customer = models.ForeignKey(
        "parties.Customer", models.PROTECT, null=True, blank=True, related_name="actions", verbose_name=_("customer")
    )
    supervisor = person(_("supervisor"))
    due_on = models.DateField(_("due"), null=True, blank=True)
    next_due = models.DateField(_("next due"), null=True, blank=True, db_index=True, editable=False)
    approved_by = person(_("approved by"), editable=False)
    approved_at = models.DateTimeField(_("approved"), null=True, blank=True, editable=False)
    started_on = models.DateField(_("started"), null=True, blank=True, editable=False)
    completed_at = models.DateTimeField(_("completed"), null=True, blank=True, editable=False)
    completion_report = models.TextField(_("report of completion"), blank=True)
    verified_by = person(_("verified by"), editable=False)
    verified_at = models.DateTimeField(_("verified"), null=True, blank=True, editable=False)
    status = models.CharField(_("status"), max_length=15, choices=Status, default=Status.OPEN, editable=False)

    OPEN = (Status.OPEN, Status.IN_PROGRESS)

    class Meta:
        verbose_name, verbose_name_plural = _("action"), _("actions")
        indexes = [models.Index(fields=["owner", "status", "next_due"], name="action_of_owner")]

    def __str__(self) -> str:
        return self.title

    def derive(self, changed: set[str]) -> None:
        super().derive(changed)
        self.next_due = self.due_on if self.status in self.OPEN else None

    @property
    def overdue(self) -> bool:
        """Asked, never stored."""
        return self.status in self.OPEN and self.due_on is not None and self.due_on < timezone.localdate()
