"""What people enter of a request or a hold, and what whoever asks does not decide."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from comity.accounts.rights import rights_of
from comity.accounts.roles import CONTACTS
from comity.parties.pointers import PointerForm
from comity.records.forms import RecordForm

OURS = ("owner", "received_at", "identified_by", "outcome")


class HoldForm(PointerForm):
    """The record held is one that exists and that one may read."""

    pointers = ("subject_ref",)


class RequestForm(RecordForm):
    """Contacts ask in their own name, now; what we find and answer is ours to say."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        if self._outside:
            for name in OURS:
                self.fields.pop(name, None)

    @property
    def _outside(self) -> bool:
        return self.person is not None and rights_of(self.person).roles <= CONTACTS

    def clean(self) -> dict[str, Any]:
        values = super().clean() or self.cleaned_data
        contact = values.get("contact")
        if self._outside and (contact is None or contact.person_id != self.person.pk):  # type: ignore[union-attr]
            self.add_error("contact", _("Ask in your own name."))
        return values
