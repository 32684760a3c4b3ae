"""Decisions of senior managers about requirements: a gap accepted for a time, a requirement that does not apply."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from comity.records.models import Record


class Decision(Record):
    """What a waiver and an exclusion have in common: requirement, reason, who decided, and when it was taken back."""

    requirement = models.CharField(_("requirement"), max_length=60, db_index=True)
    reason = models.TextField(_("reason"))
    withdrawn_at = models.DateTimeField(_("withdrawn"), null=True, editable=False)
    decider = models.ForeignKey(
        "accounts.Person", models.PROTECT, related_name="+", null=True, editable=False, verbose_name=_("decided by")
    )

    named_by = ("requirement",)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.requirement

    def derive(self, changed: set[str]) -> None:
        self.decider_id = self.decider_id or self.entered_by_id

    @property
    def since(self) -> Any:
        """It counts from its entry, so it was not taken back before that."""
        return self.moved_at or self.entered_at

    @classmethod
    def entrusted(cls, person: Any, rights: Any) -> Q | None:
        """Whoever reads verdicts reads what was decided about them, for no gap is hidden behind a decision."""
        return Q(pk__isnull=False) if rights.scope("assessment", "read") == "all" else None

    @classmethod
    def in_force(cls, as_of: datetime) -> Q:
        """Those that counted at that moment: entered by then, and not yet withdrawn."""
        return Q(entered_at__lte=as_of) & (Q(withdrawn_at__isnull=True) | Q(withdrawn_at__gt=as_of))


class Waiver(Decision):
    """A gap that a senior manager accepts until a day. It stays visible as waived and never counts as met.

    A rule of ours for all standards: who answers for the organisation may accept a shortcoming, nobody may hide it.
    """

    meaning = _("A gap that a senior manager accepts for a time, with a reason. It stays visible and is never met.")

    class Status(models.TextChoices):
        GRANTED = "granted", _("Granted")
        LAPSED = "lapsed", _("Lapsed")
        WITHDRAWN = "withdrawn", _("Withdrawn")

    record_ref = models.CharField(
        _("record"), max_length=20, blank=True, db_index=True, help_text=_("Empty: for all gaps of the requirement.")
    )
    record_kind = models.CharField(max_length=40, blank=True, editable=False)
    ends_on = models.DateField(_("ends"), db_index=True)
    status = models.CharField(_("status"), max_length=10, choices=Status, default=Status.GRANTED, editable=False)

    class Meta:
        verbose_name, verbose_name_plural = _("waiver"), _("waivers")

    @classmethod
    def in_force(cls, as_of: datetime) -> Q:
        """The day on which it ends is its last."""
        return super().in_force(as_of) & Q(ends_on__gte=timezone.localtime(as_of).date())


class Exclusion(Decision):
    """A requirement that does not apply to the organisation, with the reason. It leaves scores and is always listed.

    Only where its standard allows that: CSMS:2003 1.3 does, save for privacy; ISO/IEC 20000-1 does not.
    """

    meaning = _("A requirement that does not apply here, with the reason. It leaves the scores and is listed.")

    class Status(models.TextChoices):
        EXCLUDED = "excluded", _("Excluded")
        WITHDRAWN = "withdrawn", _("Withdrawn")

    status = models.CharField(_("status"), max_length=10, choices=Status, default=Status.EXCLUDED, editable=False)

    class Meta:
        verbose_name, verbose_name_plural = _("exclusion"), _("exclusions")
        constraints = [
            models.UniqueConstraint(
                F("requirement"), condition=Q(status="excluded"), name="exclusion_once",
                violation_error_message=_("This requirement is excluded already."),
            )
        ]  # fmt: skip
