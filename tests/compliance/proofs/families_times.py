"""The rule families that look at what happened: told, reacted to, repeated, measured, changed, run."""

from typing import Any

from comity.agreements.models import AgreementVersion, Clause
from comity.communications.models import Communication
from comity.compliance.rules.verdicts import Verdict
from comity.improvement.models import Action, ChangeRequest
from comity.measures.models import Measurement
from comity.parties.models import Customer
from comity.risks.models import Control, ControlRun
from tests.compliance.proofs import proof
from tests.compliance.proofs.agreements import clause
from tests.compliance.proofs.communications import said
from tests.compliance.proofs.improvement import put
from tests.improvement.test_change_request import change
from tests.measures.test_measures import kpi, value
from tests.worlds import World, days_ago, moment

BY = "process_manager"


class Customers:
    """Customers of long standing, so that nobody has time left."""

    def empty(self, world: World) -> None:
        Customer.objects.update(status="retired")

    def old(self) -> None:
        Customer.objects.update(entered_at=moment(900))

    def both(self, world: World, days: float, **values: Any) -> None:
        for customer in (world.customer, world.child):
            said(world, days, **{**values, "customer": customer.ref})


@proof("planned_interval", rule="planned_interval", kind=["communication", "review"], per="customers_active",
       every="contact_interval_days", two_way=True)  # fmt: skip
class Planned(Customers):
    """Each customer was spoken with both ways; then only spoken to; then it answered."""

    def met(self, world: World) -> None:
        self.old()
        self.both(world, 5)
        self.both(world, 6, direction="outbound")

    def gap(self, world: World) -> None:
        Communication.objects.filter(direction="inbound", customer=world.child).update(occurred_at=moment(900))

    def repair(self, world: World) -> None:
        said(world, 1, customer=world.child.ref)


@proof("planned_interval", rule="planned_interval", kind="communication", every="promo_days", purpose="contact_details",
       direction="outbound")  # fmt: skip
class PlannedByUs:
    """The organisation itself: told how it is reached, long ago, again. Never to have done so is a gap."""

    nothing = Verdict.GAP

    def met(self, world: World) -> None:
        self.call: Any = said(world, 5, direction="outbound", purpose="contact_details")

    def gap(self, world: World) -> None:
        put(self.call, occurred_at=moment(900))

    def repair(self, world: World) -> None:
        put(self.call, occurred_at=moment(1))


@proof("communicated", rule="communicated", to="customers_active", topic="escalation_route",
       every="information_interval_days")  # fmt: skip
class Told(Customers):
    """Every customer was told whom to turn to; one long ago; again."""

    def met(self, world: World) -> None:
        self.both(world, 5, direction="outbound", topic="escalation_route")

    def gap(self, world: World) -> None:
        Communication.objects.filter(customer=world.child).update(occurred_at=moment(900))

    def repair(self, world: World) -> None:
        said(world, 1, direction="outbound", topic="escalation_route", customer=world.child.ref)


@proof("communicated", rule="communicated", about="communications_feedback", to="customer_contact",
       within="inbound_reply_days")  # fmt: skip
class ToldAbout:
    """Each piece of feedback was answered to the contact; then to nobody; then again."""

    def met(self, world: World) -> None:
        self.feedback: Any = said(world, 20, topic="feedback")
        answer = {"direction": "outbound", "contact": world.contact.ref, "subject_ref": self.feedback.ref}
        self.answer: Any = said(world, 19, **answer)

    def gap(self, world: World) -> None:
        put(self.answer, contact=None)

    def repair(self, world: World) -> None:
        put(self.answer, contact=world.contact)


@proof("followed_up", rule="followed_up", population="communications_feedback", by=["action"])
class FollowedUp:
    """Feedback has an action that names it as its source; then the action is about something else."""

    def met(self, world: World) -> None:
        self.feedback: Any = said(world, 5, topic="feedback")
        source = {"source_ref": self.feedback.ref}
        self.action: Any = world.create(
            "action", "relationship_manager", title="Look into it", due_on=days_ago(-9), **source
        )

    def gap(self, world: World) -> None:
        Action.objects.update(source_ref=world.customer.ref)

    def repair(self, world: World) -> None:
        Action.objects.update(source_ref=self.feedback.ref)


@proof("followed_up", rule="followed_up", population="communications_feedback", by=["action"], not_overdue=True)
class FollowedUpInTime(FollowedUp):
    """The action is past its day, then put off."""

    def gap(self, world: World) -> None:
        Action.objects.update(due_on=days_ago(3))

    def repair(self, world: World) -> None:
        Action.objects.update(due_on=days_ago(-3))


@proof("kpi_measured", rule="kpi_measured", category="customer_satisfaction", every="kpi_interval_days")
class Measured:
    """The indicator has a fresh value; an old one; a new one. To have no indicator is a gap."""

    nothing = Verdict.GAP

    def met(self, world: World) -> None:
        self.kpi: Any = kpi(world)
        value(world, self.kpi, 4)

    def gap(self, world: World) -> None:
        Measurement.objects.update(period_end=days_ago(900))

    def repair(self, world: World) -> None:
        value(world, self.kpi, 4)


@proof("kpi_measured", rule="kpi_measured", of="kpis_active", every="own")
class MeasuredAsOften(Measured):
    """The same by the frequency of the indicator itself."""

    nothing = Verdict.NOT_EXERCISED

    def met(self, world: World) -> None:
        self.kpi = kpi(world, frequency="monthly")
        value(world, self.kpi, 4)

    def gap(self, world: World) -> None:
        Measurement.objects.update(period_end=days_ago(40))


def control(world: World) -> Any:
    made = world.create("control", BY, title="Access is looked at", subject_ref=world.service.ref, frequency="monthly")
    return put(made, status="active", owner=world.person(BY))


def run(world: World, of: Any, days: int, **more: Any) -> Any:
    values = {"type": "inspection", "result": "passed", **more}
    return world.create("control_run", BY, control=of.ref, run_at=moment(days), **values)


@proof("control_effective", rule="control_effective", population="controls_active", result="passed")
class Effective:
    """The control runs as often as it says and passes; the latest run fails; the next one passes."""

    def met(self, world: World) -> None:
        self.control: Any = control(world)
        run(world, self.control, 9)

    def gap(self, world: World) -> None:
        run(world, self.control, 5, result="failed")

    def repair(self, world: World) -> None:
        run(world, self.control, 1)

    def empty(self, world: World) -> None:
        Control.objects.update(status="retired")


@proof("control_effective", rule="control_effective", population="controls_active", result="passed")
class EffectiveInTime(Effective):
    """The last run is older than the frequency of the control."""

    def gap(self, world: World) -> None:
        ControlRun.objects.update(run_at=moment(60))


@proof("change_controlled", rule="change_controlled", objects="slas", requires=["approval"])
class Changed:
    """The second version of the agreement came by a change request that was decided before; then after; then before."""

    def met(self, world: World) -> None:
        decided = {"decided_at": moment(40), "approved_at": moment(40), "approver": world.person("operations_director")}
        self.request: Any = put(change(world, object_ref=world.second.ref), **decided)

    def gap(self, world: World) -> None:
        put(self.request, decided_at=moment(20))

    def repair(self, world: World) -> None:
        put(self.request, decided_at=moment(40))

    def empty(self, world: World) -> None:
        AgreementVersion.objects.update(effective_on=days_ago(900))


@proof("change_controlled", rule="change_controlled", objects="slas", requires=["approval"])
class Approved(Changed):
    """The change request was never approved."""

    def gap(self, world: World) -> None:
        ChangeRequest.objects.update(approved_at=None)

    def repair(self, world: World) -> None:
        ChangeRequest.objects.update(approved_at=moment(40))


@proof("clause_covered", rule="clause_covered", commitment="agreements_in_force", topics=["scope"])
class Covered:
    """Each agreement has a clause on the topic, then one without a word in it."""

    def met(self, world: World) -> None:
        self.clause: Any = clause(world, world.second)

    def gap(self, world: World) -> None:
        Clause.objects.update(text="")

    def repair(self, world: World) -> None:
        Clause.objects.update(text="Hosting of the web shop.")

    def empty(self, world: World) -> None:
        AgreementVersion.objects.update(status="ended")


@proof("clause_covered", rule="clause_covered", commitment="agreements_in_force", topics=["scope"],
       per="customers_under_agreement")  # fmt: skip
class CoveredForEach(Covered):
    """The same for each customer, whose agreements count together."""


@proof("clause_covered", rule="clause_covered", commitment="agreements_in_force", topics=["subcontracting"],
       fields=["permission"])  # fmt: skip
class Stated(Covered):
    """The clause states the attribute asked for."""

    def met(self, world: World) -> None:
        self.clause = clause(world, world.second, topic="subcontracting")
        self.repair(world)

    def gap(self, world: World) -> None:
        Clause.objects.update(attributes={"permission": ""})

    def repair(self, world: World) -> None:
        Clause.objects.update(attributes={"permission": "Only with consent."})
