"""Taking a case in from outside, where nobody is there to be asked: from the public form, from a mailbox.

Whoever writes is found among the contacts by the address. Otherwise name and address are kept with the case, and the
desk finds out who it is before it assesses (ISO/IEC 20000-1:2011 7.1, BRM-3.3-7). An address from outside is never
proven: the case says so.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext, gettext_noop

from comity.accounts.models import Unit
from comity.cases.models import Case
from comity.cases.operations import wording
from comity.communications.models import Communication
from comity.parties.models import Contact, Customer
from comity.records import search, write
from comity.records.kind import kind_of
from comity.records.trail import Actor, Refused

RECEIPT = "ISO10002-receipt"
UNPROVEN = gettext_noop("The sender's address is that of a known contact; nobody has proven that it was the contact.")
UNKNOWN = gettext_noop("The sender is no known contact. Find out which customer this is before assessing it.")
PRESET = gettext_noop("The customer is that of the form; nobody has proven that the sender belongs to it.")
DANGER = gettext_noop("The sender says that people may be in danger.")


@dataclass(frozen=True)
class Sender:
    """Who writes, as far as they say; empty where they don't. `reach` is a phone number or a postal address."""

    name: str = ""
    address: str = ""
    reach: str = ""
    language: str = ""


def contact_of(address: str) -> Contact | None:
    """The active contact of a customer who has this address; None where there is none, or more than one."""
    if not address.strip():
        return None
    rows = Contact.objects.filter(email__iexact=address.strip(), status=Contact.Status.ACTIVE, customer__isnull=False)
    found = list(rows.exclude(customer__status=Customer.Status.ENDED).select_related("customer__unit")[:2])
    return found[0] if len(found) == 1 else None


def address_of(case: Case) -> str:
    """Where an e-mail about the case goes; empty where none can."""
    return wording.address_of(case)


def told_of(said: Communication) -> Case | None:
    """The case that something was said about."""
    return Case.objects.filter(ref=said.subject_ref).first()


def take_in(
    sender: Sender,
    values: Mapping[str, Any],
    *,
    actor: Actor,
    received_at: datetime | None = None,
    besides: Mapping[str, Any] | None = None,
    unit: Unit | None = None,
) -> Case:
    """Register what came from outside, with a number, in one transaction with whatever the caller adds.

    `values` are those of any intake (channel, description, wanted_remedy, conduct, anonymous, ...); what is missing is
    found out by the desk. `actor` is a rule: Actor.system("mail_intake", "mail"). Where the values name the customer,
    only a contact who speaks for that one is the sender; `unit` answers for it where no customer does. `besides` are
    columns that no desk enters: `safety`, and of a form `public_form` and `answers`.
    """
    anonymous, named = bool(values.get("anonymous")), values.get("customer")
    contact = None if anonymous else contact_of(sender.address)
    if contact is not None and named is not None and not contact.speaks_for(named.pk):
        contact = None
    whole: dict[str, Any] = {"language": sender.language, **values}
    if received_at is not None:
        whole["received_at"] = received_at
    if contact is not None and contact.customer is not None:
        whole |= {"contact": contact, "customer": named or contact.customer, "reach": sender.reach}
    elif not anonymous:
        whole |= {"address": sender.address, "reach": sender.reach}
        whole.setdefault("complainant", sender.name[:150])
    customer = whole.get("customer")
    case: Case = write.create(kind_of(Case), whole, actor=actor, unit=customer.unit if customer else unit)
    case = say_besides(case, besides or {}, actor)
    if contact is not None:
        write.note_auto(case, UNPROVEN, actor)
    elif named is not None:
        write.note_auto(case, PRESET, actor)
    elif not anonymous:
        write.note_auto(case, UNKNOWN, actor)
    return case


def say_besides(case: Case, besides: Mapping[str, Any], actor: Actor) -> Case:
    """Put down what a form asked that no desk enters, so that the answers are found by their words, too."""
    said = {name: value for name, value in besides.items() if value}
    if not said:
        return case
    told: Case = write.assign(case, said, actor=actor)
    if told.answers:
        search.index(kind_of(Case), [told])
    if told.safety:
        write.note_auto(told, DANGER, actor)
    return told


def receipt(case: Case, actor: Actor, more: str = "") -> Case:
    """Acknowledge at once where a named person answers for complaints and the sender can be reached, else leave it to
    the desk: a receipt without number and contact acknowledges nothing. `more` is added to what happens next."""
    if not address_of(case):
        return case
    data = {"next_step": "\n\n".join(part for part in (wording.next_step(case), more) if part)}
    try:
        acknowledged: Case = write.transition(case, "acknowledge", data, actor=actor.by(RECEIPT))
    except Refused:
        return case
    return acknowledged


PROVEN_BY_WORD = {
    "confirm": Communication.Purpose.CONFIRMATION,
    "reject": Communication.Purpose.REJECTION,
    "object": Communication.Purpose.REJECTION,
}
"""Steps that need what the customer said on record, where it is not the customer's own sign-in that takes them."""


def take_step(case: Case, name: str, *, actor: Actor, note: str = "", **data: Any) -> Case:
    """A step that whoever complained takes through a secret address: a rule acts on what is put on record as said."""
    with transaction.atomic():
        if purpose := PROVEN_BY_WORD.get(name):
            said = {
                "direction": Communication.Direction.INBOUND, "purpose": purpose, "customer": case.customer,
                "contact": case.contact, "subject_ref": case.ref, "summary": gettext("Said through the tracking link."),
                "topic": Communication.Topic.COMPLAINT, "body": note, "restricted": case.restricted,
            }  # fmt: skip
            data["communication"] = write.create(kind_of(Communication), said, actor=actor, unit=case.unit).ref
        moved: Case = write.transition(case, name, data, actor=actor, note=note)
    return moved
