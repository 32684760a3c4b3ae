"""A morning of work in the sample organisation: agreements with its largest customers, and cases in every state."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.db.models import Count
from django.utils import timezone

from comity.accounts.roles import Role
from comity.cases.models import Case
from comity.home.demonstration import OUTSIDE, Organisation
from comity.improvement.models import Action
from comity.parties.models import Customer
from comity.records import write
from comity.records.kind import kind_named
from comity.web.aside import keep_view

LARGEST = 6
RATINGS = ("normal", "minor", "major", "normal", "critical", "normal", "minor", "major")
FACTS = {
    "facts": "The history shows the charge on the day the customer names; the reversal was booked four days later.",
    "views_of_parties": "The customer expected the reversal the same day. The processing team followed its weekly run.",
    "cause_category": "process",
}
RESULT = {
    "outcome": "The charge is reversed with interest; the run is daily from next month.",
    "outcome_reasons": "Upheld: the delay was ours and the terms promise a reversal within one business day.",
    "cause_area": "internal_management",
    "improvement_need": True,
    "upheld": "upheld",
}


def work_through(organisation: Organisation) -> None:
    """Let the people of the sample do their work on the newest cases of the largest customers."""
    contacts = _customers(organisation)
    rows = Case.objects.filter(status="received", customer__in=contacts).order_by("-received_at")
    for number, case in enumerate(rows[: len(RATINGS) * 3]):
        _work_on(organisation, case, contacts[int(case.customer_id or 0)], number)
    due = {"query": "answer_due=1", "shared": True, "pinned": True}
    keep_view(organisation.actor(Role.PROCESS_MANAGER).person, kind_named("case"), "First answer due in 1 h", **due)


def _customers(organisation: Organisation) -> dict[int, Any]:
    """Serve the customers with the most open cases: each gets a contact and an agreement. The others are history."""
    manager = organisation.actor(Role.RELATIONSHIP_MANAGER)
    process = organisation.actor(Role.PROCESS_MANAGER)
    by_customer = Case.objects.filter(status="received").values("customer").annotate(n=Count("pk"))
    open_cases = by_customer.order_by("-n")[:LARGEST]
    served = {row["customer"] for row in open_cases}
    for customer in Customer.objects.filter(status="prospect"):
        if customer.pk in served:
            write.transition(customer, "activate", actor=process)
        else:
            write.transition(customer, "end", actor=process, note="Nothing open, and no agreement was renewed.")
    contacts: dict[int, Any] = {}
    for row in open_cases:
        customer = Customer.objects.get(pk=row["customer"])
        called = {"name": f"Complaints desk of {customer}"[:150], "email": f"desk-{customer.pk}@customer.example"}
        if not contacts:  # the largest one's contact signs in
            email, name = OUTSIDE[Role.CUSTOMER_CONTACT]
            called = {"name": name, "email": email, "person": email}
        contact = write.create(
            kind_named("contact"),
            {**called, "customer": customer.ref, "roles": ["complainant"], "signing_authority": True},
            actor=process,
        )
        organisation.agreement_with(customer, None, contact)
        duty = write.create(
            kind_named("responsibility"),
            {"role": "relationship_manager", "person": manager.person.email, "customer": customer.ref,
             "starts_on": timezone.localdate() - timedelta(days=400)},
            actor=process,
        )  # fmt: skip
        duty = write.transition(duty, "approve", actor=organisation.actor(Role.SENIOR_MANAGER))
        write.transition(duty, "accept", actor=manager)
        contacts[customer.pk] = contact
    return contacts


def _work_on(organisation: Organisation, case: Any, contact: Any, number: int) -> None:
    """Take one case as far as its number says: every eighth stays at each stage."""
    desk, handler = organisation.actor(Role.SERVICE_DESK), organisation.actor(Role.COMPLAINT_HANDLER)
    me = {"handler": handler.person.email}
    stage = number % len(RATINGS)
    case = write.update(case, {"contact": contact.ref, "anonymous": False}, actor=desk)
    if stage == 0:
        return
    case = write.transition(case, "acknowledge", {"next_step": "We look into it and come back to you."}, actor=desk)
    if stage == 1:
        return
    marks = {"target_clear": True, "content_clear": True, "demand_clear": True}
    rating = {"severity": RATINGS[stage], "consequence": RATINGS[stage], "safety": number == len(RATINGS) + 4}
    case = write.transition(case, "assess", {**rating, **me, **marks}, actor=handler)
    if stage == 2:
        return
    case = write.transition(case, "investigate", {"investigator": handler.person.email}, actor=handler)
    case = write.transition(case, "answer", {"text": "The history of the account is being checked."}, actor=handler)
    if stage == 3:
        return
    if stage == 4:
        write.transition(case, "ask_customer", {"text": "Which of the two charges do you mean?"}, actor=handler)
        return
    due = timezone.localdate() + timedelta(days=5)
    act = {**FACTS, "action": "Reverse the charge", "action_owner": handler.person.email, "action_due_on": due}
    case = write.transition(case, "act", act, actor=handler)
    if stage == 5:
        return
    for action in Action.objects.filter(source_ref=case.ref):
        action = write.transition(action, "start", actor=handler)
        write.transition(action, "complete", {"completion_report": "Reversed and checked."}, actor=handler)
    case = write.transition(case, "resolve", RESULT, actor=handler)
    if stage == 6:
        return
    said = write.create(
        kind_named("communication"),
        {"direction": "inbound", "purpose": "confirmation", "customer": case.customer.ref, "contact": contact.ref,
         "subject_ref": case.ref, "occurred_at": timezone.now(), "summary": "Thanks, that settles it."},
        actor=handler,
    )  # fmt: skip
    write.transition(case, "confirm", {"communication": said.ref}, actor=handler)
