"""Deadlines that come near or pass, told once each to those whose record it is.

The columns of the records are the truth; here stands only when to look, written whenever the trail tells of a change.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from comity.cases.models import Case
from comity.cases.models.timing import Measures
from comity.clocks import parameters
from comity.clocks.models import standard
from comity.clocks.rules import WorkingCalendar
from comity.notices.models import Deadline, Event
from comity.notices.operations.notifying import Listeners, News, people_of, publish
from comity.notices.rules import near
from comity.records.kind import kind_named

parameters.declare(
    "deadline_near_share", 0.8, "p", 0.1, 1, _("Share of the working time until a deadline after which it is near.")
)
STARTS = {"case": "received_at", "escalation": "raised_at"}  # where the clocks start, if not with the entry
HISTORY = timedelta(days=1)  # what was late for longer when it came to us is no news
SIZE = 200


def moment(due: date | datetime | None) -> datetime | None:
    """A deadline as an instant: a day is over when it ends, where the installation is."""
    if due is None or isinstance(due, datetime):
        return due
    return timezone.make_aware(datetime.combine(due + timedelta(days=1), time()))


@dataclass(frozen=True)
class Counting:
    """In what the time until a deadline is counted, and what share of it; read once for a batch."""

    share: float
    usual: WorkingCalendar
    measures: Measures

    @classmethod
    def load(cls) -> Counting:
        return cls(parameters.number("deadline_near_share"), standard(), Measures.load())

    def calendar_of(self, record: Any) -> WorkingCalendar:
        """That of the customer's agreement for a case and what hangs on one, else the organisation's."""
        case = record if isinstance(record, Case) else getattr(record, "case", None)
        return self.measures.commitment(case).calendar if isinstance(case, Case) else self.usual

    def deadline(self, record: Any, due: datetime, now: datetime) -> Deadline:
        """When to look at this record; what was late for long already is no news."""
        name, old = record.kind.name, due < now - HISTORY
        start = getattr(record, STARTS.get(name, "entered_at")) or record.entered_at
        near_at = due if old else near(self.calendar_of(record), start, due, self.share)
        return Deadline(kind=name, record_id=record.pk, due_at=due, near_at=near_at, told_near=old, told_missed=old)


def remember(records: Iterable[Any]) -> None:
    """Keep when to look at these records; those without a deadline are forgotten."""
    now = timezone.now()
    wanted: dict[tuple[str, int], tuple[Any, datetime | None]] = {}
    for record in records:
        kind = record.kind
        if kind.due:
            wanted[kind.name, record.pk] = (record, moment(getattr(record, kind.due)))
    if not wanted:
        return
    names = {name for name, _pk in wanted}
    known = Deadline.objects.filter(kind__in=names, record_id__in={pk for _name, pk in wanted})
    stored = {(one.kind, one.record_id): one for one in known}
    gone = [stored[key].pk for key, (_record, due) in wanted.items() if due is None and key in stored]
    moved = [
        (record, due)
        for key, (record, due) in wanted.items()
        if due is not None and (key not in stored or stored[key].due_at != due)
    ]
    if gone:
        Deadline.objects.filter(pk__in=gone).delete()
    if moved:
        counting = Counting.load()
        Deadline.objects.bulk_create(
            [counting.deadline(record, due, now) for record, due in moved], update_conflicts=True,
            unique_fields=["kind", "record_id"], update_fields=["due_at", "near_at", "told_near", "told_missed"],
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
