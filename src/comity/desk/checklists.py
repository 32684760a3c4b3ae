"""Checklists on cases: put on, gone through, and, where they say so, done before a result is told."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import OuterRef
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from comity.accounts.models import Person
from comity.cases.operations.guards import before_result
from comity.desk.models import Checklist, Point
from comity.records import write
from comity.records.access import may_note, readable
from comity.records.hanging import hangs, has
from comity.records.kind import kind_of
from comity.records.trail import Actor
from comity.records.workflow import Lack

PUT_ON = gettext_noop("To be gone through: %(points)s")
DONE, OPEN_AGAIN = gettext_noop("Done: %(point)s"), gettext_noop("Open again: %(point)s")
MOST = 50


def offered(person: Person) -> list[Checklist]:
    """The checklists in use that this person may read."""
    rows = readable(kind_of(Checklist), person).filter(active=True, archived_at=None)
    return sorted(rows.whole(), key=lambda one: one.name)


hangs("points", lambda kind: Point.objects.filter(kind=kind, record_id=OuterRef("pk")), of="case")


def points_of(record: Any) -> list[Point]:
    if not has(record, "points"):
        return []
    return list(
        Point.objects.filter(kind=record.kind.name, record_id=record.pk).select_related("checked_by").order_by("pk")
    )


@transaction.atomic
def put_on(record: Any, lines: list[str], holds: bool, actor: Actor) -> None:
    """Add points that are not there yet. Raises NotAllowed, ValidationError."""
    _permit(actor)
    known = {one.text for one in points_of(record)}
    fresh = [text for text in dict.fromkeys(line.strip()[:300] for line in lines) if text and text not in known]
    if not fresh or len(known) + len(fresh) > MOST:
        raise ValidationError(_("Nothing is added: the points are there already, or they are too many."))
    named = {"kind": record.kind.name, "record_id": record.pk, "holds": holds}
    Point.objects.bulk_create(Point(text=text, **named) for text in fresh)
    write.note_auto(record, PUT_ON, _rule(actor), points="; ".join(fresh))


@transaction.atomic
def check(record: Any, pk: int, on: bool, actor: Actor) -> bool:
    """Check a point, or open it again; False where somebody was quicker."""
    _permit(actor)
    rows = Point.objects.filter(pk=pk, kind=record.kind.name, record_id=record.pk, checked_at__isnull=on)
    point = rows.first()
    values = {"checked_by": actor.person, "checked_at": timezone.now()} if on else dict.fromkeys(_CHECKED)
    if point is None or not rows.update(**values):
        return False
    write.note_auto(record, DONE if on else OPEN_AGAIN, _rule(actor), point=point.text)
    return True


_CHECKED = ("checked_by", "checked_at")


def _rule(actor: Actor) -> Actor:
    return Actor(actor.person, actor.via, "checklist")


def _permit(actor: Actor) -> None:
    if not may_note(actor.person):
        raise write.NotAllowed("note")


@before_result
def open_points(case: Any, actor: Actor) -> Iterator[str | Promise | Lack]:
    """What a checklist wants done first."""
    rows = Point.objects.filter(kind=case.kind.name, record_id=case.pk, holds=True, checked_at=None).order_by("pk")
    for text in rows.values_list("text", flat=True)[:5]:
        yield _("Still open on the checklist: %(point)s") % {"point": text}
