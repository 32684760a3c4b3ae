"""Rules over whom something went to: everybody who took part, whom a plan names, whom an improvement concerns."""

from __future__ import annotations

from typing import Any

from comity.communications.models import CommunicationPlan
from comity.compliance.rules.verdicts import Verdict
from comity.documents.models import DocumentVersion
from comity.documents.operations import confirm_reading
from comity.parties.models import Acceptance
from tests.compliance.proofs import proof
from tests.compliance.proofs.communications import BY, ago, said
from tests.compliance.proofs.improvement import put
from tests.compliance.proofs.reviews import review
from tests.improvement.steps import improvement
from tests.worlds import World, assign, days_ago

PM, PR = "project_manager", "process_manager"


@proof("communicated", rule="communicated", about="reviews_service_held", to="attendees", purpose="minutes",
       within="review_report_days")  # fmt: skip
class Attendees:
    """Both contacts who took part got the minutes soon; then one of them got them months later."""

    def met(self, world: World) -> None:
        row = review(world, days=60)
        row.attended.set([world.contact, world.child_contact])
        sent = {"direction": "outbound", "purpose": "minutes", "subject_ref": row.ref, "summary": "Minutes"}
        for contact in (world.contact, world.child_contact):
            told = world.create("communication", PR, contact=contact.ref, **sent)
            self.told: Any = put(told, occurred_at=ago(58))

    def gap(self, world: World) -> None:
        put(self.told, occurred_at=ago(5))

    def repair(self, world: World) -> None:
        put(self.told, occurred_at=ago(58))


@proof("communicated", rule="communicated", about="communication_plans_in_force", to="named_parties",
       carries="communication_plan", since="changed_at")  # fmt: skip
class Parties:
    """A plan names a contact, who was sent it, and one of us, who accepted it; then that consent is taken back."""

    def met(self, world: World) -> None:
        row = world.create("communication_plan", BY, name="Aster", customer=world.customer.ref)
        world.create("plan_line", BY, plan=row.ref, topic="Operations", channel=world.channel.ref)
        for who in ({"contact": world.contact.ref}, {"own_person": world.email(PR)}):
            world.create("plan_party", BY, plan=row.ref, **who)
        world.move(row, "approve", PR)
        CommunicationPlan.objects.filter(pk=row.pk).update(changed_at=ago(9))
        said(world, 8, direction="outbound", contact=world.contact.ref, subject_ref=row.ref, version_carried=row.ref)
        self.given: Any = world.create("acceptance", PR, type="confirmed", version_ref=row.ref, person=world.email(PR))

    def gap(self, world: World) -> None:
        Acceptance.objects.filter(pk=self.given.pk).update(status="withdrawn")

    def repair(self, world: World) -> None:
        Acceptance.objects.filter(pk=self.given.pk).update(status="given")


@proof("communicated", rule="communicated", about="improvements_customer_done", to="customers_concerned",
       purpose="improvement_result", within="improvement_notice_days")  # fmt: skip
class Concerned:
    """The customer of an improvement heard what came of it; then another customer did instead."""

    def met(self, world: World) -> None:
        row = improvement(world, customer=world.customer.ref)
        put(row, source_kind="case", status="implemented", implemented_on=days_ago(60))
        about = {"subject_ref": row.ref, "purpose": "improvement_result"}
        self.told: Any = said(world, 50, direction="outbound", **about)

    def gap(self, world: World) -> None:
        put(self.told, customer=world.child)

    def repair(self, world: World) -> None:
        put(self.told, customer=world.customer)


@proof("planned_interval", rule="planned_interval", kind="acceptance", every="training_interval_days",
       by="customer_service_owner")  # fmt: skip
class Issued:
    """Somebody read what the owner of customer service had approved; then it was approved by somebody else."""

    nothing = Verdict.GAP  # the organisation as a whole has to show one

    def met(self, world: World) -> None:
        assign(world, "customer_service_owner", PM)
        confirm_reading(world.definition, world.actor(PR))
        self.repair(world)

    def gap(self, world: World) -> None:
        DocumentVersion.objects.filter(pk=world.definition.pk).update(approver=world.person(PR))

    def repair(self, world: World) -> None:
        DocumentVersion.objects.filter(pk=world.definition.pk).update(approver=world.person(PM))
