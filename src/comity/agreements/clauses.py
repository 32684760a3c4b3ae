"""Clauses: what an agreement says on a topic, with the particulars that somebody will ask for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _

from comity.agreements.charters import for_contacts
from comity.improvement.rhythm import Rhythm
from comity.records.models import Record


class Topic(models.TextChoices):
    SCOPE = "scope", _("Scope")
    REQUIREMENTS = "requirements", _("Requirements")
    EXCEPTIONS = "exceptions", _("Exceptions")
    EXCEPTION_HANDLING = "exception_handling", _("Handling of exceptions")
    AUTHORITIES = "authorities", _("Authorities")
    DEPENDENCIES = "dependencies", _("Dependencies")
    PROVIDER_WORKING = "provider_working_arrangements", _("How the provider works")
    SUPPLIER_WORKING = "supplier_working_arrangements", _("How the supplier works")
    SMS_ACTIVITIES = "sms_activities", _("Activities of the management system")
    SUBCONTRACTING = "subcontracting", _("Subcontracting")
    TERMINATION_NORMAL = "termination_normal", _("Normal termination")
    TERMINATION_EARLY = "termination_early", _("Early termination")
    INFORMATION_SECURITY = "information_security", _("Information security")
    ACTIVITIES = "activities", _("Activities")
    RELATIONSHIP_MANAGEMENT = "relationship_management", _("Relationship management")
    ACCESSIBILITY = "accessibility", _("How to reach us")
    SECURITY_PRIVACY = "security_privacy", _("Security and privacy")
    GUARANTEES_CLAIMS = "guarantees_claims", _("Guarantees and claims")
    COMPLAINT_RESOLUTION = "complaint_resolution", _("Resolution of complaints")
    RESPONSIVENESS = "responsiveness", _("Responsiveness")
    INTERFACES = "interfaces", _("Interfaces")


PARTICULARS: Mapping[str, tuple[str, ...]] = {
    Topic.EXCEPTION_HANDLING: ("notifier", "decider", "time_limit"),
    Topic.AUTHORITIES: ("change", "acceptance", "escalation", "payment", "termination"),
    Topic.DEPENDENCIES: ("provider_relies_on", "supplier_relies_on"),
    Topic.SUBCONTRACTING: ("permission",),
    Topic.TERMINATION_NORMAL: ("notice_period", "transfer_duties"),
    Topic.TERMINATION_EARLY: ("triggers", "notice_period", "transfer_duties"),
    Topic.RELATIONSHIP_MANAGEMENT: ("relationship_manager_role",),
    Topic.ACCESSIBILITY: ("service_hours",),
    Topic.GUARANTEES_CLAIMS: ("guarantee", "claim_route"),
}
"""What a clause on a topic states one by one, beside its text."""


def in_lines(stored: Mapping[str, str]) -> str:
    """Particulars as people read and write them: one line each, the name before the colon."""
    return "\n".join(f"{name}: {words}" for name, words in stored.items())


class Clause(Record):
    """What a version of an agreement says on one topic (ISO/IEC 20000-1:2018 8.3.3, CSMS:2003 4.6).

    It says it in words, or expressly says that there is nothing, or refers to the procedure that says it.
    """

    meaning = _("What an agreement says on one topic: in words, as an express nothing, or by a procedure.")

    agreement_version = models.ForeignKey(
        "agreements.AgreementVersion", models.PROTECT, related_name="clauses", verbose_name=_("agreement version")
    )
    topic = models.CharField(_("topic"), max_length=30, choices=Topic)
    text = models.TextField(_("text"), blank=True)
    attributes = models.JSONField(_("particulars"), default=dict, blank=True)
    none_agreed = models.BooleanField(_("expressly nothing agreed"), default=False)
    reference = models.CharField(_("procedure that says it"), max_length=20, blank=True, help_text=_("Its reference."))
    obligation = models.BooleanField(_("we must do something again and again"), default=False)
    due_rule = models.CharField(_("how often"), max_length=12, choices=Rhythm, blank=True)

    in_words = {"attributes": in_lines}

    class Meta:
        verbose_name, verbose_name_plural = _("clause"), _("clauses")
        indexes = [models.Index(fields=["agreement_version", "topic"], name="clause_of_version")]

    def __str__(self) -> str:
        return f"{self.get_topic_display()} · {self.agreement_version}"

    @classmethod
    def entrusted(cls, person: Any, rights: Any) -> models.Q | None:
        return for_contacts(person, rights, "agreement_version__agreement__")

    def editable(self, person: Any) -> bool:
        return self.agreement_version.open

    def clean(self) -> None:
        if self.agreement_version_id and not self.agreement_version.open:
            raise ValidationError({"agreement_version": _("This version is agreed; its clauses no longer change.")})
        if not (self.text.strip() or self.none_agreed or self.reference):
            raise ValidationError({"text": _("Say what is agreed, that nothing is, or where it is written.")})
        if self.obligation and not self.due_rule:
            raise ValidationError({"due_rule": _("Say how often it is due.")})
        known = PARTICULARS.get(self.topic, ())
        if unknown := sorted(set(self.attributes) - set(known)):
            words = _("This topic has no such particulars: %(unknown)s. It has: %(known)s")
            names = {"unknown": ", ".join(unknown), "known": ", ".join(known) or "–"}
            raise ValidationError({"attributes": words % names})
