"""How the sample organisation assesses itself: one section is being worked on, one is planned, no other is; and
what people state of the relationship with a customer."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.utils import timezone

from comity.accounts.roles import Role
from comity.compliance.models import Obligation
from comity.compliance.rules.verdicts import Verdict
from comity.compliance.worksheet import lines
from comity.home.demonstration import Organisation
from comity.parties.models import Customer
from comity.records import write

IA, RM, PR = Role.INTERNAL_ASSESSOR, Role.RELATIONSHIP_MANAGER, Role.PROCESS_MANAGER
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
    for customer in Customer.objects.filter(status="active"):
        state(organisation, customer)
    for law in Obligation.objects.filter(type="law", status="active"):
        told = {"reason": "Nothing was found against it.", "evidence": "Report of our lawyers"}
        _say(organisation, PR, "legal_compliance", law.ref, told)


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
    marks = {"dialogue": "4", "understanding": "4", "atmosphere": "5", "rating": "4"}
    reason = {"reason": "We talk every month, and nothing was left open."}
    _say(organisation, RM, "relationship_rating", customer.ref, {**marks, **reason})


def _say(organisation: Organisation, who: Role, statement: str, about: str, told: dict[str, str]) -> None:
    """A statement of the person of that role."""
    values = {"type": "attestation", "statement": statement, "subject_ref": about, "assessor": organisation.email(who)}
    made = organisation.make("assessment", who, **values)
    write.transition(made, "state", told, actor=organisation.actor(who))
