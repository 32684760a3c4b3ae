"""Change requests: what is under control changes only after somebody else has decided on it."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from comity.accounts.columns import person
from comity.accounts.roles import CONTACTS
from comity.improvement.models.lines import Lines
from comity.improvement.models.source import DECIDED
from comity.parties.duties import Duty
from comity.parties.models import Responsibility
from comity.parties.operations import holding
from comity.parties.pointers import kind_name
from comity.records.models import Record, Settled

NONE = _("“None” is an answer.")
DECIDING = (Duty.SERVICE_LEVEL_MANAGER, Duty.CHANGE_AUTHORITY)


class ChangeRequest(Record):
    """Controlled proposal to alter a requirement, agreement, target, contract, service design or system.

    Its originator does not approve it (ISO/IEC 20000-1:2011 7.1 and 9.2, CSMS:2003 12.2 and 12.3).
    """

    meaning = _("A proposal to change what is under control. Somebody else decides on it, before it is carried out.")

    class Type(models.TextChoices):
        MINOR = "minor", _("Minor")
        MAJOR = "major", _("Major")
        EMERGENCY = "emergency", _("Emergency")

    class Status(models.TextChoices):
        DRAFT = "draft", _("Draft")
        SUBMITTED = "submitted", _("Submitted")
        ASSESSED = "assessed", _("Assessed")
        APPROVED = "approved", _("Approved")
        REJECTED = "rejected", _("Rejected")
        DEFERRED = "deferred", _("Deferred")
        IMPLEMENTED = "implemented", _("Implemented")
        CLOSED = "closed", _("Closed")
        WITHDRAWN = "withdrawn", _("Withdrawn")

    title = models.CharField(_("title"), max_length=200)
    type = models.CharField(_("type"), max_length=10, choices=Type, default=Type.MINOR)
    object_ref = models.CharField(
        _("what is to change"), max_length=20, db_index=True, help_text=_("Reference of the record.")
    )
    object_kind = models.CharField(max_length=40, blank=True, editable=False)
    originator = person(_("originator"), editable=False)
    origin = models.CharField(_("where it comes from"), max_length=200, blank=True)
    reason = models.TextField(_("reason"))
    wanted = models.TextField(_("how it should be"), blank=True)
    impact_services = models.TextField(_("impact on services"), blank=True, help_text=NONE)
    impact_management_system = models.TextField(_("impact on the management system"), blank=True, help_text=NONE)
    impact_standards = models.TextField(_("impact on standards kept"), blank=True, help_text=NONE)
    impact_systems = models.TextField(_("impact on systems"), blank=True, help_text=NONE)
    impact_customers = models.TextField(_("impact on all customers"), blank=True, help_text=NONE)
    customer_impact = models.TextField(_("impact on the customer"), blank=True, help_text=NONE)
    affected_targets = Lines(_("targets affected"), help_text=_("References, one a line."))
    affected_internal_agreements = Lines(_("internal agreements affected"), help_text=_("References, one a line."))
    affected_contracts = Lines(_("contracts affected"), help_text=_("References, one a line."))
    due_on = models.DateField(_("due"), null=True, blank=True)
    next_due = models.DateField(_("next due"), null=True, blank=True, db_index=True, editable=False)
    slm_consent = person(_("consent of the service level manager"), editable=False)
    submitted_at = models.DateTimeField(_("submitted"), null=True, blank=True, editable=False)
    decided_at = models.DateTimeField(_("decided"), null=True, blank=True, editable=False)
    approver = person(_("decided by"), editable=False)
    approved_at = models.DateTimeField(_("approved"), null=True, blank=True, editable=False)
    decision_reason = models.TextField(_("reason of the decision"), blank=True)
    implemented_at = models.DateTimeField(_("implemented"), null=True, blank=True, editable=False)
    result = models.TextField(_("result"), blank=True)
    status = models.CharField(_("status"), max_length=12, choices=Status, default=Status.DRAFT, editable=False)

    OPEN = (Status.DRAFT, Status.SUBMITTED, Status.ASSESSED, Status.DEFERRED, Status.APPROVED)

    class Meta:
        verbose_name, verbose_name_plural = _("change request"), _("change requests")
        indexes = [models.Index(fields=["status", "-entered_at"], name="change_by_status")]

    def __str__(self) -> str:
        return self.title

    def derive(self, changed: set[str]) -> None:
        self.object_kind = kind_name(self.object_ref)
        self.originator_id = self.originator_id or self.entered_by_id
        self.next_due = self.due_on if self.status in self.OPEN else None

    @classmethod
    def entrusted(cls, person: Any, rights: Any) -> models.Q | None:
        """Who assesses changes, and who decides on them, reads what is submitted, whoever asked for it."""
        if rights.roles <= CONTACTS:
            return None
        held = Responsibility.objects.filter(holding(timezone.localdate()), role__in=DECIDING, person=person)
        return ~models.Q(status=cls.Status.DRAFT) & models.Q(models.Exists(held))

    def settled(self) -> Settled:
        return dict.fromkeys(("object_ref", "reason", "wanted", "type"), DECIDED) if self.decided_at else {}
