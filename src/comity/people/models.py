"""Trainings of our own people: planned, completed, and judged by what came of them."""

from __future__ import annotations

from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from comity.accounts.columns import person
from comity.clocks.ahead import happened
from comity.records.models import Record

PERSON = "accounts.Person"


class Training(Record):
    """One training of one person, planned or completed (CSMS:2003 9.1, 16.1)."""

    meaning = _("What one of our people learns or has learned, until when that holds, and whether it helped.")

    class Type(models.TextChoices):
        COURSE = "course", _("Course")
        BRIEFING = "briefing", _("Briefing")
        ON_THE_JOB = "on_the_job", _("On the job")

    class Topic(models.TextChoices):
        CUSTOMER_REQUIREMENTS = "customer_requirements", _("What customers require")
        IMPROVEMENT_SKILLS = "improvement_skills", _("How to improve")
        STANDARD_OBLIGATIONS = "standard_obligations", _("Obligations under the standard")
        INTERNAL_ASSESSMENT = "internal_assessment", _("Internal assessment")

    class Theme(models.TextChoices):
        SYSTEM_INNOVATION = "system_innovation", _("New ways of serving")
        PROCESS_IMPROVEMENT = "process_improvement", _("Better processes")
        SERVICE_EXCELLENCE = "service_excellence", _("Excellent service")

    title = models.CharField(_("title"), max_length=200)
    staff = models.ForeignKey(PERSON, models.PROTECT, related_name="+", verbose_name=_("person trained"))
    type = models.CharField(_("type"), max_length=12, choices=Type, default=Type.COURSE)
    topic = models.CharField(_("topic"), max_length=25, choices=Topic, blank=True)
    theme = models.CharField(
        _("aim"), max_length=20, choices=Theme, blank=True, help_text=_("What the organisation wants of it.")
    )
    hours = models.FloatField(_("hours of training"), default=1)
    planned_on = models.DateField(_("planned for"), null=True, blank=True)
    completed_on = models.DateField(_("completed"), null=True, blank=True, db_index=True)
    valid_until = models.DateField(
        _("holds until"), null=True, blank=True, db_index=True, help_text=_("Empty: it does not lapse.")
    )
    issued_by = person(_("ordered by"))
    result = models.CharField(_("result"), max_length=200, blank=True)
    passed = models.BooleanField(_("passed"), default=False)
    effectiveness_evaluation = models.TextField(_("what came of it"), blank=True)
    evaluator = person(_("judged by"))
    evaluated_on = models.DateField(_("judged on"), null=True, blank=True)
    evidence = models.TextField(_("evidence"), blank=True)

    class Meta:
        verbose_name, verbose_name_plural = _("training"), _("trainings")
        indexes = [models.Index(fields=["staff", "topic"], name="training_of_person")]

    def __str__(self) -> str:
        return f"{self.title} · {self.staff}"

    def clean(self) -> None:
        """What is over has happened, in its order."""
        happened(self, "completed_on", "evaluated_on")
        for name in ("valid_until", "evaluated_on"):
            if (day := getattr(self, name)) and (self.completed_on is None or day < self.completed_on):
                raise ValidationError({name: _("First the training is completed.")})


def valid(as_of: datetime) -> Q:
    """Trainings that count on that day: completed, and not lapsed since."""
    day = timezone.localdate(as_of)
    lasting = Q(valid_until__isnull=True) | Q(valid_until__gte=day)
    return Q(completed_on__lte=day) & lasting
