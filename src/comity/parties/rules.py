"""What holds for a customer is looked up directly, then through its segments, then as the organisation's default."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Protocol


class Place(Protocol):
    """Where a customer stands: what the resolution needs to know of it."""

    pk: int
    category_id: int | None
    segment_id: int | None


@dataclass(frozen=True)
class Standing:
    """A customer's place in plain numbers, for those who have no record at hand."""

    pk: int
    category_id: int | None = None
    segment_id: int | None = None


DIRECT, CATEGORY, SEGMENT, ORGANISATION = range(4)


def nearness(customer: Place | None, customers: Collection[int], segments: Collection[int]) -> int | None:
    """How near something that names these customers and segments is to a customer; None where it does not concern it.

    Nearest is 0. What names nobody is the organisation's default and concerns everybody.
    """
    if not customers and not segments:
        return ORGANISATION
    if customer is None:
        return None
    if customer.pk in customers:
        return DIRECT
    if customer.category_id is not None and customer.category_id in segments:
        return CATEGORY
    if customer.segment_id is not None and customer.segment_id in segments:
        return SEGMENT
    return None
