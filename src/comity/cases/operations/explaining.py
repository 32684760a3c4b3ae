"""Why this date, for every deadline of a case: its clocks, what it waits for, the news asked for, an escalation."""

from __future__ import annotations

from comity.cases.models import Case, timing
from comity.cases.models.choices import Status
from comity.cases.rules import deadlines as rules
from comity.cases.rules.deadlines import Clock
from comity.clocks.explanation import Explanation, explain
from comity.clocks.parameters import limit
from comity.records.models import Entry

WAIT, NEWS = "wait", "news"


def why(case: Case, name: str) -> Explanation | None:
    """How the deadline of this name came about; None where none runs."""
    if name == Clock.CONFIRM:
        return _confirm(case)
    if name == WAIT:
        return _wait(case)
    if name == NEWS:
        return _news(case)
    return timing.why(case, Clock(name)) if name in set(Clock) else _escalation(case, name)


def _confirm(case: Case) -> Explanation | None:
    """From the result on, or from a reminder that came late; from the notice of a reclassification on to object."""
    begun = case.resolved_at if case.status == Status.RESOLVED else case.closed_at
    if case.confirm_due_at is None or begun is None:
        return None
    allowed, calendar = limit("complaint_confirm_days"), timing.calendar_of(case)
    usual = explain(calendar, begun, allowed)
    if case.reminded_at is None or case.confirm_due_at <= usual.due:
        return usual
    return explain(calendar, case.reminded_at, allowed * 0.5)


def _wait(case: Case) -> Explanation | None:
    """What was left of the time in which the resolution clock may stand still."""
    if case.paused_from is None:
        return None
    calendar = timing.calendar_of(case)
    left = rules.waiting_left(calendar, case.paused_from, case.ended_pauses, limit("complaint_wait_days"))
    return explain(calendar, case.paused_from, left)


def _news(case: Case) -> Explanation | None:
    """From when the customer asked how it stands."""
    if case.news_due_at is None:
        return None
    asked = Entry.objects.filter(kind="case", record_id=case.pk, act="ask_news").order_by("-pk")
    calendar, allowed = timing.calendar_of(case), limit("complaint_notify_days")
    found = [explain(calendar, at, allowed) for at in asked.values_list("happened_at", flat=True)[:20]]
    return next((one for one in found if one.due == case.news_due_at), found[0] if found else None)


def _escalation(case: Case, ref: str) -> Explanation | None:
    """From when it was raised, until it must not be silent any longer."""
    raised = case.escalations.filter(ref=ref, status="open").first()
    if raised is None or raised.due_at is None:
        return None
    return explain(timing.calendar_of(case), raised.raised_at, limit("escalation_silence_days"))
