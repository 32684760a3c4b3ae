"""Rules over those who handle complaints, the way up, and what customers are told."""

from __future__ import annotations

from typing import Any

from comity.accounts.models import Grant
from comity.parties.models import Acceptance, Customer, Responsibility
from tests.compliance.proofs import proof
from tests.compliance.proofs.cases import ago, complaint, put
from tests.compliance.proofs.cases_course import said
from tests.worlds import World, assign, publish


@proof("handler_load", rule="predicate", name="handler_load")
class Load:
    """One complaint more than a handler may have; a colleague takes it over."""

    def met(self, world: World) -> None:
        handler = world.person("complaint_handler")
        self.cases = [complaint(world, handler=handler) for _ in range(15)]
        complaint(world, handler=handler, status="closed")

    def gap(self, world: World) -> None:
        self.more = complaint(world, handler=world.person("complaint_handler"))

    def repair(self, world: World) -> None:
        put(self.more, handler=world.person("northerner"))

    def empty(self, world: World) -> None:
        Grant.objects.filter(role="complaint_handler").delete()


@proof("escalation_route_staffed", rule="predicate", name="escalation_route_staffed")
class Route:
    """The complaint owner handles a complaint of the customer, and nobody else answers at that level."""

    def met(self, world: World) -> None:
        publish(world, 30, "How we handle complaints.", title="Complaint procedure", type="complaint_procedure")

    def gap(self, world: World) -> None:
        owner = Responsibility.objects.get(role="complaint_owner").person
        self.case = complaint(world, handler=owner)

    def repair(self, world: World) -> None:
        put(self.case, handler=world.person("complaint_handler"))


@proof("escalation_route_staffed", rule="predicate", name="escalation_route_staffed")
class RouteVacant:
    """Nobody is complaint owner any more; then a deputy is named for one customer, and an owner for all."""

    def met(self, world: World) -> None:
        publish(world, 30, "How we handle complaints.", title="Complaint procedure", type="complaint_procedure")

    def gap(self, world: World) -> None:
        Responsibility.objects.filter(role="complaint_owner").update(ends_on=ago(days=2).date())

    def repair(self, world: World) -> None:
        assign(world, "complaint_owner", "assistant", since=1)


@proof("complaint_process_understood", rule="predicate", name="complaint_process_understood")
class Understood:
    """The customer confirmed the procedure in force; a confirmation that is withdrawn is none."""

    def met(self, world: World) -> None:
        version = publish(world, 30, "How we handle complaints.", title="Complaints", type="complaint_procedure")
        Customer.objects.filter(pk=world.child.pk).update(status="retired")
        self.given: Any = world.create(
            "acceptance", "process_manager", type="confirmed", version_ref=version.ref, contact=world.contact.ref,
            proof_ref=said(world, version, "inbound", "confirmation", 1).ref,
        )  # fmt: skip

    def gap(self, world: World) -> None:
        Acceptance.objects.filter(pk=self.given.pk).update(status="withdrawn")

    def repair(self, world: World) -> None:
        Acceptance.objects.filter(pk=self.given.pk).update(status="given")

    def empty(self, world: World) -> None:
        Customer.objects.update(status="retired")


WISH = {"events": ["acknowledged", "resolved"], "channel": "email"}


@proof("notification_wish_met", rule="predicate", name="notification_wish_met", population="complaints_received")
class WishUnknown:
    """Nobody asked what the customer wants to hear."""

    def met(self, world: World) -> None:
        self.case = complaint(world, notification_wish=WISH)

    def gap(self, world: World) -> None:
        put(self.case, notification_wish={})

    def repair(self, world: World) -> None:
        put(self.case, notification_wish=WISH)


@proof("notification_wish_met", rule="predicate", name="notification_wish_met", population="complaints_received")
class WishedNotice:
    """Acknowledged days ago, and the customer who wished to hear of it was not told."""

    def met(self, world: World) -> None:
        self.case = complaint(world, notification_wish=WISH)

    def gap(self, world: World) -> None:
        put(self.case, acknowledged_at=ago(days=9))

    def repair(self, world: World) -> None:
        said(world, self.case, "outbound", "acknowledgement", 9)


@proof("notification_wish_met", rule="predicate", name="notification_wish_met", population="complaints_received")
class NewsOwed:
    """The customer asked for news."""

    def met(self, world: World) -> None:
        self.case = complaint(world, notification_wish={"result_only": True})
        put(complaint(world), anonymous=True)

    def gap(self, world: World) -> None:
        put(self.case, news_due_at=ago(hours=1))

    def repair(self, world: World) -> None:
        put(self.case, news_due_at=None)
