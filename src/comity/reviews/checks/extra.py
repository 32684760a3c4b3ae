"""Reviews that something calls for besides those at intervals: a new agreement, a major change (BRM-3.2.2)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Any

from comity.agreements.models import AgreementVersion
from comity.improvement.models import ChangeRequest
from comity.parties.models import Customer
from comity.parties.pointers import pointed
from comity.records.facts import Part, Rows, Unrecorded, predicate
from comity.reviews.checks.names import HELD, S, day_of, lately
from comity.reviews.models import Review, Type

Talked = dict[int, list[date]]  # by customer: the days of reviews that were held, or waived with a reason


@predicate("extra_review_held")
def extra_review_held(
    as_of: datetime, rows: Rows | None, *, trigger: str, change_review_days: float, major_change_long_days: float
) -> Part:
    """Before a new version of a service level agreement took effect, or around a major change, it was talked over with
    each customer whom it touches, or that was waived with a reason (BRM-3.2.2-4, BRM-3.2.2-5)."""
    talked: Talked = {}
    known = Review.objects.filter(type=Type.SERVICE, occasion=trigger, status__in=(*HELD, S.WAIVED)).order_by()
    for customer, day in known.filter(customers__isnull=False).values_list("customers", "starts_on"):
        talked.setdefault(customer, []).append(day)
    days = timedelta(days=change_review_days)
    if trigger == Review.Occasion.AGREEMENT_DRAFTING:
        return _drafted(as_of, talked, days)
    return _changed(as_of, talked, days, timedelta(days=major_change_long_days))


def _between(days: Iterable[date], first: date, last: date) -> bool:
    return any(first <= day <= last for day in days)


def _drafted(as_of: datetime, talked: Talked, days: timedelta) -> Part:
    scope = AgreementVersion.objects.filter(
        agreement__type="sla",
        agreed_at__lte=as_of,
        effective_on__gt=day_of(lately(as_of)),
        effective_on__lte=day_of(as_of),
    )
    wrong = []
    versions: Any = scope.values_list("pk", "entered_at", "effective_on", "agreement__customers")
    for pk, made, until, customer in versions:
        if customer and not _between(talked.get(customer, ()), min(day_of(made), until) - days, until):
            wrong.append(pk)
    return scope, scope.filter(pk__in=wrong)


def _changed(as_of: datetime, talked: Talked, days: timedelta, long: timedelta) -> Part:
    """A change is carried out from its approval on. After it, the review has its time before it is missed."""
    scope = ChangeRequest.objects.filter(
        type=ChangeRequest.Type.MAJOR, implemented_at__gt=lately(as_of), implemented_at__lte=as_of
    )
    wrong = []
    for change in scope:
        end = day_of(change.implemented_at)  # type: ignore[arg-type]
        start = day_of(change.approved_at) if change.approved_at else end
        stretches = [(start - days, start)]
        stretches += [(end, end + days)] if day_of(as_of) > end + days else []
        stretches += [(start, end)] if end - start > long else []
        customers = affected(change.object_ref)
        if not all(_between(talked.get(one, ()), *stretch) for one in customers for stretch in stretches):
            wrong.append(change.pk)
    return scope, scope.filter(pk__in=wrong)


OF_OBJECT = {
    "customer": "pk", "service": "services", "service_requirement": "requirements", "agreement": "agreements",
    "agreement_version": "agreements__versions", "target": "agreements__versions__targets",
}  # fmt: skip


def affected(ref: str) -> list[int]:
    """The customers under agreement whom a thing is for, by their ids. Raises Unrecorded where it names none at all."""
    thing = pointed(ref)
    path = OF_OBJECT.get(thing.kind.name) if thing is not None else None
    found = dict(Customer.objects.filter(**{path: thing.pk}).order_by().values_list("pk", "type")) if path else {}
    if not found:
        raise Unrecorded("customers affected by a change_request")
    return [pk for pk, type in found.items() if type == Customer.Type.AGREEMENT]
