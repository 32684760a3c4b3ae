"""Whether each kind of record has its class, and whether readings are recorded where the class asks for it.

A kind of record is no record: the first line of its newest record stands for it, so that a gap leads somewhere.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Q

from comity.records.facts import Part, Rows, predicate, spoken
from comity.records.kind import kinds
from comity.records.models import Entry

OF_CUSTOMERS = frozenset({"case", "customer", "contact"})


def classified(**more: Any) -> frozenset[str]:
    """The names of the kinds that belong to an active class. Raises Unrecorded where classes are not kept."""
    classes = spoken("record_class").rows.filter(status="active", archived_at__isnull=True, **more)
    return frozenset(name for named in classes.values_list("kinds", flat=True) for name in named)


def standing_for(names: Iterable[str]) -> Rows:
    """One line of the trail for each of these kinds that is in use."""
    found = []
    for kind in kinds():
        if kind.name in names and (newest := kind.model._default_manager.order_by("-pk").values("pk").first()):
            lines = Entry.objects.filter(kind=kind.name, record_id=newest["pk"]).order_by("pk")
            found += list(lines.values_list("pk", flat=True)[:1])
    return Entry.objects.filter(pk__in=found)


def of_classes(classes: Rows) -> Q:
    """The lines of the trail on records of these classes: by the kind, or by the class of the very document."""
    named = frozenset(name for kinds_of_class in classes.values_list("kinds", flat=True) for name in kinds_of_class)
    document, version = spoken("document"), spoken("document_version")
    own = document.rows.filter(record_class__in=classes.values("pk")).order_by()
    versions = version.rows.filter(document__in=own.values("pk")).order_by()
    return Q(kind__in=named) | Q(ref__in=own.values("ref")) | Q(ref__in=versions.values("ref"))


@predicate("record_kinds_classified")
def record_kinds_classified(as_of: datetime, rows: Rows | None, **_more: Any) -> Part:
    """Every kind of record in use belongs to an active class (CSMS:2003 12.1)."""
    used = standing_for({kind.name for kind in kinds()})
    return used, used.exclude(kind__in=classified())


@predicate("reads_logged")
def reads_logged(as_of: datetime, rows: Rows | None, *, recent_window_days: float, **_more: Any) -> Part:
    """Where the class of cases or customers asks for it, readings of late are in the trail (PG-004-24)."""
    asked = standing_for(OF_CUSTOMERS & classified(restricted=True))
    since = as_of - timedelta(days=recent_window_days)
    read = Entry.objects.filter(act=Entry.READ, happened_at__gt=since, happened_at__lte=as_of)
    return asked, asked.filter(~Q(kind__in=read.order_by().values("kind")))
