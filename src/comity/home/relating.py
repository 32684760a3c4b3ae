"""How the sample organisation keeps its relationships: parties, processes, plans, and what was said.

Much of it is in order. What is missing was left out on purpose: the board shows both, and each gap can be closed.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from comity.accounts.roles import Role
from comity.communications.models import Channel
from comity.compliance.operations import nothing
from comity.home.demonstration import Organisation
from comity.parties.models import Contact, InterestedParty, Responsibility
from comity.records import write

RM, PR, OD = Role.RELATIONSHIP_MANAGER, Role.PROCESS_MANAGER, Role.OPERATIONS_DIRECTOR
SN, DESK, PM = Role.SENIOR_MANAGER, Role.SERVICE_DESK, Role.PROJECT_MANAGER

PARTIES: tuple[dict[str, Any], ...] = (
    {"name": "Our customers", "type": "user", "interest": "They receive what we do.", "key": True,
     "stands_for_customers": True, "influence": "high", "needs": "Answers within the promised time.",
     "expectation_status": "partly", "owner": RM, "contact": True},
    {"name": "Supervisory authority", "type": "regulator", "interest": "It watches how complaints are handled.",
     "key": True, "influence": "high", "needs": "A report each quarter.", "expectation_status": "met", "owner": PR},
    {"name": "Card network", "type": "partner", "interest": "It carries out reversals.", "influence": "medium",
     "owner": RM},
    {"name": "Works council", "type": "internal_unit", "interest": "Working hours of the desk.", "owner": PM},
)  # fmt: skip
POSITIONS: tuple[tuple[Role, dict[str, Any]], ...] = (
    (RM, {"department": "operations", "customer_facing": True, "job_requirements": "Knows her customers' business."}),
    (Role.COMPLAINT_HANDLER, {"department": "operations", "customer_facing": True,
                              "job_requirements": "Listens, investigates, writes plainly."}),
    (DESK, {"department": "operations", "customer_facing": True}),
    (PM, {"department": "project_management", "job_requirements": "Plans with people and dates."}),
    (PR, {"department": "operations", "job_requirements": "Describes processes and keeps them alive."}),
)  # fmt: skip
STAGES = (
    ("acquire", "Find and understand", "Enquiries", "A customer who knows our terms"),
    ("onboard", "Take in", "A signed agreement", "Contacts, channels and a plan"),
    ("serve", "Serve", "Requests and complaints", "Answers and remedies"),
    ("retain", "Review together", "Reports and reviews", "Improvements"),
    ("leave", "Part", "A notice", ""),  # what comes out of it is not described yet
)
OFTEN = {"review_frequency": 6, "frequency_reason": "Two branches open, and much changes."}
TESTED = {"email": "passed", "phone": "passed", "post": "failed"}
SAID: tuple[tuple[int, str, str, dict[str, Any]], ...] = (
    (40, "outbound", "What we can and cannot do for them", {"tags": ["service_environment"], "topic": "services"}),
    (
        30,
        "inbound",
        "They open two branches next spring",
        {"tags": ["business_environment"], "topic": "information", "owner": RM},
    ),
    (12, "inbound", "The monthly report came late", {"tags": ["dissatisfaction"], "topic": "feedback"}),
)


def ago(days: float) -> datetime:
    return timezone.now() - timedelta(days=days)


class Relating:
    """The steps of the sample's people, each through the one write path by whose duty it is."""

    def __init__(self, organisation: Organisation) -> None:
        self.organisation, self.make = organisation, organisation.make
        self.contacts = list(Contact.objects.filter(customer__isnull=False).order_by("pk"))
        self.channels = {channel.type: channel for channel in Channel.objects.order_by("pk")}

    def change(self, record: Any, by: Role, **values: Any) -> Any:
        return write.update(record, values, actor=self.organisation.actor(by))

    def people(self) -> None:
        """Other parties, each with somebody there and somebody of ours; positions."""
        for told in PARTIES:
            owner, contact = told.get("owner"), told.get("contact")
            known = {"owner": self.organisation.email(owner)} if owner else {}
            known["contact"] = self.contacts[0].ref if contact and self.contacts else self._outside(told["name"])
            rest = {name: value for name, value in told.items() if name not in ("owner", "contact")}
            self.make("interested_party", RM, **rest, **known)
        for role, about in POSITIONS:
            person, manager = self.organisation.email(role), self.organisation.email(OD)
            self.make("position", PR, person=person, manager=manager, team="Complaints and relationships", **about)

    def _outside(self, name: str) -> str:
        """The reference of somebody who can be reached there."""
        reached = {"name": f"Desk of {name}", "type": "interested_party", "email": "desk@party.example"}
        return str(self.make("contact", RM, **reached).ref)

    def customers(self) -> None:
        """Two categories; those whom we know best belong to them and have a stage."""
        named = {"demographic_definition": "Banks with more than a thousand complaints a year."}
        groups = [self.make("segment", RM, name="Large banks", reconfirmed_at=ago(60).date(), **named)]
        named = {"demographic_definition": "Those who move money without being a bank."}
        groups.append(self.make("segment", RM, name="Payment services", reconfirmed_at=ago(60).date(), **named))
        for number, contact in enumerate(self.contacts):
            where = {"category": groups[number % 2].ref, "lifecycle_stage": "serve"}
            about = {
                "stage_entered_on": ago(300).date(),
                "representative_contact": contact.ref,
                "user_population": 40 + 15 * number,
            }
            if contact.customer is not None:
                agreed = {"frequency_proposer": self.organisation.email(PM),
                          "frequency_accepter": self.organisation.email(PR)}  # fmt: skip
                self.change(contact.customer, PR, **where, **about, **OFTEN, **agreed, reconfirmed_at=ago(60).date())

    def duties(self) -> None:
        """The manager of all relationships answers for satisfaction as well; a process gets its owner."""
        for held in Responsibility.objects.filter(role="relationship_manager"):
            self.change(held, PR, covers=["relationship", "satisfaction"], duties="Keeps in touch, and listens.")
        held = self.make(
            "responsibility", PR, role="process_owner", process="customer_relationship",
            person=self.organisation.email(RM), covers=["maintain"], authorities="Changes the process.",
        )  # fmt: skip
        held = write.transition(held, "approve", actor=self.organisation.actor(SN))
        write.transition(held, "accept", actor=self.organisation.actor(RM))

    def processes(self) -> None:
        """The process of relationships with its stages, and one that another group shares without a hand-over."""
        process = self.make(
            "process", PR, name="Relationships with customers", tag="customer_relationship", customer_facing=True,
            owner=self.organisation.email(RM), manual_part="Chapter 3",
        )  # fmt: skip
        levels = self.make(
            "process", PR, name="Service levels", tag="service_level_management", manual_part="Chapter 4"
        )
        for stage, name, inputs, outputs in STAGES:
            step = {"journey_stage": stage, "name": name, "inputs": inputs, "outputs": outputs}
            self.make("process_step", PR, process=process.ref, owner_role="relationship_manager", **step)
        for role in ("process_owner", "relationship_manager"):
            self.make("process_role", PR, process=process.ref, role=role, duties="As the process document says.")
        for direction, other in (("inbound", levels.ref), ("outbound", "")):
            self.make(
                "process_interface", PR, name=f"Service levels, {direction}", process=process.ref, other_process=other,
                direction=direction, inputs="Targets", outputs="What customers expect",
                contact_own=self.organisation.email(RM), verified_at=timezone.localdate(),
            )  # fmt: skip
        self._reversal()

    def _reversal(self) -> None:
        """A process of delivery and the stream of value around it; of one step nothing more is to be said."""
        stream = self.make("process", PR, name="From a complaint to its remedy", type="value_stream",
                           customer_outcome="The money is back, and it does not happen again.")  # fmt: skip
        reversal = self.make("process", PR, name="Reversal of a charge", type="delivery", criticality="high")
        answers = {"owner_role": "process_manager"}
        self.make("process_step", PR, process=stream.ref, name="Listen and put right", **answers)
        check = self.make("process_step", PR, process=reversal.ref, name="Check the charge", **answers)
        other = {"operator_kind": "internal", "operator": "Books"}
        self.make("process_step", PR, process=reversal.ref, name="Reverse it", **answers, **other)
        why = "It only reads: what goes wrong here is found in the next step."
        nothing.state(check, nothing.LINKS, why, actor=self.organisation.actor(PR))

    def plans(self) -> None:
        """Channels with purposes, one of which failed its test; a plan for everybody, one of its own, one in draft."""
        for kind, channel in self.channels.items():
            tested = {"tested_at": ago(20).date(), "test_result": TESTED[kind]} if kind in TESTED else {}
            self.change(channel, PR, purposes=["complaint", "request", "feedback"], **tested)
        self._plan("All customers", cadence="quarterly", approved=True)
        for party in InterestedParty.objects.order_by("pk"):
            about = {
                "cadence": "quarterly",
                "response_time": "5 bd",
                "contact": Contact.objects.get(interested_parties=party).ref,
            }
            self._plan(f"With {party}", party=party, approved=True, **about)
        if self.contacts:
            for contact in self.contacts:
                self.change(contact, PR, accepted_channels=["email", "phone"])
                own = {"cadence": "monthly", "response_time": "2 bd", "contact": contact.ref}
                self._plan("Everything with them", customer=contact.customer, approved=True, **own)
            self._plan("To be agreed", customer=self.contacts[-1].customer, cadence="monthly")

    def _plan(self, name: str, customer: Any = None, party: Any = None, approved: bool = False, **line: Any) -> None:
        owner = {"owner": self.organisation.email(RM)}
        whose = {name: one.ref for name, one in (("customer", customer), ("interested_party", party)) if one}
        limits = {"conflict_levels": "Manager, director", "conflict_persons": "Rosa Keller, Olga Marchetti",
                  "conflict_time_limits": "2 bd each"} if approved else {}  # fmt: skip
        plan = self.make("communication_plan", RM, name=name, **whose, **owner, **limits)
        for level in ("operational", "tactical", "strategic")[: 3 if customer else 1]:
            channel = self.channels["email"].ref
            self.make(
                "plan_line", RM, plan=plan.ref, topic="How it goes", topic_level=level, channel=channel, **owner, **line
            )
        self.make("plan_party", RM, plan=plan.ref, own_person=owner["owner"], role="Relationship manager",
                  duties="Asks, listens, reports.")  # fmt: skip
        if approved:
            write.transition(plan, "approve", actor=self.organisation.actor(PR), happened_at=ago(50))

    def talks(self) -> None:
        """What was said with each customer: two exchanges, answered; the largest waits for an answer to a third."""
        for contact in self.contacts:
            if contact.customer is not None:
                self._talk(contact, SAID if contact is self.contacts[0] else SAID[:2])

    def _talk(self, contact: Contact, exchanges: tuple[tuple[int, str, str, dict[str, Any]], ...]) -> None:
        whom = {"customer": contact.customer.ref if contact.customer else "", "contact": contact.ref}
        for days, direction, summary, told in exchanges:
            more = {**told, "owner": self.organisation.email(told["owner"])} if "owner" in told else told
            channel = self.channels["phone" if days > 35 else "email"].ref
            said = self.make("communication", RM, direction=direction, summary=summary, channel=channel,
                             occurred_at=ago(days), **whom, **more)  # fmt: skip
            if direction == "inbound" and days > 20:
                self.make("communication", RM, direction="outbound", purpose="answer", subject_ref=said.ref,
                          summary="We plan with the two branches.", channel=channel, occurred_at=ago(days - 1),
                          tags=["requirements"], need_change="Two more branches from spring.", **whom)  # fmt: skip


def relate(organisation: Organisation) -> None:
    """Let the people of the sample keep their relationships."""
    sample = Relating(organisation)
    sample.people()
    sample.customers()
    sample.duties()
    sample.processes()
    sample.plans()
    sample.talks()
