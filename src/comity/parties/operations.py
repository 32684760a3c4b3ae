"""Who answers for what at a given day, for one question and for a batch of them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import suppress
from datetime import date
from typing import Any

from django.conf import settings
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import get_supported_language_variant

from comity.accounts.models import Person, in_force
from comity.accounts.operations import shut_out
from comity.accounts.rights import rights_of
from comity.accounts.roles import CONTACTS
from comity.parties.duties import Duty
from comity.parties.models import Contact, Customer, Responsibility
from comity.parties.rules import Place, Shelf, nearness
from comity.records import write
from comity.records.write import Actor


def holding(on: date) -> Q:
    """Approved, between its dates, and the person has not left: then a responsibility counts on that day."""
    counts = Q(approved_at__isnull=False) & in_force(on) & in_force(on, "person__")
    return counts & Q(person__is_active=True) if on >= timezone.localdate() else counts


def _nearest(rows: Iterable[Responsibility], customer: Place | None) -> list[Responsibility]:
    """Those of the nearest level that has a holder, holders before deputies."""
    levels: dict[int, list[Responsibility]] = {}
    for row in rows:
        level = nearness(customer, _ids(row.customer_id), _ids(row.segment_id))
        if level is not None:
            levels.setdefault(level, []).append(row)
    for level in sorted(levels):
        if any(not row.deputy for row in levels[level]):
            return sorted(levels[level], key=lambda row: (row.deputy, row.pk))
    return levels[min(levels)] if levels else []


def _ids(pk: int | None) -> tuple[int, ...]:
    return () if pk is None else (pk,)


def holders(
    role: str, customer: Place | None = None, on: date | None = None, subject: Any = None
) -> list[Responsibility]:
    """The responsibilities of the nearest level: direct, then the customer's segments, then the organisation's default.

    `subject` is another record (a service, a supplier); where nobody holds the duty over it, the default counts.
    """
    if subject is not None:
        rows = Responsibility.objects.filter(holding(on or timezone.localdate()), role=role).select_related("person")
        own = [*rows.filter(subject_ref=subject.ref)]
        if any(not row.deputy for row in own):
            return sorted(own, key=lambda row: (row.deputy, row.pk))
    return holders_of_each((role,), customer, on)[role]


def holders_of_each(
    roles: Iterable[str], customer: Place | None = None, on: date | None = None
) -> dict[str, list[Responsibility]]:
    """The same for several duties towards a customer, with one query."""
    scope = Q(customer__isnull=True, segment__isnull=True)
    if customer is not None:
        segments = [pk for pk in (customer.category_id, customer.segment_id) if pk is not None]
        scope |= Q(customer_id=customer.pk) | Q(segment_id__in=segments)
    found: dict[str, list[Responsibility]] = {role: [] for role in roles}
    rows = Responsibility.objects.filter(holding(on or timezone.localdate()), scope, role__in=found, subject_ref="")
    for row in rows.select_related("person"):
        found[row.role].append(row)
    return {role: _nearest(held, customer) for role, held in found.items()}


def responsible(role: str, customer: Place | None = None, on: date | None = None, subject: Any = None) -> Person | None:
    """The person who holds the duty on that day (today), or None: then there is a gap."""
    return next((row.person for row in holders(role, customer, on, subject) if not row.deputy), None)


def acting(role: str, customer: Place | None = None, on: date | None = None, subject: Any = None) -> Person | None:
    """Whom to turn to on that day: the holder, while he is away his deputy or the person who stands in for him."""
    on = on or timezone.localdate()
    found = holders(role, customer, on, subject)
    present = [row.person for row in found if not away(row.person, on)]
    if present:
        return present[0]
    standing_in = next((one for row in found if (one := stand_in(row.person))), None)
    return standing_in or next((row.person for row in found), None)


def language_of(contact: Contact | None, customer: Customer | None, used: str = "") -> str:
    """The language in which to write to an outside party: the contact's, the customer's, the one that they used
    themselves, else the installation's."""
    for code in (contact and contact.language, customer and customer.language, used):
        if code:
            with suppress(LookupError):
                return get_supported_language_variant(code.strip().replace("_", "-").lower())
    return settings.LANGUAGE_CODE


def away(person: Person, on: date) -> bool:
    return bool(person.away_from and person.away_from <= on and (person.away_to is None or on <= person.away_to))


def stand_in(person: Person) -> Person | None:
    """Who works in this person's stead: somebody of our own who is here, never a contact."""
    other = person.stand_in
    return other if other is not None and rights_of(other).held - CONTACTS else None


class Duties:
    """All responsibilities towards customers of one day in memory, for batches: one query, then none."""

    def __init__(self, rows: Iterable[Responsibility]) -> None:
        self._of: dict[str, Shelf[Responsibility]] = {}
        for row in rows:
            self._of.setdefault(row.role, Shelf()).put(row, _ids(row.customer_id), _ids(row.segment_id))

    @classmethod
    def load(cls, on: date | None = None) -> Duties:
        rows = Responsibility.objects.filter(holding(on or timezone.localdate()), subject_ref="")
        return cls(rows.select_related("person"))

    def responsible(self, role: str, customer: Place | None = None) -> Person | None:
        rows = _nearest(self._of[role].concerning(customer) if role in self._of else (), customer)
        return next((row.person for row in rows if not row.deputy), None)


def signed_in_as(person: Person) -> list[Contact]:
    """The active contacts of customers that this person signs in as."""
    rows = Contact.objects.filter(person=person, status=Contact.Status.ACTIVE, customer__isnull=False)
    return list(rows.select_related("customer", "customer__unit", "unit").order_by("customer__name", "pk"))


def same_person(contact: Contact) -> list[Contact]:
    """All contacts that are the same person: by their sign-in, or by name and address."""
    same = Q(pk=contact.pk)
    if contact.person_id:
        same |= Q(person_id=contact.person_id)
    if contact.email:
        same |= Q(email__iexact=contact.email, name__iexact=contact.name)
    return list(Contact.objects.filter(same).order_by("pk"))


def has_left(address: str, customer: int | None) -> bool:
    """Did somebody with this address once speak for the customer, and no longer does?"""
    return Contact.objects.filter(customer=customer, email__iexact=address, status=Contact.Status.ENDED).exists()


def organisations_of(contacts: Sequence[Contact]) -> dict[str, tuple[Customer, Contact]]:
    """The organisations that somebody with these contacts speaks for, by reference, and as which contact: their own,
    then what belongs to those where a contact sees that."""
    found: dict[str, tuple[Customer, Contact]] = {}
    for one in contacts:
        if one.customer is not None:
            found.setdefault(one.customer.ref, (one.customer, one))
    for one in contacts:
        if one.sees_children:
            below = Customer.objects.filter(pk__in=one.reach(), archived_at__isnull=True).select_related("unit")
            for customer in below.exclude(status=Customer.Status.ENDED).order_by("name", "pk"):
                found.setdefault(customer.ref, (customer, one))
    return found


def close_portal(contact: Contact, by: Person) -> None:
    """Whoever signs in as this contact alone holds no role from outside any more; the day it ends, the access ends."""
    person = contact.person
    if person is not None and not Contact.objects.filter(person=person).exclude(pk=contact.pk).exists():
        shut_out(person, CONTACTS, by)


def manager_in_charge(customer: Customer) -> None:
    """Make the direct relationship manager of today the customer's owner, with a line in its trail."""
    today = timezone.localdate()
    rows = Responsibility.objects.filter(
        holding(today), customer=customer, role=Duty.RELATIONSHIP_MANAGER, deputy=False, subject_ref=""
    )
    row = rows.select_related("person").first()
    person = row.person if row else None
    customer = Customer.objects.get(pk=customer.pk)
    if customer.owner_id != (person.pk if person else None):
        write.assign(customer, {"owner": person}, actor=Actor.system("owner_is_relationship_manager"))
