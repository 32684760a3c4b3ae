"""Rules over controls and their runs."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.utils import timezone

from comity.accounts.models import Grant
from comity.risks.models import ControlRun
from tests.compliance.proofs import membership, proof
from tests.compliance.proofs.improvement import put
from tests.improvement.test_change_request import change
from tests.worlds import World, days_ago


@membership("control_runs_backup_before_change")
def backups(world: World) -> tuple[list[Any], list[Any]]:
    """A backup an hour before the change; two days before it; after it; one that failed; one of nothing."""
    row = put(change(world), implemented_at=timezone.now() - timedelta(hours=1))

    def backup(hours: float, **more: Any) -> Any:
        values = {"type": "backup", "result": "passed", "subject_ref": row.ref, **more}
        return world.create("control_run", "process_manager", run_at=timezone.now() - timedelta(hours=hours), **values)

    return [backup(2)], [backup(48), backup(0.5), backup(2, result="failed"), backup(2, subject_ref="")]


@proof(
    "planned_interval", rule="planned_interval", kind="control_run", per="access_grants_active", type="access_review",
    every="access_review_days",
)  # fmt: skip
class AccessReviewed:
    """Everybody's access was looked at lately; then what was looked at turns out to have been one system's alone."""

    def met(self, world: World) -> None:
        Grant.objects.update(starts_on=days_ago(400))
        self.row = world.create("control_run", "process_manager", type="access_review", result="passed")

    def gap(self, world: World) -> None:
        ControlRun.objects.filter(pk=self.row.pk).update(subject_ref=world.service.ref)

    def repair(self, world: World) -> None:
        ControlRun.objects.filter(pk=self.row.pk).update(subject_ref="")

    def empty(self, world: World) -> None:
        Grant.objects.update(ends_on=days_ago(1))
