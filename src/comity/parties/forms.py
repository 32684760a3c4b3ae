"""Forms that look further than one record."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from comity.parties.pointers import PointerForm
from comity.records.forms import RecordForm, Reference, find_anybody


class ContactForm(RecordForm):
    """Who signs in as a contact is none of our own people."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        if isinstance(field := self.fields.get("person"), Reference):
            field.find = find_anybody


class ResponsibilityForm(PointerForm):
    pointers = ("subject_ref",)


class AcceptanceForm(PointerForm):
    """Nobody consents for another: a contact's consent recorded by staff needs the communication that proves it."""

    pointers = ("version_ref", "proof_ref")

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        contact, person, me = data.get("contact"), data.get("person"), self.person
        if me is not None and person is not None and person != me:
            raise ValidationError({"person": _("Only the person can accept this.")})
        if me is not None and contact is not None and contact.person_id != me.pk and not data.get("proof_ref"):
            raise ValidationError({"proof_ref": _("Name the communication in which the contact consented.")})
        return data

    def found(self, name: str, record: Any) -> None:
        if name == "version_ref":
            self.instance.version_no = getattr(record, "version_no", record.version)
