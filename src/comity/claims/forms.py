"""What people enter of a claim, and what whoever claims does not decide."""

from __future__ import annotations

from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from comity.accounts.rights import rights_of
from comity.accounts.roles import CONTACTS
from comity.records.forms import RecordForm

OURS = ("owner", "case", "received_at")
LONGEST_AGO = 25  # years


class ClaimForm(RecordForm):
    """Contacts claim in their own name, now; who works on it is ours to say."""

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
        contact, received = values.get("contact"), values.get("received_at")
        if self._outside and "contact" in self.fields and (contact is None or contact.person_id != self.person.pk):  # type: ignore[union-attr]
            self.add_error("contact", _("Claim in your own name."))
        if received and received.year < timezone.now().year - LONGEST_AGO:
            self.add_error("received_at", _("This is more than %(years)s years ago.") % {"years": LONGEST_AGO})
        return values
