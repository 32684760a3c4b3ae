"""Deciding, reading, dates and processes."""

from typing import Any

from comity.accounts.models import Grant
from comity.compliance.rules.verdicts import Verdict
from comity.documents.models import Document, RecordClass
from comity.parties.models import Customer, ProcessInterface, Responsibility
from comity.records import write
from comity.records.kind import kinds
from comity.records.trail import log
from tests.compliance.proofs import membership, proof
from tests.worlds import World, days_ago


def process(world: World, *operators: str, name: str = "Repair") -> tuple[Any, list[Any]]:
    """A process with one step for each operator; ourselves where it is empty."""
    by = "process_manager"
    made = world.create("process", by, name=name, type="delivery")
    kinds = ({"operator_kind": "internal", "operator": one} if one else {} for one in operators)
    steps = [world.create("process_step", by, process=made.ref, name=f"{n}", **kind) for n, kind in enumerate(kinds)]
    return made, steps


@proof("joint_process_interfaces", rule="predicate", name="joint_process_interfaces")
class JointProcess:
    """A step of another group follows one of ours; an interface says what is handed over."""

    def met(self, world: World) -> None:
        made, (first, second, _third) = process(world, "", "Print shop", "Print shop")
        self.interface = world.create(
            "process_interface", "process_manager", name="To print", process=made.ref, from_step=first.ref,
            to_step=second.ref,
        )  # fmt: skip

    def gap(self, world: World) -> None:
        ProcessInterface.objects.filter(pk=self.interface.pk).update(status="retired")

    def repair(self, world: World) -> None:
        world.move(ProcessInterface.objects.get(pk=self.interface.pk), "resume", "process_manager")


@proof("decided_by_holder", rule="predicate", name="decided_by_holder", population="comments", role="process_manager")
class DecidedByHolder:
    """Whoever acted held the role on that day."""

    def met(self, world: World) -> None:
        write.post(world.customer, "Agreed.", actor=world.actor("process_manager"))

    def gap(self, world: World) -> None:
        self.held = Responsibility.objects.get(role="process_manager")
        Responsibility.objects.filter(pk=self.held.pk).update(starts_on=days_ago(-1))

    def repair(self, world: World) -> None:
        Responsibility.objects.filter(pk=self.held.pk).update(starts_on=self.held.starts_on)


@proof("reads_authorised", rule="predicate", name="reads_authorised", population="comments")
class ReadsAuthorised:
    """Whoever is in the trail of a record might read such records on that day."""

    def met(self, world: World) -> None:
        write.post(world.customer, "Seen.", actor=world.actor("complaint_handler"))
        self.grants = Grant.objects.filter(person=world.person("complaint_handler"))

    def gap(self, world: World) -> None:
        self.grants.update(ends_on=days_ago(3))

    def repair(self, world: World) -> None:
        self.grants.update(ends_on=None)


@proof("record_kinds_classified", rule="predicate", name="record_kinds_classified")
class Classified:
    """All kinds belong to a class; then one is taken out of it."""

    nothing = Verdict.GAP  # there are records in any world, and no class yet

    def met(self, world: World) -> None:
        self.names = [kind.name for kind in kinds()]
        self.row = world.create("record_class", "process_manager", name="All", kinds=self.names)

    def gap(self, world: World) -> None:
        RecordClass.objects.update(kinds=[name for name in self.names if name != "customer"])

    def repair(self, world: World) -> None:
        RecordClass.objects.update(kinds=self.names)


@proof("reads_logged", rule="predicate", name="reads_logged")
class ReadsLogged:
    """Customers are of a class whose readings are recorded, and one was; then cases are, too, and none was."""

    def met(self, world: World) -> None:
        values = {"name": "Close", "kinds": ["customer"], "restricted": True}
        self.row = world.create("record_class", "process_manager", **values)
        log(world.customer, "read", world.actor("complaint_handler"))

    def gap(self, world: World) -> None:
        RecordClass.objects.update(kinds=["customer", "contact"])

    def repair(self, world: World) -> None:
        log(world.contact, "read", world.actor("complaint_handler"))


@membership("jurisdictions_used")
def jurisdictions(world: World) -> tuple[list[Any], list[Any]]:
    """One contact for a place; the customer's place counts where the contact has none of its own."""
    Customer.objects.filter(pk=world.customer.pk).update(jurisdiction="DE")
    by = "relationship_manager"
    second = world.create("contact", by, name="Two", customer=world.customer.ref, jurisdiction="DE")
    other = world.create("contact", by, name="Three", customer=world.customer.ref, jurisdiction="FR")
    return [world.contact, other], [second, world.child_contact]


@membership("stakeholder_groups_key")
def key_groups(world: World) -> tuple[list[Any], list[Any]]:
    by = "relationship_manager"
    group = world.create("interested_party", by, name="Our customers", key=True, stands_for_customers=True)
    key = world.create("interested_party", by, name="Owners", key=True)
    return [group, key], [world.create("interested_party", by, name="Neighbours")]


@membership("process_steps_shared")
def shared(world: World) -> tuple[list[Any], list[Any]]:
    _one, shared_steps = process(world, "", "Print shop")
    _two, own_steps = process(world, "", "", name="Answer")
    return shared_steps, own_steps


@proof("reads_authorised", rule="predicate", name="reads_authorised", population="reads_personal")
class PersonalReads(ReadsAuthorised):
    """Only what is of a class with personal data is looked at: a customer, then a document of that class as well."""

    def met(self, world: World) -> None:
        values = {"name": "Personal", "kinds": ["customer"], "sensitivity": "personal"}
        self.row: Any = world.create("record_class", "process_manager", **values)
        log(world.customer, "read", world.actor("relationship_manager"))
        log(world.definition, "read", world.actor("complaint_handler"))
        self.grants = Grant.objects.filter(person=world.person("complaint_handler"))
        self.grants.update(ends_on=days_ago(3))

    def gap(self, world: World) -> None:
        Document.objects.filter(pk=world.definition.document_id).update(record_class=self.row)
