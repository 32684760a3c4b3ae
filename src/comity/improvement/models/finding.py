"""Findings: what is wrong or worth noting, its cause, the ways out of it, and whether the chosen one helped."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from comity.accounts.columns import person
from comity.clocks.ahead import happened
from comity.improvement.limits import after
from comity.improvement.models.lines import Lines
from comity.improvement.models.source import DECIDED, Sourced, rating
from comity.improvement.rules import alternatives
from comity.records.models import Settled


class Finding(Sourced):
    """Nonconformity, problem or observation, from any record. A problem is corrective or preventive (CSMS:2003 11).

    Its cause is asked for until it is found, solutions are weighed against each other, and it closes when the chosen
    one is in place; whether that helped is judged later by somebody else (ISO/IEC 20000-1:2011 4.5.5, BRM-3.3-20).
    """

    meaning = _("Something wrong or worth noting, from any record: its cause, the ways out, and whether one helped.")

    class Type(models.TextChoices):
        NONCONFORMITY = "nonconformity", _("Nonconformity")
        PROBLEM = "problem", _("Problem")
        OBSERVATION = "observation", _("Observation")

    class Nature(models.TextChoices):
        CORRECTIVE = "corrective", _("Corrective")
        PREVENTIVE = "preventive", _("Preventive")

    class Category(models.TextChoices):
        SERVICE = "service", _("Service")
        COMPLAINTS = "complaints", _("Handling of complaints")
        COMMUNICATION = "communication", _("Communication")
        AGREEMENT = "agreement", _("Agreements")
        SUPPLIER = "supplier", _("Suppliers")
        DOCUMENTS = "documents", _("Documents and records")
        PRIVACY = "privacy", _("Privacy and security")
        MANAGEMENT = "management", _("Management system")

    class Cause(models.TextChoices):
        PEOPLE = "people", _("People and skills")
        METHOD = "method", _("Process and method")
        SYSTEM = "system", _("Systems and tools")
        INFORMATION = "information", _("Information")
        RESOURCES = "resources", _("Resources")
        SUPPLIER = "supplier", _("Supplier")
        CUSTOMER = "customer", _("Customer's side")
        SURROUNDINGS = "surroundings", _("Surroundings")

    class Decision(models.TextChoices):
        SOLVE = "solve", _("Solve it")
        ACCEPT = "accept", _("Accept it")
        PENALIZE = "penalize", _("Penalize the supplier")
        CHANGE_SUPPLIER = "change_supplier", _("Change the supplier")

    class Status(models.TextChoices):
        OPEN = "open", _("Open")
        ANALYSED = "analysed", _("Analysed")
        DECIDED = "decided", _("Decided")
        CLOSED = "closed", _("Closed")
        REJECTED = "rejected", _("Rejected")

    title = models.CharField(_("title"), max_length=200)
    type = models.CharField(_("type"), max_length=15, choices=Type, default=Type.NONCONFORMITY)
    nature = models.CharField(_("nature"), max_length=10, choices=Nature, blank=True, help_text=_("Of a problem."))
    category = models.CharField(_("category"), max_length=15, choices=Category, blank=True)
    description = models.TextField(_("description"), blank=True)
    subject_ref = models.CharField(
        _("concerns"), max_length=20, blank=True, db_index=True,
        help_text=_("The service, process, customer or supplier in which the cause lies."),
    )  # fmt: skip
    topic = models.CharField(_("topic"), max_length=100, blank=True)
    opened_at = models.DateTimeField(_("found"), default=timezone.now)
    potential_cause = models.TextField(_("possible cause"), blank=True)
    improvement_opportunity = models.TextField(_("what could become better"), blank=True)
    whys = Lines(_("whys"), help_text=_("Why did it happen? And why that? One answer a line, up to the root."))
    cause = models.TextField(_("cause"), blank=True)
    cause_category = models.CharField(_("kind of cause"), max_length=15, choices=Cause, blank=True)
    process_owner_participant = person(_("owner of the affected process, taking part"))
    likelihood = rating(_("likelihood"))
    consequence = rating(_("consequence"))
    risk_score = models.PositiveSmallIntegerField(_("risk score"), null=True, blank=True, editable=False)
    alternatives = Lines(
        _("alternatives"), help_text=_("One a line: what could be done | what it costs | what it would bring.")
    )
    situation_study = models.TextField(_("study of the situation"), blank=True)
    decision = models.CharField(_("decision"), max_length=15, choices=Decision, blank=True)
    solution = models.TextField(_("chosen solution"), blank=True)
    reason = models.TextField(_("reason of the decision"), blank=True)
    decided_at = models.DateTimeField(_("decided"), null=True, blank=True, editable=False)
    decider = person(_("decided by"), editable=False)
    effect_result = models.TextField(_("effect"), blank=True)
    effect_date = models.DateField(_("effect judged on"), null=True, blank=True, editable=False)
    effect_reviewer = person(_("effect judged by"), editable=False)
    returns = models.PositiveSmallIntegerField(_("times it came back"), default=0, editable=False)
    next_due = models.DateField(_("next due"), null=True, blank=True, db_index=True, editable=False)
    closed_at = models.DateTimeField(_("closed"), null=True, blank=True, editable=False)
    status = models.CharField(_("status"), max_length=10, choices=Status, default=Status.OPEN, editable=False)

    OPEN = (Status.OPEN, Status.ANALYSED, Status.DECIDED)

    in_panels = frozenset({"whys", "alternatives"})
    in_words = {
        "whys": " → ".join,
        "alternatives": lambda lines: "; ".join(one.what for one in alternatives(lines)),
    }

    class Meta:
        verbose_name, verbose_name_plural = _("finding"), _("findings")
        indexes = [
            models.Index(fields=["cause_category", "subject_ref", "-closed_at"], name="finding_by_cause"),
            models.Index(fields=["status", "-opened_at"], name="finding_by_status"),
        ]

    def __str__(self) -> str:
        return self.title

    def clean(self) -> None:
        if self.type != self.Type.PROBLEM and self.nature:
            raise ValidationError({"nature": _("Only a problem is corrective or preventive.")})
        if self.type == self.Type.PROBLEM and not self.nature:
            raise ValidationError({"nature": _("Say whether it is corrective or preventive.")})
        happened(self, "opened_at")

    def derive(self, changed: set[str]) -> None:
        super().derive(changed)
        rated = self.likelihood is not None and self.consequence is not None
        self.risk_score = (self.likelihood or 0) * (self.consequence or 0) if rated else None
        waits = self.status == self.Status.OPEN and self.type != self.Type.OBSERVATION
        since = self.moved_at or self.opened_at  # opened again, its cause is asked for anew
        self.next_due = after(timezone.localdate(since), "cause_days") if waits else None

    @classmethod
    def registered(cls, records: Sequence[Any], actor: Any) -> None:
        """What is found on a topic, or with its cause, shows at once where the same had been closed."""
        from comity.improvement import recurrence

        super().registered(records, actor)
        for record in records:
            recurrence.come_back(record, actor)

    def settled(self) -> Settled:
        """What was decided on stays what it was."""
        analysis = ("type", "whys", "cause", "cause_category", "alternatives")
        return dict.fromkeys(analysis, DECIDED) if self.decided_at else {}
