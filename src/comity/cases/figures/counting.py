"""The counting: what changed goes out of the sums as it was and in as it is; always both, in one transaction."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Sequence
from datetime import datetime

from django.db import connection, transaction
from django.utils import timezone

from comity.cases.figures.facts import Cell, bare, difference, fact
from comity.cases.models import Case
from comity.cases.models.figures import Count, Fact, Tally

BATCH = 500
ALL_AT_ONCE = 5_000  # cases of a whole count in one transaction
Place = tuple[int, int]  # a customer (0: none) and one of its cases
MOST_TURNED = 20_000  # a minute
ADD = (
    "INSERT INTO cases_tally (customer_id, service_id, month, dimension, value, unit_id, n)"
    " {} ON CONFLICT (customer_id, service_id, dimension, month, value, unit_id)"
    " DO UPDATE SET n = cases_tally.n + excluded.n"
)
ONE_BY_ONE = "VALUES (%s, %s, %s, %s, %s, %s, %s)"
TOGETHER = (
    "SELECT * FROM unnest(%s::bigint[], %s::bigint[], %s::date[], %s::text[], %s::text[], %s::bigint[], %s::int[])"
)
KEPT = ("unit_id", "customer_id", "service_id", "month", "parts", "turns_at")


def state() -> Count:
    """How far the counting is."""
    return Count.objects.first() or Count(pk=1)


def _locked() -> Count:
    """The same, with the counting to oneself until the transaction ends."""
    Count.objects.get_or_create(pk=1)
    rows = Count.objects.select_for_update() if connection.features.has_select_for_update else Count.objects
    return rows.get(pk=1)


@transaction.atomic
def take(ids: Sequence[int], now: datetime, counted_to: Place | None = None) -> int:
    """Count these cases as they are now; how many of them changed a sum."""
    progress = _locked()
    old = Fact.objects.in_bulk(ids)
    new = {case.pk: made for case in bare(Case.objects.filter(pk__in=ids)) if (made := fact(case, now)) is not None}
    sums: Counter[Cell] = Counter()
    changed = [pk for pk in ids if difference(old.get(pk), new.get(pk), sums)]
    _add(sums)
    Fact.objects.filter(pk__in=[pk for pk in changed if pk not in new]).delete()
    kept = [new[pk] for pk in changed if pk in new]
    Fact.objects.bulk_create(
        kept, update_conflicts=True, unique_fields=["case_id"], update_fields=KEPT, batch_size=BATCH
    )
    if counted_to is not None:
        progress.customer_to, progress.counted_to = counted_to
        progress.save()
    return len(changed)


def _add(sums: Counter[Cell]) -> None:
    """Change the sums by these, in one order, so that two counters never cross."""
    rows = sorted((*cell, n) for cell, n in sums.items() if n)
    with connection.cursor() as cursor:
        if rows and connection.vendor == "postgresql":  # where each statement is a way to the server and back
            cursor.execute(ADD.format(TOGETHER), [[*column] for column in zip(*rows, strict=True)])
        else:
            cursor.executemany(ADD.format(ONE_BY_ONE), rows)


def turn(now: datetime) -> int:
    """Count those anew whose class time alone has changed: late now, or older."""
    done = 0
    while done < MOST_TURNED:
        due = Fact.objects.filter(turns_at__lte=now).order_by("turns_at", "case_id")
        ids = list(due.values_list("case_id", flat=True)[:BATCH])
        if not ids:
            break
        take(ids, now)
        done += len(ids)
    return done


def go_on(seconds: float) -> bool:
    """Go on with a first or renewed count for a while; is it complete?"""
    until, progress = time.monotonic() + seconds, state()
    at = progress.customer_to, progress.counted_to
    while places := _after(at):
        at = places[-1]
        take([pk for _customer, pk in places], timezone.now(), counted_to=at)
        if time.monotonic() > until:
            return False
    return True


def _after(place: Place) -> list[Place]:
    """The next cases, customer by customer: so a customer's sums are written once and not with each batch."""
    customer, case = place
    rows = Case.objects.order_by("customer_id", "pk").values_list("customer_id", "pk")
    found = list(rows.filter(customer_id=customer or None, pk__gt=case)[:ALL_AT_ONCE])
    if len(found) < ALL_AT_ONCE:
        found += rows.filter(customer_id__gt=customer)[: ALL_AT_ONCE - len(found)]
    return [(of or 0, pk) for of, pk in found]


def look(seconds: float = 20) -> int:
    """What the worker does every minute; how many cases turned."""
    now = timezone.now()
    complete = state().complete or go_on(seconds)
    turned = turn(now)
    Count.objects.update_or_create(pk=1, defaults={"complete": complete, "as_of": now})
    return turned


def recount() -> None:
    """Throw all sums away and count again. Pages say meanwhile that the count is not complete."""
    with transaction.atomic():
        _locked()
        Tally.objects.all().delete()
        Fact.objects.all().delete()
        Count.objects.filter(pk=1).update(customer_to=0, counted_to=0, complete=False)
    while not go_on(60):
        pass
    look()


def drift(now: datetime) -> Counter[Cell]:
    """Where the sums differ from the cases, counted one by one; empty when all is right."""
    wrong: Counter[Cell] = Counter()
    for case in bare(Case.objects.all()):
        if (made := fact(case, now)) is not None:
            difference(None, made, wrong)
    for row in Tally.objects.iterator(chunk_size=5000):
        wrong[(row.customer_id, row.service_id, row.month, row.dimension, row.value, row.unit_id)] -= row.n
    return Counter({cell: n for cell, n in wrong.items() if n})
