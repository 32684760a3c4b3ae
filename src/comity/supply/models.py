"""What is weighed of suppliers."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from comity.clocks.parameters import declare
from comity.parties.models.life import life
from comity.records.models import Record

declare("supplier_good_from", 80, "n", 0, 100, _("Score from which a supplier stands well."))
declare("supplier_watch_from", 60, "n", 0, 100, _("Score from which a supplier is watched; below it stands badly."))


class ScorecardLine(Record):
    """One line of the scorecard with its weight (ISO/IEC 20000-1:2011 7.2, CSMS:2003 8.6.2).

    Lines without a supplier hold for all; a supplier with lines of its own is held against those alone.
    """

    meaning = _("What is weighed of suppliers: complaints upheld or an indicator, and how much it counts.")

    class Measure(models.TextChoices):
        COMPLAINTS = "complaints", _("Complaints upheld")
        INDICATOR = "indicator", _("Indicator")

    supplier = models.ForeignKey(
        "parties.Supplier", models.PROTECT, null=True, blank=True, related_name="scorecard_lines",
        verbose_name=_("supplier"), help_text=_("Empty: for all that have no lines of their own."),
    )  # fmt: skip
    measure = models.CharField(_("what is weighed"), max_length=10, choices=Measure, default=Measure.INDICATOR)
    kpi = models.ForeignKey(
        "measures.Kpi", models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("indicator"),
        help_text=_("Its scoring bands say what is good and fair; without bands, its target."),
    )  # fmt: skip
    weight = models.PositiveSmallIntegerField(
        _("weight"), default=50, validators=[MinValueValidator(1), MaxValueValidator(100)]
    )
    good = models.PositiveSmallIntegerField(_("good up to, a quarter"), default=0, help_text=_("Complaints upheld."))
    fair = models.PositiveSmallIntegerField(_("fair up to, a quarter"), default=1, help_text=_("Complaints upheld."))
    status = life()

    class Meta:
        verbose_name, verbose_name_plural = _("scorecard line"), _("scorecard lines")
        indexes = [models.Index(fields=["supplier", "status"], name="scorecard_line_of_supplier")]

    def __str__(self) -> str:
        return str(self.kpi or self.get_measure_display())

    def clean(self) -> None:
        if (self.measure == self.Measure.INDICATOR) != (self.kpi_id is not None):
            words = _("Name the indicator, and only where an indicator is weighed.")
            raise ValidationError({"kpi": words})
        if self.fair is not None and self.good is not None and self.fair < self.good:
            raise ValidationError({"fair": _("Fair reaches further than good.")})
        same = ScorecardLine.objects.filter(supplier=self.supplier_id, measure=self.measure, kpi=self.kpi_id)
        if same.filter(status="active").exclude(pk=self.pk).exists():
            raise ValidationError({"kpi": _("This is weighed already.")})
