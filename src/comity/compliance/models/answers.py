"""What is kept of the answers: each requirement's verdict since it changed, and when it was looked at last."""

from __future__ import annotations

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from comity.compliance.rules.verdicts import Verdict


class Kept(models.TextChoices):
    """The verdicts in words."""

    MET = Verdict.MET, _("Met")
    GAP = Verdict.GAP, _("Gap")
    NOT_EXERCISED = Verdict.NOT_EXERCISED, _("Not exercised")
    NOT_ASSESSED = Verdict.NOT_ASSESSED, _("Not assessed")
    WAIVED = Verdict.WAIVED, _("Waived")


EXCLUDED = "excluded"  # beside the verdicts: it does not apply here, and says nothing


def word(value: str) -> str:
    """A verdict in words, or that a requirement is excluded."""
    return gettext("Excluded") if value == EXCLUDED else str(dict(Kept.choices).get(value, value))


class Computation(models.Model):
    """One look at the requirements, at all of them or at those that a change could concern."""

    as_of = models.DateTimeField(_("as of"), unique=True)
    finished_at = models.DateTimeField(_("finished"), default=timezone.now)
    seconds = models.FloatField(_("seconds"))
    looked_at = models.PositiveIntegerField(_("looked at"), default=0)
    changed = models.PositiveIntegerField(_("changed"), default=0)
    counts = models.JSONField(_("verdicts"), default=dict)  # standard -> verdict -> number of scored requirements
    leaves = models.JSONField(_("verdicts of leaves"), default=dict)  # the same of those without children: for shares
    gone = models.JSONField(_("no longer in the catalogue"), default=list)  # requirements that still have history


class Answer(models.Model):
    """What a requirement answered from `since` on, until its next answer. A row is written when something changed.

    `own` is what its own records say; `verdict` is what is shown: waived where a waiver covers the gap, and the worst
    of its own and its children's.
    """

    requirement = models.CharField(_("requirement"), max_length=60)
    standard = models.CharField(_("standard"), max_length=60)
    since = models.DateTimeField(_("since"))
    own = models.CharField(_("own verdict"), max_length=15, choices=Kept, default=Kept.NOT_ASSESSED)
    verdict = models.CharField(_("verdict"), max_length=15, choices=Kept)
    population = models.PositiveIntegerField(_("looked at"), default=0)
    gaps = models.PositiveIntegerField(_("gaps"), default=0)
    pending = models.PositiveIntegerField(_("still have time"), default=0)
    first = models.JSONField(_("first gap"), default=list)  # its label, and what is wrong with it
    named = models.JSONField(_("gaps by name"), default=list)  # at most NAMED of them, for what opened and closed
    lacks = models.JSONField(_("what is not recorded"), default=list)
    values = models.JSONField(_("values used"), default=dict)  # parameter -> number
    loosened = models.JSONField(_("met since a limit was loosened"), default=list)  # [name, before, after]
    excluded = models.BooleanField(_("excluded"), default=False)
    waiver = models.CharField(_("waiver"), max_length=20, blank=True)  # its reference

    class Meta:
        constraints = [models.UniqueConstraint(fields=["requirement", "since"], name="answer_once")]
        indexes = [models.Index(fields=["standard", "requirement", "-since"], name="answer_of_standard")]

    SAID = (
        "own", "verdict", "population", "gaps", "pending", "first", "named", "lacks", "values", "loosened", "excluded",
        "waiver",
    )  # fmt: skip

    def says(self) -> tuple[object, ...]:
        """All that two answers may differ in."""
        return tuple(getattr(self, name) for name in self.SAID)


class Touched(models.Model):
    """A kind that was written to since the requirements that read it were looked at."""

    kind = models.CharField(max_length=60, unique=True)
    at = models.DateTimeField()
