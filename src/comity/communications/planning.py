"""The life of a communication plan: drafted, approved, followed by its next version."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from comity.accounts.roles import Role
from comity.communications.plans import CommunicationPlan
from comity.records import write
from comity.records.forms import plain_values
from comity.records.kind import kind_of
from comity.records.trail import Actor
from comity.records.workflow import Workflow, move

DRAFTERS = (Role.RELATIONSHIP_MANAGER, Role.SUPPLIER_MANAGER, Role.PROJECT_MANAGER, Role.PROCESS_MANAGER)
S = CommunicationPlan.Status


def _has_lines(plan: CommunicationPlan, actor: Actor) -> Iterator[str | Promise]:
    if not plan.lines.exists():
        yield _("It has no lines yet.")


def _approve(plan: CommunicationPlan, actor: Actor, data: Mapping[str, Any], at: datetime) -> None:
    plan.approved_by, plan.approved_at = actor.person, at


def _over(plan: CommunicationPlan, actor: Actor, data: Mapping[str, Any], at: datetime) -> None:
    plan.over_at = at


def _replace_former(plan: CommunicationPlan, actor: Actor, data: Mapping[str, Any]) -> None:
    """The version that counted before is out of force from the same moment."""
    for former in plan.same_plan().filter(status=S.APPROVED):
        at = max(step for step in (plan.moved_at, former.moved_at) if step)
        write.transition(former, "supersede", actor=actor.by("plan_replaced"), note=plan.ref, happened_at=at)


def _draft_next(plan: CommunicationPlan, actor: Actor, data: Mapping[str, Any]) -> None:
    """A draft with the same words, lines and parties, to be changed."""
    made = _copied(plan, actor)
    for part in (*plan.lines.order_by("pk"), *plan.parties.order_by("pk")):
        _copied(part, actor, plan=made.ref)


def _copied(record: Any, actor: Actor, **values: Any) -> Any:
    kind = kind_of(record)
    rule = actor.by("plan_revised")  # what an earlier version names may be there to copy though not to look up
    return write.create(kind, {**plain_values(record, kind.fields), **values}, actor=rule, unit=record.unit)


plan_life = Workflow(
    S.DRAFT,
    (
        move(
            "approve", S.DRAFT, S.APPROVED, by=(Role.PROCESS_MANAGER,), guard=_has_lines, apply=_approve,
            effect=_replace_former, label=_("Approve"), primary=True,
        ),
        move("revise", S.APPROVED, S.APPROVED, by=DRAFTERS, effect=_draft_next, label=_("Draft the next version")),
        move("supersede", S.APPROVED, S.SUPERSEDED, system=True, apply=_over, label=_("Supersede")),
        move("end", S.APPROVED, S.ENDED, by=DRAFTERS, apply=_over, note=True, label=_("End")),
    ),
    stages=(S.DRAFT, S.APPROVED),
)  # fmt: skip
