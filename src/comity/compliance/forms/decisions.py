"""What may be waived and what may be excluded is said by the catalogue."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _

from comity.clocks.parameters import number
from comity.compliance.catalogue import Requirement, entry, exclusion_barred
from comity.compliance.settings import LONGEST_WAIVER
from comity.parties.pointers import PointerForm, kind_name


class DecisionForm(PointerForm):
    """About one requirement of the catalogue, named by its id; what repeats another one is decided on there."""

    def clean_requirement(self) -> str:
        name = str(self.cleaned_data["requirement"]).strip()
        found = entry(name)
        if found is None:
            raise ValidationError(_("There is no requirement %(name)s in any standard.") % {"name": name})
        if found.use.rule == "same_as":
            raise ValidationError(_("It repeats %(name)s. Decide on that one.") % {"name": found.use.arguments["id"]})
        self.allow(found)
        return name

    def allow(self, requirement: Requirement) -> None:
        """Raise ValidationError where this decision is not open for the requirement."""


class WaiverForm(DecisionForm):
    """A waiver ends on a day to come, not too far off; it may name the one record whose gap it covers."""

    pointers = ("record_ref",)

    def clean_ends_on(self) -> Any:
        day, today = self.cleaned_data["ends_on"], timezone.localdate(timezone=timezone.get_default_timezone())
        if day < today:
            raise ValidationError(_("This day is over. A waiver ends on a day to come."))
        last = today + timedelta(days=round(number(LONGEST_WAIVER)))
        if day > last:
            told = _("A waiver ends by %(day)s. Name an earlier day; if the gap still stands then, decide anew.")
            raise ValidationError(told % {"day": last})
        return day

    def clean(self) -> dict[str, Any]:
        super().clean()
        self.instance.record_kind = kind_name(self.cleaned_data.get("record_ref") or "")
        return self.cleaned_data


class ExclusionForm(DecisionForm):
    """Only what its standard lets an organisation leave out."""

    def allow(self, requirement: Requirement) -> None:
        if barred := exclusion_barred(requirement):
            raise ValidationError(barred)
