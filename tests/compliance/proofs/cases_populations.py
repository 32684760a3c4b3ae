"""Who belongs to the sets of cases that requirements name in words."""

from __future__ import annotations

from typing import Any

from django.utils import timezone

from comity.communications.models import Communication
from comity.records.models import Entry, Term
from tests.compliance.proofs import membership, proof
from tests.compliance.proofs.cases import ago, complaint, put
from tests.worlds import World

Sides = tuple[list[Any], list[Any]]


def entry(case: Any, act: str, days: float) -> None:
    Entry.objects.create(
        at=timezone.now(), happened_at=ago(days=days), actor_id=0, actor="Desk", via="web", kind="case",
        record_id=case.pk, ref=case.ref, act=act,
    )  # fmt: skip


@membership("cases_of_period")
def cases_of_period(world: World) -> Sides:
    return [complaint(world, classification="praise")], [complaint(world, received_at=ago(days=500))]


@membership("complaints_of_period")
def complaints_of_period(world: World) -> Sides:
    old, praise = complaint(world, received_at=ago(days=500)), complaint(world, classification="praise")
    return [complaint(world)], [old, praise]


@membership("complaints_grave")
def complaints_grave(world: World) -> Sides:
    grave = [complaint(world, severity="critical"), complaint(world, consequence="major")]
    return grave, [
        complaint(world, consequence="normal"),
        complaint(world, severity="major", received_at=ago(days=500)),
    ]


@membership("complaints_unsettled")
def complaints_unsettled(world: World) -> Sides:
    without = complaint(world, status="closed", close_ground="no_agreement", closed_at=ago(days=9))
    again = complaint(world, reopen_count=1, resolve_from=ago(days=9))
    late = complaint(world, resolve_due_at=ago(days=1))
    before = complaint(world, status="closed", close_ground="no_agreement", closed_at=ago(days=500))
    return [without, again, late], [before, complaint(world, resolve_due_at=ago(days=-1)), complaint(world)]


@membership("complaints_overdue_or_rejected")
def complaints_overdue_or_rejected(world: World) -> Sides:
    rejected, long_ago = complaint(world, reject_count=1), complaint(world, reject_count=1)
    entry(rejected, "reject", 9)
    entry(long_ago, "reject", 500)
    late = complaint(world, resolve_due_at=ago(days=1))
    explained = complaint(world, resolve_due_at=ago(days=1), not_solvable_within_level=True, explained_at=ago(days=2))
    world.create(
        "improvement", "complaint_handler", title="A second line", type="opportunity", source_ref=explained.ref
    )
    unproposed = complaint(world, resolve_due_at=ago(days=1), not_solvable_within_level=True, explained_at=ago(days=2))
    return [rejected, late, unproposed], [long_ago, explained, complaint(world, resolve_due_at=ago(days=-1))]


@membership("complaints_overdue_or_high")
def complaints_overdue_or_high(world: World) -> Sides:
    done = {"status": "closed", "closed_at": ago(days=9), "close_ground": "confirmed"}
    late = complaint(world, resolve_due_at=ago(days=12), resolved_at=ago(days=11), **done)
    in_time = complaint(world, resolve_due_at=ago(days=12), resolved_at=ago(days=13), **done)
    grave, breached = complaint(world, severity="major"), complaint(world, breached=True)
    return [late, grave, breached, complaint(world, resolve_due_at=ago(days=1))], [in_time, complaint(world)]


@proof("communicated", rule="communicated", about="complaints_failure", to="complainant", purpose="explanation",
       within="failure_explanation_days")  # fmt: skip
class Explained:
    """Who complained that a service failed was told why, soon after; then only weeks later. Other topics are no
    failures."""

    def met(self, world: World) -> None:
        case = complaint(world, received_at=ago(days=60))
        put(complaint(world, received_at=ago(days=60)), topic=Term.objects.get(list="case_topic", code="billing"))
        told = {"direction": "outbound", "purpose": "explanation", "summary": "A disk broke", "subject_ref": case.ref}
        self.told: Any = world.create("communication", "complaint_handler", contact=world.contact.ref, **told)
        self.repair(world)

    def gap(self, world: World) -> None:
        Communication.objects.filter(pk=self.told.pk).update(occurred_at=ago(days=30))

    def repair(self, world: World) -> None:
        Communication.objects.filter(pk=self.told.pk).update(occurred_at=ago(days=59))
