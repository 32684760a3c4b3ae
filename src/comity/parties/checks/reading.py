"""Whether whoever read might read."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db.models import Exists, OuterRef, Q
from django.db.models.functions import TruncDate

from comity.accounts.models import Grant
from comity.parties.checks.names import roles_that
from comity.records.facts import Part, Rows, predicate
from comity.records.kind import kinds


@predicate("reads_authorised")
def reads_authorised(as_of: datetime, rows: Rows, **_more: Any) -> Part:
    """On the day of each reading the reader held a group that may read such records (CSMS:2003 12.1, 13.1)."""
    day = OuterRef("day")
    on_that_day = Grant.objects.filter(person=OuterRef("actor_id"), starts_on__lte=day)
    on_that_day = on_that_day.filter(Q(ends_on__isnull=True) | Q(ends_on__gt=day))
    right = Q(pk__in=[])
    for kind in kinds():
        readers = roles_that("read", kind.rules.handle)
        right |= Q(kind=kind.name) & Q(Exists(on_that_day.filter(role__in=readers)))
    return rows, rows.alias(day=TruncDate("happened_at")).exclude(right)
