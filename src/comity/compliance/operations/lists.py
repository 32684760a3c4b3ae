"""The records behind a verdict: what a requirement looks at, and what of it falls short, now or on a past day."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime

from django.db import connection
from django.db.models import Exists, OuterRef, Q

from comity.compliance.catalogue import Requirement
from comity.compliance.columns import NOTHING
from comity.compliance.families.together import answer
from comity.compliance.inquiry import Inquiry, own_days
from comity.records import sql
from comity.records.facts import Rows
from comity.records.kind import Kind
from comity.records.past import as_it_was

SOME = 500  # so many records are looked up at once; of more, the register asks each until its page is full
MOST = 10_000  # records of a day in the past: their ids are carried into the present


def rows_of(kind: Kind, requirement: Requirement, gaps: bool, inquiry: Inquiry) -> Iterator[Rows]:
    """The members of the kind, or its gaps, in each part of the check; rules about the same rows are one question."""
    alike: dict[int, tuple[Rows, Q]] = {}
    for lot in answer(inquiry, requirement.use).every_lot:
        if lot.rows.model is not kind.model:
            continue
        if lot.wrong is None:
            yield (lot.gaps if gaps else lot.scope).order_by()
            continue
        rows, before = alike.get(id(lot.rows), (lot.rows, NOTHING))
        alike[id(lot.rows)] = rows, before | (lot.wrong & ~lot.exempt if gaps else ~lot.exempt)
    yield from (rows.order_by().filter(question) for rows, question in alike.values())


@dataclass(frozen=True)
class Found:
    """The list: as a question to the rows of the register, and how many of it are not among those that one may see."""

    question: Q
    beside: Callable[[Rows], int]


def found(kind: Kind, requirement: Requirement, gaps: bool, moment: datetime | None = None) -> Found:
    """By queries over the records of now; by the ids of a day that has passed."""
    with own_days():
        return _found(kind, requirement, gaps, moment)


def _found(kind: Kind, requirement: Requirement, gaps: bool, moment: datetime | None) -> Found:
    if moment:
        with as_it_was(moment):
            parts = rows_of(kind, requirement, gaps, Inquiry(moment))
            ids = {pk for rows in parts for pk in rows.values_list("pk", flat=True)[:MOST]}
        there = sql.among(connection.vendor, sorted(ids))
        return Found(Q(pk__in=there), lambda seen: len(ids) - seen.filter(pk__in=there).order_by().count())
    question = NOTHING
    for rows in rows_of(kind, requirement, gaps, Inquiry()):
        some = list(rows.values_list("pk", flat=True)[: SOME + 1])
        question |= Q(pk__in=some) if len(some) <= SOME else Q(Exists(rows.filter(pk=OuterRef("pk"))))
    every = kind.model._default_manager.all()
    return Found(question, lambda seen: every.exclude(pk__in=seen.order_by().values("pk")).filter(question).count())
