"""Rules over controls and their runs."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.utils import timezone

from tests.compliance.proofs import membership
from tests.compliance.proofs.improvement import put
from tests.improvement.test_change_request import change
from tests.worlds import World


@membership("control_runs_backup_before_change")
def backups(world: World) -> tuple[list[Any], list[Any]]:
    """A backup an hour before the change; two days before it; after it; one that failed; one of nothing."""
    row = put(change(world), implemented_at=timezone.now() - timedelta(hours=1))

    def backup(hours: float, **more: Any) -> Any:
        values = {"type": "backup", "result": "passed", "subject_ref": row.ref, **more}
        return world.create("control_run", "process_manager", run_at=timezone.now() - timedelta(hours=hours), **values)

    return [backup(2)], [backup(48), backup(0.5), backup(2, result="failed"), backup(2, subject_ref="")]
