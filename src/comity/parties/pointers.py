"""A record may point at any other by its reference. What it points at is found here, never above."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.utils.functional import cached_property
from django.utils.translation import gettext as _

from comity.accounts.models import Person
from comity.records.access import readable
from comity.records.forms import RecordForm
from comity.records.kind import Kind, kinds


def kind_by(ref: str) -> Kind | None:
    """The kind whose records bear such a reference."""
    prefix = ref.partition("-")[0]
    return next((kind for kind in kinds() if kind.ref == prefix), None)


def kind_name(ref: str) -> str:
    """The name of that kind; empty for an empty or unknown reference."""
    kind = kind_by(ref)
    return kind.name if kind else ""


def pointed(ref: str, person: Person | None = None) -> Any:
    """The record of that reference as far as the person may read it (None: a rule looks), or None."""
    kind = kind_by(ref)
    if kind is None:
        return None
    rows = readable(kind, person) if person else kind.model._default_manager.all()
    return rows.filter(ref=ref).first()


REMEMBERED = 1000


class PointerForm(RecordForm):
    """A form whose fields named in `pointers` must name a record that exists and may be read."""

    pointers: tuple[str, ...] = ()

    @cached_property
    def _seen(self) -> dict[str, Any]:
        """What was looked up: a bulk write uses one form for all its rows, which often name the same record."""
        return {}

    def clean(self) -> dict[str, Any]:
        super().clean()
        for name in self.pointers:
            ref = self.cleaned_data.get(name)
            if ref and ref != getattr(self.instance, name, None):
                if len(self._seen) > REMEMBERED:
                    self._seen.clear()
                found = self._seen[ref] = self._seen.get(ref) or pointed(ref, self.person)
                if found is None:
                    raise ValidationError({name: _("There is no record %(ref)s that you may read.") % {"ref": ref}})
                self.found(name, found)
        return self.cleaned_data

    def found(self, name: str, record: Any) -> None:
        """Take over what is needed from the record that a pointer names."""
