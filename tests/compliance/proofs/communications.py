"""Channels, plans and what was said."""

from datetime import timedelta
from typing import Any

from django.utils import timezone

from comity.accounts.models import Person
from comity.communications.models import Channel, Communication, CommunicationPlan
from comity.compliance.rules.verdicts import Verdict
from comity.documents.models import DocumentVersion
from comity.parties.models import Customer
from comity.records import write
from tests.compliance.proofs import membership, proof
from tests.compliance.proofs.reviews import review
from tests.worlds import World, assign, publish

BY = "relationship_manager"


def said(world: World, days: float = 0, **values: Any) -> Any:
    """An exchange with the customer so many days ago."""
    what = {"direction": "inbound", "summary": "A word", "customer": world.customer.ref, "channel": world.channel.ref}
    return world.create("communication", BY, **{**what, "occurred_at": ago(days), **values})


def ago(days: float) -> Any:
    return timezone.now() - timedelta(days=days)


def plan(world: World, **line: Any) -> tuple[Any, Any]:
    """A plan of the customer in force, and its line."""
    made = world.create("communication_plan", BY, name="Aster", customer=world.customer.ref)
    values = {"topic": "Operations", "channel": world.channel.ref, "contact": world.contact.ref}
    row = world.create("plan_line", BY, plan=made.ref, **{**values, **line})
    return world.move(made, "approve", "process_manager"), row


class Answered:
    """Something came in days ago and was answered within the hour; then the answer turns out to be another matter's."""

    line: Any = None

    def met(self, world: World) -> None:
        under = {"plan_line": self.line.ref} if self.line else {}
        self.question = said(world, 20, topic="information", **under)
        self.answer = said(world, 19.99, direction="outbound", subject_ref=self.question.ref)

    def gap(self, world: World) -> None:
        Communication.objects.filter(pk=self.answer.pk).update(subject_ref="")

    def repair(self, world: World) -> None:
        Communication.objects.filter(pk=self.answer.pk).update(subject_ref=self.question.ref)


@proof("clock inbound_reply", rule="clock_met", clock="inbound_reply", population="communications_inbound")
class InboundReply(Answered):
    """Answered soon, by what we said about it."""


@proof("clock inbound_reply", rule="clock_met", clock="inbound_reply", population="communications_inbound")
class ActedOn:
    """An action that was linked to it soon counts as well; one that came long after does not."""

    def met(self, world: World) -> None:
        self.question = said(world)
        action = world.create("action", BY, title="Look")
        write.link(self.question, "led_to", action, actor=world.actor(BY))

    def gap(self, world: World) -> None:
        Communication.objects.filter(pk=self.question.pk).update(occurred_at=ago(20))

    def repair(self, world: World) -> None:
        Communication.objects.filter(pk=self.question.pk).update(occurred_at=ago(0.01))


@proof(
    "clock plan_line_response",
    rule="clock_met",
    clock="plan_line_response",
    population="communications_inbound_planned",
)
class PlanLineResponse(Answered):
    """The line of the plan gives four days; the answer comes within the hour."""

    def met(self, world: World) -> None:
        _plan, self.line = plan(world, response_time="4 d")
        super().met(world)


@proof("clock privacy_reply", rule="clock_met", clock="privacy_reply", population="communications_privacy")
class PrivacyReply:
    """Answered soon by whoever answers for privacy; then by somebody else."""

    def met(self, world: World) -> None:
        assign(world, "privacy_owner", "project_manager")
        question = said(world, 20, topic="privacy")
        self.answer = said(world, 19.9, direction="outbound", subject_ref=question.ref)
        self.repair(world)

    def gap(self, world: World) -> None:
        Communication.objects.filter(pk=self.answer.pk).update(owner=world.person("service_desk"))

    def repair(self, world: World) -> None:
        Communication.objects.filter(pk=self.answer.pk).update(owner=world.person("project_manager"))


@proof("contact_channels_varied", rule="predicate", name="contact_channels_varied")
class Varied:
    """Each customer under agreement hears us by phone and by another way."""

    def met(self, world: World) -> None:
        Customer.objects.filter(pk=world.child.pk).update(status="ended")
        mail = world.create("channel", BY, name="Mail", type="email")
        said(world, 3)
        self.second = said(world, 4, channel=mail.ref)

    def gap(self, world: World) -> None:
        Communication.objects.filter(pk=self.second.pk).update(channel=world.channel)

    def repair(self, world: World) -> None:
        said(world, 1, channel=Channel.objects.get(name="Mail").ref)

    def empty(self, world: World) -> None:
        Customer.objects.update(status="ended")


@proof("customer_onboarded", rule="predicate", name="customer_onboarded")
class Onboarded:
    """A new customer without agreement has a manager, a line of the plan for all, and a channel on its first day."""

    def met(self, world: World) -> None:
        Customer.objects.update(type="ad_hoc")
        made = world.create("communication_plan", BY, name="All")
        world.create("plan_line", BY, plan=made.ref, topic="News", channel=world.channel.ref)
        world.move(made, "approve", "process_manager")

    def gap(self, world: World) -> None:
        self.published = Channel.objects.get(pk=world.channel.pk).published_at
        Channel.objects.filter(pk=world.channel.pk).update(published_at=None)

    def repair(self, world: World) -> None:
        Channel.objects.filter(pk=world.channel.pk).update(published_at=self.published)

    def empty(self, world: World) -> None:
        Customer.objects.update(status="ended")


@proof("customer_onboarded", rule="predicate", name="customer_onboarded")
class OnboardedByAgreement(Onboarded):
    """A customer under agreement has the agreement itself; a charter for everybody is none."""

    def met(self, world: World) -> None:
        super().met(world)
        Customer.objects.filter(pk=world.customer.pk).update(type="agreement")

    def gap(self, world: World) -> None:
        Customer.objects.filter(pk=world.child.pk).update(type="agreement")

    def repair(self, world: World) -> None:
        world.agreement.customers.add(world.child)


@proof("customer_onboarded", rule="predicate", name="customer_onboarded")
class OnboardedBySegment(Onboarded):
    """A plan for the customer's category is one for it."""

    def met(self, world: World) -> None:
        super().met(world)
        Customer.objects.filter(pk=world.child.pk).update(status="ended")
        CommunicationPlan.objects.update(segment=world.category)

    def gap(self, world: World) -> None:
        Customer.objects.filter(pk=world.customer.pk).update(category=None)

    def repair(self, world: World) -> None:
        Customer.objects.filter(pk=world.customer.pk).update(category=world.category)


class ForAll:
    """A channel that names no customers is for everybody of its audience, and for nobody else."""

    right, wrong = "customer", "staff"

    def met(self, world: World) -> None:
        Channel.objects.update(audience=self.right)

    def gap(self, world: World) -> None:
        Channel.objects.update(audience=self.wrong)

    def repair(self, world: World) -> None:
        Channel.objects.update(audience=self.right)


@proof("linked", rule="linked", population="customers_active", to="channels_complaint")
class ForAllCustomers(ForAll):
    """Complaint channels for customers."""

    def empty(self, world: World) -> None:
        Customer.objects.update(status="ended")


@proof("linked", rule="linked", population="staff_active", to="channels_complaint_staff")
class ForAllStaff(ForAll):
    """Complaint channels for our own people."""

    right, wrong = "staff", "customer"

    def empty(self, world: World) -> None:
        Person.objects.update(is_active=False)


@proof("linked", rule="linked", population="customers_active", to="plan_lines_working")
class PlannedBySegment:
    """A plan for the category of a customer counts for it."""

    def met(self, world: World) -> None:
        Customer.objects.filter(pk=world.child.pk).update(status="ended")
        made = world.create("communication_plan", BY, name="Key", segment=world.category.ref)
        world.create(
            "plan_line", BY, plan=made.ref, topic="News", channel=world.channel.ref, cadence="monthly",
            owner=world.email(BY), contact=world.contact.ref,
        )  # fmt: skip
        world.move(made, "approve", "process_manager")

    def gap(self, world: World) -> None:
        Customer.objects.update(category=None)

    def repair(self, world: World) -> None:
        Customer.objects.update(category=world.category)

    def empty(self, world: World) -> None:
        Customer.objects.update(status="ended")


@membership("channels_planned")
def planned(world: World) -> tuple[list[Any], list[Any]]:
    plan(world)
    return [world.channel], [world.create("channel", BY, name="Chat", type="chat")]


@membership("channels_independent_tested")
def tested(world: World) -> tuple[list[Any], list[Any]]:
    today = {"tested_at": timezone.localdate(), "type": "phone"}
    passed = world.create("channel", BY, name="A", test_result="passed", **today)
    failed = world.create("channel", BY, name="B", test_result="failed", **today)
    needing = world.create("channel", BY, name="C", test_result="passed", **today)
    write.link(needing, "depends_on", world.service, actor=world.actor(BY))
    return [passed], [failed, needing, world.channel]


@membership("communication_plans_with_accepted_channel")
def accepted(world: World) -> tuple[list[Any], list[Any]]:
    mail = world.create("channel", BY, name="Mail", type="email")
    good, _line = plan(world, channel=mail.ref)
    other = world.create("communication_plan", BY, name="By phone", customer=world.customer.ref)
    world.create("plan_line", BY, plan=other.ref, topic="News", channel=world.channel.ref)
    return [good], [world.move(other, "approve", "process_manager")]


@membership("communications_of_period")
def of_period(world: World) -> tuple[list[Any], list[Any]]:
    return [said(world, 3)], [said(world, 800)]


@proof("planned_interval", rule="planned_interval", kind="communication", every="complaint_report_interval_days",
       purpose="complaint_report", covers="complaints_of_period", sent_to="named_audience")  # fmt: skip
class Covers:
    """A report covers all complaints of its period where it came out of the analysis of that period."""

    nothing = Verdict.GAP

    def met(self, world: World) -> None:
        held = review(world, "complaint_analysis")
        told = {"direction": "outbound", "purpose": "complaint_report", "audience": "Directors"}
        self.report, self.review = said(world, 5, **told), held.ref
        self.repair(world)

    def gap(self, world: World) -> None:
        Communication.objects.filter(pk=self.report.pk).update(subject_ref="")

    def repair(self, world: World) -> None:
        Communication.objects.filter(pk=self.report.pk).update(subject_ref=self.review)


@proof("communicated", rule="communicated", about="reviews_service_held", to=["process_manager", "customer_contact"],
       purpose="review_findings", within="review_report_days", by="owner",
       fields=["findings", "causes", "actions"])  # fmt: skip
class Findings:
    """The customer and the process manager heard what was found, why, and what is done; without the causes it is no
    report."""

    def met(self, world: World) -> None:
        held = review(world, days=60)
        told = {"findings": "Slow.", "actions": "Two more.", "contact": world.contact.ref}
        told["owner"] = world.email("project_manager")
        self.told = said(world, 58, direction="outbound", purpose="review_findings", **told)
        Communication.objects.filter(pk=self.told.pk).update(subject_ref=held.ref, subject_kind="review")
        self.told.recipients.set([world.person("process_manager")])
        self.repair(world)

    def gap(self, world: World) -> None:
        Communication.objects.filter(pk=self.told.pk).update(causes="")

    def repair(self, world: World) -> None:
        Communication.objects.filter(pk=self.told.pk).update(causes="Too few.")


@proof("communicated", rule="communicated", about="reviews_service_held", to="process_manager",
       purpose="review_findings", within="review_report_days")  # fmt: skip
class Recipients(Findings):
    """Our own people are told only where they are named."""

    def gap(self, world: World) -> None:
        self.told.recipients.clear()

    def repair(self, world: World) -> None:
        self.told.recipients.set([world.person("process_manager")])


@proof("communicated", rule="communicated", topic="organization", every="information_interval_days", or_web=True,
       to="public", fields=["activities", "people"])  # fmt: skip
class Public:
    """Everybody was told what we do and who we are; then only one customer was."""

    nothing = Verdict.GAP

    def met(self, world: World) -> None:
        told = {"activities": "We keep lines open.", "people": "Forty.", "topic": "organization", "bulk": True}
        self.told = said(world, 5, direction="outbound", **told)

    def gap(self, world: World) -> None:
        Communication.objects.filter(pk=self.told.pk).update(bulk=False)

    def repair(self, world: World) -> None:
        Communication.objects.filter(pk=self.told.pk).update(bulk=True)


@proof("communicated", rule="communicated", topic="organization", every="information_interval_days", or_web=True,
       to="public", fields=["activities", "people"])  # fmt: skip
class Page:
    """A page in force says it to everybody, but not one that leaves out who we are."""

    nothing = Verdict.GAP

    def met(self, world: World) -> None:
        self.row = publish(world, 5, "Who we are.", title="About us", type="web_content")
        self.repair(world)

    def gap(self, world: World) -> None:
        self._says(activities="We keep lines open.")

    def repair(self, world: World) -> None:
        self._says(activities="We keep lines open.", people="Forty.")

    def _says(self, **fields: str) -> None:
        sections = {"organization": {"text": "", "fields": fields}}
        DocumentVersion.objects.filter(pk=self.row.pk).update(sections=sections)
