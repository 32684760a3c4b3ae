"""Forms that look further than one record."""

from __future__ import annotations

import json
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from comity.agreements.clauses import in_lines
from comity.agreements.models import Service
from comity.clocks.models import Calendar
from comity.records.forms import Json, RecordForm, Reference


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


class Particulars(Json):
    """Names with what is said of each: an object, its JSON, or lines such as `service_hours: Monday to Friday`."""

    widget = forms.Textarea

    def prepare_value(self, value: Any) -> Any:
        return in_lines(value) if isinstance(value, dict) else value

    def bound_data(self, data: Any, initial: Any) -> Any:
        return data

    def clean(self, value: Any) -> dict[str, str]:
        if isinstance(value, str) and not value.lstrip().startswith("{"):
            pairs = (line.partition(":") for line in value.splitlines() if line.strip())
            value = json.dumps({name.strip(): words.strip() for name, _colon, words in pairs})
        found = super().clean(value)
        if not isinstance(found or {}, dict) or not all(isinstance(one, str) for one in (found or {}).values()):
            raise ValidationError(_("Write one line each: the name, a colon, what is agreed."), code="invalid")
        return {name: words for name, words in (found or {}).items() if words}


class ClauseForm(RecordForm):
    """The particulars of a clause are written in lines."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        if (given := self.fields.get("attributes")) is not None:
            help_text = _("One line each: the name, a colon, what is agreed.")
            self.fields["attributes"] = Particulars(label=given.label, help_text=help_text, required=False)


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
