"""When records of a kind happened, are planned and were made; and how often a thing itself asks for something."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.db.models import DateTimeField, ExpressionWrapper, OuterRef, Q

from comity.clocks.rules import Duration
from comity.compliance.columns import bound, column
from comity.compliance.compiler import knows
from comity.compliance.inquiry import Inquiry
from comity.compliance.ties import Members
from comity.records.facts import Unrecorded, Vocabulary, spoken

HAPPENED = {
    "communication": "occurred_at", "review": "held_at", "control_run": "run_at", "assessment": "concluded_at",
    "event": "occurred_at", "training": "completed_on", "survey": "closed_at", "market_study": "completed_at",
    "measurement": "period_end", "acceptance": "accepted_at", "finding": "opened_at", "improvement": "proposed_at",
    "survey_response": "answered_at", "maintenance_record": "performed_on", "case": "received_at",
    "service_requirement": "identified_on", "escalation": "raised_at", "project_gate": "decided_at",
}  # fmt: skip
PLANNED = {"review": "starts_at", "assessment": "planned_on", "survey": "next_on", "training": "planned_on"}
OWN = {"customer": "review_frequency", "kpi": "frequency", "target": "period", "clause": "due_rule",
       "control": "frequency", "plan_line": "cadence", "interested_party": "cadence",
       "system_asset": "support_level"}  # fmt: skip
IN_MONTHS = frozenset({"review_frequency", "review_interval"})
WORDS = {"daily": 1, "weekly": 7, "fortnightly": 14, "monthly": 31, "quarterly": 92, "half_yearly": 183, "yearly": 366}
MONTH = 30.5


def happened(kind: str) -> str:
    """The column that says when a record of the kind happened; where it has none of its own, when it was entered."""
    vocabulary = spoken(kind)
    name = HAPPENED.get(kind, "entered_at")
    return vocabulary.fact(name if knows(vocabulary, name) else "entered_at").path


def made(vocabulary: Vocabulary) -> str:
    """The column that says since when there is such a record."""
    return vocabulary.fact("entered_at").path


def between(part: Members, path: str, since: datetime | None, until: datetime) -> Members:
    """The rows whose moment lies after the one and not after the other."""
    model = part.vocabulary.model
    asked = {f"{path}__lte": bound(model, path, until)}
    if since is not None:
        asked[f"{path}__gt"] = bound(model, path, since)
    return Members(part.kind, part.rows.filter(**asked))


def younger(vocabulary: Vocabulary, path: str, since: datetime) -> Q:
    """That the moment lies after this one."""
    return Q(**{f"{path}__gt": bound(vocabulary.model, path, since)})


def own_intervals(inquiry: Inquiry, part: Members, default: str | None = None) -> list[tuple[Q, timedelta]]:
    """Which members ask for which interval of their own; those without one get the default, or are left out.

    Raises Unrecorded where the kind has no interval of its own.
    """
    path = own_path(part.vocabulary)
    found: list[tuple[Q, timedelta]] = []
    for value in part.rows.order_by().values_list(path, flat=True).distinct():
        interval = _interval(inquiry, path, value)
        if interval is None and default is not None:
            interval = stretch(inquiry, default)
        if interval is not None:
            found.append((Q(**{path: value}) if value is not None else Q(**{f"{path}__isnull": True}), interval))
    return found


def own_path(vocabulary: Vocabulary) -> str:
    """The column with the interval that a record of the kind sets for itself. Raises Unrecorded."""
    name = OWN.get(vocabulary.kind)
    if name is None or not knows(vocabulary, name):
        raise Unrecorded(f"{vocabulary.kind}.{name or 'interval of its own'}")
    return vocabulary.fact(name).path


def _interval(inquiry: Inquiry, path: str, value: Any) -> timedelta | None:
    if value is None or value == "":
        return None
    if isinstance(value, str):
        if value in WORDS:
            return timedelta(days=WORDS[value])
        try:
            limit = Duration.parse(value)
        except ValueError:
            raise Unrecorded(f"interval {value!r}") from None
        return inquiry.as_of - inquiry.ago(limit)
    return timedelta(days=float(value) * (MONTH if path.rpartition("__")[2] in IN_MONTHS else 1))


def stretch(inquiry: Inquiry, name: str) -> timedelta:
    """How far back a parameter reaches from the moment of the question."""
    return inquiry.as_of - inquiry.before(name)


def in_time(inquiry: Inquiry, part: Members, start: str, path: str, within: str) -> Q:
    """To ask of a reaction, beside the row that is looked at (OuterRef): it came within the time from the start.

    Of working time the longest stretch counts that so many working days can take: what was late by less than a long
    weekend is not called late.
    """
    limit = inquiry.limit(within)
    longest = max(stretch(inquiry, within), inquiry.after(within) - inquiry.as_of)
    if limit.business:
        longest += timedelta(days=4)  # a long weekend more than now
    if not isinstance(column(part.vocabulary.model, start), DateTimeField):
        longest += timedelta(days=1)  # a day lasts until its end
    latest = ExpressionWrapper(OuterRef(start) + longest, output_field=DateTimeField())
    return Q(**{f"{path}__lte": latest})
