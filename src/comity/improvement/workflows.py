"""From, to, by whom: the life of actions and improvements."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop

from comity.accounts.rights import rights_of
from comity.accounts.roles import STAFF, Role
from comity.improvement.models import Action, Improvement
from comity.improvement.operations import open_actions_of
from comity.parties.separation import apart, separation
from comity.records.workflow import Workflow, move
from comity.records.write import Actor

PR, OD = Role.PROCESS_MANAGER, Role.OPERATIONS_DIRECTOR
WORKERS = tuple(role for role in Role if role in STAFF and role not in (Role.ADMINISTRATOR, Role.AUDITOR))
LEADS = (Role.RELATIONSHIP_MANAGER, Role.COMPLAINT_HANDLER, Role.SUPPLIER_MANAGER, Role.PROJECT_MANAGER, PR, OD)
A, S = Action.Status, Improvement.Status


def _by_owner(record: Any, actor: Actor) -> Iterator[str | Promise]:
    if record.owner_id is None:
        yield _("It has no owner yet.")
    elif not actor.rule and actor.person.pk != record.owner_id:
        yield _("This is for its owner, %(person)s.") % {"person": record.owner}


OWNER = separation(
    "effect", gettext_noop("The owner does not judge the own work."),
    _("The owner of an improvement does not judge its effect: enforced (1), or declared (0)."),
)  # fmt: skip


def _by_its_owner(record: Any, actor: Actor) -> bool:
    return bool(actor.person.pk == record.owner_id)


def _not_by_owner(record: Any, actor: Actor) -> Iterator[str | Promise]:
    if _by_its_owner(record, actor):
        yield _(OWNER.words)


def _started(record: Any, actor: Actor, data: Mapping[str, Any], at: datetime) -> None:
    record.started_on = record.started_on or timezone.localdate(at)


def _done(action: Action, actor: Actor, data: Mapping[str, Any], at: datetime) -> None:
    action.started_on, action.completed_at = action.started_on or timezone.localdate(at), at


def _verified(action: Action, actor: Actor, data: Mapping[str, Any], at: datetime) -> None:
    action.verified_by, action.verified_at = actor.person, at


def _undone(action: Action, actor: Actor, data: Mapping[str, Any], at: datetime) -> None:
    action.completed_at = None


action_life = Workflow(
    A.OPEN,
    (
        move(
            "start", A.OPEN, A.IN_PROGRESS, by=WORKERS, guard=_by_owner, apply=_started, label=_("Start"), primary=True,
        ),
        move(
            "complete", (A.OPEN, A.IN_PROGRESS), A.DONE, by=WORKERS, requires=("completion_report",), guard=_by_owner,
            apply=_done, label=_("Report as done"), primary=True,
        ),
        move(
            "verify", A.DONE, A.VERIFIED, by=LEADS, guard=_not_by_owner, apply=_verified, label=_("Verify"),
            primary=True,
        ),
        move(
            "reopen", A.DONE, A.IN_PROGRESS, by=LEADS, guard=_not_by_owner, apply=_undone, note=True,
            label=_("Not done yet"),
        ),
        move("cancel", (A.OPEN, A.IN_PROGRESS), A.CANCELLED, by=LEADS, note=True, label=_("Cancel")),
    ),
    stages=(A.OPEN, A.IN_PROGRESS, A.DONE, A.VERIFIED),
)  # fmt: skip


def _large(improvement: Improvement, actor: Actor) -> Iterator[str | Promise]:
    if improvement.large and OD not in rights_of(actor.person).roles:
        yield _("An improvement of large effort is decided by the operations director.")


def _decide(improvement: Improvement, actor: Actor, data: Mapping[str, Any], at: datetime) -> None:
    improvement.decided_by, improvement.decided_at = actor.person, at


def _approve(improvement: Improvement, actor: Actor, data: Mapping[str, Any], at: datetime) -> None:
    _decide(improvement, actor, data, at)
    improvement.approved_at = at


def _undecided(improvement: Improvement, actor: Actor, data: Mapping[str, Any], at: datetime) -> None:
    improvement.decided_by = improvement.decided_at = improvement.deferred_to = None


def _actions_done(improvement: Improvement, actor: Actor) -> Iterator[str | Promise]:
    yield from _by_owner(improvement, actor)
    count = open_actions_of(improvement).count()
    if count:
        yield _("%(count)s actions are still open.") % {"count": count}


def _implement(improvement: Improvement, actor: Actor, data: Mapping[str, Any], at: datetime) -> None:
    improvement.implemented_on = timezone.localdate(at)


def _judge(improvement: Improvement, actor: Actor, data: Mapping[str, Any], at: datetime) -> None:
    improvement.judged_by = actor.person


def _again(improvement: Improvement, actor: Actor, data: Mapping[str, Any], at: datetime) -> None:
    """Not effective: a new round with a new decision. The trail keeps the first."""
    improvement.judged_by, improvement.rounds = actor.person, improvement.rounds + 1
    improvement.decided_at = improvement.approved_at = improvement.implemented_on = None


def _close(improvement: Improvement, actor: Actor, data: Mapping[str, Any], at: datetime) -> None:
    improvement.closed_at = at


def _told(improvement: Improvement, actor: Actor, data: Mapping[str, Any], at: datetime) -> None:
    improvement.told_at = at


def _same(improvement: Improvement) -> str:
    return improvement.status


DECIDED = tuple(state for state in S if state not in (S.PROPOSED, S.ANALYSED))
REASON = ("decision_reason",)

improvement_life = Workflow(
    S.PROPOSED,
    (
        move(
            "analyse", S.PROPOSED, S.ANALYSED, by=WORKERS, requires=("analysis",), guard=_by_owner, label=_("Analysed"),
            primary=True,
        ),
        move(
            "approve", (S.ANALYSED, S.DEFERRED), S.APPROVED, by=(PR, OD), guard=_large, apply=_approve, asks=REASON,
            label=_("Approve"), primary=True,
        ),
        move(
            "reject", (S.PROPOSED, S.ANALYSED, S.DEFERRED), S.REJECTED, by=(PR, OD), requires=REASON, guard=_large,
            apply=_decide, label=_("Reject"),
        ),
        move(
            "defer", S.ANALYSED, S.DEFERRED, by=(PR, OD), requires=(*REASON, "deferred_to"), guard=_large,
            apply=_decide, label=_("Defer"),
        ),
        move("resume", S.DEFERRED, S.ANALYSED, system=True, apply=_undecided, label=_("Taken up again")),
        move(
            "tell", DECIDED, _same, by=LEADS, requires=("told_ref",), apply=_told, label=_("Decision told"),
        ),
        move(
            "plan", S.APPROVED, S.PLANNED, by=WORKERS,
            requires=("due_on", "success_measure", "baseline", "wanted_value"), guard=_by_owner, label=_("Planned"),
            primary=True,
        ),
        move(
            "start", S.PLANNED, S.IN_PROGRESS, by=WORKERS, guard=_by_owner, apply=_started, label=_("Start"),
            primary=True,
        ),
        move(
            "implement", S.IN_PROGRESS, S.IMPLEMENTED, by=WORKERS, guard=_actions_done, apply=_implement,
            label=_("Implemented"), primary=True,
        ),
        apart(OWNER, _by_its_owner, move(
            "effective", S.IMPLEMENTED, S.EFFECTIVE, by=(PR, OD), requires=("effect_conclusion",),
            asks=("count_before", "count_after"), apply=_judge, label=_("It was effective"), primary=True,
        )),
        apart(OWNER, _by_its_owner, move(
            "ineffective", S.IMPLEMENTED, S.ANALYSED, by=(PR, OD), requires=("effect_conclusion",), apply=_again,
            label=_("It was not effective"),
        )),
        move("close", S.EFFECTIVE, S.CLOSED, by=(PR, OD), apply=_close, label=_("Close"), primary=True),
        move(
            "cancel", (S.APPROVED, S.PLANNED, S.IN_PROGRESS), S.CANCELLED, by=(PR, OD), note=True, label=_("Cancel")
        ),
    ),
    stages=(S.PROPOSED, S.ANALYSED, S.APPROVED, S.PLANNED, S.IN_PROGRESS, S.IMPLEMENTED, S.EFFECTIVE, S.CLOSED),
)  # fmt: skip
