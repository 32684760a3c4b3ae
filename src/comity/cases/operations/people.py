"""Who may act on one case: dated duties, the chain of escalation, those the case is about (BRM-3.3-4)."""

from __future__ import annotations

from typing import Any

from django.utils import timezone

from comity.accounts.models import Grant, Person, in_force
from comity.accounts.rights import rights_of
from comity.accounts.roles import CONTACTS, Role
from comity.cases.models import Case
from comity.cases.rules import escalation as rules
from comity.parties import operations as parties
from comity.parties.duties import Duty
from comity.records.trail import Actor


def about(case: Case) -> frozenset[int]:
    """Ids of the people complained about, read once for a case in hand."""
    known = case.__dict__.get("_about")
    if known is None:
        known = case.__dict__["_about"] = frozenset(case.about.values_list("pk", flat=True)) if case.pk else frozenset()
    return known


def stands_for(person: Person, other: Person | None) -> bool:
    """Is this the other person, or the stand-in while they are away?"""
    if other is None:
        return False
    return person.pk == other.pk or (other.stand_in_id == person.pk and parties.away(other, timezone.localdate()))


def is_outside(person: Person) -> bool:
    """Does the person act as a customer's or supplier's contact, not as staff?"""
    roles = rights_of(person).roles
    return bool(roles) and roles <= CONTACTS


def on_duty(duty: Duty, case: Case) -> list[Person]:
    """Who holds a duty for the case's customer today, holders before deputies, those who are away left out."""
    today = timezone.localdate()
    found = [row.person for row in parties.holders(duty, case.customer)]
    present = [person for person in found if not parties.away(person, today)]
    standing_in = [person.stand_in for person in found if person.stand_in and person not in present]
    return [*present, *standing_in]


def granted(role: Role) -> list[Person]:
    """Active people with a role, in the order in which they got it."""
    grants = Grant.objects.filter(in_force(timezone.localdate()), role=role).select_related("person").order_by("pk")
    return list({grant.person_id: grant.person for grant in grants if grant.person.current}.values())


def named_contact(case: Case, actor: Actor) -> Person | None:
    """Whom an acknowledgement names: the handler, else who sends it, else who answers for complaints."""
    if case.handler is not None or not actor.rule:
        return case.handler or actor.person
    return next(iter(on_duty(Duty.COMPLAINT_OWNER, case)), None)


def owns_complaints(person: Person, case: Case) -> bool:
    """The complaint owner; where there is none, or only ones complained about: process manager or director."""
    present = [one for one in on_duty(Duty.COMPLAINT_OWNER, case) if one.pk not in about(case)]
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
    return 0 if handler is None else Case.objects.filter(handler=handler).exclude(status="closed")[:most].count()


def chain(case: Case) -> dict[int, list[Person]]:
    """Who answers at each level; senior managers stand behind the operations director."""
    return {
        rules.COMPLAINT_OWNER: on_duty(Duty.COMPLAINT_OWNER, case),
        rules.PROCESS_MANAGER: [*on_duty(Duty.PROCESS_MANAGER, case), *granted(Role.PROCESS_MANAGER)],
        rules.OPERATIONS_DIRECTOR: [
            *on_duty(Duty.OPERATIONS_DIRECTOR, case),
            *granted(Role.OPERATIONS_DIRECTOR),
            *granted(Role.SENIOR_MANAGER),
        ],
    }


def addressee(case: Case, level: int) -> tuple[rules.Addressee, Person | None, list[str]]:
    """Level and person that a case goes to, and the names of those passed over because it is about them."""
    steps, named = chain(case), about(case)
    known: dict[int, Any] = {person.pk: person for people in steps.values() for person in people}
    ids = {step: [person.pk for person in people] for step, people in steps.items()}
    found = rules.addressee(ids, level, named, case.handler_id)
    person = known[found.person] if found.person is not None else None
    return found, person, [str(known[one]) for one in dict.fromkeys(found.skipped) if one in named]
