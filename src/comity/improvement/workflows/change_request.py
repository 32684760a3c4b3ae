"""The life of a change request (ISO/IEC 20000-1:2011 7.1 and 9.2, CSMS:2003 12.2 and 12.3)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop

from comity.accounts.roles import Role
from comity.improvement.models import ChangeRequest
from comity.improvement.workflows.people import LEADS, OD, PR, WORKERS, Words
from comity.parties.duties import Duty
from comity.parties.models import Responsibility
from comity.parties.operations import holding
from comity.parties.separation import apart, separation
from comity.records.workflow import Lack, Workflow, move
from comity.records.write import Actor

C = ChangeRequest.Status
Data = Mapping[str, Any]
ASKERS = (Role.RELATIONSHIP_MANAGER, Role.SUPPLIER_MANAGER, Role.PROJECT_MANAGER, PR, OD)
ORIGINATOR = separation(
    "change_request", gettext_noop("Who asks for a change does not decide on it."),
    _("Who asks for a change does not decide on it: enforced (1), or declared (0)."),
)  # fmt: skip


def _holds(duty: Duty, actor: Actor) -> bool:
    held = Responsibility.objects.filter(holding(timezone.localdate()), role=duty, person=actor.person)
    return held.exists()


def _assessable(change: ChangeRequest, actor: Actor) -> Words:
    if not _holds(Duty.SERVICE_LEVEL_MANAGER, actor):
        yield _("The service level manager assesses it.")


def _decidable(change: ChangeRequest, actor: Actor) -> Words:
    if not _holds(Duty.CHANGE_AUTHORITY, actor):
        yield _("A holder of the change authority decides on it.")


def _approvable(change: ChangeRequest, actor: Actor) -> Words:
    yield from _decidable(change, actor)
    if change.object_kind in ("agreement", "agreement_version", "target", "clause") and change.slm_consent_id is None:
        yield _("The service level manager has not consented yet.")


def _own(change: ChangeRequest, actor: Actor) -> bool:
    return bool(actor.person.pk == change.originator_id)


def _by_originator(change: ChangeRequest, actor: Actor) -> Words:
    if not _own(change, actor):
        yield _("This is for its originator, %(person)s.") % {"person": change.originator}


def _described(change: ChangeRequest, actor: Actor) -> Words:
    yield from _by_originator(change, actor)
    if not change.wanted:
        yield Lack(_("Say how it should be."), "wanted")


def _submitted(change: ChangeRequest, actor: Actor, data: Data, at: datetime) -> None:
    change.submitted_at = at


def _consented(change: ChangeRequest, actor: Actor, data: Data, at: datetime) -> None:
    change.slm_consent = actor.person


def _decide(change: ChangeRequest, actor: Actor, data: Data, at: datetime) -> None:
    change.approver, change.decided_at = actor.person, at


def _approve(change: ChangeRequest, actor: Actor, data: Data, at: datetime) -> None:
    _decide(change, actor, data, at)
    change.approved_at = at


def _defer(change: ChangeRequest, actor: Actor, data: Data, at: datetime) -> None:
    change.approver, change.decided_at = actor.person, None


def _by_owner(change: ChangeRequest, actor: Actor) -> Words:
    owner = change.owner or change.originator
    if actor.person != owner:
        yield _("This is for its owner, %(person)s.") % {"person": owner}


def _implement(change: ChangeRequest, actor: Actor, data: Data, at: datetime) -> None:
    change.implemented_at = at


IMPACT = ("impact_services", "impact_management_system")
FURTHER = (
    "impact_standards", "impact_systems", "impact_customers", "customer_impact", "affected_targets",
    "affected_internal_agreements", "affected_contracts",
)  # fmt: skip
WAITING = (C.ASSESSED, C.DEFERRED)

change_life = Workflow(
    C.DRAFT,
    (
        move(
            "submit", C.DRAFT, C.SUBMITTED, by=ASKERS, asks=("wanted",), guard=_described, apply=_submitted,
            label=_("Submit"), primary=True,
        ),
        move(
            "assess", C.SUBMITTED, C.ASSESSED, by=WORKERS, requires=IMPACT, asks=FURTHER, guard=_assessable,
            label=_("Assess"), primary=True,
        ),
        move("consent", WAITING, C.ASSESSED, by=WORKERS, guard=_assessable, apply=_consented, label=_("Consent")),
        apart(ORIGINATOR, _own, move(
            "approve", WAITING, C.APPROVED, by=(PR, OD), asks=("decision_reason",), guard=_approvable, apply=_approve,
            label=_("Approve"), primary=True,
        )),
        apart(ORIGINATOR, _own, move(
            "reject", WAITING, C.REJECTED, by=(PR, OD), requires=("decision_reason",), guard=_decidable, apply=_decide,
            label=_("Reject"),
        )),
        apart(ORIGINATOR, _own, move(
            "defer", C.ASSESSED, C.DEFERRED, by=(PR, OD), requires=("decision_reason",), guard=_decidable,
            apply=_defer, label=_("Defer"),
        )),
        move(
            "implement", C.APPROVED, C.IMPLEMENTED, by=WORKERS, guard=_by_owner, apply=_implement,
            label=_("Implemented"), primary=True,
        ),
        move(
            "close", C.IMPLEMENTED, C.CLOSED, by=(PR, OD), requires=("result",), guard=_decidable, label=_("Close"),
            primary=True,
        ),
        move(
            "withdraw", (C.SUBMITTED, *WAITING, C.APPROVED), C.WITHDRAWN, by=LEADS, note=True, guard=_by_originator,
            label=_("Withdraw"),
        ),
    ),
    stages=(C.DRAFT, C.SUBMITTED, C.ASSESSED, C.APPROVED, C.IMPLEMENTED, C.CLOSED),
)  # fmt: skip
