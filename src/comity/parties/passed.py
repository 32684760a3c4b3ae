"""Whether records passed the states of their life in order, as their trail tells (ISO/IEC 20000-1:2011 7.1)."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

from django.db.models import Exists, OuterRef, Q

from comity.records.facts import Part, Rows
from comity.records.kind import Kind, kind_of
from comity.records.models import Entry


def into(kind: Kind, state: str) -> set[str]:
    """The acts that bring a record into the state; `a|b` is either of them."""
    moves = kind.workflow.moves if kind.workflow else ()
    return {row.name for row in moves if row.target in state.split("|")}


def passed(rows: Rows, states: Sequence[str]) -> Part:
    """The rows, and those of them that lack one of the states or came into it before the one that precedes it.

    The state in which records are registered is one that each was in, whenever that was entered.
    """
    model: Any = rows.model
    kind = kind_of(model)
    first = kind.workflow.initial if kind.workflow else ""
    steps = [into(kind, state) for state in states if state != first]
    of_record = Entry.objects.filter(kind=kind.name, record_id=OuterRef("pk"))
    early = Q(pk__in=[])
    for earlier, later in pairwise(steps):
        before = Entry.objects.filter(
            kind=kind.name, record_id=OuterRef("record_id"), act__in=earlier, happened_at__lte=OuterRef("happened_at")
        )
        early |= Q(~Exists(before), act__in=later)
    never = ~Q(Exists(of_record.filter(act__in=steps[-1])))
    return rows, rows.filter(never | Q(Exists(of_record.filter(early))))
