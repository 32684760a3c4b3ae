"""The review, and the points it has to conclude on."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _

from comity.records.models import Record, term


class Review(Record):
    """A planned and held examination: what of, by whom, what was concluded, and when the next one is due.

    Of its types the analysis of complaints is at work (ISO/IEC 20000-1:2011 7.1, BRM-3.3-16 to 3.3-22); reviews of
    services, suppliers and the management system are to follow.
    """

    meaning = _("What is looked at together at planned intervals: what was found, concluded and decided.")

    class Type(models.TextChoices):
        COMPLAINT_ANALYSIS = "complaint_analysis", _("Analysis of complaints")

    class Mode(models.TextChoices):
        MEETING = "meeting", _("Meeting")
        VIDEO = "video", _("Video")
        PHONE = "phone", _("Phone")
        WRITTEN = "written", _("In writing")

    class Status(models.TextChoices):
        PLANNED = "planned", _("Planned")
        HELD = "held", _("Held")
        CLOSED = "closed", _("Closed")
        CANCELLED = "cancelled", _("Cancelled")

    type = models.CharField(_("type"), max_length=20, choices=Type, default=Type.COMPLAINT_ANALYSIS)
    title = models.CharField(_("title"), max_length=200, blank=True)
    starts_on = models.DateField(_("planned for"), db_index=True)
    period_from = models.DateField(_("period from"), help_text=_("The first day of a month."))
    period_to = models.DateField(_("period to"), help_text=_("The last day of a month."))
    leader = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("led by"),
        help_text=_("A process manager who handled none of the complaints."),
    )  # fmt: skip
    participants = models.ManyToManyField(
        settings.AUTH_USER_MODEL, blank=True, related_name="+", verbose_name=_("participants")
    )
    mode = models.CharField(_("mode"), max_length=10, choices=Mode, default=Mode.MEETING)
    scope = models.TextField(_("scope"), blank=True)
    agenda = models.TextField(_("agenda"), blank=True)
    trend = models.TextField(_("trend"), blank=True, help_text=_("Where services and topics are heading, and why."))
    ranking = models.TextField(_("most frequent topics"), blank=True)
    handling = models.TextField(_("how complaints were handled"), blank=True)
    resolution = models.TextField(_("how they were resolved"), blank=True)
    service_improvement = models.TextField(_("improvement of services"), blank=True)
    conclusions = models.TextField(_("conclusions"), blank=True)
    next_on = models.DateField(_("next one on"), null=True, blank=True)
    audience = models.CharField(_("report goes to"), max_length=300, blank=True)
    complaints = models.PositiveIntegerField(_("complaints in the period"), null=True, blank=True, editable=False)
    left_over = models.PositiveIntegerField(_("points that found no place"), default=0, editable=False)
    held_at = models.DateTimeField(_("held"), null=True, blank=True, editable=False)
    closed_at = models.DateTimeField(_("closed"), null=True, blank=True, editable=False)
    published_at = models.DateTimeField(_("reported"), null=True, blank=True, editable=False)
    next_due = models.DateField(_("next due"), null=True, blank=True, db_index=True, editable=False)
    status = models.CharField(_("status"), max_length=10, choices=Status, default=Status.PLANNED, editable=False)

    class Meta:
        verbose_name, verbose_name_plural = _("review"), _("reviews")
        indexes = [models.Index(fields=["type", "status", "-starts_on"], name="review_by_type")]

    def __str__(self) -> str:
        return self.title

    def clean(self) -> None:
        first, last = self.period_from, self.period_to
        if first and first.day != 1:
            raise ValidationError({"period_from": _("A period begins on the first day of a month.")})
        if last and (last + timedelta(days=1)).day != 1:
            raise ValidationError({"period_to": _("A period ends on the last day of a month.")})
        if first and last and last < first:
            raise ValidationError({"period_to": _("This is before it begins.")})

    def derive(self, changed: set[str]) -> None:
        if not self.title:
            self.title = f"{self.get_type_display()} {self.period_from:%Y-%m} – {self.period_to:%Y-%m}"
        self.next_due = self.starts_on if self.status == self.Status.PLANNED else None

    @property
    def months(self) -> tuple[date, date]:
        """The first days of the first and the last month."""
        return self.period_from, self.period_to.replace(day=1)

    def updated(self, changed: set[str], actor: Any) -> None:
        """What was held over a period stays about this period; what is closed does not change."""
        if self.status == self.Status.CLOSED and changed - {"published_at", "audience"}:
            raise ValidationError(_("This is closed and no longer changes."))
        if self.held_at and changed & {"period_from", "period_to", "leader", "type"}:
            raise ValidationError(_("It was held; period and leader no longer change."))


class ReviewPoint(Record):
    """One thing that a review must conclude on, put on its list by a rule (BRM-3.3-17, 3.3-18, 3.3-19)."""

    meaning = _("What a review must conclude on: what keeps coming, what found no end, what was grave.")

    class List(models.TextChoices):
        RECURRING = "recurring", _("Recurring")
        UNSETTLED = "unsettled", _("Unsettled")
        GRAVE = "grave", _("Grave")

    class Outcome(models.TextChoices):
        ROOT_CAUSE = "root_cause", _("Search for the root cause")
        IMPROVEMENT = "improvement", _("Improvement")
        NONE = "none", _("No improvement, for the reason given")

    class Status(models.TextChoices):
        OPEN = "open", _("Open")
        CONCLUDED = "concluded", _("Concluded")

    review = models.ForeignKey(Review, models.PROTECT, related_name="points", verbose_name=_("review"))
    list = models.CharField(_("list"), max_length=10, choices=List)
    case = models.ForeignKey(
        "cases.Case", models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("case")
    )
    service = models.ForeignKey(
        "agreements.Service", models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("service")
    )
    topic = term("case_topic", null=True, blank=True, verbose_name=_("topic"))
    why = models.CharField(_("why it is here"), max_length=200, blank=True)
    number = models.PositiveIntegerField(_("complaints"), default=1)
    conclusion = models.TextField(_("conclusion"), blank=True)
    outcome = models.CharField(_("outcome"), max_length=12, choices=Outcome, blank=True)
    improvement = models.ForeignKey(
        "improvement.Improvement", models.PROTECT, null=True, blank=True, related_name="+",
        verbose_name=_("improvement"), help_text=_("Empty: one is proposed."),
    )  # fmt: skip
    process_owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+",
        verbose_name=_("owner of the affected process"),
    )  # fmt: skip
    concluded_at = models.DateTimeField(_("concluded"), null=True, blank=True, editable=False)
    status = models.CharField(_("status"), max_length=10, choices=Status, default=Status.OPEN, editable=False)

    class Meta:
        verbose_name, verbose_name_plural = _("review point"), _("review points")
        indexes = [models.Index(fields=["review", "list", "status"], name="point_of_review")]

    def __str__(self) -> str:
        named = (self.case.ref if self.case else "", str(self.service or ""), str(self.topic or ""))
        return " · ".join(part for part in named if part) or self.ref

    def clean(self) -> None:
        if self._state.adding and self.review_id and self.review.status == Review.Status.CLOSED:
            raise ValidationError({"review": _("The review is closed.")})

    def updated(self, changed: set[str], actor: Any) -> None:
        """What was concluded is reconsidered first, so that the trail says why it became something else."""
        if self.status == self.Status.CONCLUDED and changed - {"improvement"}:
            raise ValidationError(_("This is concluded. Reconsider it first."))
