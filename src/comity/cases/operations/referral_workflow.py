"""The life of a referral: open until the outside body decides, both agree, or it is withdrawn."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop

from comity.accounts.roles import Role
from comity.cases.models import Referral
from comity.cases.models.choices import ReferralStatus as S
from comity.records import write
from comity.records.trail import Actor
from comity.records.workflow import Workflow, move

CH, PR, OD = Role.COMPLAINT_HANDLER, Role.PROCESS_MANAGER, Role.OPERATIONS_DIRECTOR
Data = Mapping[str, Any]


def _ended(referral: Referral, actor: Actor, data: Data, at: datetime) -> None:
    referral.closed_on, referral.due_on = timezone.localdate(at), None


def _told(referral: Referral, actor: Actor, data: Data) -> None:
    """The case shows what came of it."""
    rule = Actor.system("ISO10003-referral", actor.via)
    write.note_auto(referral.case, gettext_noop("%(ref)s has ended: %(outcome)s"), rule, ref=referral.ref,
                    outcome=referral.outcome or "–")  # fmt: skip


def _same(referral: Any) -> str:
    return str(referral.status)


referral_life = Workflow(
    S.OPEN,
    (
        move("offer", S.OPEN, _same, by=(CH, PR, OD), requires=("offer",), label=_("Record an offer"), primary=True),
        move(
            "decide", S.OPEN, S.DECIDED, by=(CH, PR, OD), requires=("outcome",), asks=("cost",), apply=_ended,
            effect=_told, label=_("Decided by the body"), primary=True,
        ),
        move(
            "settle", S.OPEN, S.SETTLED, by=(CH, PR, OD), requires=("outcome",), asks=("offer", "cost"), apply=_ended,
            effect=_told, label=_("Settled by agreement"),
        ),
        move(
            "withdraw", S.OPEN, S.WITHDRAWN, by=(CH, PR, OD), asks=("cost",), note=True, apply=_ended, effect=_told,
            label=_("Withdraw"),
        ),
    ),
    stages=(S.OPEN, S.DECIDED),
)  # fmt: skip
