"""Whether what was agreed was looked at since what it serves has changed (ISO/IEC 20000-1:2018 8.3.3 and 8.3.4)."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django.db.models import Max, Q
from django.utils import timezone

from comity.agreements.models import ServiceRequirement
from comity.records.facts import Part, Rows, predicate
from comity.records.models import Link
from comity.reviews.checks.names import day_of, held


@predicate("commitment_matches_requirements")
def commitment_matches_requirements(as_of: datetime, rows: Rows, **_more: Any) -> Part:
    """No requirement that it is linked with has a version that began after its last review."""
    today = timezone.localtime(as_of).date()
    behind = [one.pk for one in rows if (begun := _newest(one, today)) and begun > _looked_at(one, as_of)]
    return rows, rows.filter(pk__in=behind)


def _linked(record: Any, kind: str) -> set[int]:
    """The ids of records of the kind that are linked with this one, in either direction."""
    forth = Link.objects.filter(from_kind=record.kind.name, from_id=record.pk, to_kind=kind)
    back = Link.objects.filter(to_kind=record.kind.name, to_id=record.pk, from_kind=kind)
    return {*forth.values_list("to_id", flat=True), *back.values_list("from_id", flat=True)}


def _newest(commitment: Any, today: date) -> date | None:
    """When the newest version of its requirements began; what replaces a requirement is a version of it."""
    versions = found = _linked(commitment, "service_requirement")
    while found:
        found = {*ServiceRequirement.objects.filter(replaces__in=found).values_list("pk", flat=True)} - versions
        versions = versions | found
    begun = ServiceRequirement.objects.filter(pk__in=versions, decided_at__isnull=False, effective_on__lte=today)
    newest: date | None = begun.aggregate(day=Max("effective_on"))["day"]
    return newest


def _looked_at(commitment: Any, as_of: datetime) -> date:
    about = Q(subject_ref=commitment.ref) | Q(pk__in=_linked(commitment, "review"))
    last = held(as_of, "contract", "agreement").filter(about).values_list("held_at", flat=True).first()
    return day_of(last) if last else date.min
