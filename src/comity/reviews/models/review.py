"""The review: what is looked at together, by whom, what came of it, and when the next one is due."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from comity.accounts.columns import person
from comity.records.models import Record, Settled
from comity.records.seen import SeenRows
from comity.reviews.models.types import Type, demand

TOLD = frozenset(
    {
        "type", "title", "starts_on", "leader", "customers", "services", "participants", "invited", "attended", "mode",
        "scope", "agenda", "minutes", "summary", "conclusions", "next_on",
    }
)  # fmt: skip
"""What those of a customer who took part may read of a review."""


def contacts(label: Any) -> models.ManyToManyField[Any, Any]:
    """People of customers."""
    return models.ManyToManyField("parties.Contact", blank=True, related_name="+", verbose_name=label)


class Plan(Record):
    """What is known of a review before it takes place."""

    class Mode(models.TextChoices):
        MEETING = "meeting", _("Meeting")
        VIDEO = "video", _("Video")
        PHONE = "phone", _("Phone")
        WRITTEN = "written", _("In writing")
        THIRD_PARTY = "third_party", _("By a third party")

    class Occasion(models.TextChoices):
        REGULAR = "", _("Regular")
        AGREEMENT_DRAFTING = "agreement_drafting", _("An agreement is drafted or changed")
        MAJOR_CHANGE = "major_change", _("A major change")

    type = models.CharField(_("type"), max_length=20, choices=Type, default=Type.COMPLAINT_ANALYSIS)
    title = models.CharField(_("title"), max_length=200, blank=True)
    occasion = models.CharField(_("occasion"), max_length=20, choices=Occasion, blank=True, default="")
    starts_on = models.DateField(_("planned for"), db_index=True)
    period_from = models.DateField(
        _("period from"), null=True, blank=True, help_text=_("Of an analysis of complaints: the first day of a month.")
    )
    period_to = models.DateField(
        _("period to"), null=True, blank=True, help_text=_("Of an analysis of complaints: the last day of a month.")
    )
    leader = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("led by"),
        help_text=_("Of an analysis of complaints: a process manager who handled none of them."),
    )  # fmt: skip
    customers = models.ManyToManyField(
        "parties.Customer", blank=True, related_name="reviews", verbose_name=_("customers")
    )
    services = models.ManyToManyField(
        "agreements.Service", blank=True, related_name="reviews", verbose_name=_("services")
    )
    process = models.ForeignKey(
        "parties.Process", models.PROTECT, null=True, blank=True, related_name="reviews", verbose_name=_("process")
    )
    subject_ref = models.CharField(
        _("what is reviewed"), max_length=20, blank=True, db_index=True, help_text=_("Reference of any record.")
    )
    participants = models.ManyToManyField(
        settings.AUTH_USER_MODEL, blank=True, related_name="+", verbose_name=_("participants")
    )
    invited = contacts(_("contacts invited"))
    mode = models.CharField(_("mode"), max_length=12, choices=Mode, default=Mode.MEETING)
    scope = models.TextField(_("scope"), blank=True)
    agenda = models.TextField(_("agenda"), blank=True)
    preparer = person(_("prepared by"))
    host = person(_("host"))
    facilities = models.TextField(_("room and facilities"), blank=True)

    class Meta:
        abstract = True


class Result(models.Model):
    """What came of a review: minutes, conclusions, and what was found of services, customers and ourselves."""

    class Outcome(models.TextChoices):
        CONFIRMED = "confirmed", _("Confirmed")
        REISSUED = "reissued", _("To be reissued")

    attended = contacts(_("contacts who took part"))
    minutes = models.TextField(_("minutes"), blank=True)
    summary = models.TextField(_("summary"), blank=True)
    trend = models.TextField(_("trend"), blank=True, help_text=_("Where services and topics are heading, and why."))
    ranking = models.TextField(_("most frequent topics"), blank=True)
    handling = models.TextField(_("how complaints were handled"), blank=True)
    resolution = models.TextField(_("how they were resolved"), blank=True)
    service_improvement = models.TextField(_("improvement of services"), blank=True)
    conclusions = models.TextField(_("conclusions"), blank=True)
    service_state = models.TextField(_("state of the service"), blank=True)
    customer_state = models.TextField(_("state of the customer"), blank=True)
    need_change = models.TextField(_("changed needs"), blank=True)
    expectation_gap = models.TextField(_("gap between expectation and service"), blank=True)
    changes = models.TextField(_("what is to change"), blank=True)
    suitability = models.TextField(_("suitability"), blank=True)
    capability_rating = models.PositiveSmallIntegerField(
        _("our capability, 1 to 5"), null=True, blank=True, validators=[MinValueValidator(1), MaxValueValidator(5)]
    )
    customer_reaction = models.TextField(_("reaction of the customer"), blank=True)
    progress_status = models.TextField(_("progress of what was agreed"), blank=True)
    result_status = models.TextField(_("results so far"), blank=True)
    conformity_checklist = models.TextField(
        _("check against the agreement"), blank=True, help_text=_("Item by item, what conforms and what does not.")
    )
    result = models.CharField(_("result"), max_length=10, choices=Outcome, blank=True)
    next_on = models.DateField(_("next one on"), null=True, blank=True)
    audience = models.CharField(_("report goes to"), max_length=300, blank=True)

    class Meta:
        abstract = True


class Review(Plan, Result):
    """A planned and held examination: what of, by whom, what was concluded, and when the next one is due.

    The analysis of complaints (ISO/IEC 20000-1:2011 7.1, BRM-3.3-16 to 3.3-22), service reviews with customers
    (BRM-3.2), reviews of management, operations, documents and of the rest that is looked at together.
    """

    meaning = _("What is looked at together at planned intervals: what was found, concluded and decided.")

    class Status(models.TextChoices):
        PLANNED = "planned", _("Planned")
        PREPARED = "prepared", _("Prepared")
        HELD = "held", _("Held")
        MINUTED = "minuted", _("Minuted")
        REPORTED = "reported", _("Reported")
        FOLLOWED_UP = "followed_up", _("Followed up")
        CLOSED = "closed", _("Closed")
        CANCELLED = "cancelled", _("Cancelled")
        WAIVED = "waived", _("Not needed")

    Type = Type

    complaints = models.PositiveIntegerField(_("complaints in the period"), null=True, blank=True, editable=False)
    left_over = models.PositiveIntegerField(_("points that found no place"), default=0, editable=False)
    held_at = models.DateTimeField(_("held"), null=True, blank=True, editable=False)
    minutes_approved_at = models.DateTimeField(_("minutes approved"), null=True, blank=True, editable=False)
    minutes_no = models.PositiveSmallIntegerField(_("version of the minutes"), default=0, editable=False)
    minutes_approved_by = person(_("minutes approved by"), editable=False)
    closed_at = models.DateTimeField(_("closed"), null=True, blank=True, editable=False)
    published_at = models.DateTimeField(_("reported"), null=True, blank=True, editable=False)
    next_due = models.DateField(_("next due"), null=True, blank=True, db_index=True, editable=False)
    status = models.CharField(_("status"), max_length=12, choices=Status, default=Status.PLANNED, editable=False)

    objects = SeenRows.as_manager()  # type: ignore[misc]

    class Meta:
        verbose_name, verbose_name_plural = _("review"), _("reviews")
        indexes = [models.Index(fields=["type", "status", "-starts_on"], name="review_by_type")]

    def __str__(self) -> str:
        return self.title

    @property
    def is_analysis(self) -> bool:
        """The analysis of complaints has a life and lists of its own."""
        return self.type == Type.COMPLAINT_ANALYSIS

    @property
    def settled_text(self) -> bool:
        """Can somebody confirm its minutes, because they no longer change?"""
        return bool(self.minutes_no)

    @property
    def version_no(self) -> int:
        """What a confirmation holds for: this version of the minutes and no later one."""
        return self.minutes_no

    def clean(self) -> None:
        first, last = self.period_from, self.period_to
        if self.is_analysis:
            if first is None or first.day != 1:
                raise ValidationError({"period_from": _("A period begins on the first day of a month.")})
            if last is None or (last + timedelta(days=1)).day != 1:
                raise ValidationError({"period_to": _("A period ends on the last day of a month.")})
        if first and last and last < first:
            raise ValidationError({"period_to": _("This is before it begins.")})

    def derive(self, changed: set[str]) -> None:
        if not self.title:
            first, last = self.period_from, self.period_to
            when = f"{first:%Y-%m} – {last:%Y-%m}" if first and last else f"{self.starts_on:%Y-%m-%d}"
            self.title = f"{self.get_type_display()} {when}"
        waits = self.status in (self.Status.PLANNED, self.Status.PREPARED)
        self.next_due = self.starts_on if waits else None

    @property
    def months(self) -> tuple[date, date]:
        """The first days of the first and the last month of an analysis."""
        if self.period_from is None or self.period_to is None:
            raise ValueError(f"{self.ref} has no period")
        return self.period_from, self.period_to.replace(day=1)

    @classmethod
    def registered(cls, records: Sequence[Any], actor: Any) -> None:
        for review in records:
            demand(actor, review.type, "create")

    def settled(self) -> Settled:
        """What was held over a period stays about this period; of what is closed, only to whom it goes may change."""
        if self.status == self.Status.CLOSED:
            words = (name for name in self.kind.fields if name != "audience")
            return dict.fromkeys(words, _("This is closed and no longer changes."))
        minutes = _("The minutes are approved. Correct them, so that those who took part hear of it.")
        approved = dict.fromkeys(("minutes", "summary", "conclusions") if self.minutes_no else (), minutes)
        held = ("type", "period_from", "period_to", "leader") if self.held_at else ()
        return approved | dict.fromkeys(held, _("It was held; period and leader no longer change."))

    def veil(self) -> None:
        """Keep to what those who took part were told, in memory only, and say so to every door."""
        self.hidden = frozenset(self.kind.fields) - TOLD
        for name in self.hidden:
            field = self.kind.field(name)
            setattr(self, field.attname, field.get_default())
