"""Controls, and what came of each time they were run."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from comity.clocks.ahead import happened
from comity.improvement.rhythm import Rhythm
from comity.records import write
from comity.records.models import Record, Settled


class Control(Record):
    """Control point on a process, a risk, a supplier, a system or a class of records (CSMS:2003 8.4.2, 8.7.3)."""

    meaning = _("What keeps a risk small or shows that a process works: who runs it, how, and how often.")

    class Type(models.TextChoices):
        PREVENTIVE = "preventive", _("Preventive")
        DETECTIVE = "detective", _("Detective")
        MONITORING = "monitoring", _("Monitoring")
        MEASUREMENT_POINT = "measurement_point", _("Measurement point")

    class Purpose(models.TextChoices):
        SECURITY = "security", _("Security")
        PRIVACY = "privacy", _("Privacy")
        QUALITY = "quality", _("Quality")
        DELIVERY = "delivery", _("Delivery")
        CONTINUITY = "continuity", _("Continuity")
        COMPLIANCE = "compliance", _("Compliance")

    class Status(models.TextChoices):
        DRAFT = "draft", _("Draft")
        ACTIVE = "active", _("Active")
        RETIRED = "retired", _("Retired")

    title = models.CharField(_("title"), max_length=200)
    type = models.CharField(_("type"), max_length=20, choices=Type, default=Type.PREVENTIVE)
    purpose = models.CharField(_("purpose"), max_length=12, choices=Purpose, blank=True)
    subject_ref = models.CharField(
        _("what it controls"),
        max_length=20,
        blank=True,
        db_index=True,
        help_text=_("Risk, service, supplier or system."),
    )
    process_ref = models.CharField(_("process"), max_length=20, blank=True, db_index=True)
    kpi_ref = models.CharField(_("indicator"), max_length=20, blank=True, db_index=True)
    record_class_ref = models.CharField(_("class of its records"), max_length=20, blank=True)
    method = models.TextField(_("how it is run"), blank=True)
    frequency = models.CharField(_("how often run"), max_length=12, choices=Rhythm, blank=True)
    last_run_at = models.DateTimeField(_("last run"), null=True, blank=True, editable=False)
    next_due = models.DateField(_("next due"), null=True, blank=True, db_index=True, editable=False)
    status = models.CharField(_("status"), max_length=10, choices=Status, default=Status.DRAFT, editable=False)

    class Meta:
        verbose_name, verbose_name_plural = _("control"), _("controls")
        indexes = [models.Index(fields=["purpose", "status"], name="control_by_purpose")]

    def __str__(self) -> str:
        return self.title

    def derive(self, changed: set[str]) -> None:
        """The next run is due one rhythm after the last, or after the control was put to use."""
        begun = self.last_run_at or self.moved_at
        runs = self.status == self.Status.ACTIVE and self.frequency and begun
        self.next_due = (
            timezone.localdate(begun) + timedelta(days=Rhythm(self.frequency).days) if runs and begun else None
        )


class ControlRun(Record):
    """One run of a control, or one check beside any: when, with what result, and what shows it."""

    meaning = _("One run of a control: when, with what result, and what shows it.")

    class Type(models.TextChoices):
        INSPECTION = "inspection", _("Inspection")
        RECEIPT = "receipt", _("Check on receipt")
        CONSISTENCY = "consistency", _("Check of consistency")
        BACKUP = "backup", _("Backup")
        RESTORE_TEST = "restore_test", _("Test of restoring")
        CONTINUITY_EXERCISE = "continuity_exercise", _("Continuity exercise")
        ACCESS_REVIEW = "access_review", _("Review of access")
        FILE_INTEGRITY = "file_integrity", _("Integrity of files")
        CONTACT_VERIFICATION = "contact_verification", _("Verification of contact details")

    class Result(models.TextChoices):
        PASSED = "passed", _("Passed")
        FAILED = "failed", _("Failed")

    control = models.ForeignKey(
        Control, models.PROTECT, null=True, blank=True, related_name="runs", verbose_name=_("control")
    )
    type = models.CharField(_("type"), max_length=25, choices=Type, default=Type.INSPECTION)
    subject_ref = models.CharField(
        _("what was looked at"), max_length=20, blank=True, db_index=True, help_text=_("By its reference.")
    )
    run_at = models.DateTimeField(_("time of the run"), default=timezone.now, db_index=True)
    result = models.CharField(_("result"), max_length=10, choices=Result)
    evidence = models.TextField(_("evidence"), blank=True)

    class Meta:
        verbose_name, verbose_name_plural = _("control run"), _("control runs")
        indexes = [models.Index(fields=["control", "-run_at"], name="run_of_control")]

    def __str__(self) -> str:
        return f"{self.control or self.get_type_display()} · {timezone.localdate(self.run_at)}"

    def clean(self) -> None:
        happened(self, "run_at")

    def settled(self) -> Settled:
        return dict.fromkeys(("control", "run_at", "result"), _("A run stays as it was. Note another one."))

    @classmethod
    def registered(cls, records: Sequence[Any], actor: Any) -> None:
        """The control knows its last run, and when the next is due."""
        for run in records:
            control = run.control
            if control is not None and (control.last_run_at is None or control.last_run_at < run.run_at):
                write.assign(control, {"last_run_at": run.run_at}, actor=actor.by("control_run"), act="ran")
