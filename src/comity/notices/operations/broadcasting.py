"""One notice to many contacts: whom it reaches and whom not is shown before, sent as a job, and kept (CSMS:2003 4.6).

Each contact gets a communication of its own, in the own language where the notice is written in it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import ValidationError
from django.core.signing import BadSignature, Signer
from django.db import transaction
from django.utils.translation import gettext_noop

from comity.accounts.models import Person
from comity.accounts.rights import rights_of
from comity.accounts.roles import Role
from comity.communications.models import Communication
from comity.notices.models import Broadcast, Reach
from comity.notices.operations.notifying import address
from comity.parties import consents
from comity.parties import operations as parties
from comity.parties.models import Contact, Customer
from comity.records import write
from comity.records.access import NotAllowed, may, readable
from comity.records.kind import kind_of
from comity.records.trail import Actor

SENDERS = frozenset({Role.RELATIONSHIP_MANAGER, Role.PROCESS_MANAGER})
PURPOSE = consents.Purpose.NOTICES
Why = Reach.Why
Progress = Callable[[int, int], None]


@dataclass
class Chosen:
    """Whom a notice would reach, and whom not and why."""

    reached: list[Contact] = field(default_factory=list)
    left_out: list[tuple[Contact, str]] = field(default_factory=list)

    @property
    def reasons(self) -> dict[str, list[Contact]]:
        found: dict[str, list[Contact]] = {}
        for contact, why in self.left_out:
            found.setdefault(str(Why(why).label), []).append(contact)
        return found


def may_send(person: Person) -> bool:
    return bool(rights_of(person).roles & SENDERS) and may(person, kind_of(Communication), "create")


def choose(person: Person, chosen: Mapping[str, Any], required: bool) -> Chosen:
    """The contacts of the chosen customers, within the person's rights: `segments`, `services` and `roles` narrow,
    each by the ids that it names; what names none does not."""
    customers = readable(kind_of(Customer), person).exclude(status=Customer.Status.PROSPECT)
    if segments := chosen.get("segments"):
        customers = customers.filter(category__in=segments) | customers.filter(segment__in=segments)
    if services := chosen.get("services"):
        customers = customers.filter(services__in=services)
    rows = readable(kind_of(Contact), person).filter(customer__in=customers.values("pk"))
    if roles := chosen.get("roles"):
        rows = rows.filter(roles__in=roles)
    opted_out = set() if required else set(consents.out_of(PURPOSE).values_list("contact", flat=True))
    found, seen = Chosen(), set[str]()
    for contact in rows.select_related("customer").distinct().order_by("customer__name", "name", "pk"):
        why = _why_not(contact, opted_out, seen)
        if why:
            found.left_out.append((contact, why))
        else:
            found.reached.append(contact)
            seen.add(contact.email.lower())
    return found


def _why_not(contact: Contact, opted_out: set[int], seen: set[str]) -> str:
    customer = contact.customer
    if contact.status == Contact.Status.ENDED or customer is None or customer.status == Customer.Status.ENDED:
        return Why.LEFT
    if not contact.email:
        return Why.NO_ADDRESS
    if contact.pk in opted_out:
        return Why.OPTED_OUT
    return Why.SAME if contact.email.lower() in seen else ""


@transaction.atomic
def begin(person: Person, values: Mapping[str, Any], chosen: Mapping[str, Any]) -> Broadcast:
    """Keep the notice and its receivers as they were shown; the job does the rest. Raises ValidationError."""
    found = choose(person, chosen, bool(values.get("required")))
    if not found.reached:
        raise ValidationError(gettext_noop("It would reach nobody."))
    made = Broadcast.objects.create(person=person, chosen=dict(chosen), **values)
    Reach.objects.bulk_create(
        [Reach(broadcast=made, contact=one) for one in found.reached]
        + [Reach(broadcast=made, contact=one, why_not=why) for one, why in found.left_out]
    )
    return made


def send(broadcast: Broadcast, progress: Progress) -> None:
    """Write what is not written yet; safe to repeat, and nobody gets it twice."""
    todo = list(Reach.objects.filter(broadcast=broadcast, why_not="", communication=None).values_list("pk", flat=True))
    total = Reach.objects.filter(broadcast=broadcast, why_not="").count()
    actor = Actor(broadcast.person, via="job")
    for number, pk in enumerate(todo, 1):
        _send_one(broadcast, pk, actor)
        progress(total - len(todo) + number, total)


@transaction.atomic
def _send_one(broadcast: Broadcast, pk: int, actor: Actor) -> None:
    row = Reach.objects.select_for_update(of=("self",)).select_related("contact__customer").get(pk=pk)
    if row.communication_id is not None:
        return
    contact = row.contact
    chinese = parties.language_of(contact, contact.customer) == "zh-hans" and bool(broadcast.body_zh)
    values = {
        "direction": Communication.Direction.OUTBOUND, "delivery": Communication.Delivery.MAIL, "bulk": True,
        "purpose": broadcast.purpose, "topic": broadcast.topic, "version_carried": broadcast.version_carried,
        "customer": contact.customer, "contact": contact,
        "summary": broadcast.subject_zh or broadcast.subject if chinese else broadcast.subject,
        "body": broadcast.body_zh if chinese else broadcast.body,
    }  # fmt: skip
    try:
        with transaction.atomic():
            row.communication = write.create(kind_of(Communication), values, actor=actor, unit=contact.unit)
            if not broadcast.required:
                consents.offer(contact, PURPOSE, actor)
    except (ValidationError, NotAllowed):
        row.why_not = Why.REFUSED  # rights or address have changed meanwhile
    row.save()


def opt_out_address(said: Communication) -> str:
    """Where the receiver of a notice to many says that he wants no more; none for what everybody must get."""
    if said.contact is None or Reach.objects.filter(communication=said, broadcast__required=True).exists():
        return ""
    return address(f"/opt-out/{_signer().sign(said.contact.ref)}/")


def contact_of(token: str) -> Contact | None:
    """The contact whose signed address this is."""
    try:
        ref = _signer().unsign(token)
    except BadSignature:
        return None
    return Contact.objects.filter(ref=ref).first()


def _signer() -> Signer:
    return Signer(salt="comity.opt-out", sep="~")
