"""Assessments: what is planned and examined against a standard, what somebody attests, and the lines of worksheets."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from comity.compliance.rules import scoring
from comity.compliance.rules.verdicts import Verdict
from comity.parties.pointers import kind_name
from comity.records.models import Record

PERSON = settings.AUTH_USER_MODEL
MARKS = [(mark, str(mark)) for mark in range(1, 6)]


class Task(models.TextChoices):
    """What people say of a task of the worksheet."""

    TODO = scoring.Task.TODO, _("TODO")
    DONE = scoring.Task.DONE, _("DONE")


class Method(models.TextChoices):
    """How a worksheet is scored."""

    SHARE = scoring.Method.SHARE, _("Share of requirements met")
    WEIGHTED = scoring.Method.WEIGHTED, _("Weighted by risk")
    MATURITY = scoring.Method.MATURITY, _("Maturity 0 to 4")


def mark(label: Any) -> Any:
    """A judgement from 1, poor, to 5, excellent."""
    return models.PositiveSmallIntegerField(label, null=True, blank=True, choices=MARKS)


class Assessment(Record):
    """A planned check against criteria (CSMS:2003 16.1), a person's attestation, or the qualification of a supplier.

    A repeated assessment is a new record; the earlier one keeps what it saw. None of its words changes a verdict.
    """

    meaning = _("A planned check of part of a standard with its worksheet; or what a named person states.")

    class Type(models.TextChoices):
        INTERNAL = "internal", _("Internal assessment")
        VERIFICATION = "supplier_verification", _("Supplier verification")
        QUALIFICATION = "supplier_qualification", _("Supplier qualification")
        ATTESTATION = "attestation", _("Attestation")

    class Status(models.TextChoices):
        PLANNED = "planned", _("Planned")
        IN_PROGRESS = "in_progress", _("In progress")
        COMPLETED = "completed", _("Completed")
        REVIEWED = "reviewed", _("Reviewed")
        REPORTED = "reported", _("Reported")
        CLOSED = "closed", _("Closed")
        CANCELLED = "cancelled", _("Cancelled")

    class Statement(models.TextChoices):
        """What can be attested; the requirements that ask for it are those whose evidence is attested."""

        AWARENESS = "awareness", _("Aware that mutual understanding underlies satisfaction")
        WORDING = "customer_wording", _("Spoken in the customer's terms")
        RELATIONSHIP = "relationship_rating", _("Rating of the relationship")
        CONFIDENCE = "confidence_rating", _("Rating of confidence")
        LEGAL = "legal_compliance", _("The law is complied with")
        SECURITY = "security_adequacy", _("Security is adequate")

    class Risk(models.TextChoices):
        LOW = "low", pgettext_lazy("risk", "Low")
        MEDIUM = "medium", pgettext_lazy("risk", "Medium")
        HIGH = "high", pgettext_lazy("risk", "High")

    class Result(models.TextChoices):
        PASSED = "passed", _("Passed")
        FAILED = "failed", _("Failed")
        APPROVED = "approved", _("Approved")
        REJECTED = "rejected", _("Rejected")

    type = models.CharField(_("type"), max_length=25, choices=Type, default=Type.INTERNAL)
    title = models.CharField(_("title"), max_length=200, blank=True)
    standard = models.CharField(_("standard"), max_length=60, blank=True)
    edition = models.CharField(_("edition"), max_length=30, blank=True)
    area = models.CharField(
        _("section"), max_length=80, blank=True, help_text=_("A section of the standard, such as s10. Empty: all.")
    )
    process = models.CharField(_("process assessed"), max_length=60, blank=True)
    function = models.ForeignKey(
        "accounts.Unit", models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("unit assessed")
    )
    covers = models.CharField(max_length=210, blank=True, editable=False, db_index=True)  # standard, section, process
    subject_ref = models.CharField(
        _("about"), max_length=20, blank=True, db_index=True, help_text=_("Reference of the record it is about.")
    )
    subject_kind = models.CharField(max_length=40, blank=True, editable=False)
    subject_person = models.ForeignKey(
        PERSON, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("about the person")
    )
    organisation = models.CharField(_("organisation"), max_length=200, blank=True)
    location = models.CharField(_("location"), max_length=200, blank=True)
    risk_level = models.CharField(_("risk level"), max_length=6, choices=Risk, blank=True)
    topics = models.JSONField(_("topics"), default=list, blank=True)
    assessor = models.ForeignKey(
        PERSON, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("assessor")
    )
    assessors: Any = models.ManyToManyField(PERSON, blank=True, related_name="+", verbose_name=_("further assessors"))
    allotted_hours = models.DecimalField(_("hours allotted"), max_digits=6, decimal_places=1, null=True, blank=True)
    planned_on = models.DateField(_("planned for"), null=True, blank=True, db_index=True)
    short_of_resources = models.BooleanField(_("postponed for lack of resources"), default=False, editable=False)
    scoring = models.CharField(_("scoring"), max_length=10, choices=Method, default=Method.SHARE)
    as_of = models.DateTimeField(_("evidence as of"), null=True, blank=True, editable=False)
    completed_by = models.ForeignKey(
        PERSON, models.PROTECT, null=True, blank=True, related_name="+", editable=False, verbose_name=_("completed by")
    )
    concluded_at = models.DateTimeField(_("completed on"), null=True, blank=True, editable=False, db_index=True)
    reviewed_by = models.ForeignKey(
        PERSON, models.PROTECT, null=True, blank=True, related_name="+", editable=False, verbose_name=_("reviewed by")
    )
    reviewed_at = models.DateTimeField(_("reviewed on"), null=True, blank=True, editable=False)
    reported_at = models.DateTimeField(_("reported"), null=True, blank=True, editable=False)
    result = models.CharField(_("result"), max_length=10, choices=Result, blank=True)
    statement = models.CharField(_("statement"), max_length=25, choices=Statement, blank=True)
    rating = mark(_("rating"))
    dialogue = mark(_("dialogue"))
    understanding = mark(_("mutual understanding"))
    atmosphere = mark(_("atmosphere"))
    reason = models.TextField(_("reason"), blank=True)
    evidence = models.TextField(_("evidence"), blank=True, help_text=_("Where it lies; attached files are named here."))
    lapses_at = models.DateTimeField(_("lapses"), null=True, blank=True, editable=False)
    criteria_ref = models.CharField(
        _("criteria"), max_length=20, blank=True, help_text=_("Reference of the document version applied.")
    )
    result_per_requirement = models.JSONField(
        _("result for each criterion"), default=list, blank=True,
        help_text=_('A list such as [{"criterion": "Insured", "mandatory": true, "met": true}].'),
    )  # fmt: skip
    mandatory_met = models.BooleanField(_("every mandatory criterion met"), null=True, editable=False)
    procedure_version = models.CharField(_("procedure applied"), max_length=20, blank=True)
    sampled_records = models.TextField(_("records sampled"), blank=True)
    performance_basis = models.TextField(_("performance looked at"), blank=True)
    grade = models.CharField(_("grade"), max_length=20, blank=True)
    decision = models.TextField(_("decision"), blank=True)
    supplier_relation = models.CharField(_("supply relation"), max_length=20, blank=True)
    next_due = models.DateField(_("next due"), null=True, blank=True, db_index=True, editable=False)
    status = models.CharField(_("status"), max_length=12, choices=Status, default=Status.PLANNED, editable=False)

    class Meta:
        verbose_name, verbose_name_plural = _("assessment"), _("assessments")
        indexes = [
            models.Index(fields=["type", "status", "-entered_at"], name="assessment_by_type"),
            models.Index(fields=["statement", "subject_ref", "-concluded_at"], name="assessment_of_subject"),
        ]

    def __str__(self) -> str:
        return self.title or self.ref

    @property
    def open(self) -> bool:
        return self.status in (self.Status.PLANNED, self.Status.IN_PROGRESS)

    @property
    def assessed(self) -> str:
        """The standard, and the section of it, in words."""
        from comity.compliance.catalogue import standards

        standard = standards().get(self.standard)
        return " ".join(filter(None, (str(standard or self.standard), standard.section(self.area) if standard else "")))

    @property
    def lapsed(self) -> bool:
        """Asked, never stored."""
        return self.lapses_at is not None and self.lapses_at <= timezone.now()

    @classmethod
    def entrusted(cls, person: Any, rights: Any) -> models.Q:
        """Whoever is to assess or to state something sees it."""
        helped = cls.assessors.through.objects.filter(person=person).values("assessment")
        return models.Q(assessor=person) | models.Q(pk__in=helped)

    def derive(self, changed: set[str]) -> None:
        self.topics, self.result_per_requirement = self.topics or [], self.result_per_requirement or []
        self.subject_kind = kind_name(self.subject_ref)
        self.covers = f"{self.standard}/{self.area}/{self.process}" if self.type == self.Type.INTERNAL else ""
        asked = [one for one in self.result_per_requirement if one.get("mandatory")]
        self.mandatory_met = all(one.get("met") is True for one in asked) if asked else None
        self.next_due = self.planned_on if self.open else None
        if not self.title:
            about = self.get_statement_display() if self.statement else self.assessed
            rest = self.process.replace("_", " ") or self.subject_ref
            self.title = f"{self.get_type_display()}: {about} {rest}".strip(": ")[:200]

    def updated(self, changed: set[str], actor: Any) -> None:
        """What was concluded stays as it was: a repetition is a new record."""
        judged = changed - {"risk_level", "owner", "unit", "title", "decision"}
        later = {"status", "reviewed_by", "reviewed_at", "reported_at", "moved_at"}
        if self.concluded_at and self.status not in (self.Status.COMPLETED,) and judged - later:
            raise ValidationError(_("This is concluded and no longer changes; repeat it as a new assessment."))


class Line(models.Model):
    """One task of a worksheet: what people say, beside the verdict that the records gave when it was begun."""

    assessment = models.ForeignKey(Assessment, models.CASCADE, related_name="lines")
    requirement = models.CharField(_("requirement"), max_length=60)
    place = models.PositiveIntegerField(_("place"))
    verdict = models.CharField(_("verdict"), max_length=15, choices=[(one.value, one.value) for one in Verdict])
    population = models.PositiveIntegerField(_("looked at"), default=0)
    gaps = models.PositiveIntegerField(_("gaps"), default=0)
    reason_en = models.TextField(blank=True)
    reason_zh = models.TextField(blank=True)
    task = models.CharField(_("task"), max_length=4, choices=Task, blank=True)
    remark = models.TextField(_("remark"), blank=True, max_length=2000)
    evidence = models.CharField(_("evidence"), max_length=200, blank=True)  # references of records, by a blank
    maturity = models.PositiveSmallIntegerField(_("maturity"), null=True, blank=True)
    finding_ref = models.CharField(_("finding"), max_length=20, blank=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["assessment", "requirement"], name="line_once")]
        ordering = ("place",)

    def __str__(self) -> str:
        return self.requirement
