"""Indicators, and their values. A value is never overwritten: a correction is a new one that names the old."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, time, timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from comity.accounts.columns import person
from comity.clocks.models import standard
from comity.clocks.parameters import declare, limit
from comity.clocks.rules import due
from comity.improvement.models.lines import Lines
from comity.improvement.rhythm import Rhythm
from comity.measures.words import Better, Category, Level
from comity.records.models import Record, Settled

declare("measurement_record_days", 10, "bd", 1, 30, _("Time from the end of a period to its recorded measurement."))
declare("min_points", 8, "n", 5, 50, _("Measurements needed before variance and control limits are expected."))


class Kpi(Record):
    """Indicator: what is measured, how, how often, for whom, and what is wanted (CSMS:2003 15.1, PG-004-30).

    Control limits are set by a step from enough values, and stay until the step is taken again.
    """

    meaning = _("What is measured, how and how often, for whom it is, and what is wanted.")

    class Type(models.TextChoices):
        PERFORMANCE = "performance", _("Performance")
        EFFECTIVENESS = "effectiveness", _("Effectiveness")

    class Status(models.TextChoices):
        DRAFT = "draft", _("Draft")
        ACTIVE = "active", _("Active")
        RETIRED = "retired", _("Retired")

    title = models.CharField(_("title"), max_length=200)
    type = models.CharField(_("type"), max_length=15, choices=Type, default=Type.PERFORMANCE)
    category = models.CharField(_("category"), max_length=25, choices=Category)
    level = models.CharField(_("level"), max_length=12, choices=Level, blank=True)
    process_ref = models.CharField(_("process"), max_length=20, blank=True, db_index=True)
    service_ref = models.CharField(_("service"), max_length=20, blank=True, db_index=True)
    staff = person(_("person measured"))
    value_element = models.CharField(_("element of value"), max_length=200, blank=True)
    objective = models.CharField(_("objective"), max_length=300, blank=True)
    customer_facing = models.BooleanField(_("seen by customers"), default=False)
    formula = models.TextField(_("formula"), blank=True)
    data_source = models.CharField(_("source of the data"), max_length=200, blank=True)
    unit_of_value = models.CharField(_("unit of the value"), max_length=40, blank=True)
    method = models.TextField(_("how it is measured"), blank=True)
    measuring_point = models.CharField(_("measuring point"), max_length=200, blank=True)
    target = models.FloatField(_("target"), null=True, blank=True)
    better = models.CharField(_("direction"), max_length=6, choices=Better, default=Better.HIGHER)
    scoring_bands = models.CharField(
        _("scoring bands"), max_length=200, blank=True, help_text=_("For example: good from 4.5, fair from 4.0.")
    )
    period = models.CharField(_("period"), max_length=12, choices=Rhythm, blank=True)
    frequency = models.CharField(_("how often measured"), max_length=12, choices=Rhythm, blank=True)
    audience = models.CharField(_("for whom"), max_length=200, blank=True)
    report_schedule = models.CharField(_("reported"), max_length=200, blank=True)
    relevance_decision = models.TextField(_("why it is relevant"), blank=True)
    benchmarked = models.BooleanField(_("compared with others"), default=False)
    target_variance = models.FloatField(_("mean above target"), null=True, blank=True, editable=False)
    mean = models.FloatField(_("mean"), null=True, blank=True, editable=False)
    lower_limit = models.FloatField(_("lower control limit"), null=True, blank=True, editable=False)
    upper_limit = models.FloatField(_("upper control limit"), null=True, blank=True, editable=False)
    trend_alert_at = models.DateTimeField(_("left its limits"), null=True, blank=True, editable=False)
    status = models.CharField(_("status"), max_length=10, choices=Status, default=Status.DRAFT, editable=False)

    class Meta:
        verbose_name, verbose_name_plural = _("indicator"), _("indicators")
        indexes = [models.Index(fields=["category", "status"], name="kpi_by_category")]

    def __str__(self) -> str:
        return self.title


SAME = ("kpi_id", "target_ref", "customer_id", "supplier_id", "subject_ref", "type", "period_end")
"""What two values of the same thing and the same period share."""
GREATEST = 1e15  # up to here sums of values are exact enough for limits to mean something


class Measurement(Record):
    """One value of an indicator or of a target, for a period (ISO/IEC 20000-1:2011 7.2, CSMS:2003 15.1.1).

    Met or missed follows from the indicator's target; of a target in an agreement it is said.
    """

    meaning = _("One value for one period, never overwritten: a correction is a new value that names the old one.")

    class Type(models.TextChoices):
        ACTUAL = "actual", _("Actual")
        FORECAST = "forecast", _("Forecast")
        BENCHMARK = "benchmark", _("Benchmark")

    class Verdict(models.TextChoices):
        MET = "met", _("Met")
        MISSED = "missed", _("Missed")

    kpi = models.ForeignKey(
        Kpi, models.PROTECT, null=True, blank=True, related_name="measurements", verbose_name=_("indicator")
    )
    target_ref = models.CharField(
        _("target"), max_length=20, blank=True, db_index=True, help_text=_("Of an agreement, by its reference.")
    )
    subject_ref = models.CharField(
        _("what was measured"),
        max_length=20,
        blank=True,
        db_index=True,
        help_text=_("A record, if not the whole was measured."),
    )
    customer = models.ForeignKey(
        "parties.Customer", models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("customer")
    )
    supplier = models.ForeignKey(
        "parties.Supplier", models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("supplier")
    )
    type = models.CharField(_("type"), max_length=10, choices=Type, default=Type.ACTUAL)
    value = models.FloatField(_("value"))
    unit_of_value = models.CharField(_("unit of the value"), max_length=40, blank=True)
    period_end = models.DateField(_("end of the period"), db_index=True)
    source = models.CharField(_("source"), max_length=200, blank=True)
    computed_from = Lines(_("computed from"), help_text=_("Kinds of records, one a line, such as case."))
    method = models.TextField(_("how it was measured"), blank=True)
    verdict = models.CharField(_("against the target"), max_length=10, choices=Verdict, blank=True)
    control_limits = models.CharField(_("control limits"), max_length=60, blank=True, editable=False)
    response_rate = models.FloatField(
        _("response rate"), null=True, blank=True, validators=[MinValueValidator(0), MaxValueValidator(1)],
        help_text=_("From 0 to 1."),
    )  # fmt: skip
    attribution_method = models.TextField(_("how gains were attributed"), blank=True)
    cost_elements = models.TextField(_("elements of cost"), blank=True)
    objective = models.CharField(_("objective"), max_length=300, blank=True)
    corrects = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="corrections", verbose_name=_("corrects")
    )
    correction_reason = models.CharField(_("reason of the correction"), max_length=300, blank=True)
    superseded_at = models.DateTimeField(_("corrected"), null=True, blank=True, editable=False)
    recorder = person(_("recorded by"), editable=False)
    record_due_at = models.DateTimeField(_("to be recorded by"), null=True, blank=True, editable=False)

    class Meta:
        verbose_name, verbose_name_plural = _("measurement"), _("measurements")
        indexes = [
            models.Index(fields=["kpi", "type", "-period_end"], name="measurement_of_kpi"),
            models.Index(fields=["customer", "-period_end"], name="measurement_of_customer"),
            models.Index(fields=["supplier", "-period_end"], name="measurement_of_supplier"),
        ]
        constraints = [
            models.UniqueConstraint(
                Coalesce("kpi", 0), "target_ref", Coalesce("customer", 0), Coalesce("supplier", 0), "subject_ref",
                "type", "period_end",
                condition=models.Q(superseded_at=None, corrects=None), name="measurement_once",
            )
        ]  # fmt: skip

    def __str__(self) -> str:
        unit = f" {self.unit_of_value}" if self.unit_of_value else ""
        return f"{self.kpi or self.target_ref or self.ref}: {self.value:g}{unit} ({self.period_end})"

    def clean(self) -> None:
        if self.kpi_id is None and not self.target_ref:
            raise ValidationError({"kpi": _("Name the indicator or the target.")})
        if self.type != self.Type.FORECAST and self.period_end and self.period_end > timezone.localdate():
            raise ValidationError({"period_end": _("The period has not ended yet.")})
        if self.value is not None and abs(self.value) > GREATEST:
            raise ValidationError({"value": _("This is beyond all measure.")})
        if self.kpi is not None:
            self._clean_value(self.kpi)
        if self.corrects is not None:
            self._clean_correction(self.corrects)
        elif (known := self._known()) is not None:
            words = _("%(ref)s is the value of this period. Correct that one.") % {"ref": known.ref}
            raise ValidationError({"period_end": words})

    def _clean_value(self, kpi: Kpi) -> None:
        if self.unit_of_value and kpi.unit_of_value and self.unit_of_value != kpi.unit_of_value:
            words = _("This indicator is measured in %(unit)s.") % {"unit": kpi.unit_of_value}
            raise ValidationError({"unit_of_value": words})
        if kpi.status == Kpi.Status.RETIRED:
            raise ValidationError({"kpi": _("This indicator is no longer in use.")})

    def _known(self) -> Measurement | None:
        """The value that is held already of the same thing and the same period."""
        same = {name: getattr(self, name) for name in SAME}
        return Measurement.objects.filter(**same, superseded_at=None).exclude(pk=self.pk).first()

    def _clean_correction(self, old: Measurement) -> None:
        if not self.correction_reason.strip():
            raise ValidationError({"correction_reason": _("Say why.")})
        if old.superseded_at is not None:
            raise ValidationError({"corrects": _("This is corrected already; correct the newest one.")})
        if any(getattr(self, name) != getattr(old, name) for name in SAME):
            raise ValidationError({"corrects": _("A correction is about the same thing and the same period.")})

    def derive(self, changed: set[str]) -> None:
        kpi = self.kpi
        self.recorder_id = self.recorder_id or self.entered_by_id
        if self.record_due_at is None:
            over = timezone.make_aware(datetime.combine(self.period_end + timedelta(days=1), time()))
            self.record_due_at = due(standard(), over, limit("measurement_record_days"))
        if kpi is None:
            return
        self.unit_of_value = self.unit_of_value or kpi.unit_of_value
        if kpi.lower_limit is not None and not self.control_limits:
            self.control_limits = f"{kpi.lower_limit:.4g} – {kpi.upper_limit:.4g}"
        if kpi.target is not None and self.type == self.Type.ACTUAL and self._state.adding:
            good = self.value <= kpi.target if kpi.better == Better.LOWER else self.value >= kpi.target
            self.verdict = self.Verdict.MET if good else self.Verdict.MISSED

    @classmethod
    def registered(cls, records: Sequence[Any], actor: Any) -> None:
        from comity.measures.values import take_in

        for record in records:
            take_in(record, actor)

    def settled(self) -> Settled:
        why = _("A value is never overwritten. Register a correction that names this one.")
        return dict.fromkeys(self.kind.fields, why)
