"""Rules over the procedure under which a complaint was handled."""

from __future__ import annotations

from comity.documents.models import DocumentVersion
from tests.compliance.proofs import proof
from tests.compliance.proofs.cases import ago, complaint
from tests.compliance.proofs.cases_populations import entry
from tests.worlds import World, publish


@proof(
    "path_followed", rule="path_followed", machine="complaint", population="complaints_open",
    states=["received", "acknowledged"], version_at="received_at",
)  # fmt: skip
class Procedure:
    """The version in force at receipt is put on the case by itself; one that came later is another."""

    def met(self, world: World) -> None:
        publish(world, 300, "How we handle complaints.", title="Complaints", type="complaint_procedure")
        self.case = complaint(world)
        assert self.case.procedure is not None
        entry(self.case, "acknowledge", 0)

    def gap(self, world: World) -> None:
        DocumentVersion.objects.filter(pk=self.case.procedure_id).update(approved_at=ago(days=-1))

    def repair(self, world: World) -> None:
        DocumentVersion.objects.filter(pk=self.case.procedure_id).update(approved_at=ago(days=300))
