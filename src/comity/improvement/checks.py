"""How findings, improvements, actions and change requests answer to the words of requirements, and their clocks."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db.models import DateTimeField, Exists, F, OuterRef, Q
from django.utils import timezone

from comity.clocks.parameters import number
from comity.improvement.models import Action, ChangeRequest, Finding, Improvement
from comity.improvement.models.source import OF_REVIEWS
from comity.parties.duties import Duty
from comity.parties.passed import passed
from comity.records.facts import Fact, Part, Rows, Timed, clock, population, predicate, spoken, tie, vocabulary
from comity.records.kind import kind_of
from comity.records.models import Entry

SOURCE: dict[str, Any] = {
    "source": Fact("source_ref", by_ref=True),
    "source_kind": Fact("source_kind", words={"review": OF_REVIEWS}),
}

vocabulary(
    "action", Action,
    status=Fact("status", words={"open": ("open", "in_progress"), "done": ("done", "verified")}),
    approval="approved_at", **SOURCE,
)  # fmt: skip
vocabulary(
    "improvement", Improvement,
    status=Fact("status", words={"done": ("implemented", "effective", "closed")}),
    approval="approved_at", tags="gains", **SOURCE,
)  # fmt: skip
vocabulary(
    "finding", Finding,
    status=Fact("status", words={"open": tuple(state.value for state in Finding.OPEN)}),
    subject=Fact("subject_ref", by_ref=True), due_on="next_due", **SOURCE,
)  # fmt: skip
vocabulary(
    "change_request", ChangeRequest,
    status=Fact("status", words={"open": tuple(state.value for state in ChangeRequest.OPEN)}),
    object=Fact("object_ref", by_ref=True), approval="approved_at", impact="impact_services",
    object_kind=Fact("object_kind", words={"agreement": ("agreement", "agreement_version")}),
)  # fmt: skip

tie("action", "customer", "customer")
tie("improvement", "customer", "customer")


@predicate("improvement_on_plan")
def improvement_on_plan(as_of: datetime, rows: Rows | None, improvement_update_days: float, **_more: Any) -> Part:
    """Approved ones from reviews have dated actions in time, report progress, and moved no date by a plain change.

    A planned date moves by a step that asks for the reason and is open to those who approve (BRM-3.2.4-6).
    """
    window = as_of - timedelta(days=number("evidence_window_days", as_of))
    lasting = Q(closed_at__isnull=True) | Q(closed_at__gt=window)
    scope = Improvement.objects.filter(lasting, approved_at__lte=as_of, source_kind__in=OF_REVIEWS)
    scope = scope.exclude(status__in=(Improvement.Status.REJECTED, Improvement.Status.CANCELLED))
    mine = Action.objects.filter(source_ref=OuterRef("ref")).exclude(status=Action.Status.CANCELLED).order_by()
    late = mine.filter(status__in=Action.OPEN, due_on__lt=as_of.date())
    silent = as_of - timedelta(days=improvement_update_days)
    told = Q(progressed_at__gt=silent) | Q(progressed_at__isnull=True, started_on__gt=silent.date())
    moved = Entry.objects.filter(
        kind="improvement", record_id=OuterRef("pk"), act="update", happened_at__gt=OuterRef("approved_at"),
        happened_at__lte=as_of, changes__has_key="due_on",
    ).exclude(changes__due_on__0=None)  # fmt: skip
    planned = ~Q(status=Improvement.Status.APPROVED)
    return scope, scope.filter(
        (planned & ~Exists(mine.filter(due_on__isnull=False)))
        | Exists(late)
        | (Q(status=Improvement.Status.IN_PROGRESS) & ~told)
        | Exists(moved)
    )


@predicate("path of change_request")
def path(as_of: datetime, rows: Rows, *, states: Sequence[str]) -> Part:
    """Submitted, assessed, and only then decided, told by the trail (ISO/IEC 20000-1:2011 7.1)."""
    return passed(rows, states)


@predicate("not_overdue")
def not_overdue(as_of: datetime, rows: Rows, **_more: Any) -> Part:
    """What has a date is done by then. The next date of a record is kept only while it waits for somebody."""
    model: Any = rows.model
    path, today = kind_of(model).due, timezone.localtime(as_of).date()
    dated = any(field.name == "due_on" for field in model._meta.fields)
    scope = rows.filter(due_on__isnull=False) if dated else rows
    if model is Improvement:  # whose next date may be that of the decision, or of judging the effect
        return scope, scope.filter(due_on__lt=today, status__in=(*Improvement.UNDECIDED, *Improvement.AT_WORK))
    timed = isinstance(model._meta.get_field(path), DateTimeField)
    return scope, scope.filter(**{f"{path}__lt": as_of if timed else today})


@predicate("staff_participation")
def staff_participation(as_of: datetime, rows: Rows | None, participation_share: float, **_more: Any) -> Part:
    """Enough of our people, and one at least in each team, proposed an improvement or worked on one (CSMS:2003 8.8.1).

    Where they are too few, everybody who took no part is a gap; else the people of a team of which nobody did.
    """
    staff, today = spoken("staff"), timezone.localtime(as_of).date()
    since = as_of - timedelta(days=number("evidence_window_days", as_of))
    proposed = Improvement.objects.filter(proposed_at__gt=since, proposed_at__lte=as_of).order_by()
    done = Q(implemented_on__isnull=True) | Q(implemented_on__gt=timezone.localtime(since).date())
    at_work = Improvement.objects.filter(done, started_on__lte=today).order_by()
    took_part = Q(pk__in=proposed.values("entered_by"))
    for who in ("owner", "assignees"):
        took_part |= Q(pk__in=at_work.filter(**{f"{who}__isnull": False}).values(who))
    scope = staff.rows.filter(staff.at("status", as_of))
    taking = scope.filter(took_part).order_by()
    if taking.count() < participation_share * scope.count():
        return scope, scope.exclude(took_part)
    team = staff.fact("team").path
    known = scope.filter(**{f"{team}__isnull": False}).exclude(**{team: ""})
    return scope, known.exclude(**{f"{team}__in": taking.filter(**{f"{team}__isnull": False}).values(team)})


@population("actions_supervised_for_compliance")
def actions_supervised_for_compliance(as_of: datetime, rows: Rows, **_more: Any) -> Rows:
    """Those under the eyes of whoever answers for full compliance as owner of customer service (CSMS:2003 6.1)."""
    duties = spoken("responsibility")
    held = duties.rows.filter(duties.at("status", as_of), role=Duty.CUSTOMER_SERVICE_OWNER)
    return rows.filter(supervisor__in=held.filter(covers__code="full_compliance").order_by().values("person"))


def _since(done: str, start: str, days: timedelta, as_of: Any) -> Timed:
    """Against a limit in days that runs from the start: ended late, or not ended and past."""
    late = Q(**{f"{done}__gt": F(start) + days}) | Q(**{f"{done}__isnull": True, f"{start}__lte": as_of - days})
    return Timed(late, Q(**{f"{done}__isnull": True, f"{start}__gt": as_of - days}))


@clock("effect_review")
def effect_review(inquiry: Any) -> Timed:
    """The effect judged in time after the work was done, by somebody else than the owner."""
    days = timedelta(days=inquiry.number("effectiveness_review_days"))
    late = Q(judged_at__date__gt=F("implemented_on") + days) | Q(judged_at__isnull=False, judged_by=F("owner"))
    late |= Q(judged_at__isnull=True, implemented_on__lte=inquiry.today - days)
    done = Q(judged_at__isnull=True) & (Q(implemented_on__isnull=True) | Q(implemented_on__gt=inquiry.today - days))
    return Timed(late, done)


@clock("suggestion_reply")
def suggestion_reply(inquiry: Any) -> Timed:
    """The author told of the decision in time."""
    return _since("told_at", "proposed_at", timedelta(days=inquiry.number("feedback_reply_days")), inquiry.as_of)


@clock("resource_hold")
def resource_hold(inquiry: Any) -> Timed:
    """What waits for resources does not wait for longer than this."""
    since = inquiry.before("resource_hold_days")
    return Timed(Q(on_hold=True, held_since__lte=since), Q(on_hold=True, held_since__gt=since))
