"""Whether whoever decided might decide."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db.models import Exists, OuterRef, Q
from django.db.models.functions import TruncDate

from comity.parties.models import Position, Responsibility
from comity.records.facts import Part, Rows, Unrecorded, Vocabulary, kind_of_model, predicate, spoken
from comity.records.models import Record

DECISIONS = (
    ("actor", "occurred_at"),
    ("decider", "decided_at"),
    ("approver", "approved_at"),
    ("approved_by", "approved_at"),
)


def _columns(vocabulary: Vocabulary) -> tuple[str, str]:
    """Who decided and when, as this kind keeps it. Raises Unrecorded."""
    for who, when in DECISIONS:
        try:
            return vocabulary.fact(who).path, vocabulary.fact(when).path
        except Unrecorded:
            continue
    raise Unrecorded(f"{vocabulary.kind}.decider")


@predicate("decided_by_holder")
def decided_by_holder(as_of: datetime, rows: Rows, *, role: str = "", department: str = "", **_more: Any) -> Part:
    """Who decided held the role at that time, for the whole or for this very record; or worked in the department.

    ISO/IEC 20000-1:2011 7.1, CSMS:2003 12.3, 13.1.
    """
    vocabulary = spoken(kind_of_model(rows.model))
    who, when = _columns(vocabulary)
    day = OuterRef("day")
    held = Responsibility.objects.filter(person=OuterRef(who), approved_at__isnull=False, starts_on__lte=day)
    held = held.filter(Q(ends_on__isnull=True) | Q(ends_on__gt=day)).exclude(status=Responsibility.Status.WITHDRAWN)
    about = OuterRef("ref") if issubclass(vocabulary.model, Record) or vocabulary.kind == "event" else ""
    right = Q(Exists(held.filter(Q(subject_ref="") | Q(subject_ref=about), role=role)))
    if department:
        right |= Q(Exists(Position.objects.filter(person=OuterRef(who), department=department)))
    decided = rows.filter(**{f"{when}__isnull": False})
    return decided, decided.alias(day=TruncDate(when)).exclude(right)
