"""The clock of escalating: what calls for a level, when, and whether the case reached it in time (7.1, CSMS:2003 10.2).

Nearly every escalation comes within minutes of its trigger, which the database sees. The few that came later than that
are judged one by one in working time.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db.models import Exists, F, OuterRef, Q, QuerySet

from comity.cases.checks.clocks import NOTHING, explained_in_time
from comity.cases.models import Escalation
from comity.cases.rules.escalation import COMPLAINT_OWNER, OPERATIONS_DIRECTOR, PROCESS_MANAGER
from comity.cases.rules.words import Severity
from comity.clocks.rules import due
from comity.records.facts import Timed, clock
from comity.records.models import Entry

MOVE_DEADLINES = ("assess", "change_severity", "correct_times", "make_complaint", "resume", "reject", "reopen")
DOUBT = timedelta(days=30)  # later than this no working time can make good


@dataclass(frozen=True)
class Call:
    """What calls for a level: the column of its moment, and for which cases; `anew` asks for one raised since then."""

    at: str
    level: int
    when: Q
    anew: bool = False
    unless_explained: bool = False


def _unresolved_at(column: str) -> Q:
    """Neither resolved nor closed by that moment."""
    open_then = Q(resolved_at__isnull=True) | Q(resolved_at__gt=F(column))
    return open_then & (Q(closed_at__isnull=True) | Q(closed_at__gt=F(column)))


def calls() -> Iterator[Call]:
    """The table of process 1.4: age, severity and rejection, each with its level."""
    critical = Q(severity=Severity.CRITICAL.value)
    unanswered = Q(answered_at__isnull=True) | Q(answered_at__gt=F("answer_due_at"))
    yield Call("answer_due_at", COMPLAINT_OWNER, unanswered & _unresolved_at("answer_due_at"))
    yield Call("warn_at", COMPLAINT_OWNER, _unresolved_at("warn_at"), unless_explained=True)
    yield Call("resolve_due_at", PROCESS_MANAGER, _unresolved_at("resolve_due_at"), unless_explained=True)
    yield Call(
        "resolve_due_at", OPERATIONS_DIRECTOR, critical & _unresolved_at("resolve_due_at"), unless_explained=True
    )
    yield Call("far_over_at", OPERATIONS_DIRECTOR, _unresolved_at("far_over_at"), unless_explained=True)
    yield Call("assessed_at", COMPLAINT_OWNER, Q(severity=Severity.MAJOR.value))
    yield Call("assessed_at", PROCESS_MANAGER, critical)
    yield Call("resolve_from", PROCESS_MANAGER, Q(reject_count__gt=0), anew=True)
    yield Call("resolve_from", COMPLAINT_OWNER, Q(reopen_count__gt=0), anew=True)


def raised(call: Call) -> QuerySet[Escalation]:
    """The escalations of a case that reach the level."""
    rows = Escalation.objects.filter(case=OuterRef("pk"), level__gte=call.level)
    return rows.filter(raised_at__gte=OuterRef(call.at)) if call.anew else rows


@clock("complaint_escalation")
def complaint_escalation(inquiry: Any) -> Timed:
    """Whatever calls for a level got its escalation there in time."""
    every, limit = tuple(calls()), inquiry.limit("escalation_delay_hours")
    since, in_time = inquiry.before("escalation_delay_hours"), _in_working_time(inquiry, every)
    late, running = {True: NOTHING, False: NOTHING}, {True: NOTHING, False: NOTHING}
    for call in every:
        soon = raised(call).filter(raised_at__lte=OuterRef(call.at) + timedelta(hours=limit.value))
        over = Q(**{f"{call.at}__lte": since}) & call.when
        late[call.unless_explained] |= over & ~Q(Exists(soon)) & ~Q(pk__in=in_time[call])
        fresh = Q(**{f"{call.at}__gt": since, f"{call.at}__lte": inquiry.as_of}) & call.when
        running[call.unless_explained] |= fresh & ~Q(Exists(raised(call)))
    unexplained = ~explained_in_time()
    return Timed(late[False] | late[True] & unexplained, running[False] | running[True] & unexplained)


def _in_working_time(inquiry: Any, every: Sequence[Call]) -> dict[Call, list[int]]:
    """For each call the cases whose escalation came hours later by the clock on the wall and yet in time: nights and
    weekends lie between, or the moment that called for it lay in the past when an act moved the deadlines."""
    limit = inquiry.limit("escalation_delay_hours")
    soon, columns, overdue = timedelta(hours=limit.value), sorted({call.at for call in every}), NOTHING
    for at in columns:
        came = {"raised_at__gt": F(f"case__{at}") + soon, "raised_at__lte": F(f"case__{at}") + DOUBT}
        overdue |= Q(**came)
    moved = Entry.objects.filter(
        kind="case", record_id=OuterRef("case"), act__in=MOVE_DEADLINES, happened_at__lte=OuterRef("raised_at"),
        happened_at__gte=OuterRef("raised_at") - soon,
    )  # fmt: skip
    rows: Any = Escalation.objects.filter(overdue).annotate(excused=Exists(moved)).order_by()
    found: dict[Call, list[int]] = {call: [] for call in every}
    for pk, level, raised_at, excused, *moments in rows.values_list(
        "case", "level", "raised_at", "excused", *(f"case__{at}" for at in columns)
    ):
        of = dict(zip(columns, moments, strict=True))
        for call, cases in found.items():
            if level < call.level or not (at := of[call.at]) or not at + soon < raised_at <= at + DOUBT:
                continue
            if excused or raised_at <= due(inquiry.calendar, at, limit):
                cases.append(pk)
    return found
