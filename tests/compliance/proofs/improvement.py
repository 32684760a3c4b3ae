"""Rules over findings, improvements and actions."""

from __future__ import annotations

from typing import Any

from django.utils import timezone

from comity.improvement.models import Action
from comity.records import write
from comity.records.models import Term
from tests.compliance.proofs import membership, proof
from tests.improvement.steps import action, improvement
from tests.improvement.test_change_request import change
from tests.worlds import World, assign, days_ago, moment

OWNER = "relationship_manager"


def put(row: Any, **columns: Any) -> Any:
    """The same record with these columns, past every rule of the write path."""
    type(row).objects.filter(pk=row.pk).update(**columns)
    return type(row).objects.get(pk=row.pk)


@proof("not_overdue", rule="predicate", name="not_overdue", population="action")
class NotOverdue:
    """An action in time, then past its day, then done."""

    def met(self, world: World) -> None:
        self.row = action(world, due_on=days_ago(-1))

    def gap(self, world: World) -> None:
        put(self.row, due_on=days_ago(1), next_due=days_ago(1))

    def repair(self, world: World) -> None:
        world.move(self.row, "complete", "complaint_handler", completion_report="Called.")


@proof("improvement_on_plan", rule="predicate", name="improvement_on_plan")
class OnPlan:
    """A running improvement out of a review that reports its progress, then falls silent, then reports again."""

    def met(self, world: World) -> None:
        row = improvement(world)
        action(world, by=OWNER, source_ref=row.ref, due_on=days_ago(-10))
        self.row = put(
            row, source_kind="review", status="in_progress", approved_at=moment(60), started_on=days_ago(50),
            progressed_at=moment(5),
        )  # fmt: skip

    def gap(self, world: World) -> None:
        put(self.row, progressed_at=moment(31))

    def repair(self, world: World) -> None:
        put(self.row, progressed_at=timezone.now())


@proof("improvement_on_plan", rule="predicate", name="improvement_on_plan")
class OnPlanWithActions(OnPlan):
    """Its action becomes late, then is done."""

    def gap(self, world: World) -> None:
        Action.objects.filter(source_ref=self.row.ref).update(due_on=days_ago(1))

    def repair(self, world: World) -> None:
        task = Action.objects.get(source_ref=self.row.ref)
        world.move(task, "complete", "complaint_handler", completion_report="Hired.")


@proof("improvement_on_plan", rule="predicate", name="improvement_on_plan")
class OnPlanWithoutMoves(OnPlan):
    """Its date is moved by a plain change, which leaves the window with time; the round begins anew."""

    def gap(self, world: World) -> None:
        write.log(self.row, "update", world.actor(OWNER), changes={"due_on": ["2026-01-01", "2026-02-01"]})

    def repair(self, world: World) -> None:
        put(self.row, approved_at=timezone.now())


class Dated:
    """One improvement whose columns say how it stands with a clock."""

    good: dict[str, Any] = {}
    bad: dict[str, Any] = {}

    def met(self, world: World) -> None:
        self.row = put(improvement(world), **self.good)

    def gap(self, world: World) -> None:
        put(self.row, **self.bad)

    def repair(self, world: World) -> None:
        put(self.row, **self.good)


@proof("clock effect_review", rule="clock_met", clock="effect_review", population="improvement")
class EffectReview(Dated):
    """Judged within ninety days; then a day later."""

    good = {"implemented_on": days_ago(200), "judged_at": moment(111)}
    bad = {"judged_at": moment(109)}


@proof("clock effect_review", rule="clock_met", clock="effect_review", population="improvement")
class EffectReviewByAnother(Dated):
    """Judged in time by somebody else; then by the owner."""

    def met(self, world: World) -> None:
        self.owner, self.another = world.person(OWNER), world.person("process_manager")
        self.good = {"implemented_on": days_ago(50), "judged_at": moment(20), "judged_by": self.another}
        self.bad = {"judged_by": self.owner}
        super().met(world)


@proof("clock suggestion_reply", rule="clock_met", clock="suggestion_reply", population="improvement")
class SuggestionReply(Dated):
    """Told within thirty days; then not at all."""

    good = {"proposed_at": moment(60), "told_at": moment(31)}
    bad = {"told_at": None}


@proof("clock resource_hold", rule="clock_met", clock="resource_hold", population="improvement")
class ResourceHold(Dated):
    """Not waiting; then waiting for longer than allowed."""

    good = {"on_hold": False}
    bad = {"on_hold": True, "held_since": moment(31)}


@proof("notification_wish_met", rule="predicate", name="notification_wish_met", population="improvement")
class ToldAsWished:
    """An improvement for a customer who wants to hear the result, which is told late, then told."""

    def met(self, world: World) -> None:
        self.row = put(improvement(world, customer=world.customer.ref), reporting="result")

    def gap(self, world: World) -> None:
        put(self.row, implemented_on=days_ago(10))

    def repair(self, world: World) -> None:
        world.create(
            "communication", OWNER, direction="outbound", purpose="improvement_result", summary="It works.",
            customer=world.customer.ref, subject_ref=self.row.ref,
        )  # fmt: skip


@proof("notification_wish_met", rule="predicate", name="notification_wish_met", population="improvement")
class ToldInItsRhythm(ToldAsWished):
    """One who wants to hear every month of what goes on."""

    def gap(self, world: World) -> None:
        put(self.row, status="in_progress", approved_at=moment(60), reporting="monthly")


@proof("notification_wish_met", rule="predicate", name="notification_wish_met", population="improvement")
class WishAsked(ToldAsWished):
    """The wish is not known; then the customer wants no report."""

    def gap(self, world: World) -> None:
        put(self.row, reporting="")

    def repair(self, world: World) -> None:
        put(self.row, reporting="none")


@proof("path_followed", rule="path_followed", machine="change_request", population="change_request")
class PathOfChange:
    """Submitted, assessed, approved; then another that was never decided on, until it is."""

    def met(self, world: World) -> None:
        self.change(world, ("submit", "assess", "approve"))

    def gap(self, world: World) -> None:
        self.row = self.change(world, ("submit", "assess"))

    def repair(self, world: World) -> None:
        write.log(self.row, "approve", world.actor(OWNER))

    def change(self, world: World, acts: tuple[str, ...]) -> Any:
        row = change(world)
        for act in acts:
            write.log(row, act, world.actor(OWNER))
        return row


@membership("actions_supervised_for_compliance")
def supervised(world: World) -> tuple[list[Any], list[Any]]:
    """Supervised by the owner of customer service, who answers for full compliance; and by somebody else."""
    Term.objects.get_or_create(list="duty", code="full_compliance", defaults={"label": "Full compliance"})
    held = assign(world, "customer_service_owner", "operations_director")
    held.covers.add(Term.objects.get(list="duty", code="full_compliance"))
    mine, other = (action(world, supervisor=world.email(one)) for one in ("operations_director", "process_manager"))
    return [mine], [other, action(world)]
