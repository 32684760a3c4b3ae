"""One measurement of satisfaction, and the people drawn for it (ISO/IEC 20000-1:2011 7.1)."""

from __future__ import annotations

import secrets
from datetime import timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from comity.clocks.parameters import declare, limit
from comity.records.models import Record, Settled
from comity.satisfaction.models.questionnaire import Questionnaire

declare("survey_analysis_days", 30, "d", 1, 92, _("Time from closing a survey to its analysis."))
declare("survey_report_days", 45, "d", 1, 120, _("Time from closing a survey to reporting its results."))
declare("sample_confidence", 0.95, "p", 0.8, 0.99, _("Confidence level for the required sample size."))
declare("sample_margin", 0.1, "p", 0.01, 0.2, _("Margin of error for the required sample size."))
declare("census_max", 30, "n", 1, 200, _("Frames up to this size are surveyed in full."))
declare("response_rate_min", 0.3, "p", 0.05, 1, _("Response rate below which a result is flagged."))
declare(
    "nonresponse_share_gap", 0.1, "p", 0.01, 0.5,
    _("Largest tolerated difference between a stratum's share of the frame and of the answers."),
)  # fmt: skip


def new_seed() -> int:
    """Where a draw by chance begins; kept, so that it can be repeated."""
    return secrets.randbelow(2**31)


class Survey(Record):
    """Customers or staff are asked at one time, or each time when a complaint was closed (ISO/IEC 20000-1:2011 7.1).

    Whether the answers have names is settled before the first is asked, and never changes. Who is asked is drawn by
    chance from a seed that is kept; nobody adds or removes people by hand.
    """

    meaning = _("One measurement of satisfaction: who was asked, what they answered, and what we made of it.")

    class Trigger(models.TextChoices):
        PLANNED = "planned", pgettext_lazy("survey", "At a planned time")
        CASE_CLOSED = "case_closed", _("When a complaint was closed")

    class Method(models.TextChoices):
        QUESTIONNAIRE = "questionnaire", _("Questionnaire")
        INTERVIEW = "interview", _("Interview")
        FOCUS_GROUP = "focus_group", _("Focus group")
        THIRD_PARTY = "third_party", _("By somebody else")

    class Audience(models.TextChoices):
        CUSTOMER = "customer", _("Customers")
        STAFF = "staff", _("Staff")
        PUBLIC = "public", _("The public")

    class Topic(models.TextChoices):
        SATISFACTION = "satisfaction", _("Satisfaction")
        HANDLING = "handling", _("Handling of complaints")
        PERCEIVED_VALUE = "perceived_value", _("Perceived value")

    class Status(models.TextChoices):
        PLANNED = "planned", _("Planned")
        SAMPLED = "sampled", _("Sample drawn")
        OPEN = "open", pgettext_lazy("survey", "Open")
        CLOSED = "closed", pgettext_lazy("survey", "Closed")
        ANALYSED = "analysed", _("Analysed")
        REVIEWED = "reviewed", _("Reviewed")
        REPORTED = "reported", _("Reported")
        CLOSED_OUT = "closed_out", _("Finished")

    title = models.CharField(_("title"), max_length=150)
    raised_by = models.CharField(_("asked"), max_length=15, choices=Trigger, default=Trigger.PLANNED)
    method = models.CharField(_("method"), max_length=15, choices=Method, default=Method.QUESTIONNAIRE)
    audience = models.CharField(_("audience"), max_length=10, choices=Audience, default=Audience.CUSTOMER)
    topic = models.CharField(_("topic"), max_length=20, choices=Topic, default=Topic.SATISFACTION)
    questionnaire = models.ForeignKey(
        Questionnaire, models.PROTECT, null=True, blank=True, related_name="surveys", verbose_name=_("questionnaire")
    )
    population = models.TextField(
        _("who is meant"), blank=True, help_text=_("Of which people the answers shall speak.")
    )
    share = models.PositiveSmallIntegerField(
        _("share of closings (%)"), default=100, validators=[MinValueValidator(1), MaxValueValidator(100)],
        help_text=_("Of a hundred closed complaints, after so many somebody is asked; chance decides which."),
    )  # fmt: skip
    anonymous = models.BooleanField(_("without names"), default=False)
    planned_on = models.DateField(_("begins"))
    closes_on = models.DateField(_("ends"))
    opened_on = models.DateField(_("opened"), null=True, blank=True, editable=False)
    seed = models.BigIntegerField(_("seed"), default=new_seed, editable=False)
    closed_at = models.DateTimeField(pgettext_lazy("survey", "closed"), null=True, blank=True, editable=False)
    analysis = models.TextField(_("what the answers say"), blank=True)
    figures = models.JSONField(_("figures"), default=dict, blank=True, editable=False)
    analysed_at = models.DateTimeField(_("analysed"), null=True, blank=True, editable=False)
    reviewed_at = models.DateTimeField(_("reviewed"), null=True, blank=True, editable=False)
    reported_at = models.DateTimeField(_("reported"), null=True, blank=True, editable=False)
    next_on = models.DateField(_("next survey"), null=True, blank=True)
    next_due = models.DateField(_("next due"), null=True, blank=True, db_index=True, editable=False)
    status = models.CharField(_("status"), max_length=10, choices=Status, default=Status.PLANNED, editable=False)

    class Meta:
        verbose_name, verbose_name_plural = _("survey"), _("surveys")
        indexes = [models.Index(fields=["raised_by", "status"], name="survey_standing")]

    def __str__(self) -> str:
        return self.title

    @property
    def standing(self) -> bool:
        """Is somebody asked each time when something has happened?"""
        return self.raised_by == self.Trigger.CASE_CLOSED

    def derive(self, changed: set[str]) -> None:
        self.next_due = self._due()

    def _due(self) -> Any:
        S = self.Status
        if self.status in (S.PLANNED, S.SAMPLED):
            return self.planned_on
        if self.status == S.OPEN:
            return self.closes_on
        if self.closed_at is None or self.status in (S.REPORTED, S.CLOSED_OUT):
            return None
        name = "survey_analysis_days" if self.status == S.CLOSED else "survey_report_days"
        return timezone.localtime(self.closed_at).date() + timedelta(days=limit(name).value)

    def clean(self) -> None:
        if self.planned_on and self.closes_on and self.closes_on < self.planned_on:
            raise ValidationError({"closes_on": _("This lies before the beginning.")})
        if self.anonymous and self.questionnaire and not self.questionnaire.anonymous_allowed:
            raise ValidationError({"anonymous": _("This questionnaire is answered with a name.")})

    def settled(self) -> Settled:
        """What people were asked, and what they were promised, does not change while or after they are asked."""
        if self.status == self.Status.PLANNED:
            return {}
        names = ["raised_by", "method", "audience", "topic", "population", "share", "planned_on", "anonymous"]
        if self.status != self.Status.SAMPLED:
            names.append("questionnaire")
        if self.status not in (self.Status.SAMPLED, self.Status.OPEN):
            names.append("closes_on")
        return dict.fromkeys(names, _("People are drawn or asked already."))


class SurveySample(Record):
    """Of whom how many were drawn, how, and who was left out why, so that the draw can be repeated."""

    meaning = _("The people drawn for a survey, in figures: strata, size, seed, and who was left out.")
    in_panels = frozenset({"strata", "exclusions"})

    class Type(models.TextChoices):
        RANDOM = "random", _("Drawn by chance")
        CENSUS = "census", _("Everybody")

    survey = models.OneToOneField(Survey, models.PROTECT, related_name="sample", verbose_name=_("survey"))
    type = models.CharField(_("way of drawing"), max_length=10, choices=Type, default=Type.RANDOM)
    frozen_on = models.DateField(_("frame of the day"))
    frame_size = models.PositiveIntegerField(_("people in the frame"))
    wanted = models.PositiveIntegerField(_("answers wanted"), default=0)
    selected = models.PositiveIntegerField(_("people drawn"))
    seed = models.BigIntegerField(_("seed"))
    strata = models.JSONField(_("strata"), default=list, blank=True)
    exclusions = models.JSONField(_("left out"), default=dict, blank=True)
    customers = models.ManyToManyField("parties.Customer", related_name="survey_samples", editable=False)
    members = models.JSONField(default=dict, editable=False)  # {stratum: ids of the contacts among whom chance drew}

    class Meta:
        verbose_name, verbose_name_plural = _("sample of a survey"), _("samples of surveys")

    def __str__(self) -> str:
        return f"{self.survey}: {self.selected}/{self.frame_size}"

    def derive(self, changed: set[str]) -> None:
        self.strata, self.exclusions = self.strata or [], self.exclusions or {}
