"""From, to, by whom: the life of every review but the analysis of complaints (BRM-3.2, CSMS:2003 15.1 and 17.1)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from comity.accounts.roles import Role
from comity.cases.figures.facts import day_of
from comity.records import write
from comity.records.kind import kind_of
from comity.records.workflow import Lack, Move, move
from comity.records.write import Actor
from comity.reviews import confirming
from comity.reviews.models import Agenda, Review, Type
from comity.reviews.models.types import demand

PM, PR, OD, SN = Role.PROJECT_MANAGER, Role.PROCESS_MANAGER, Role.OPERATIONS_DIRECTOR, Role.SENIOR_MANAGER
KEEPERS = (PM, PR, SN)
S, A = Review.Status, Agenda
Words = Iterator[str | Promise | Lack]

MANDATORY: Mapping[str, tuple[str, ...]] = {
    Type.SERVICE: (
        A.NEED_CHANGES, A.SCOPE, A.WORKLOAD, A.AGREEMENT, A.CONTRACT_PERFORMANCE, A.CUSTOMER_CONCERNS,
    ),
    Type.BRM_ANALYSIS: (A.CUSTOMER_DEMANDS, A.IMPROVEMENT_EFFECTS),
    Type.MANAGEMENT: (A.ADEQUACY, A.EFFECTIVENESS, A.SERVICE_ENHANCEMENT, A.PRIVACY, A.SECURITY),
    Type.OPERATIONAL: (A.ADEQUACY, A.EFFECTIVENESS, A.SERVICE_DELIVERY, A.PRIVACY, A.SECURITY),
    Type.POLICY: (A.CAPABILITY_IMPACT, A.TECHNOLOGY_IMPACT, A.TRUST_GROWTH, A.FINANCIAL_IMPACT),
}  # fmt: skip
"""What each such review has to deal with, or say that there was nothing (BRM-3.2.3-1 to 3.2.3-5, PG-001-02)."""


def _meeting(review: Review, actor: Actor) -> Words:
    """Not for the analysis of complaints; and only by those who answer for reviews of this type."""
    if review.is_analysis:
        yield _("The analysis of complaints has steps of its own.")
    demand(actor, review.type, "read")


def _may_meet(review: Review, actor: Actor) -> Words:
    """A service review without the customer is cancelled, not held (7.1)."""
    yield from _meeting(review, actor)
    if not (review.participants.exists() or review.attended.exists()):
        yield Lack(_("Say who took part."), "participants")
    if review.type == Type.SERVICE and review.mode != Review.Mode.THIRD_PARTY and not review.attended.exists():
        yield Lack(_("No contact of the customer took part: then it was not held. Cancel it."), "attended")


def _may_minute(review: Review, actor: Actor) -> Words:
    """Each topic that this type deals with has an entry."""
    yield from _meeting(review, actor)
    dealt = set(review.points.exclude(agenda="").values_list("agenda", flat=True))
    missing = [str(A(one).label) for one in MANDATORY.get(review.type, ()) if one not in dealt]
    if missing:
        yield _("The agenda has no entry for: %(topics)s") % {"topics": ", ".join(missing)}


def _may_follow_up(review: Review, actor: Actor) -> Words:
    yield from _meeting(review, actor)
    if review.next_on and review.held_at and review.next_on <= day_of(review.held_at):
        yield Lack(_("The next one comes after this one."), "next_on")


def _may_correct(review: Review, actor: Actor) -> Words:
    yield from _meeting(review, actor)
    if not review.minutes_no:
        yield _("It has no approved minutes.")


def _may_waive(review: Review, actor: Actor) -> Words:
    """What is regular takes place; only what something called for can be done without (BRM-3.2.2-2)."""
    yield from _meeting(review, actor)
    if not review.occasion:
        yield _("A regular review is not waived.")


def _held(review: Review, actor: Actor, data: Mapping[str, Any], at: datetime) -> None:
    review.held_at = at


def _approved(review: Review, actor: Actor, data: Mapping[str, Any], at: datetime) -> None:
    review.minutes_approved_by, review.minutes_approved_at, review.published_at = actor.person, at, at
    review.minutes_no += 1


def _closed(review: Review, actor: Actor, data: Mapping[str, Any], at: datetime) -> None:
    review.closed_at = at


def _plan_next(review: Review, actor: Actor, data: Mapping[str, Any]) -> None:
    """The next one stands in the register at once (7.1: at planned intervals)."""
    names = {"customers": review.customers, "services": review.services, "participants": review.participants}
    values = {
        "type": review.type, "starts_on": review.next_on, "leader": review.leader, "process": review.process,
        "subject_ref": review.subject_ref, "mode": review.mode, "scope": review.scope,
        **{name: list(rows.all()) for name, rows in names.items()},
    }  # fmt: skip
    write.create(kind_of(Review), values, actor=actor.by("planned_interval"), unit=review.unit)


STATES = ("service_state", "customer_state", "need_change", "expectation_gap", "changes", "suitability")

meetings: tuple[Move, ...] = (
    move(
        "prepare", S.PLANNED, S.PREPARED, by=KEEPERS, requires=("agenda", "preparer", "host"),
        asks=("invited", "facilities", "scope"), guard=_meeting, label=_("Prepare"), primary=True,
    ),
    move(
        "meet", (S.PLANNED, S.PREPARED), S.HELD, by=(*KEEPERS, OD), requires=("mode",),
        asks=("participants", "attended", "customer_reaction", "progress_status", "result_status"), guard=_may_meet,
        apply=_held, label=_("It took place"), primary=True,
    ),
    move(
        "minute", S.HELD, S.MINUTED, by=KEEPERS, requires=("minutes",),
        asks=("summary", "conclusions", "result", "capability_rating", *STATES), guard=_may_minute,
        label=_("Write the minutes"), primary=True, help=_("Each topic of the agenda has its entry before."),
    ),
    move(
        "report", S.MINUTED, S.REPORTED, by=KEEPERS, asks=("audience",), guard=_meeting, apply=_approved,
        effect=confirming.publish, label=_("Approve and report"), primary=True,
        help=_("Minutes and findings are sent to the contacts who took part."),
    ),
    move(
        "correct", confirming.PUBLISHED, confirming.where_it_stands, by=KEEPERS, requires=("minutes",),
        asks=("summary", "conclusions"), guard=_may_correct, apply=_approved, effect=confirming.publish, note=True,
        label=_("Correct the minutes"), help=_("They get a new version, and are sent and confirmed once more."),
    ),
    *confirming.answers,
    move(
        "follow_up", S.REPORTED, S.FOLLOWED_UP, by=KEEPERS, requires=("next_on",), asks=("conformity_checklist",),
        guard=_may_follow_up, effect=_plan_next, label=_("Followed up"), primary=True,
    ),
    move(
        "complete", S.FOLLOWED_UP, S.CLOSED, by=(PR, SN), guard=_meeting, apply=_closed, label=_("Close"),
        primary=True,
    ),
    move("waive", S.PLANNED, S.WAIVED, by=(PM, PR), note=True, guard=_may_waive, label=_("Do without it")),
)  # fmt: skip
