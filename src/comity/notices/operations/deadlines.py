"""Deadlines that come near or pass, told once each to those whose record it is.

The columns of the records are the truth; here stands only when to look, written whenever the trail tells of a change.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from comity.notices.models import Deadline, Event
from comity.notices.operations.notifying import Listeners, News, people_of, publish
from comity.notices.rules import near
from comity.records.kind import kind_named

STARTS = {"case": "received_at", "escalation": "raised_at"}  # where the clocks start, if not with the entry
HISTORY = timedelta(days=1)  # what was late for longer when it came to us is no news
SIZE = 200


def moment(due: date | datetime | None) -> datetime | None:
    """A deadline as an instant: a day is over when it ends, where the installation is."""
    if due is None or isinstance(due, datetime):
        return due
    return timezone.make_aware(datetime.combine(due + timedelta(days=1), time()))


def remember(records: Iterable[Any]) -> None:
    """Keep when to look at these records; those without a deadline are forgotten."""
    now = timezone.now()
    wanted: dict[tuple[str, int], tuple[datetime | None, datetime]] = {}
    for record in records:
        kind = record.kind
        if kind.due:
            start = getattr(record, STARTS.get(kind.name, "entered_at")) or record.entered_at
            wanted[kind.name, record.pk] = (moment(getattr(record, kind.due)), start)
    if not wanted:
        return
    names = {name for name, _pk in wanted}
    known = Deadline.objects.filter(kind__in=names, record_id__in={pk for _name, pk in wanted})
    stored = {(one.kind, one.record_id): one for one in known}
    fresh, gone = [], []
    for key, (due, start) in wanted.items():
        one = stored.get(key)
        if due is None:
            gone += [one.pk] if one else []
        elif one is None or one.due_at != due:
            old = due < now - HISTORY
            fresh.append(Deadline(kind=key[0], record_id=key[1], due_at=due, near_at=near(start, due), told_near=old,
                                  told_missed=old))  # fmt: skip
    if gone:
        Deadline.objects.filter(pk__in=gone).delete()
    if fresh:
        Deadline.objects.bulk_create(
            fresh, update_conflicts=True, unique_fields=["kind", "record_id"],
            update_fields=["due_at", "near_at", "told_near", "told_missed"],
        )  # fmt: skip


def look(now: datetime | None = None) -> int:
    """Tell of deadlines whose moment has come; returns how many were looked at. Call it until nothing is left."""
    now = now or timezone.now()
    come = Q(near_at__lte=now, told_near=False) | Q(due_at__lte=now, told_missed=False)
    rows = list(Deadline.objects.filter(come).order_by("pk")[:SIZE])
    listeners = Listeners()
    for one in rows:
        _tell(one, now, listeners)
    return len(rows)


@transaction.atomic
def _tell(one: Deadline, now: datetime, listeners: Listeners) -> None:
    record = kind_named(one.kind).model._default_manager.filter(pk=one.record_id).first()
    missed = one.due_at <= now
    Deadline.objects.filter(pk=one.pk).update(told_near=True, told_missed=missed)
    if record is None or moment(getattr(record, record.kind.due)) != one.due_at:
        return  # it changed meanwhile; its entry brings it here again
    if record.archived_at is None:
        event = Event.MISSED if missed else Event.NEAR
        publish([News(event, people_of(record), record, values={"due": one.due_at.isoformat()})], listeners)
