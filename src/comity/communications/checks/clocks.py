"""The clocks of what somebody said to us: answered, acknowledged or acted on in time (CSMS:2003 8.7.4, PG-004-41).

An answer is what we say about the same matter or about the message itself, or the link from it to what came of it.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from django.db.models import F, OuterRef, Q, Subquery

from comity.clocks.rules import Duration, due
from comity.communications.models import Communication
from comity.parties.checks.names import held
from comity.parties.duties import Duty
from comity.parties.models import Responsibility
from comity.records.facts import Rows, Timed, clock
from comity.records.models import Link

WITHDRAWN = Q(status=Communication.Status.WITHDRAWN)
Said = tuple[int, datetime, Duration, datetime | None]  # which, when, to be answered within, answered


def inbound(by: Q | None = None) -> Rows:
    """What came in and stands, with the first answer by each way there is; `by` narrows who answers."""
    heard = Communication.objects.filter(direction=Communication.Direction.INBOUND).exclude(WITHDRAWN)
    ours = Communication.objects.filter(
        by or Q(), direction=Communication.Direction.OUTBOUND, occurred_at__gte=OuterRef("occurred_at")
    )
    ours = ours.exclude(WITHDRAWN)
    about = ours.exclude(subject_ref="").filter(subject_ref=OuterRef("subject_ref"))
    to_it = ours.filter(subject_ref=OuterRef("ref"))
    led_to = Link.objects.filter(from_kind="communication", from_id=OuterRef("pk"))
    found: Rows = heard.order_by().annotate(
        about=_first(about, "occurred_at"), to_it=_first(to_it, "occurred_at"), led_to=_first(led_to, "at")
    )
    return found


def _first(rows: Rows, name: str) -> Subquery:
    return Subquery(rows.order_by(name).values(name)[:1])


def earliest(*moments: datetime | None) -> datetime | None:
    return min((moment for moment in moments if moment is not None), default=None)


def timed(inquiry: Any, messages: Iterable[Said]) -> Timed:
    """How messages stand at that moment, each with its own limit in the organisation's calendar."""
    late, running = [], []
    for pk, said, limit, answered in messages:
        if said > inquiry.as_of:
            continue
        deadline = due(inquiry.calendar, said, limit)
        if (answered if answered and answered <= inquiry.as_of else inquiry.as_of) > deadline:
            late.append(pk)
        elif answered is None or answered > inquiry.as_of:
            running.append(pk)
    return Timed(Q(pk__in=late), Q(pk__in=running))


ANSWERS = ("about", "to_it", "led_to")


@clock("inbound_reply")
def inbound_reply(inquiry: Any) -> Timed:
    """Answered, acknowledged or acted on within the time for everything that comes in."""
    limit = inquiry.limit("inbound_reply_days")
    soon = timedelta(days=max(0, limit.value - 1)) if limit.unit == "bd" else timedelta(0)
    slow = inbound()
    for way in ANSWERS:  # what was answered sooner than any calendar asks for is not looked at one by one
        slow = slow.exclude(**{f"{way}__isnull": False, f"{way}__lte": F("occurred_at") + soon})
    rows = slow.values_list("pk", "occurred_at", *ANSWERS)
    return timed(inquiry, ((pk, said, limit, earliest(*answers)) for pk, said, *answers in rows))


@clock("plan_line_response")
def plan_line_response(inquiry: Any) -> Timed:
    """Answered within the time that the line of the plan gives; a line without such a time asks for nothing."""
    rows = inbound().exclude(plan_line__isnull=True).exclude(plan_line__response_time="")
    rows = rows.values_list("pk", "occurred_at", "plan_line__response_time", "about", "to_it")
    return timed(inquiry, ((pk, said, Duration.parse(limit), earliest(*answers)) for pk, said, limit, *answers in rows))


@clock("privacy_reply")
def privacy_reply(inquiry: Any) -> Timed:
    """What concerns privacy or security is answered in time, and by whoever answers for it (CSMS:2003 8.7.4)."""
    limit, roles = inquiry.limit("privacy_reply_days"), (Duty.PRIVACY_OWNER, Duty.SECURITY_OWNER)
    owners = Responsibility.objects.filter(held(inquiry.as_of), role__in=roles).values("person")
    topics = (Communication.Topic.PRIVACY, Communication.Topic.SECURITY)
    rows = inbound(Q(entered_by__in=owners) | Q(owner__in=owners)).filter(topic__in=topics)
    answers = rows.values_list("pk", "occurred_at", "about", "to_it")
    return timed(inquiry, ((pk, said, limit, earliest(*found)) for pk, said, *found in answers))
