"""What dated duties open to people whose group reads no cases: the complaint owner's, and whoever must answer.

A group says what somebody may do in general; what one may do on one record follows from duties (BRM-3.3-4).
"""

from __future__ import annotations

from dataclasses import dataclass

from django.db import connection
from django.db.models import Q
from django.utils import timezone

from comity.accounts.models import Person
from comity.accounts.rights import Rights
from comity.accounts.roles import CONTACTS, Role
from comity.parties.duties import Duty
from comity.parties.models import Responsibility
from comity.parties.operations import holding

EVERYTHING = ~Q(pk__in=())
ANSWERING = (Duty.COMPLAINT_OWNER, Duty.PROCESS_MANAGER, Duty.OPERATIONS_DIRECTOR)
# The person and those they stand in for, each with whether anything was ever put to them. Asked before most pages.
ANSWERS_AS = """
SELECT p.id, EXISTS (SELECT 1 FROM cases_escalation e WHERE e.person_id = p.id) FROM accounts_person p
WHERE p.id = %s OR (p.stand_in_id = %s AND p.away_from <= %s AND (p.away_to IS NULL OR p.away_to >= %s))
"""
NO_STAFF = CONTACTS | {Role.ADMINISTRATOR, Role.AUDITOR}


@dataclass(frozen=True)
class Trust:
    """The people somebody answers as, whether anything was ever put to one of them, and the customers whose complaints
    they answer for: `None` is nobody's."""

    people: tuple[int, ...] = ()
    asked: bool = False
    customers: Q | None = None

    @property
    def owner(self) -> bool:
        """Does the person hold a duty in the chain of escalation?"""
        return self.customers is not None


def trust_of(person: Person, rights: Rights) -> Trust:
    """Read once for a person in hand, as rights are. Only staff in force are trusted with anything."""
    if not rights.roles - NO_STAFF:
        return Trust()
    known: Trust | None = person.__dict__.get("_trust")
    if known is None:
        known = person.__dict__["_trust"] = _read(person)
    return known


def _read(person: Person) -> Trust:
    today = timezone.localdate()
    with connection.cursor() as cursor:
        cursor.execute(ANSWERS_AS, [person.pk, person.pk, today, today])
        found = cursor.fetchall()
    people, asked = tuple(pk for pk, _put in found), any(put for _pk, put in found)
    rows = Responsibility.objects.filter(holding(today), role__in=ANSWERING, subject_ref="", person__in=people)
    customers: Q | None = None
    for customer, segment in rows.values_list("customer", "segment"):
        if customer is None and segment is None:
            return Trust(people, asked, EVERYTHING)
        one = (
            Q(customer=customer)
            if customer is not None
            else Q(customer__category=segment) | Q(customer__segment=segment)
        )
        customers = one if customers is None else customers | one
    return Trust(people, asked, customers)
