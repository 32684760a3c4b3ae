"""What one case adds to the figures."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import date, datetime, time
from functools import cache
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import Q, QuerySet

from comity.cases.models import Case
from comity.cases.models.choices import Classification, CloseGround, Origin
from comity.cases.models.figures import Fact
from comity.cases.rules import figures as rules
from comity.cases.rules.deadlines import Figure
from comity.cases.rules.words import BEFORE_RESULT

Cell = tuple[int, int, date, str, str, int]  # customer, service, month, dimension, value, unit
COLUMNS = (
    "unit", "customer", "service", "topic", "classification", "origin", "restricted", "archived_at", "close_ground",
    "received_at", "first_dissatisfied_at", "reclassified_at", "status", "resolve_due_at", "breached", "explained_at",
    "not_solvable_within_level", "severity", "channel", "public_form", "cause_category", "cause_area", "upheld",
    "reopen_count", "escalation_level", "repeated", *(f"{stage}_at" for stage in rules.STAGES),
)  # fmt: skip
NAMES = ("id", *(column.attname for column in Case._meta.concrete_fields if column.name in COLUMNS))
OPEN = tuple(status.value for status in BEFORE_RESULT)


@cache
def zone() -> ZoneInfo:
    """The organisation's: days and months of the figures are the same for every reader."""
    return ZoneInfo(settings.COMITY_TIME_ZONE)


def day_of(moment: datetime) -> date:
    return moment.astimezone(zone()).date()


def begin_of(day: date) -> datetime:
    return datetime.combine(day, time(), tzinfo=zone())


def matters() -> Q:
    """Complaints of customers. Internal ones stay inside, and out of the statistics (BRM-3.3-1)."""
    outside = Q(origin=Origin.CUSTOMER, restricted=False, archived_at__isnull=True)
    return outside & Q(classification=Classification.COMPLAINT)


def counted() -> Q:
    """Those of them that are in the figures: all but the reclassified, which are told beside them (BRM-3.3-8)."""
    return matters() & ~Q(close_ground=CloseGround.RECLASSIFIED)


def bare(rows: QuerySet[Case]) -> Iterator[Case]:
    """Cases with nothing but the columns that figures are made of. Django's own way to leave the others out sets each
    of them aside one by one, which costs more than the counting."""
    for values in rows.values_list(*NAMES).iterator(chunk_size=2000):
        case = Case.__new__(Case)
        case.__dict__.update(zip(NAMES, values, strict=True))
        yield case


def fact(case: Case, now: datetime) -> Fact | None:
    """What it adds now; None where it does not count."""
    left_out = case.archived_at or case.restricted or case.origin != Origin.CUSTOMER
    if left_out or not case.is_complaint:
        return None
    made = Fact(
        case_id=case.pk, unit_id=case.unit_id, customer_id=case.customer_id or 0, service_id=case.service_id or 0
    )
    received = day_of(case.received_at)
    made.month = received.replace(day=1)
    if case.close_ground == CloseGround.RECLASSIFIED:
        made.month = day_of(case.reclassified_at or case.received_at).replace(day=1)
        made.parts = "reclassified=yes"
        return made
    today = day_of(now)
    parts = [*_parts(case, received, today, now)]
    made.parts = "|".join(f"{name}={value}" for name, value in parts)
    made.turns_at = min(_turns(case, received, today, now), default=None)
    return made


def _parts(case: Case, received: date, today: date, now: datetime) -> Iterator[tuple[str, str | int]]:
    yield "standing", (case.figure(now) or Figure.OPEN).value
    yield "week", rules.monday(received).isoformat()
    yield "severity", case.severity
    yield "channel", case.channel
    if case.public_form_id:
        yield "form", case.public_form_id
    yield "service", case.service_id or 0
    yield "topic", case.topic_id or 0
    yield "cause", case.cause_category_id or 0
    yield "area", case.cause_area
    yield "upheld", case.upheld
    if case.service_id and case.topic_id:
        yield "point", f"{case.service_id}:{case.topic_id}"
    for name, holds in (
        ("reopened", case.reopen_count), ("escalated", case.escalation_level), ("repeated", case.repeated),
    ):  # fmt: skip
        if holds:
            yield name, "yes"
    if case.status in OPEN:
        yield "age", rules.age_class((today - received).days)
    ends = {stage: getattr(case, f"{stage}_at") for stage in rules.STAGES}
    yield from rules.waited(case.clock_from, ends)


def _turns(case: Case, received: date, today: date, now: datetime) -> Iterator[datetime]:
    if case.resolve_due_at and case.figure(now) == Figure.OPEN:
        yield case.resolve_due_at
    if case.status in OPEN and (days := rules.ages_from((today - received).days)) is not None:
        yield begin_of(date.fromordinal(today.toordinal() + days))


def cells(one: Fact) -> Iterator[Cell]:
    """The sums that it is part of: of everything, of its customer, of its service."""
    scopes = {(0, 0), (one.customer_id, 0), (0, one.service_id)}
    for part in one.parts.split("|"):
        name, _sep, value = part.partition("=")
        for customer, service in scopes:
            yield customer, service, one.month, name, value, one.unit_id


def difference(old: Fact | None, new: Fact | None, sums: Counter[Cell]) -> bool:
    """Put into the sums what changes when the one takes the other's place; does anything?"""
    if old and new and _same(old, new):
        return False
    if old:
        sums.subtract(cells(old))
    if new:
        sums.update(cells(new))
    return True


def _same(old: Fact, new: Fact) -> bool:
    names = ("unit_id", "customer_id", "service_id", "month", "parts", "turns_at")
    return all(getattr(old, name) == getattr(new, name) for name in names)
