"""Deadlines that a changed calendar moves: those that still lie ahead; what was kept or missed stays as it was told."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from django.db import connection, transaction
from django.utils import timezone
from django.utils.translation import gettext_noop

from comity.cases.models import Case, timing
from comity.cases.models.choices import Status
from comity.records import write
from comity.records.trail import Actor

BATCH = 50
RULE = "calendar_changed"
STOPPED_BY = {
    **{column: timing.STOPPED_BY[clock] for clock, column in timing.COLUMN.items()},
    "warn_at": "resolved_at",
    "far_over_at": "resolved_at",
}


def reckon_open(calendar: str, progress: Callable[[int, int], None]) -> int:
    """Reckon every open case anew, in its own transaction, because this calendar changed; how many moved.

    A case that does not count in it comes out as it was, and is left alone. Safe to repeat.
    """
    found, moved = list(Case.objects.exclude(status=Status.CLOSED).values_list("pk", flat=True)), 0
    for start in range(0, len(found), BATCH):
        progress(start, len(found))
        moved += sum(reckon(pk, calendar, timezone.now()) for pk in found[start : start + BATCH])
    return moved


@transaction.atomic
def reckon(pk: int, calendar: str, now: datetime) -> bool:
    """One case; the trail keeps the old dates and says why they moved."""
    rows = Case.objects.filter(pk=pk).exclude(status=Status.CLOSED)
    case = (rows.select_for_update(of=("self",)) if connection.features.has_select_for_update else rows).first()
    if case is None:
        return False
    before = {name: getattr(case, name) for name in STOPPED_BY}
    timing.reckon(case)
    ahead = (name for name, at in before.items() if at and at > now and getattr(case, STOPPED_BY[name]) is None)
    after = {name: getattr(case, name) for name in ahead}
    values = {name: at for name, at in after.items() if at != before[name]}
    if values:
        actor = Actor.system(RULE)
        write.assign(case, values, actor=actor, act="reckon")
        words = gettext_noop("Deadlines that lie ahead were reckoned anew: the calendar “%(calendar)s” was changed.")
        write.note_auto(case, words, actor, calendar=calendar)
    return bool(values)
