"""What is kept of the answers: each requirement's verdict since it changed, and when it was looked at last."""

from __future__ import annotations

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from comity.compliance.rules.verdicts import Verdict


class Kept(models.TextChoices):
    """The verdicts in words."""

    MET = Verdict.MET, _("Met")
    GAP = Verdict.GAP, _("Gap")
    NOT_EXERCISED = Verdict.NOT_EXERCISED, _("Not exercised")
    NOT_ASSESSED = Verdict.NOT_ASSESSED, _("Not assessed")
    WAIVED = Verdict.WAIVED, _("Waived")


class Computation(models.Model):
    """One look at all requirements."""

    as_of = models.DateTimeField(_("as of"), unique=True)
    finished_at = models.DateTimeField(_("finished"), default=timezone.now)
    seconds = models.FloatField(_("seconds"))
    counts = models.JSONField(_("verdicts"), default=dict)  # verdict -> number of scored requirements


class Answer(models.Model):
    """What a requirement answered from `since` on, until its next answer. A row is written when something changed."""

    requirement = models.CharField(_("requirement"), max_length=60)
    standard = models.CharField(_("standard"), max_length=60)
    since = models.DateTimeField(_("since"))
    verdict = models.CharField(_("verdict"), max_length=15, choices=Kept)
    population = models.PositiveIntegerField(_("looked at"), default=0)
    gaps = models.PositiveIntegerField(_("gaps"), default=0)
    pending = models.PositiveIntegerField(_("still have time"), default=0)
    first = models.JSONField(_("first gap"), default=list)  # its label, and what is wrong with it
    lacks = models.JSONField(_("what is not recorded"), default=list)
    values = models.JSONField(_("values used"), default=dict)  # parameter -> number

    class Meta:
        constraints = [models.UniqueConstraint(fields=["requirement", "since"], name="answer_once")]
        indexes = [models.Index(fields=["standard", "requirement", "-since"], name="answer_of_standard")]

    SAID = ("verdict", "population", "gaps", "pending", "first", "lacks", "values")

    def says(self) -> tuple[object, ...]:
        """All that two answers may differ in."""
        return tuple(getattr(self, name) for name in self.SAID)
