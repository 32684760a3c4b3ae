"""Whether somebody may be asked: the one place where choices are kept and looked up (CSMS:2003 8.7.2)."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from comity.parties.models import Consent, Contact
from comity.parties.models.consents import RULE
from comity.records import write
from comity.records.kind import kind_of
from comity.records.trail import Actor

Purpose, Type = Consent.Purpose, Consent.Type


def out_of(purpose: str, on: datetime | None = None) -> QuerySet[Any]:
    """The contacts, by id, whose last choice until then (now) is that they want no more of this."""
    chosen = Consent.objects.filter(purpose=purpose, archived_at__isnull=True)
    if on is not None:
        chosen = chosen.filter(chosen_at__lte=on)
    later = Q(chosen_at__gt=OuterRef("chosen_at")) | Q(chosen_at=OuterRef("chosen_at"), pk__gt=OuterRef("pk"))
    again = chosen.filter(later, contact=OuterRef("contact"), type=Type.OPT_IN)
    return chosen.filter(~Exists(again), type=Type.OPT_OUT).order_by().values("contact")


def opted_out(contact: Contact, purpose: str, on: datetime | None = None) -> bool:
    """Does this contact want no more of this?"""
    return out_of(purpose, on).filter(contact=contact).exists()


def may_be_asked(contact: Contact, purpose: str = Purpose.SURVEYS, on: date | None = None) -> bool:
    """Is the contact still there, and did it not choose, up to the end of that day (now), to be left alone?"""
    until = None if on is None else timezone.make_aware(datetime.combine(on, datetime.max.time()))
    return contact.status == Contact.Status.ACTIVE and not opted_out(contact, purpose, until)


@transaction.atomic
def offer(contact: Contact, purpose: str, actor: Actor, at: datetime | None = None) -> None:
    """The first letter of this sort goes out (or went, at that time), and names the way out; others change nothing."""
    if Consent.objects.filter(contact=contact, purpose=purpose).exists():
        return
    values = {"contact": contact.ref, "purpose": purpose, "type": Type.OFFERED}
    made = write.create(kind_of(Consent), values, actor=actor.by(RULE), unit=contact.unit)
    if at is not None:
        write.assign(made, {"offered_at": at, "first_use_at": at}, actor=actor.by(RULE))


@transaction.atomic
def choose(contact: Contact, purpose: str, wanted: bool, actor: Actor, proof: str = "") -> bool:
    """Keep a choice; False where it is what holds already. Who chooses for somebody else names the proof.

    Raises ValidationError, NotAllowed.
    """
    write.hold(contact)
    if wanted != opted_out(contact, purpose):
        return False
    values = {"contact": contact.ref, "purpose": purpose, "type": Type.OPT_IN if wanted else Type.OPT_OUT}
    write.create(kind_of(Consent), values | {"proof_ref": proof}, actor=actor, unit=contact.unit)
    return True
