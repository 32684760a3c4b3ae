"""What dated duties open to people whose group reads no cases: the complaint owner's, and whoever must answer; and
what stays closed to those who sign in for a supplier.

A group says what somebody may do in general; what one may do on one record follows from duties (BRM-3.3-4).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from comity.accounts.models import Person
from comity.accounts.prepared import ANY, prepared
from comity.accounts.rights import Rights, rights_of
from comity.accounts.roles import CONTACTS, Role
from comity.parties.duties import Duty
from comity.parties.models import Contact, Responsibility
from comity.parties.operations import holding

EVERYTHING = ~Q(pk__in=())
ANSWERING = (Duty.COMPLAINT_OWNER, Duty.PROCESS_MANAGER, Duty.OPERATIONS_DIRECTOR)
ANSWERERS = (
    Role.COMPLAINT_HANDLER, Role.PROJECT_MANAGER, Role.PROCESS_MANAGER, Role.OPERATIONS_DIRECTOR, Role.SENIOR_MANAGER,
)  # fmt: skip
NO_STAFF = CONTACTS | {Role.ADMINISTRATOR, Role.AUDITOR}


@dataclass(frozen=True)
class Trust:
    """The people somebody answers as, whether anything was ever put to one of them, the customers whose complaints
    they answer for (`None` is nobody's), whether any complaint is about this person, and whether this person signs in
    for a supplier, too."""

    people: tuple[int, ...] = ()
    asked: bool = False
    customers: Q | None = None
    named: bool = False
    supplies: bool = False

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


def opened(person: Person, rights: Rights) -> Q | None:
    """The cases that duties open: the complaint owner's, and what was put to this person."""
    from comity.cases.models.escalation import Escalation

    trust = trust_of(person, rights)
    if not trust.asked:
        return trust.customers
    put = Escalation.objects.filter(person__in=trust.people)
    asked = Q(pk__in=put.filter(case__isnull=False).values("case")) | Q(bundle__in=put.values("pk"))
    return asked if trust.customers is None else trust.customers | asked


def against(person: Person, rights: Rights, path: str = "") -> Q | None:
    """The cases in which a supplier is at fault for whom this person signs in, whatever else the person may read; None
    for our own people who sign in for none. Nobody judges their own matter, nor reads who brought it up (BRM-3.3-4)."""
    if rights.roles - NO_STAFF and not trust_of(person, rights).supplies:
        return None
    theirs = Contact.objects.filter(person=person, supplier__isnull=False)
    return Q(**{f"{path}at_fault__in": theirs.values("supplier")})


def may_hold(person: Person, unit: int | None) -> bool:
    """Is this one of our own people to whom the matrix opens the complaints of this unit? Others could not even read
    what they get."""
    ours = _inside(person)
    return _over(ours, ours.may("case_handle", "read"), unit)


def may_answer(person: Person, unit: int | None) -> bool:
    """Has this person a group that answers escalations in this unit?"""
    return _over(_inside(person), ANSWERERS, unit)


def _inside(person: Person) -> Rights:
    """Whatever the person holds among our own people, also what they do not act under now."""
    rights = rights_of(person)
    return replace(rights, roles=rights.held - NO_STAFF)


def _over(rights: Rights, roles: Iterable[Role], unit: int | None) -> bool:
    units = rights.units(roles)
    return units is None or unit in units


def _answered_by_anybody(today: date, path: str = "") -> Q:
    """The person, and those who are away and for whom the person stands in."""
    away = Q(**{f"{path}away_to": None}) | Q(**{f"{path}away_to__gte": today})
    stands_in = Q(**{f"{path}stand_in": ANY, f"{path}away_from__lte": today}) & away
    return Q(**{f"{path}pk": ANY}) | stands_in


@prepared
def _people(today: date) -> QuerySet[Person, tuple[int, bool, bool, bool]]:
    """Those people, each with whether anything was ever put to them, whether any complaint is about them, and whether
    they sign in for a supplier."""
    from comity.cases.models.case import Case
    from comity.cases.models.escalation import Escalation

    put = Escalation.objects.filter(person=OuterRef("pk"))
    about = Case.about.through.objects.filter(person=OuterRef("pk"))
    rows = Person.objects.filter(_answered_by_anybody(today)).order_by()
    supplier = Contact.objects.filter(person=OuterRef("pk"), supplier__isnull=False)
    return rows.values_list("pk", Exists(put), Exists(about), Exists(supplier))


@prepared
def _duties(today: date) -> QuerySet[Responsibility, tuple[int | None, int | None]]:
    """The customers and segments for whose complaints those people answer; neither of both is everybody."""
    theirs = _answered_by_anybody(today, "person__")
    rows = Responsibility.objects.filter(holding(today), theirs, role__in=ANSWERING, subject_ref="")
    return rows.values_list("customer", "segment")


def _read(person: Person) -> Trust:
    today = timezone.localdate()
    found = _people(person.pk, today)
    people, asked = tuple(pk for pk, *_rest in found), any(put for _pk, put, *_rest in found)
    named, supplies = next((rest for pk, _put, *rest in found if pk == person.pk), (False, False))
    customers: Q | None = None
    for customer, segment in _duties(person.pk, today):
        if customer is None and segment is None:
            return Trust(people, asked, EVERYTHING, named, supplies)
        one = (
            Q(customer=customer)
            if customer is not None
            else Q(customer__category=segment) | Q(customer__segment=segment)
        )
        customers = one if customers is None else customers | one
    return Trust(people, asked, customers, named, supplies)
