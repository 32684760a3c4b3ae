"""Acts of the portal: a case raised once, whose word counts, who is invited."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from comity.accounts.links import send_link
from comity.accounts.models import Person
from comity.accounts.operations import admit
from comity.accounts.rights import rights_of
from comity.accounts.roles import CONTACTS, Role
from comity.cases.models import Case, PublicForm
from comity.cases.operations import outside
from comity.intake.public.arrival import Sending
from comity.intake.public.forms import Wanted
from comity.parties import consents
from comity.parties.models import Contact
from comity.parties.operations import close_portal, language_of
from comity.portal.forms import Known
from comity.portal.gate import Visit
from comity.portal.sending import taken_once
from comity.records import write
from comity.records.access import may
from comity.records.kind import kind_of
from comity.records.trail import Actor, Refused


def raise_case(visit: Visit, form: Known, sending: Sending, by: PublicForm | None = None) -> str:
    """The reference of the new case; the same sending gives the same one again. `by` is the public form."""
    return taken_once(visit, sending.once, lambda: _raised(visit, form, sending.uploads, by))


def _raised(visit: Visit, form: Known, uploads: Sequence[Any], public: PublicForm | None) -> Case:
    said, actor = form.cleaned_data, visit.actor
    customer, contact = visit.organisations[said["customer"]]
    own = "tell" in form.fields and (not visit.wish.recorded or {"tell", "channel"} & set(form.changed_data))
    values = {
        "channel": "portal", "customer": customer.ref,
        "contact": contact.ref, "description": said["description"], "conduct": said["conduct"],
        "wanted_remedy": said["wanted_remedy"].strip() or _("Not said."), "service": said.get("service", ""),
        "confidential": said["confidential"], "language": visit.person.language,
        "notification_wish": Wanted.wish(said["tell"], said["channel"]) if own else {},
        **form.sort(said),
    }  # fmt: skip
    case: Case = write.create(kind_of(Case), values, actor=actor, unit=customer.unit)
    besides = {"safety": said["safety"], "public_form": public, "answers": form.answers()}
    case = outside.say_besides(case, besides, Actor.system("portal", actor.via))
    if uploads:
        write.attach_all(case, uploads, actor=actor, public=True)
    return outside.receipt(case, actor)


@transaction.atomic
def keep_wish(visit: Visit, wish: dict[str, Any]) -> None:
    """What this person wants to hear of every new case, by whichever door it comes (BRM-3.3-13)."""
    for contact in visit.contacts:
        write.assign(contact, {"notification_wish": wish}, actor=visit.actor)


@transaction.atomic
def keep_consent(visit: Visit, purpose: str, wanted: bool) -> None:
    """Whether this person may be asked, or written to as one of many; for every organisation that it speaks for."""
    for contact in visit.contacts:
        consents.choose(contact, purpose, wanted, visit.actor)


def may_speak(visit: Visit, case: Case) -> None:
    """Whoever works here, too, does not speak for the customer in a case that they work on. Raises Refused."""
    named = {case.handler_id, case.investigator_id, case.owner_id, *case.escalations.values_list("person", flat=True)}
    if visit.inside and visit.person.pk in named:
        raise Refused([_("You work on this case yourself; somebody else must speak for the customer.")])


def may_invite(person: Person) -> bool:
    """Accounts and roles are the administrators' (see the matrix: parameters, calendars, accounts)."""
    return bool(rights_of(person).may("parameters", "create"))


def may_withdraw(person: Person, contact: Contact) -> bool:
    """Taking access away is never wrong: whoever keeps the contact may do it as well."""
    return may_invite(person) or may(person, contact, "edit")


@transaction.atomic
def invite(contact: Contact, actor: Actor, site: str) -> Person:
    """Let a contact of a customer into the portal, and send the first link. Raises ValidationError."""
    if contact.status != Contact.Status.ACTIVE or contact.customer is None:
        raise ValidationError(_("Only an active contact of a customer is invited."))
    address = contact.person.email if contact.person else contact.email
    if not address:
        raise ValidationError(_("Enter the contact's e-mail address first."))
    language = language_of(contact, contact.customer)
    person = admit(address, contact.name, language, contact.unit, Role.CUSTOMER_CONTACT, actor.person)
    if contact.person_id != person.pk:
        write.assign(contact, {"person": person}, actor=actor, act="invite")
    send_link.enqueue(person.email, site, welcome=True)
    return person


@transaction.atomic
def withdraw(contact: Contact, actor: Actor) -> None:
    """Take the access away, at once."""
    close_portal(contact, actor.person)
    write.assign(contact, {"person": None}, actor=actor, act="withdraw_invitation")


def signs_in(person: Person | None) -> bool:
    """Does this person hold the role that opens the portal?"""
    return person is not None and bool(rights_of(person).held & CONTACTS)
