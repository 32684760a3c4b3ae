"""How the sample organisation reviews its work with customers and by itself, and what its charter says.

Each customer was talked with in full but one, who waits since last week.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from comity.accounts.roles import Role
from comity.agreements.models import AgreementVersion
from comity.agreements.operations import revise
from comity.home.demonstration import Organisation
from comity.measures.models import Measurement
from comity.parties.models import Contact
from comity.records import write
from comity.risks.models import Risk

RM, PM, PR, OD, SN = (
    Role.RELATIONSHIP_MANAGER, Role.PROJECT_MANAGER, Role.PROCESS_MANAGER, Role.OPERATIONS_DIRECTOR,
    Role.SENIOR_MANAGER,
)  # fmt: skip

CLAUSES: tuple[dict[str, Any], ...] = (
    {"topic": "relationship_management", "text": "Each customer has one person of ours.",
     "attributes": {"relationship_manager_role": "Relationship manager"}},
    {"topic": "accessibility", "text": "By phone, mail, letter and portal.",
     "attributes": {"service_hours": "Monday to Friday, 9:00 to 17:30 in New York"}},
    {"topic": "guarantees_claims", "text": "What we charged wrongly comes back with interest.",
     "attributes": {"guarantee": "Reversal within one business day", "claim_route": "Complaints by phone or mail"}},
    {"topic": "complaint_resolution", "text": "Complaints are resolved within ten business days."},
    {"topic": "exceptions", "none_agreed": True},
    {"topic": "activities", "text": "We report the volume of requests.", "obligation": True, "due_rule": "quarterly"},
)  # fmt: skip
"""Nothing yet on security and privacy, nor on how fast we answer."""

SERVICE = {
    "need_changes": ("notes", "Two branches open next spring and want statements on paper."),
    "scope": ("conclusion", "The scope stays."),
    "workload": ("notes", "A fifth more requests than last year."),
    "agreement": ("conclusion", "The times for answering hold; those for resolving are looked at again in autumn."),
    "contract_performance": ("verdict", "All reports came, one of them late."),
    "customer_concerns": ("notes", "Reversals take longer than the branches promise."),
    "improvements": ("decision", "The run of reversals becomes daily."),
    "outcomes": ("conclusion", "Their own customers are answered a day sooner than last year."),
    "value_delivery": ("conclusion", "They pay less for complaints than it cost them themselves."),
}
MANAGEMENT = {
    "adequacy": ("conclusion", "The system covers what we do for customers."),
    "effectiveness": ("conclusion", "Most complaints are resolved in time; the late ones wait for suppliers."),
    "service_enhancement": ("decision", "The portal gets a page on reversals."),
    "privacy": ("decision", "Records of closed cases are looked through in spring."),
    "security": ("decision", "Access lists are looked through each quarter."),
    "delivery_planning": ("conclusion", "The plan for the coming year stands."),
    "risk_strategy_effectiveness": ("conclusion", "What was treated did not happen."),
    "supply_chain": ("conclusion", "The card network answers in time."),
    "customer_relationships": ("conclusion", "Satisfaction fell in the last month; the queue was too long."),
    "policy_effectiveness": ("conclusion", "It is known, and lived at the desk."),
    "risk_responses": ("conclusion", "The high one waits for its treatment until spring."),
    "outcomes": ("input_report", "Report of the owner of customer service: targets kept but one."),
    "system_effectiveness": ("input_report", "The board shows what is kept and what is not."),
}
CITED = ("customer_satisfaction", "complaints", "loyalty")


def ago(days: float) -> datetime:
    return timezone.now() - timedelta(days=days)


class Reviewing:
    """The steps of the sample's people, each through the one write path by whose duty it is."""

    def __init__(self, organisation: Organisation) -> None:
        self.organisation = organisation
        with_customer = Contact.objects.filter(customer__isnull=False).order_by("pk")
        self.contacts = list(with_customer.values_list("ref", "customer__ref"))

    def move(self, record: Any, name: str, by: Role, days: float, **values: Any) -> Any:
        """A step that was taken so many days ago."""
        return write.transition(record, name, values, actor=self.organisation.actor(by), happened_at=ago(days))

    def charter(self) -> None:
        """The second version of the charter says more than the first."""
        old = AgreementVersion.objects.get(agreement__type="charter", status="in_force")
        draft = revise(old, actor=self.organisation.actor(RM), reason="What was practice is written down.")
        for clause in CLAUSES:
            self.organisation.make("clause", RM, agreement_version=draft.ref, **clause)
        promise = {"title": "Wrong charges are reversed", "metric": "other", "value": 1, "unit_of_value": "bd"}
        self.organisation.make("target", RM, agreement_version=draft.ref, **promise)
        draft = write.transition(draft, "negotiate", actor=self.organisation.actor(RM))
        day = {"effective_on": timezone.localdate()}
        write.transition(draft, "agree", day, actor=self.organisation.actor(OD))

    def talk(self, review: Any, by: Role, topics: dict[str, tuple[str, str]]) -> None:
        for topic, (nature, said) in topics.items():
            values = {"list": "agenda", "agenda": topic, "nature": nature, "conclusion": said}
            self.organisation.make("review_point", by, review=review.ref, **values)

    def services(self) -> None:
        """A review with each customer from plan to follow-up; the one with the last should have been last week."""
        mail = self.organisation.email
        plan = {"type": "service", "leader": mail(PM), "scope": "The services of the last half year."}
        for contact, customer in self.contacts[:-1]:
            self._service(contact, customer, plan)
        for _contact, other in self.contacts[-1:]:
            late = timezone.localdate() - timedelta(days=7)
            self.organisation.make("review", PM, starts_on=late, customers=[other], **plan)

    def _service(self, contact: str, customer: str, plan: dict[str, Any]) -> None:
        mail = self.organisation.email
        review = self.organisation.make(
            "review", PM, starts_on=timezone.localdate() - timedelta(days=60), customers=[customer],
            invited=[contact], **plan,
        )  # fmt: skip
        agenda = {"agenda": "Needs, scope, workload, agreement, contract, concerns.", "facilities": "Room 2, screen"}
        review = self.move(review, "prepare", PM, 75, **agenda, preparer=mail(PM), host=mail(RM))
        people = {"participants": [mail(PM), mail(RM)], "attended": [contact]}
        review = self.move(review, "meet", PM, 60, mode="meeting", **people)
        self.talk(review, PM, SERVICE)
        found = {"service_state": "Stable.", "customer_state": "Growing.", "need_change": "Statements on paper."}
        review = self.move(review, "minute", PM, 58, minutes="1. Reversals daily.\n2. Offer for paper.", **found)
        review = self.move(review, "report", PM, 57)
        self.organisation.make(
            "communication", PM, direction="outbound", purpose="review_findings", contact=contact, owner=mail(PM),
            subject_ref=review.ref, summary="What our review found", recipients=[mail(PR), mail(OD)],
            occurred_at=ago(57), findings="Reversals came late twice.", causes="The run was weekly.",
            actions="It runs daily from next week.",
        )  # fmt: skip
        following = timezone.localdate() + timedelta(days=120)
        self.move(review, "follow_up", PM, 50, next_on=following, conformity_checklist="Times: yes. Reports: one late.")

    def management(self) -> None:
        """The yearly review of the management, with minutes that are not reported yet."""
        mail = self.organisation.email
        review = self.organisation.make(
            "review", SN, type="management", leader=mail(SN), starts_on=timezone.localdate() - timedelta(days=12)
        )
        review = self.move(review, "meet", SN, 12, mode="meeting", participants=[mail(SN), mail(OD), mail(PR)])
        self.talk(review, SN, MANAGEMENT)
        named = [*Risk.objects.filter(rank="high"), *Measurement.objects.filter(kpi__category__in=CITED)]
        for one in named:
            said = {
                "list": "agenda",
                "agenda": "customer_relationships",
                "nature": "conclusion",
                "subject_ref": one.ref,
            }
            self.organisation.make("review_point", SN, review=review.ref, conclusion="Looked at.", **said)
        self.move(review, "minute", SN, 10, minutes="1. A page on reversals.\n2. Records in spring.")


def review(organisation: Organisation) -> None:
    """Clauses of the charter, reviews with customers, the review of the management."""
    reviewing = Reviewing(organisation)
    reviewing.charter()
    reviewing.services()
    reviewing.management()
