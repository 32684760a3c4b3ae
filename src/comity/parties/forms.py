"""Forms that look further than one record."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from comity.accounts.rights import is_contact
from comity.parties.duties import Duty
from comity.parties.models import Consent
from comity.parties.pointers import PointerForm
from comity.records.forms import RecordForm, Reference, find_anybody

OUTSIDE = (Duty.CUSTOMER_CONTACT, Duty.SUPPLIER_CONTACT)


class NamesAnybody(RecordForm):
    """Whose `person` need not be one of our own people."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        if isinstance(field := self.fields.get("person"), Reference):
            field.find = find_anybody


class InOwnNameForm(RecordForm):
    """Contacts enter it in their own name, now; `ours` are the fields in which they have no say."""

    ours: tuple[str, ...] = ()

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        if self.outside:
            for name in self.ours:
                self.fields.pop(name, None)

    @property
    def outside(self) -> bool:
        """Is it a contact who fills it in?"""
        return self.person is not None and is_contact(self.person)

    def clean(self) -> dict[str, Any]:
        values = super().clean() or self.cleaned_data
        if self.outside and "contact" in self.fields:
            contact = values.get("contact")
            if contact is None or contact.person_id != self.person.pk:  # type: ignore[union-attr]
                self.add_error("contact", _("Ask in your own name."))
        return values


class ContactForm(NamesAnybody):
    """Who signs in as a contact is none of our own people."""


class ResponsibilityForm(NamesAnybody, PointerForm):
    """Our duties are held by our own people, a contact's by the contact."""

    pointers = ("subject_ref",)

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        person = data.get("person")
        if person is not None and data.get("role") not in OUTSIDE and is_contact(person):
            self.add_error("person", _("This duty is held by one of our own people."))
        return data


class AcceptanceForm(PointerForm):
    """Nobody consents for another: a contact's consent recorded by staff needs the communication that proves it.

    And nobody accepts, or confirms having read, what may still be changed after that.
    """

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
            if not getattr(record, "settled_text", True):
                self.add_error(name, _("This version is not approved yet. Its text may still change."))


class ConsentForm(PointerForm):
    """Contacts choose for themselves; what they said is recorded by staff with the communication that proves it."""

    pointers = ("proof_ref",)

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        contact, me = data.get("contact"), self.person
        if me is None or contact is None:
            return data
        if data.get("type") == Consent.Type.OFFERED:
            self.add_error("type", _("Say what was chosen."))
        if contact.person_id != me.pk and is_contact(me):
            self.add_error("contact", _("This is the wish of somebody else."))
        elif contact.person_id != me.pk and not data.get("proof_ref"):
            self.add_error("proof_ref", _("Name the communication in which the contact said so."))
        return data

    def found(self, name: str, record: Any) -> None:
        contact = self.cleaned_data.get("contact")
        if contact is not None and getattr(record, "contact_id", None) != contact.pk:
            self.add_error(name, _("This is no communication with the contact."))
