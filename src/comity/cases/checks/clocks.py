"""The clocks of a case, asked of the deadlines that are kept beside what stops them (BRM-3.3, CSMS:2003 10.2).

Deadlines are counted in the calendar of the customer's agreement when something changes, and stored; nothing is counted
here. A clock that is overtaken by the case's leaving the path (withdrawn, merged, reclassified) ends with its closing.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db.models import Exists, F, OuterRef, Q, Subquery

from comity.cases.checks.names import LEFT_THE_PATH, NOBODY_TO_TELL, UNRESOLVED
from comity.cases.models import Case
from comity.communications.checks.clocks import earliest, timed
from comity.communications.models import Communication
from comity.improvement.models import Improvement
from comity.records.facts import Timed, clock
from comity.records.models import Entry, Link

NOTHING = Q(pk__in=[])


def against(due: str, as_of: datetime, *stops: str) -> Timed:
    """How cases stand with a kept deadline; the first of the stops that took place is the one that counts."""
    late, unstopped = NOTHING, Q()
    for stop in stops:
        late |= unstopped & Q(**{f"{stop}__gt": F(due)})
        unstopped &= Q(**{f"{stop}__isnull": True})
    late |= unstopped & LEFT_THE_PATH & Q(closed_at__gt=F(due))
    waiting = unstopped & ~LEFT_THE_PATH
    return Timed(late | waiting & Q(**{f"{due}__lt": as_of}), waiting & Q(**{f"{due}__gte": as_of}))


@clock("complaint_record")
def complaint_record(inquiry: Any) -> Timed:
    """Registered in time after it came in."""
    return Timed(Q(entered_late=True), NOTHING)


@clock("complaint_record of communication")
def complaint_brought(inquiry: Any) -> Timed:
    """What somebody complained of by word or letter is a case in time after that (CSMS:2003 8.7.4)."""
    since, cases = inquiry.before("recent_window_days"), Case.objects.order_by("entered_at")
    said = OuterRef(OuterRef("pk"))
    forth = Link.objects.filter(from_kind="communication", from_id=said, to_kind="case").values("to_id")
    back = Link.objects.filter(to_kind="communication", to_id=said, from_kind="case").values("from_id")
    known = Communication.objects.filter(direction="inbound", occurred_at__gt=since, occurred_at__lte=inquiry.as_of)
    rows = known.filter(topic__in=("complaint", "problem", "concern")).order_by().annotate(
        about=Subquery(cases.filter(ref=OuterRef("subject_ref")).values("entered_at")[:1]),
        led_to=Subquery(cases.filter(pk__in=forth).values("entered_at")[:1]),
        came_from=Subquery(cases.filter(pk__in=back).values("entered_at")[:1]),
    )  # fmt: skip
    limit = inquiry.limit("complaint_record_hours")
    found = rows.values_list("pk", "occurred_at", "about", "led_to", "came_from")
    return timed(inquiry, ((pk, said, limit, earliest(*made)) for pk, said, *made in found))


@clock("complaint_acknowledge")
def complaint_acknowledge(inquiry: Any) -> Timed:
    """Acknowledged in time; who stays anonymous cannot be."""
    found = against("ack_due_at", inquiry.as_of, "acknowledged_at")
    return Timed(found.late, found.running, Q(anonymous=True))


@clock("case_classification")
def case_classification(inquiry: Any) -> Timed:
    """The classification confirmed by a named person in time, whatever it is; whoever closes a case confirms it."""
    return against("place_due_at", inquiry.as_of, "classified_at", "closed_at")


@clock("complaint_assignment")
def complaint_assignment(inquiry: Any) -> Timed:
    """A handler named in time."""
    return against("place_due_at", inquiry.as_of, "assigned_at")


@clock("complaint_triage")
def complaint_triage(inquiry: Any) -> Timed:
    """Severity and consequence set in time."""
    return against("triage_due_at", inquiry.as_of, "assessed_at")


@clock("complaint_response")
def complaint_response(inquiry: Any) -> Timed:
    """A substantive answer in time; nobody can answer who is not to be reached (ISO 10002)."""
    found = against("answer_due_at", inquiry.as_of, "answered_at")
    return Timed(found.late, found.running, Q(anonymous=True))


@clock("complaint_investigation")
def complaint_investigation(inquiry: Any) -> Timed:
    """Under investigation in time, or resolved at first contact."""
    return against("investigate_due_at", inquiry.as_of, "investigating_at", "resolved_at")


def explained_in_time() -> Q:
    """Flagged as not solvable within the service level, explained before the clock ended, an improvement under way."""
    proposed = Improvement.objects.filter(source_ref=OuterRef("ref"))
    told = Q(not_solvable_within_level=True, explained_at__lte=F("resolve_due_at"), breached=False)
    return told & Q(Exists(proposed))


@clock("complaint_resolve")
def complaint_resolve(inquiry: Any) -> Timed:
    """Resolved in time; a breach stays one, whatever came after. What waits, explained in time, is listed apart."""
    found = against("resolve_due_at", inquiry.as_of, "resolved_at")
    return Timed(found.late | Q(breached=True), found.running, explained_in_time())


def _young(inquiry: Any) -> Q:
    """The first interval of a clock that repeats is not over yet."""
    return Q(entered_at__gt=inquiry.before("complaint_update_days"))


@clock("complaint_progress")
def complaint_progress(inquiry: Any) -> Timed:
    """No longer silence than was wished for, or than is usual; a result that was told waits for the customer."""
    waiting = UNRESOLVED & Q(tell_at__isnull=False)
    late = waiting & Q(tell_at__lt=inquiry.as_of)
    return Timed(late, waiting & ~late & _young(inquiry), NOBODY_TO_TELL | Q(tell_at__isnull=True))


@clock("case_activity")
def case_activity(inquiry: Any) -> Timed:
    """Somebody did or said something lately; what rules do by themselves is nobody's doing."""
    since, as_of = inquiry.before("complaint_update_days"), inquiry.as_of
    done = Entry.objects.filter(kind="case", record_id=OuterRef("pk"), rule="", happened_at__gt=since, at__lte=as_of)
    said = Communication.objects.filter(subject_ref=OuterRef("ref"), occurred_at__gt=since, occurred_at__lte=as_of)
    return Timed(~_young(inquiry) & ~Q(Exists(done)) & ~Q(Exists(said)), _young(inquiry))
