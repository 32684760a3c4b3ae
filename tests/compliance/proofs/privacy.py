"""Requests about own data: answered in the time that the law gives (CSMS:2003 8.7.2)."""

from typing import Any

from comity.privacy.models import DataSubjectRequest
from tests.compliance.proofs import proof
from tests.worlds import World, days_ago, moment

BY = "process_manager"


def _asked(world: World, days: int) -> Any:
    received = moment(days).isoformat()
    return world.create("data_subject_request", BY, contact=world.contact.ref, type="access", received_at=received)


@proof("clock data_subject_request", rule="clock_met", clock="data_subject_request",
       population="data_subject_requests_recent")  # fmt: skip
class AnsweredInTime:
    """One is answered in time, one is not; then it is plain that it came yesterday."""

    late: Any = None

    def met(self, world: World) -> None:
        made = _asked(world, 20)
        made = world.move(made, "identify", BY, identified_by="Called back.")
        world.move(world.move(made, "grant", BY), "answer", BY, outcome="Here is the copy.")

    def gap(self, world: World) -> None:
        self.late = _asked(world, 60)

    def repair(self, world: World) -> None:
        """Its day had been written down wrongly."""
        DataSubjectRequest.objects.filter(pk=self.late.pk).update(legal_on=days_ago(-29))
