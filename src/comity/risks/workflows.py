"""From, to, by whom: the lives of risks and of controls."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from comity.accounts.rights import rights_of
from comity.accounts.roles import Role
from comity.improvement.workflows.people import Words
from comity.records.workflow import Workflow, move
from comity.records.write import Actor
from comity.risks.models import Control, Risk
from comity.risks.models.risk import RATINGS
from comity.risks.words import Rank

SM, PM = Role.SUPPLIER_MANAGER, Role.PROJECT_MANAGER
PR, OD, SN = Role.PROCESS_MANAGER, Role.OPERATIONS_DIRECTOR, Role.SENIOR_MANAGER
LEADS = (SM, PM, PR, OD)
C, R = Control.Status, Risk.Status


def _rated(risk: Risk, actor: Actor) -> Words:
    if not risk.rank:
        yield _("Rate likelihood and both impacts first.")


def _acceptable(risk: Risk, actor: Actor) -> Words:
    """A high risk is accepted by senior management alone (CSMS:2003 8.4.8)."""
    yield from _rated(risk, actor)
    if risk.rank == Rank.HIGH and SN not in rights_of(actor.person).roles:
        yield _("A high risk is accepted by a senior manager.")


def _seen(risk: Risk, actor: Actor, data: Mapping[str, Any], at: datetime) -> None:
    risk.reviewed_at = risk.reconfirmed_at = at


def _after_look(risk: Risk) -> str:
    """An acceptance lapses when the risk has grown since (CSMS:2003 8.4.8)."""
    return R.IDENTIFIED if risk.status == R.ACCEPTED and risk.grown else str(risk.status)


def _over(risk: Risk, actor: Actor, data: Mapping[str, Any], at: datetime) -> None:
    risk.closed_at = at


risk_life = Workflow(
    R.IDENTIFIED,
    (
        move("propose", R.IDENTIFIED, R.PROPOSED, system=True, label=_("Proposed")),
        move(
            "take_up", R.PROPOSED, R.IDENTIFIED, by=LEADS, asks=("owner", *RATINGS), label=_("Take up"), primary=True,
        ),
        move("dismiss", R.PROPOSED, R.DISMISSED, by=LEADS, apply=_over, note=True, label=_("Dismiss")),
        move(
            "treat", (R.IDENTIFIED, R.ACCEPTED), R.TREATED, by=LEADS, requires=("treatment", *RATINGS), apply=_seen,
            label=_("Treat"), primary=True,
        ),
        move(
            "look", Risk.OPEN, _after_look, by=LEADS, asks=(*RATINGS, "treatment"), apply=_seen, note=True,
            label=_("Looked at again"),
        ),
        move(
            "accept", (R.IDENTIFIED, R.TREATED), R.ACCEPTED, by=(OD, SN), guard=_acceptable, apply=_seen, note=True,
            label=_("Accept"),
        ),
        move("close", Risk.OPEN, R.CLOSED, by=(PR, OD), apply=_over, note=True, label=_("Close")),
    ),
    stages=(R.IDENTIFIED, R.TREATED, R.CLOSED),
)  # fmt: skip

control_life = Workflow(
    C.DRAFT,
    (
        move("activate", C.DRAFT, C.ACTIVE, by=LEADS, label=_("Put to use"), primary=True),
        move("retire", (C.DRAFT, C.ACTIVE), C.RETIRED, by=LEADS, note=True, label=_("Retire")),
    ),
    stages=(C.DRAFT, C.ACTIVE),
    bookkeeping={"ran": _("noted the run")},
)
