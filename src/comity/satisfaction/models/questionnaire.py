"""What is asked: a questionnaire of our own, and its questions (PG-001-11)."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from comity.records.models import Record, Settled, Term
from comity.satisfaction.scales import ENDS

MOST_OPTIONS, LONGEST_OPTION = 20, 150
APPROVED = _("It was handed in for approval. A change makes a new questionnaire.")


class Questionnaire(Record):
    """A list of questions that is approved as a version of a document before anybody is asked with it (PG-001-11).

    What was asked never changes afterwards: other words make another questionnaire, and no trend runs across the two.
    """

    meaning = _("The questions of a survey, in both languages, approved by somebody who did not write them.")

    class Status(models.TextChoices):
        DRAFT = "draft", _("Draft")
        REVIEW = "review", _("In review")
        IN_FORCE = "in_force", _("In force")
        SUPERSEDED = "superseded", _("Superseded")

    title = models.CharField(_("title"), max_length=150)
    title_zh = models.CharField(_("Chinese title"), max_length=150, blank=True)
    introduction = models.TextField(_("introduction"), max_length=2000, blank=True)
    introduction_zh = models.TextField(_("Chinese introduction"), max_length=2000, blank=True)
    thanks = models.TextField(_("thanks"), max_length=2000, blank=True)
    thanks_zh = models.TextField(_("Chinese thanks"), max_length=2000, blank=True)
    anonymous_allowed = models.BooleanField(_("may be answered without a name"), default=True)
    replaces = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="successors", verbose_name=_("replaces")
    )
    document_version = models.ForeignKey(
        "documents.DocumentVersion", models.PROTECT, null=True, blank=True, related_name="questionnaires",
        editable=False, verbose_name=_("approved as"),
    )  # fmt: skip
    status = models.CharField(_("status"), max_length=10, choices=Status, default=Status.DRAFT, editable=False)

    class Meta:
        verbose_name, verbose_name_plural = _("questionnaire"), _("questionnaires")

    def __str__(self) -> str:
        return self.title

    @property
    def said_title(self) -> str:
        """The title in the reader's language."""
        return Term.word(self.title, self.title_zh)

    @property
    def said_introduction(self) -> str:
        return Term.word(self.introduction, self.introduction_zh)

    @property
    def said_thanks(self) -> str:
        return Term.word(self.thanks, self.thanks_zh)

    @property
    def open(self) -> bool:
        """Can questions still be added?"""
        return self.status == self.Status.DRAFT

    def asked(self) -> list[SurveyQuestion]:
        """Its questions in their order."""
        return list(self.questions.filter(archived_at=None).order_by("position", "pk"))

    def clean(self) -> None:
        if self.pk and not self.anonymous_allowed and self.surveys.filter(anonymous=True).exists():
            raise ValidationError({"anonymous_allowed": _("A survey without names asks with it.")})

    def settled(self) -> Settled:
        if self.status == self.Status.DRAFT:
            return {}
        return dict.fromkeys(self.kind.fields, APPROVED)


class SurveyQuestion(Record):
    """One question: on a scale whose highest end is the best, by choice, or in words."""

    meaning = _("One thing that a questionnaire asks.")

    class Type(models.TextChoices):
        SCORE = "score_1_5", _("From 1 to 5")
        NPS = "nps_0_10", _("Would recommend us, from 0 to 10")
        EFFORT = "effort_1_7", _("How easy it was, from 1 to 7")
        CHOICE = "choice", _("One of several answers")
        TEXT = "text", pgettext_lazy("question", "In words")

    class Tag(models.TextChoices):
        OVERALL = "overall", _("The whole")
        TRUST = "trust", _("Trust")
        SUPPORT = "support", _("Support")
        COMMUNICATION = "communication", pgettext_lazy("question", "Communication")
        HANDLING = "complaint", _("Handling of a complaint")
        OUTCOME = "outcome", pgettext_lazy("question", "Outcome")
        RESPECT = "respect", _("Respect")
        PROCESS = "knows_complaint_process", _("Knows how to complain")
        OPEN = "open", _("Anything else")

    questionnaire = models.ForeignKey(
        Questionnaire, models.PROTECT, related_name="questions", verbose_name=_("questionnaire")
    )
    type = models.CharField(_("type"), max_length=12, choices=Type, default=Type.SCORE)
    tag = models.CharField(_("what it is about"), max_length=30, choices=Tag, default=Tag.OVERALL)
    text = models.CharField(_("question"), max_length=300)
    text_zh = models.CharField(_("Chinese question"), max_length=300, blank=True)
    options = models.TextField(
        _("answers"), blank=True, help_text=_("One a line, the Chinese words behind a bar: Yes | 是")
    )
    required = models.BooleanField(_("must be answered"), default=False)
    position = models.PositiveSmallIntegerField(
        pgettext_lazy("question", "position"), default=0, validators=[MaxValueValidator(999)],
        help_text=_("0: behind the others."),
    )  # fmt: skip

    class Meta:
        verbose_name, verbose_name_plural = _("question of a questionnaire"), _("questions of questionnaires")
        indexes = [models.Index(fields=["questionnaire", "position"], name="survey_question_in_order")]

    def __str__(self) -> str:
        return self.text

    @property
    def said_text(self) -> str:
        """The question in the reader's language."""
        return Term.word(self.text, self.text_zh)

    @property
    def scored(self) -> bool:
        """Is it answered on a scale?"""
        return self.type in ENDS

    @property
    def choices(self) -> list[tuple[str, str]]:
        """The answers to choose from: as they are kept, and in the reader's language."""
        pairs = (line.partition("|") for line in self.options.splitlines() if line.strip(" |\t"))
        return [(plain.strip(), Term.word(plain.strip(), zh.strip())) for plain, _bar, zh in pairs]

    def derive(self, changed: set[str]) -> None:
        if not self.position:
            last = SurveyQuestion.objects.filter(questionnaire=self.questionnaire).aggregate(n=models.Max("position"))
            self.position = min((last["n"] or 0) + 1, 999)

    def barred(self, person: Any) -> bool:
        """What was handed in is neither changed nor taken out by anybody (PG-001-11)."""
        return not self.questionnaire.open

    def clean(self) -> None:
        wrong: dict[str, Any] = {}
        answers = [plain for plain, _said in self.choices]
        if self.type == self.Type.CHOICE and not 1 < len(set(answers)) <= MOST_OPTIONS:
            wrong["options"] = _("Give two to %(most)d different answers, one a line.") % {"most": MOST_OPTIONS}
        elif any(not plain or len(plain) > LONGEST_OPTION for plain in answers):
            wrong["options"] = _("An answer has at most %(most)d letters.") % {"most": LONGEST_OPTION}
        if self.questionnaire_id and self.questionnaire.status != Questionnaire.Status.DRAFT:
            wrong["questionnaire"] = APPROVED
        if wrong:
            raise ValidationError(wrong)
