"""Who was asked, and what was answered; where no names were promised, nothing leads from one to the other."""

from __future__ import annotations

import uuid
from decimal import Decimal
from statistics import fmean

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from comity.clocks.parameters import declare
from comity.records.models import Record
from comity.satisfaction.models.survey import Survey
from comity.satisfaction.scales import lowest, of_five

declare("low_score", 2, "n", 1, 3, _("Scores at or below this value, of five, are followed up one by one."))
declare("low_score_followup_days", 5, "bd", 1, 30, _("Time to talk to somebody who gave a low score."))
CASE, CONTACT, LETTER = "cases.Case", "parties.Contact", "communications.Communication"


class Invitation(models.Model):
    """Somebody was drawn for a survey, and asked by a link that is good for one answer. No record: it has no page.

    Only a digest of the link's secret is kept. In a survey without names `answered_at` stays empty: that somebody
    answered is known, so that nobody is reminded in vain, and when is not.
    """

    class State(models.TextChoices):
        DRAWN = "drawn", _("Drawn")
        SENT = "sent", pgettext_lazy("invitation", "Sent")
        ANSWERED = "answered", _("Answered")
        REFUSED = "refused", _("Refused")
        UNREACHABLE = "unreachable", _("Not reachable")
        SILENT = "silent", _("Did not answer")

    survey = models.ForeignKey(Survey, models.PROTECT, related_name="invitations")
    contact = models.ForeignKey(CONTACT, models.PROTECT, related_name="invitations")
    case = models.ForeignKey(CASE, models.PROTECT, null=True, related_name="invitations")
    stratum = models.CharField(max_length=120, blank=True)
    digest = models.CharField(max_length=64, blank=True)
    at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True)
    sent_as = models.OneToOneField(LETTER, models.PROTECT, null=True, related_name="+")
    reminded_at = models.DateTimeField(null=True)
    reminded_as = models.OneToOneField(LETTER, models.PROTECT, null=True, related_name="+")
    answered_at = models.DateTimeField(null=True)
    state = models.CharField(max_length=12, choices=State, default=State.DRAWN)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["survey", "contact"], condition=models.Q(case=None), name="asked_once_in_survey"
            ),
            models.UniqueConstraint(fields=["survey", "case"], name="asked_once_about_case"),
            models.UniqueConstraint(fields=["digest"], condition=~models.Q(digest=""), name="invitation_by_link"),
        ]
        indexes = [
            models.Index(fields=["contact", "-at"], name="invitation_last"),
            models.Index(fields=["survey", "state"], name="invitation_state"),
        ]

    @property
    def waiting(self) -> bool:
        """Can it still be answered?"""
        return self.state in (self.State.DRAWN, self.State.SENT)


class Ballot(models.Model):
    """An answer without a name, before it is mixed with others: neither a time nor a number tells when it came.

    It is no evidence yet and leaves no trail; `answering.mix` makes responses of several at once, in an order of
    chance.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    survey = models.ForeignKey(Survey, models.PROTECT, related_name="ballots")
    stratum = models.CharField(max_length=120, blank=True)
    scores = models.JSONField(default=dict)
    answers = models.JSONField(default=dict)


class SurveyResponse(Record):
    """What one person answered, or that they did not; without names, nobody can tell whose it is."""

    meaning = _("The answers of one person to a survey, or how it came that there are none.")
    in_panels = frozenset({"scores", "answers", "stratum"})

    class Type(models.TextChoices):
        ANSWERED = "answered", _("Answered")
        REFUSED = "refused", _("Refused")
        UNREACHABLE = "unreachable", _("Not reachable")
        SILENT = "silent", _("Did not answer")

    survey = models.ForeignKey(Survey, models.PROTECT, related_name="responses", verbose_name=_("survey"))
    contact = models.ForeignKey(
        CONTACT, models.PROTECT, null=True, blank=True, related_name="survey_responses", verbose_name=_("contact")
    )
    case = models.ForeignKey(
        CASE, models.PROTECT, null=True, blank=True, related_name="survey_responses", verbose_name=_("case")
    )
    stratum = models.CharField(_("stratum"), max_length=120, blank=True)
    type = models.CharField(_("type"), max_length=12, choices=Type, default=Type.ANSWERED)
    scores = models.JSONField(_("scores"), default=dict, blank=True)  # {id of the question: the answer on its scale}
    answers = models.JSONField(_("answers"), default=dict, blank=True)  # {id of the question: the words}
    lowest = models.DecimalField(
        _("lowest score, of five"), max_digits=3, decimal_places=2, null=True, editable=False, db_index=True
    )
    overall = models.DecimalField(_("overall, of five"), max_digits=3, decimal_places=2, null=True, editable=False)
    wants_answer = models.BooleanField(_("dissatisfied and wants an answer"), default=False)
    answered_at = models.DateTimeField(_("answered"), null=True, blank=True, db_index=True)

    class Meta:
        verbose_name, verbose_name_plural = _("answer to a survey"), _("answers to surveys")
        indexes = [
            models.Index(fields=["survey", "type"], name="response_of_survey"),
            models.Index(fields=["survey", "overall", "answered_at"], name="response_scores"),
        ]

    def __str__(self) -> str:
        return f"{self.survey} · {self.get_type_display()}"

    def derive(self, changed: set[str]) -> None:
        self.scores, self.answers = self.scores or {}, self.answers or {}
        asked = self.survey.questionnaire.questions.in_bulk() if self.survey.questionnaire else {}
        given = [(asked[int(pk)], value) for pk, value in self.scores.items()]
        self.lowest = _kept(lowest((one.type, value) for one, value in given))
        whole = [of_five(one.type, value) for one, value in given if one.tag == one.Tag.OVERALL]
        self.overall = _kept(fmean(whole) if whole else None)


def _kept(score: float | None) -> Decimal | None:
    return None if score is None else Decimal(f"{score:.2f}")
