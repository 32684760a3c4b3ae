"""From, to, by whom: the life of a review, and of a point that it concludes on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Q
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop, ngettext

from comity.accounts.rights import rights_of
from comity.accounts.roles import Role
from comity.cases.figures.facts import day_of
from comity.cases.rules import figures as months
from comity.clocks.parameters import number
from comity.improvement.models import Improvement
from comity.parties.duties import Duty
from comity.parties.models import Responsibility
from comity.parties.operations import holding
from comity.records import write
from comity.records.kind import kind_of
from comity.records.workflow import Lack, Workflow, move
from comity.records.write import Actor
from comity.reviews import lists
from comity.reviews.meetings import meetings
from comity.reviews.models import Review, ReviewPoint

PR, OD = Role.PROCESS_MANAGER, Role.OPERATIONS_DIRECTOR
S, P = Review.Status, ReviewPoint.Status
RULE, IMPROVES = "BRM-3.3-16", "BRM-3.3-22"
NAMED = 5  # points named in a refusal
Words = Iterator[str | Promise | Lack]


def _leads(review: Review, actor: Actor) -> Words:
    """Led by a process manager who handled none of what is looked at (BRM-3.3-16)."""
    if PR not in rights_of(review.leader).held:
        yield _("%(person)s is no process manager and cannot lead it.") % {"person": review.leader}
    worked = Q(handler=review.leader) | Q(investigator=review.leader)
    case = lists.complaints(review).filter(worked).order_by("pk").only("ref").first()
    if case is not None:
        yield _("%(person)s worked on %(ref)s and cannot lead the analysis of it.") % {
            "person": review.leader, "ref": case.ref,
        }  # fmt: skip


def _analysis(review: Review, actor: Actor) -> Words:
    """Only the analysis of complaints has lists."""
    if not review.is_analysis:
        yield _("This step belongs to the analysis of complaints.")


def _may_hold(review: Review, actor: Actor) -> Words:
    if not review.is_analysis:
        yield from _analysis(review, actor)
        return
    if review.period_to is None or review.period_to >= day_of(timezone.now()):
        yield _("The period has not ended yet.")
    yield from _leads(review, actor)


def _may_close(review: Review, actor: Actor) -> Words:
    """Every point has its conclusion, the next review has its day, and it comes soon enough (C5)."""
    yield from _analysis(review, actor)
    open_ones = review.points.filter(status=P.OPEN).order_by("pk")
    if count := open_ones.count():
        names = ", ".join(one.ref for one in open_ones[:NAMED])
        words = ngettext(
            "%(n)d point has no conclusion: %(names)s", "%(n)d points have no conclusion: %(names)s", count
        )
        yield words % {"n": count, "names": names + (" …" if count > NAMED else "")}
    if review.left_over:
        yield _("%(n)d points found no place on the lists; analyse shorter periods.") % {"n": review.left_over}
    participants = set(review.participants.values_list("pk", flat=True)) if review.pk else set()
    causes = review.points.filter(outcome=ReviewPoint.Outcome.ROOT_CAUSE).select_related("process_owner")
    for owner in {one.process_owner for one in causes if one.process_owner_id not in participants}:
        text = _("%(person)s owns an affected process and is no participant.") % {"person": owner}
        yield Lack(text, "participants")
    days = round(number("complaint_analysis_interval_days"))
    held = day_of(review.held_at) if review.held_at else day_of(timezone.now())
    if review.next_on is None:
        yield Lack(_("Name the day of the next one."), "next_on")
    elif not held < review.next_on <= held + timedelta(days=days):
        yield Lack(_("The next one is due within %(n)d days of this one.") % {"n": days}, "next_on")


def _fill(review: Review, actor: Actor, data: Mapping[str, Any]) -> None:
    """Put what is to be concluded on the lists, in the name of the rule."""
    added, left = lists.fill(review, Actor.system(RULE, actor.via))
    write.assign(review, {"left_over": left, "complaints": lists.complaints(review).count()}, actor=actor, act="fill")
    text = gettext_noop("%(added)s points were put on the lists of this review.")
    write.note_auto(review, text, Actor.system(RULE, actor.via), added=added)


def _held(review: Review, actor: Actor, data: Mapping[str, Any], at: datetime) -> None:
    review.held_at = at


def _closed(review: Review, actor: Actor, data: Mapping[str, Any], at: datetime) -> None:
    """What was written under the five topics of an analysis stands on its agenda."""
    for topic in TOPICS:
        if said := getattr(review, topic):
            values = {"review": review.ref, "list": ReviewPoint.List.AGENDA, "agenda": topic, "conclusion": said}
            write.create(kind_of(ReviewPoint), values, actor=Actor.system(RULE, actor.via), unit=review.unit)
    review.closed_at = at


def _plan_next(review: Review, actor: Actor, data: Mapping[str, Any]) -> None:
    """The next review is dated at once: it covers the months from the end of this one up to its own day."""
    if review.period_to is None or review.next_on is None:
        return
    first = review.period_to + timedelta(days=1)
    if Review.objects.filter(type=review.type, period_from__gte=first).exists():
        return
    last = max(months.after(review.next_on, -1), first)
    values = {
        "type": review.type, "starts_on": review.next_on, "period_from": first,
        "period_to": months.after(last) - timedelta(days=1), "leader": review.leader, "mode": review.mode,
        "participants": list(review.participants.all()),
    }  # fmt: skip
    write.create(kind_of(Review), values, actor=Actor.system("planned_interval", actor.via), unit=review.unit)


def _report(review: Review, actor: Actor, data: Mapping[str, Any], at: datetime) -> None:
    review.published_at = at


def _issue(review: Review, actor: Actor, data: Mapping[str, Any]) -> None:
    """The report goes into the log of what was said, and the worker puts it beside the review as it was."""
    from comity.communications.models import Communication
    from comity.communications.saying import say
    from comity.reviews.jobs import keep_report

    body = "\n\n".join(part for part in (review.audience, review.conclusions) if part)
    more: dict[str, Any] = {"topic": Communication.Topic.COMPLAINT, "audience": review.audience[:300]}
    say(review, Communication.Purpose.COMPLAINT_REPORT, str(review), body, actor, **more)
    keep_report.enqueue(review.pk, actor.person.pk)


TOPICS = ("trend", "ranking", "handling", "resolution", "service_improvement")

review_life = Workflow(
    S.PLANNED,
    (
        move(
            "fill", (S.PLANNED, S.HELD), lambda review: str(review.status), by=(PR,), guard=_analysis, effect=_fill,
            label=_("Fill the lists"), help=_("Recurring, unsettled and grave complaints of the period."),
        ),
        move(
            "hold", S.PLANNED, S.HELD, by=(PR,), requires=("trend",), asks=("participants", "mode", *TOPICS[1:]),
            guard=_may_hold, apply=_held, effect=_fill, label=_("It was held"), primary=True,
        ),
        move(
            "close", S.HELD, S.CLOSED, by=(PR,), requires=("conclusions", "next_on"), asks=("participants", *TOPICS),
            guard=_may_close, apply=_closed, effect=_plan_next, label=_("Close"), primary=True,
        ),
        move(
            "issue", S.CLOSED, S.CLOSED, by=(PR,), requires=("audience",), guard=_analysis, apply=_report,
            effect=_issue, label=_("Issue the report"), primary=True,
            help=_("The report is logged as a communication and kept as a file of this review."),
        ),
        *meetings,
        move(
            "cancel", (S.PLANNED, S.PREPARED), S.CANCELLED, by=(Role.PROJECT_MANAGER, PR, OD, Role.SENIOR_MANAGER),
            note=True, label=_("Cancel"),
        ),
    ),
    stages=(S.PLANNED, S.HELD, S.CLOSED),
    bookkeeping={"fill": _("filled the lists")},
)  # fmt: skip


def _concludes(point: ReviewPoint, actor: Actor) -> Words:
    """A root cause is searched for together with the owner of the affected process (BRM-3.3-20)."""
    if point.review.status != S.HELD and point.review.status != S.PLANNED:
        yield _("The review is closed.")
    if point.outcome != ReviewPoint.Outcome.ROOT_CAUSE:
        return
    if point.process_owner is None:
        yield Lack(_("Name the owner of the affected process."), "process_owner")
        return
    duties = Responsibility.objects.filter(holding(timezone.localdate()), person=point.process_owner)
    if not duties.filter(role=Duty.PROCESS_OWNER).exists():
        text = _("%(person)s answers for no process.") % {"person": point.process_owner}
        yield Lack(text, "process_owner")


def _conclude(point: ReviewPoint, actor: Actor, data: Mapping[str, Any], at: datetime) -> None:
    point.concluded_at = at


def _follow_up(point: ReviewPoint, actor: Actor, data: Mapping[str, Any]) -> None:
    """What is to become better gets its improvement: proposed, with an owner, and pointing back here."""
    if point.outcome == ReviewPoint.Outcome.NONE:
        return
    owner = point.process_owner or point.review.leader
    if point.improvement_id is None:
        cause = point.outcome == ReviewPoint.Outcome.ROOT_CAUSE
        values = {
            "title": f"{point}"[:200], "type": Improvement.Type.CORRECTIVE if cause else Improvement.Type.PREVENTIVE,
            "source_ref": point.ref, "topic": str(point.topic or "")[:100], "scope": point.conclusion,
            "owner": owner.email,
        }  # fmt: skip
        made = write.create(kind_of(Improvement), values, actor=Actor.system(IMPROVES, actor.via), unit=point.unit)
        write.assign(point, {"improvement": made}, actor=actor, act="improve")


def _reopened(point: ReviewPoint, actor: Actor) -> Words:
    if point.review.status == S.CLOSED:
        yield _("The review is closed.")


point_life = Workflow(
    P.OPEN,
    (
        move(
            "conclude", P.OPEN, P.CONCLUDED, by=(PR,), requires=("conclusion", "outcome"),
            asks=("process_owner", "improvement"), guard=_concludes, apply=_conclude, effect=_follow_up,
            label=_("Conclude"), primary=True,
            help=_("An improvement is proposed where one is wanted and none is named."),
        ),
        move("reconsider", P.CONCLUDED, P.OPEN, by=(PR,), note=True, guard=_reopened, label=_("Reconsider")),
    ),
    stages=(P.OPEN, P.CONCLUDED),
    bookkeeping={"improve": _("named the improvement")},
)  # fmt: skip
