"""How the sample organisation assesses itself: one section is being worked on, one is planned, no other is; and
what people state of the relationship with a customer."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.utils import timezone

from comity.accounts.roles import Role
from comity.compliance.rules.verdicts import Verdict
from comity.compliance.worksheet import lines
from comity.home.demonstration import Organisation
from comity.parties.models import Customer
from comity.records import write

IA, RM = Role.INTERNAL_ASSESSOR, Role.RELATIONSHIP_MANAGER
HEAD = {"type": "internal", "standard": "csms-2003", "edition": "2003", "organisation": "Harbour Service Centre",
        "location": "New York"}  # fmt: skip
SAID = {
    Verdict.MET: ("done", "The records show it."),
    Verdict.GAP: ("todo", ""),
    Verdict.NOT_EXERCISED: ("todo", ""),
    Verdict.NOT_ASSESSED: ("todo", "Not recorded yet."),
}
CLAIMED = 2  # tasks that the assessor calls done where the records show a gap


def assess(organisation: Organisation) -> None:
    """Plan, begin a worksheet and answer most of it, and state how a relationship stands."""
    today, assessor = timezone.localdate(), organisation.email(IA)
    planned = {"assessor": assessor, "allotted_hours": "6", "planned_on": today + timedelta(days=40)}
    organisation.make("assessment", IA, **HEAD, area="s16", risk_level="medium", **planned)
    sheet = organisation.make(
        "assessment", IA, **HEAD, area="s10", risk_level="high", **planned | {"planned_on": today}
    )
    answer(organisation, write.transition(sheet, "start", actor=organisation.actor(IA)))
    customer = Customer.objects.order_by("pk").first()
    if customer is not None:
        state(organisation, customer)


def answer(organisation: Organisation, sheet: Any) -> None:
    """Say of each task what the records say, but for the last few and for two that are claimed."""
    rows, claimed = list(sheet.lines.order_by("place")), 0
    for row in rows[:-5]:
        task, remark = SAID.get(Verdict(row.verdict), ("todo", ""))
        if row.verdict == Verdict.GAP and claimed < CLAIMED:
            task, remark, claimed = "done", "We do this every week.", claimed + 1
        lines.answer(sheet, row.pk, {"task": task, "remark": remark}, row.version, organisation.actor(IA))


def state(organisation: Organisation, customer: Customer) -> None:
    """The relationship manager rates the relationship."""
    values = {"type": "attestation", "statement": "relationship_rating", "subject_ref": customer.ref}
    made = organisation.make("assessment", RM, **values, assessor=organisation.email(RM))
    marks = {"dialogue": "4", "understanding": "4", "atmosphere": "5", "rating": "4"}
    reason = {"reason": "We talk every month, and nothing was left open."}
    write.transition(made, "state", {**marks, **reason}, actor=organisation.actor(RM))
