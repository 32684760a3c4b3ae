"""From, to, by whom: the life of a claim, and what the customer hears of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop

from comity.accounts.roles import Role
from comity.claims import telling
from comity.claims.models import Claim
from comity.parties.separation import apart, separation
from comity.records.trail import Actor
from comity.records.workflow import Lack, Workflow, move

HANDLERS = (Role.COMPLAINT_HANDLER, Role.RELATIONSHIP_MANAGER)
APPROVERS = (Role.PROCESS_MANAGER, Role.OPERATIONS_DIRECTOR)
S = Claim.Status
Data = Mapping[str, Any]
Words = Iterator[str | Promise | Lack]

DECIDER = separation(
    "claim", gettext_noop("Whoever decided on the claim does not approve the compensation."),
    _("Who decides on a claim does not approve a high compensation: enforced (1), or declared (0)."),
)  # fmt: skip


def _decider(claim: Claim, actor: Actor) -> bool:
    return actor.person.pk == claim.decided_by_id


def _after_grant(claim: Claim) -> str:
    return S.APPROVAL if claim.dear else S.GRANTED


def _decide(claim: Claim, actor: Actor, data: Data, at: datetime) -> None:
    claim.decided_by, claim.decided_at = actor.person, at


def _refuse(claim: Claim, actor: Actor, data: Data, at: datetime) -> None:
    """A refusal gives nothing, whatever was considered before."""
    _decide(claim, actor, data, at)
    claim.remedy, claim.amount, claim.currency = "", None, ""


def _approve(claim: Claim, actor: Actor, data: Data, at: datetime) -> None:
    claim.approved_by, claim.decided_at = actor.person, at


def _send_back(claim: Claim, actor: Actor, data: Data, at: datetime) -> None:
    claim.decided_by = claim.decided_at = None


def _tell(claim: Claim, actor: Actor, data: Data) -> None:
    """The customer hears of a decision once it holds."""
    if not claim.undecided:
        telling.decided(claim, actor)


def _given(claim: Claim, actor: Actor, data: Data) -> None:
    telling.given(claim, actor)


def _own_claim(claim: Claim, actor: Actor) -> Words:
    """Nobody decides on what they claim themselves, in another part they play."""
    if claim.contact is not None and claim.contact.person_id == actor.person.pk and not actor.rule:
        yield _("You claim this yourself; somebody else decides on it.")


def _may_grant(claim: Claim, actor: Actor) -> Words:
    """What costs something says how much: the approval depends on it."""
    yield from _own_claim(claim, actor)
    if claim.remedy in Claim.COSTLY and not claim.amount:
        yield Lack(_("Say how much it is worth."), "amount")


claim_life = Workflow(
    S.RECEIVED,
    (
        move(
            "assess", (S.RECEIVED, S.ASSESSED), S.ASSESSED, by=HANDLERS, requires=("kept", "conditions"),
            asks=("owner", "case"), guard=_own_claim, label=_("Assess"), primary=True,
            help=_("Hold it against the conditions and exclusions of the promise."),
        ),
        move(
            "grant", S.ASSESSED, _after_grant, by=HANDLERS, requires=("remedy", "reason"), asks=("amount", "currency"),
            guard=_may_grant, apply=_decide, effect=_tell, label=_("Grant"), primary=True,
            help=_("Above the limit a second person approves it; the customer is told once it holds."),
        ),
        move(
            "refuse", S.ASSESSED, S.REFUSED, by=HANDLERS, requires=("reason",), guard=_own_claim, apply=_refuse,
            effect=_tell, label=_("Refuse"),
        ),
        apart(DECIDER, _decider, move(
            "approve", S.APPROVAL, S.GRANTED, by=APPROVERS, guard=_own_claim, apply=_approve, effect=_tell,
            label=_("Approve"), primary=True,
        )),
        move(
            "send_back", S.APPROVAL, S.ASSESSED, by=APPROVERS, note=True, apply=_send_back, label=_("Send back"),
        ),
        move(
            "give", S.GRANTED, S.SETTLED, by=HANDLERS, requires=("given_on", "given_reference"), effect=_given,
            label=_("Record as given"), primary=True,
        ),
        move(
            "withdraw", Claim.UNDECIDED, S.WITHDRAWN, by=(Role.CUSTOMER_CONTACT, *HANDLERS), note=True, public=True,
            label=_("Withdraw"),
        ),
    ),
    stages=(S.RECEIVED, S.ASSESSED, S.GRANTED, S.SETTLED),
)  # fmt: skip
