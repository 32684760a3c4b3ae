"""Forms that look further than one record."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from comity.agreements.models import Service
from comity.clocks.models import Calendar
from comity.records.forms import RecordForm, Reference


class VersionForm(RecordForm):
    """A calendar is named by its name, as people and files know it."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        if (given := self.fields.get("calendar")) is not None:
            self.fields["calendar"] = Reference(
                lambda _who, name: Calendar.objects.filter(name=name, retired=False).first(),
                lambda row: str(row),
                label=given.label,
                help_text=given.help_text,
                required=False,
            )


class ServiceForm(RecordForm):
    """A service depends on others, but never on itself, not even by a detour."""

    def clean(self) -> dict[str, Any]:
        super().clean()
        ahead = {service.pk for service in self.cleaned_data.get("depends_on") or ()}
        seen: set[int] = set()
        while self.instance.pk and ahead:
            if self.instance.pk in ahead:
                raise ValidationError({"depends_on": _("The service would depend on itself.")})
            seen |= ahead
            ahead = set(
                Service.depends_on.through.objects.filter(from_service__in=ahead).values_list("to_service", flat=True)
            )
            ahead -= seen
        return self.cleaned_data
