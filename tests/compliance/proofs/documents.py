"""Rules over controlled documents and classes of records."""

from datetime import timedelta
from typing import Any

from django.utils import timezone

from comity.documents.models import Document, DocumentVersion, RecordClass
from tests.compliance.proofs import membership, proof
from tests.worlds import World, moment, publish


def later(days: int) -> Any:
    return timezone.localdate() + timedelta(days=days)


def reviewed(**more: Any) -> None:
    """Every version in force was reviewed, and the next review lies ahead."""
    DocumentVersion.objects.filter(status="effective").update(reviewed_at=moment(5), review_due_on=later(100), **more)


def shut() -> None:
    Document.objects.update(status="retired")


@proof("clock document_review", rule="clock_met", clock="document_review", population="documents_active")
class Reviewed:
    """Every active document was reviewed before its day."""

    def met(self, world: World) -> None:
        reviewed()

    def gap(self, world: World) -> None:
        DocumentVersion.objects.filter(pk=world.definition.pk).update(review_due_on=later(-1))

    def repair(self, world: World) -> None:
        DocumentVersion.objects.filter(pk=world.definition.pk).update(review_due_on=later(300))

    def empty(self, world: World) -> None:
        """First issues whose day lies ahead have time."""
        DocumentVersion.objects.update(review_due_on=later(10), reviewed_at=None)


def superseded(world: World, days: int) -> Any:
    """The complaint definition, which lay elsewhere too, was superseded so many days ago."""
    Document.objects.filter(pk=world.definition.document_id).update(distribution="Comity\nIntranet")
    rows = DocumentVersion.objects.filter(pk=world.definition.pk)
    rows.update(status="superseded", superseded_at=moment(days))
    return rows


@proof("clock version_withdrawal", rule="clock_met", clock="version_withdrawal", population="versions_superseded")
class TakenBack:
    """What was superseded no longer lies anywhere a working day later."""

    def met(self, world: World) -> None:
        self.rows = superseded(world, 20)
        self.rows.update(status="withdrawn", withdrawn_at=moment(20))

    def gap(self, world: World) -> None:
        self.rows.update(status="superseded", withdrawn_at=None)

    def repair(self, world: World) -> None:
        self.rows.update(status="withdrawn", withdrawn_at=moment(20))


@proof("clock version_withdrawal", rule="clock_met", clock="version_withdrawal", population="versions_superseded")
class TakenBackLate(TakenBack):
    """It was, but a week too late."""

    def gap(self, world: World) -> None:
        self.rows.update(withdrawn_at=moment(10))


@proof("version_published_everywhere", rule="predicate", name="version_published_everywhere")
class Published:
    """The version in force lies wherever its document has to lie."""

    def met(self, world: World) -> None:
        Document.objects.filter(pk=world.definition.document_id).update(distribution="Comity\nIntranet")
        self.rows = DocumentVersion.objects.filter(pk=world.definition.pk)
        self.repair(world)

    def gap(self, world: World) -> None:
        self.rows.update(published={"Comity": moment(5).isoformat()})

    def repair(self, world: World) -> None:
        self.rows.update(published=dict.fromkeys(("Comity", "Intranet"), moment(5).isoformat()))


@proof("single_version_in_force", rule="predicate", name="single_version_in_force")
class Single:
    """Every active document has one version in force and a history without a break."""

    def met(self, world: World) -> None: ...

    def gap(self, world: World) -> None:
        DocumentVersion.objects.filter(pk=world.definition.pk).update(change_reason="")

    def repair(self, world: World) -> None:
        DocumentVersion.objects.filter(pk=world.definition.pk).update(change_reason="First issue.")

    def empty(self, world: World) -> None:
        shut()


@proof("single_version_in_force", rule="predicate", name="single_version_in_force")
class None_(Single):
    """It has none."""

    def gap(self, world: World) -> None:
        DocumentVersion.objects.filter(pk=world.definition.pk).update(withdrawn_at=moment(1))

    def repair(self, world: World) -> None:
        DocumentVersion.objects.filter(pk=world.definition.pk).update(withdrawn_at=None)


@proof("single_version_in_force", rule="predicate", name="single_version_in_force")
class Broken(Single):
    """A number is missing in its history."""

    def met(self, world: World) -> None:
        self.second: Any = world.create(
            "document_version", "process_manager", document=world.definition.document.ref, body="x",
            author=world.email("process_manager"),
        )  # fmt: skip

    def gap(self, world: World) -> None:
        DocumentVersion.objects.filter(pk=self.second.pk).update(version_no=3)

    def repair(self, world: World) -> None:
        DocumentVersion.objects.filter(pk=self.second.pk).update(version_no=2)


@proof("process_document_aligned", rule="predicate", name="process_document_aligned")
class Aligned:
    """The process document cites a policy and a plan, and was looked at since they changed."""

    def met(self, world: World) -> None:
        self.policy = publish(world, 50, "Policy.", title="Policy", type="customer_service_policy")
        self.plan = publish(world, 50, "Plan.", title="Plan", type="strategic_plan")
        self.process = publish(
            world, 20, "How.", title="Process", type="process_document", process="customer_relationship"
        )
        self.process.cites.set([self.policy.document, self.plan.document])

    def gap(self, world: World) -> None:
        self.process.cites.remove(self.plan.document)

    def repair(self, world: World) -> None:
        self.process.cites.add(self.plan.document)


@proof("process_document_aligned", rule="predicate", name="process_document_aligned")
class AlignedAnew(Aligned):
    """The policy changed later; looking at the process document again is enough."""

    def gap(self, world: World) -> None:
        DocumentVersion.objects.filter(pk=self.policy.pk).update(effective_on=later(-10))

    def repair(self, world: World) -> None:
        DocumentVersion.objects.filter(pk=self.process.pk).update(reviewed_at=moment(9))


@proof("records_retained", rule="predicate", name="records_retained", population="customers_active")
class Retained:
    """The kind of the records belongs to a class with a rule of retention."""

    def met(self, world: World) -> None:
        self.made: Any = world.create(
            "record_class", "process_manager", name="Customers", kinds=["customer"], retention_rule="Ten years."
        )

    def gap(self, world: World) -> None:
        RecordClass.objects.filter(pk=self.made.pk).update(retention_rule="")

    def repair(self, world: World) -> None:
        RecordClass.objects.filter(pk=self.made.pk).update(retention_rule="Ten years.")

    def empty(self, world: World) -> None:
        from comity.parties.models import Customer

        Customer.objects.update(status="ended")


Sides = tuple[list[Any], list[Any]]


def _processes(world: World, process: str, other: str) -> Sides:
    inside = publish(world, 20, "x", title="In", type="process_document", process=process)
    return [inside], [publish(world, 20, "x", title="Out", type="process_document", process=other), world.definition]


@membership("documents_sms_scope")
def scope(world: World) -> Sides:
    inside, outside = _processes(world, "supplier_relationship", "customer_relationship")
    return [*inside, publish(world, 20, "x", title="Scope", type="sms_scope_plan")], outside


@membership("relationship_document_versions")
def relationship(world: World) -> Sides:
    inside, outside = _processes(world, "customer_relationship", "supplier_relationship")
    return [*inside, publish(world, 20, "x", title="Policy", type="relationship_policy")], outside


@membership("procedures_in_manual")
def in_manual(world: World) -> Sides:
    inside, outside = (publish(world, 20, "x", title=t, type="complaint_procedure") for t in ("In", "Out"))
    publish(world, 20, "x", title="Manual", type="management_system_manual").cites.add(inside.document)
    return [inside], [outside, world.definition]


@membership("procedures_assigned")
def assigned(world: World) -> Sides:
    inside = publish(world, 20, "x", title="In", type="instruction", readers=["service_desk"])
    return [inside], [publish(world, 20, "x", title="Out", type="instruction"), world.definition]


@membership("questionnaires_in_force")
def questionnaires(world: World) -> Sides:
    inside, outside = (publish(world, 20, "x", title=t, type="questionnaire") for t in ("In", "Out"))
    DocumentVersion.objects.filter(pk=inside.pk).update(sections={"overall": {"text": "How was it?", "fields": {}}})
    return [inside], [outside]


@membership("criteria_versions")
def criteria(world: World) -> Sides:
    inside = publish(world, 20, "x", title="In", type="supplier_criteria")
    draft = world.create(
        "document_version", "process_manager", document=inside.document.ref, body="x",
        author=world.email("process_manager"),
    )  # fmt: skip
    return [inside], [draft, world.definition]
