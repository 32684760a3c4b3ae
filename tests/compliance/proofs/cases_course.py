"""Rules over the course of cases: numbers, steps in order, clearness, what is no complaint, the ground of closing."""

from __future__ import annotations

from typing import Any

import time_machine
from django.utils import timezone

from comity.cases.models import Case
from comity.communications.models import Communication
from comity.improvement.models import Improvement
from comity.records.models import Entry
from tests.compliance.proofs import proof
from tests.compliance.proofs.cases import ago, complaint, put
from tests.worlds import World


@proof("numbering_unbroken", rule="predicate", name="numbering_unbroken", kind="case")
class Numbers:
    """Nobody can take a number out of the series; a disposal that the trail explains is no hole."""

    def met(self, world: World) -> None:
        self.cases = [complaint(world) for _ in range(4)]

    def gap(self, world: World) -> None:
        Case.objects.filter(pk=self.cases[1].pk).delete()

    def repair(self, world: World) -> None:
        gone, now = self.cases[1], timezone.now()
        Entry.objects.create(
            at=now, happened_at=now, actor_id=0, actor="Retention", via="job", kind="case", record_id=gone.pk,
            ref=gone.ref, act="disposal", note="Kept for as long as the rule says.",
        )  # fmt: skip


STATES = ["received", "acknowledged", "assessed"]


@proof("path_followed", rule="path_followed", machine="complaint", population="complaints_open", states=STATES)
class Path:
    """Acknowledged, then assessed. A case that came into a state without its step lacks it in the trail."""

    def met(self, world: World) -> None:
        self.first = self._assessed(world)

    def gap(self, world: World) -> None:
        with time_machine.travel(ago(days=2)):
            self.second = complaint(world)
        self._entry(self.second, "assess", 1)

    def repair(self, world: World) -> None:
        self._entry(self.second, "acknowledge", 2)

    def _assessed(self, world: World) -> Any:
        with time_machine.travel(ago(days=3)):
            case = complaint(world)
        self._entry(case, "acknowledge", 2)
        self._entry(case, "assess", 1)
        return case

    def _entry(self, case: Any, act: str, days: int) -> None:
        Entry.objects.create(
            at=timezone.now(), happened_at=ago(days=days), actor_id=0, actor="Desk", via="web", kind="case",
            record_id=case.pk, ref=case.ref, act=act,
        )  # fmt: skip


@proof("complaint_clarified", rule="predicate", name="complaint_clarified")
class Clarified:
    """Unclear, and looked into all the same; then it turns out that the customer confirmed it before."""

    def met(self, world: World) -> None:
        clear = {"target_clear": True, "content_clear": True, "demand_clear": True}
        self.case = complaint(world, assessed_at=ago(days=2), investigating_at=ago(days=1), **clear)

    def gap(self, world: World) -> None:
        put(self.case, demand_clear=False)

    def repair(self, world: World) -> None:
        put(self.case, clarification=said(world, self.case, "inbound", "confirmation", 1.5))


def said(world: World, about: Any, direction: str, purpose: str, days: float, by: str = "complaint_handler") -> Any:
    """A logged exchange about a record so many days ago."""
    return world.create(
        "communication", by, direction=direction, purpose=purpose, customer=world.customer.ref,
        contact=world.contact.ref, subject_ref=about.ref, occurred_at=ago(days=days), summary="As agreed.",
    )  # fmt: skip


@proof("suggestions_not_counted", rule="predicate", name="suggestions_not_counted")
class Suggestions:
    """No clock of complaints runs on a suggestion."""

    def met(self, world: World) -> None:
        self.case = complaint(world, classification="suggestion")

    def gap(self, world: World) -> None:
        put(self.case, resolve_due_at=ago(days=-3))

    def repair(self, world: World) -> None:
        put(self.case, resolve_due_at=None)


@proof("case_open_until_improvement_decided", rule="predicate", name="case_open_until_improvement_decided")
class OpenUntilDecided:
    """Resolved while its improvement waited for a decision; then after it."""

    def met(self, world: World) -> None:
        self.case = complaint(world, not_solvable_within_level=True, flagged_at=ago(days=20))
        self.improvement = world.create(
            "improvement", "complaint_handler", title="A second line", type="opportunity", source_ref=self.case.ref
        )

    def gap(self, world: World) -> None:
        notice = said(world, self.case, "outbound", "result", 5)
        put(self.case, status="resolved", resolved_at=ago(days=5), result_notice=notice)

    def repair(self, world: World) -> None:
        Improvement.objects.filter(pk=self.improvement.pk).update(decided_at=ago(days=6))


def closed(world: World, **columns: Any) -> Any:
    """A complaint that was closed yesterday, with reasons."""
    return complaint(world, status="closed", closed_at=ago(days=1), outcome_reasons="The target was missed.", **columns)


class Closed:
    """A complaint closed on a ground, with what proves it, without, and with it again."""

    ground, proof, missing = "", {}, {}  # type: ignore[var-annotated]

    def met(self, world: World) -> None:
        self.case = closed(world, close_ground=self.ground)
        put(self.case, **self.shown(world))

    def gap(self, world: World) -> None:
        put(self.case, **self.missing)

    def repair(self, world: World) -> None:
        put(self.case, **self.shown(world))

    def shown(self, world: World) -> dict[str, Any]:
        raise NotImplementedError


@proof("complaint_closure_grounded", rule="predicate", name="complaint_closure_grounded")
class Confirmed(Closed):
    ground, missing = "confirmed", {"confirmation": None}

    def shown(self, world: World) -> dict[str, Any]:
        return {
            "result_notice": said(world, self.case, "outbound", "result", 3),
            "confirmation": said(world, self.case, "inbound", "confirmation", 2),
        }


@proof("complaint_closure_grounded", rule="predicate", name="complaint_closure_grounded")
class Expired(Closed):
    ground, missing = "confirmation_expired", {"closed_at": ago(days=5)}

    def shown(self, world: World) -> dict[str, Any]:
        notice = said(world, self.case, "outbound", "result", 12)
        return {"result_notice": notice, "confirm_due_at": ago(days=4), "closed_at": ago(days=1)}


@proof("complaint_closure_grounded", rule="predicate", name="complaint_closure_grounded")
class Merged(Closed):
    ground, missing = "merged", {"successor": None}

    def shown(self, world: World) -> dict[str, Any]:
        said(world, self.case, "outbound", "decision", 1)
        return {"successor": complaint(world)}


@proof("complaint_closure_grounded", rule="predicate", name="complaint_closure_grounded")
class Reasons(Closed):
    """Withdrawn by the customer, and yet without a reason."""

    ground, missing = "withdrawn", {"outcome_reasons": ""}

    def shown(self, world: World) -> dict[str, Any]:
        return {"withdrawal_asked_at": ago(days=2), "outcome_reasons": "The customer found the cause."}


@proof("complaint_closure_grounded", rule="predicate", name="complaint_closure_grounded")
class NoAgreement(Closed):
    ground = "no_agreement"

    def met(self, world: World) -> None:
        super().met(world)
        said(world, self.case, "outbound", "recourse", 1)

    def gap(self, world: World) -> None:
        Communication.objects.filter(subject_ref=self.case.ref, purpose="recourse").update(status="withdrawn")

    def repair(self, world: World) -> None:
        said(world, self.case, "outbound", "recourse", 1)

    def shown(self, world: World) -> dict[str, Any]:
        return {"result_notice": said(world, self.case, "outbound", "result", 3)}
