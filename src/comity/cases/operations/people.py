"""Who may act on one case: dated duties, the chain of escalation, those the case is about (BRM-3.3-4)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from django.db.models import F, QuerySet, Subquery
from django.utils import timezone

from comity.accounts.models import Grant, Person, Unit, in_force
from comity.accounts.prepared import ANY, prepared
from comity.accounts.rights import rights_of
from comity.accounts.roles import CONTACTS, Role
from comity.accounts.whole import rows_of
from comity.cases.models import Case
from comity.cases.models.entrusted import ANSWERERS, ANSWERING
from comity.cases.rules import escalation as rules
from comity.parties import operations as parties
from comity.parties.duties import Duty
from comity.records.trail import Actor

BEHIND = (Role.PROCESS_MANAGER, Role.OPERATIONS_DIRECTOR, Role.SENIOR_MANAGER)


def about(case: Case) -> frozenset[int]:
    """Ids of the people complained about."""
    return case.named


def stands_for(person: Person, other: Person | None) -> bool:
    """Is this the other person, or the stand-in while they are away?"""
    if other is None:
        return False
    return person.pk == other.pk or (other.stand_in_id == person.pk and parties.away(other, timezone.localdate()))


def is_outside(person: Person) -> bool:
    """Does the person act as a customer's or supplier's contact, not as staff?"""
    roles = rights_of(person).roles
    return bool(roles) and roles <= CONTACTS


def on_duty(case: Case) -> dict[str, list[Person]]:
    """Who holds each duty of the chain for the case's customer today, holders before deputies, those who are away
    left out; read once for a case in hand."""
    known: tuple[int | None, dict[str, list[Person]]] | None = case.__dict__.get("_on_duty")
    if known is None or known[0] != case.customer_id:
        known = case.__dict__["_on_duty"] = case.customer_id, _on_duty(case)
    return known[1]


def _on_duty(case: Case) -> dict[str, list[Person]]:
    today, found = timezone.localdate(), {}
    for duty, held in parties.holders_of_each(ANSWERING, case.customer).items():
        people = [row.person for row in held]
        present = [person for person in people if not parties.away(person, today)]
        absent = [person for person in people if person not in present]
        standing_in = [other for one in absent if (other := parties.stand_in(one))]
        found[duty] = [*present, *standing_in]
    return found


def granted(case: Case, roles: Iterable[Role], beside: Iterable[Person] = ()) -> dict[str, list[Person]]:
    """Active people with each group over the case's unit, in the order in which they got it, and what of the groups
    that answer those beside them hold there."""
    wanted, near = frozenset(roles), {one.pk for one in beside}
    grants = [
        (role, person)
        for role, person in _grants(case.unit_id, timezone.localdate(), wanted)
        if role in wanted or person in near
    ]
    people = rows_of(Person, {person for _role, person in grants})
    found: dict[str, dict[int, Person]] = {}
    for role, person in grants:
        if people[person].current:
            found.setdefault(role, {})[person] = people[person]
    return {role: list(held.values()) for role, held in found.items()}


@prepared
def _grants(today: date, roles: frozenset[Role]) -> QuerySet[Grant, tuple[str, int]]:
    """Who has one of these groups, or one that answers, over a unit on that day, in the order in which they got it."""
    here = Unit.objects.filter(pk=ANY).values("path")
    grants = Grant.objects.alias(here=Subquery(here)).filter(here__startswith=F("unit__path"))
    return grants.filter(in_force(today), role__in=roles | set(ANSWERERS)).order_by("pk").values_list("role", "person")


def named_contact(case: Case, actor: Actor) -> Person | None:
    """Whom an acknowledgement names: the handler, else who sends it, else who answers for complaints."""
    if case.handler is not None or not actor.rule:
        return case.handler or actor.person
    return next(iter(on_duty(case)[Duty.COMPLAINT_OWNER]), None)


def owns_complaints(person: Person, case: Case) -> bool:
    """The complaint owner; where there is none, or only ones complained about: process manager or director."""
    present = [one for one in on_duty(case)[Duty.COMPLAINT_OWNER] if one.pk not in about(case)]
    if present:
        return person in present
    return bool(rights_of(person).roles & {Role.PROCESS_MANAGER, Role.OPERATIONS_DIRECTOR})


def holds_case(person: Person, case: Case) -> bool:
    """The handler or the stand-in; anybody entitled while nobody is named."""
    return case.handler is None or stands_for(person, case.handler)


def works_on(person: Person, case: Case) -> bool:
    """Handler or investigator of the case, or their stand-in; anybody entitled while nobody is named."""
    if case.handler is None and case.investigator is None:
        return True
    return stands_for(person, case.handler) or stands_for(person, case.investigator)


def open_cases(handler: Person | None, most: int) -> int:
    """How many open cases this person handles, counted up to `most`."""
    return 0 if handler is None else len(_open_cases(handler.pk, most))


@prepared
def _open_cases(most: int) -> QuerySet[Case, tuple[int]]:
    return Case.objects.filter(handler=ANY).exclude(status="closed").order_by().values_list("pk")[:most]


def chain(case: Case) -> dict[int, list[Person]]:
    """Who answers at each level: those on duty, then those with the group, and senior managers behind the operations
    director; each only where their groups let them answer in the case's unit."""
    duties = on_duty(case)
    groups = granted(case, BEHIND, {one for held in duties.values() for one in held})
    able = {one.pk for held in groups.values() for one in held}
    held = {duty: [one for one in duties[duty] if one.pk in able] for duty in duties}
    process, director, senior = (groups.get(role, []) for role in BEHIND)
    return {
        rules.COMPLAINT_OWNER: held[Duty.COMPLAINT_OWNER],
        rules.PROCESS_MANAGER: [*held[Duty.PROCESS_MANAGER], *process],
        rules.OPERATIONS_DIRECTOR: [*held[Duty.OPERATIONS_DIRECTOR], *director, *senior],
    }


def addressee(case: Case, level: int) -> tuple[rules.Addressee, Person | None, list[str]]:
    """Level and person that a case goes to, and the names of those passed over because it is about them."""
    steps, named = chain(case), about(case)
    known: dict[int, Any] = {person.pk: person for people in steps.values() for person in people}
    ids = {step: [person.pk for person in people] for step, people in steps.items()}
    found = rules.addressee(ids, level, named, case.handler_id)
    person = known[found.person] if found.person is not None else None
    return found, person, [str(known[one]) for one in dict.fromkeys(found.skipped) if one in named]
