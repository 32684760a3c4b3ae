"""The rule families that look at what records are: linked, kept by somebody, written down, agreed, apart, stated."""

from typing import Any

from comity.agreements.models import Service
from comity.compliance.models import Assessment
from comity.compliance.rules.verdicts import Verdict
from comity.documents.models import DocumentVersion
from comity.parties.models import Acceptance, Customer, Responsibility
from tests.compliance.proofs import proof
from tests.compliance.test_assessment import MARKS, attestation
from tests.worlds import World, assign, moment

RATED = {"statement": "relationship_rating", "population": "customers_active", "by": ["relationship_manager"]}


class Customers:
    """Worlds in which there are customers to look at, and one without."""

    def empty(self, world: World) -> None:
        Customer.objects.update(status="retired")


@proof("linked", rule="linked", population="services_active", to="agreements_in_force")
class Linked:
    """Every live service is covered by an agreement in force."""

    def met(self, world: World) -> None:
        Service.objects.filter(pk=world.other_service.pk).update(status="retired")

    def gap(self, world: World) -> None:
        Service.objects.filter(pk=world.other_service.pk).update(status="live")

    def repair(self, world: World) -> None:
        world.second.services.add(world.other_service)

    def empty(self, world: World) -> None:
        Service.objects.update(status="retired")


@proof(
    "responsibility_filled", rule="responsibility_filled", role="relationship_manager", per="customers_active",
    holders="exactly_one",
)  # fmt: skip
class Filled(Customers):
    """Every customer has one manager of its own; nobody stands in for all."""

    def met(self, world: World) -> None:
        Responsibility.objects.filter(role="relationship_manager", customer=None).update(status="ended")
        Customer.objects.filter(pk=world.child.pk).update(status="retired")

    def gap(self, world: World) -> None:
        Customer.objects.filter(pk=world.child.pk).update(status="active")

    def repair(self, world: World) -> None:
        assign(world, "relationship_manager", "deputy", customer=world.child.ref)


@proof("responsibility_filled", rule="responsibility_filled", role="relationship_manager", per="customers_active",
       holders="exactly_one")  # fmt: skip
class HeldTwice(Customers):
    """A second holder beside the first, until he becomes the deputy."""

    def met(self, world: World) -> None:
        """The small provider is so."""

    def gap(self, world: World) -> None:
        Responsibility.objects.filter(customer=world.customer, deputy=True).update(deputy=False)

    def repair(self, world: World) -> None:
        Responsibility.objects.filter(customer=world.customer, person=world.person("deputy")).update(deputy=True)


@proof("responsibility_filled", rule="responsibility_filled", role="complaint_owner", holders="at_least_one")
class HeldAtAll:
    """The duty has a holder who works here."""

    nothing = Verdict.GAP

    def met(self, world: World) -> None:
        """The small provider is so."""

    def gap(self, world: World) -> None:
        Responsibility.objects.filter(role="complaint_owner").update(status="ended")

    def repair(self, world: World) -> None:
        Responsibility.objects.filter(role="complaint_owner").update(status="active")

    def empty(self, world: World) -> None:
        self.gap(world)


@proof("document_in_force", rule="document_in_force", type="complaint_definition", sections=["complaint"])
class Written:
    """A definition in force with its section filled; a missing document is a gap."""

    nothing = Verdict.GAP

    def met(self, world: World) -> None:
        self.section("Any expressed dissatisfaction.")

    def section(self, text: str) -> None:
        DocumentVersion.objects.update(sections={"complaint": {"text": text, "fields": {}}})

    def gap(self, world: World) -> None:
        self.section("")

    def repair(self, world: World) -> None:
        self.section("Any expressed dissatisfaction.")

    def empty(self, world: World) -> None:
        DocumentVersion.objects.update(withdrawn_at=moment(1))


@proof("document_in_force", rule="document_in_force", type="complaint_definition", per="customers_active")
class WrittenForEach(Customers):
    """Each customer has a definition that applies: its own, or the one for all."""

    def met(self, world: World) -> None:
        """The small provider is so."""

    def gap(self, world: World) -> None:
        DocumentVersion.objects.filter(pk=world.definition.pk).update(withdrawn_at=moment(1))

    def repair(self, world: World) -> None:
        DocumentVersion.objects.filter(pk=world.definition.pk).update(withdrawn_at=None)


@proof("accepted", rule="accepted", what="complaint_definition", by="customers_active", kind="agreed")
class Accepted:
    """The customer agreed to its own definition, then to another version only."""

    def met(self, world: World) -> None:
        DocumentVersion.objects.filter(pk=world.definition.pk).update(withdrawn_at=moment(1))

    def gap(self, world: World) -> None:
        Acceptance.objects.update(version_ref=world.definition.ref)

    def repair(self, world: World) -> None:
        Acceptance.objects.update(version_ref=world.own_definition.ref)

    def empty(self, world: World) -> None:
        DocumentVersion.objects.update(withdrawn_at=moment(1))


@proof("separated", rule="separated", act="document_approval", not_by=["document_authoring"],
       population="versions_in_force")  # fmt: skip
class Separated:
    """Nobody approved what he wrote."""

    def met(self, world: World) -> None:
        self.author: Any = world.definition.author

    def gap(self, world: World) -> None:
        DocumentVersion.objects.filter(pk=world.definition.pk).update(author=world.definition.approver)

    def repair(self, world: World) -> None:
        DocumentVersion.objects.filter(pk=world.definition.pk).update(author=self.author)

    def empty(self, world: World) -> None:
        DocumentVersion.objects.update(withdrawn_at=moment(1))


@proof("attested", rule="attested", **RATED, validity="relationship_rating_interval_days", fields=["reason"])
class Attested(Customers):
    """The manager rated the customer; long ago; anew."""

    def met(self, world: World) -> None:
        Customer.objects.filter(pk=world.child.pk).update(status="retired")
        self.state(world)

    def state(self, world: World) -> None:
        world.move(attestation(world), "state", "relationship_manager", **MARKS)

    def gap(self, world: World) -> None:
        Assessment.objects.update(concluded_at=moment(900))

    def repair(self, world: World) -> None:
        self.state(world)


@proof("attested", rule="attested", **RATED)
class AttestedByTheRightOne(Attested):
    """Stated by somebody who does not hold the role."""

    def gap(self, world: World) -> None:
        Assessment.objects.update(assessor=world.person("auditor"))

    def repair(self, world: World) -> None:
        Assessment.objects.update(assessor=world.person("relationship_manager"))
