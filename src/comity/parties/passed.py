"""Whether records passed the states of their life in order, as their trail tells (ISO/IEC 20000-1:2011 7.1)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db.models import Exists, F, Min, OuterRef, Q

from comity.records.facts import Part, Rows
from comity.records.kind import Kind, kind_of
from comity.records.models import Entry


def into(kind: Kind, state: str) -> set[str]:
    """The acts that bring a record into the state; `a|b` is either of them."""
    moves = kind.workflow.moves if kind.workflow else ()
    return {row.name for row in moves if row.target in state.split("|")}


def passed(rows: Rows, states: Sequence[str]) -> Part:
    """The rows, and those of them that lack the last state or came into one before the one that precedes it.

    The state in which records are registered is one that each was in, whenever that was entered.
    """
    model: Any = rows.model
    kind = kind_of(model)
    first = kind.workflow.initial if kind.workflow else ""
    steps = [into(kind, state) for state in states if state != first]
    came = {f"step_{n}": Min("happened_at", filter=Q(act__in=acts)) for n, acts in enumerate(steps)}
    right = Q(**{f"step_{len(steps) - 1}__isnull": False})
    for later in range(1, len(steps)):
        right &= Q(**{f"step_{later}__isnull": True}) | Q(**{f"step_{later - 1}__lte": F(f"step_{later}")})
    trail = Entry.objects.filter(kind=kind.name, record_id=OuterRef("pk")).order_by().values("record_id")
    return rows, rows.filter(~Exists(trail.annotate(**came).filter(right)))
