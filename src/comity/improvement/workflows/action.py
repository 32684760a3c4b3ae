"""The life of an action: its owner does it and says how, somebody else approves and verifies."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from comity.improvement.models import Action
from comity.improvement.workflows.people import LEADS, WORKERS, Words, by_owner, not_by_owner, started
from comity.records.workflow import Workflow, move
from comity.records.write import Actor

A = Action.Status


def _approvable(action: Action, actor: Actor) -> Words:
    yield from not_by_owner(action, actor)
    if action.due_on is None:
        yield _("It has no date yet.")


def _approved(action: Action, actor: Actor, data: Mapping[str, Any], at: datetime) -> None:
    action.approved_by, action.approved_at = actor.person, at


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
            "start", A.OPEN, A.IN_PROGRESS, by=WORKERS, guard=by_owner, apply=started, label=_("Start"), primary=True,
        ),
        move(
            "complete", (A.OPEN, A.IN_PROGRESS), A.DONE, by=WORKERS, requires=("completion_report",), guard=by_owner,
            apply=_done, label=_("Report as done"), primary=True,
        ),
        move("approve", A.OPEN, A.OPEN, by=LEADS, guard=_approvable, apply=_approved, label=_("Approve")),
        move(
            "verify", A.DONE, A.VERIFIED, by=LEADS, guard=not_by_owner, apply=_verified, label=_("Verify"),
            primary=True,
        ),
        move(
            "reopen", A.DONE, A.IN_PROGRESS, by=LEADS, guard=not_by_owner, apply=_undone, note=True,
            label=_("Not done yet"),
        ),
        move("cancel", (A.OPEN, A.IN_PROGRESS), A.CANCELLED, by=LEADS, note=True, label=_("Cancel")),
    ),
    stages=(A.OPEN, A.IN_PROGRESS, A.DONE, A.VERIFIED),
)  # fmt: skip
