"""What holds for a customer is looked up directly, then through its segments, then as the organisation's default."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar


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


T = TypeVar("T")


class Shelf(Generic[T]):
    """Things kept by whom they name, so that a batch looks only at those that concern a customer at all."""

    def __init__(self) -> None:
        self._customers: dict[int, list[T]] = {}
        self._segments: dict[int, list[T]] = {}
        self._everybody: list[T] = []

    def put(self, thing: T, customers: Iterable[int], segments: Iterable[int]) -> None:
        named = [*((self._customers, pk) for pk in customers), *((self._segments, pk) for pk in segments)]
        for shelf, pk in named:
            shelf.setdefault(pk, []).append(thing)
        if not named:
            self._everybody.append(thing)

    def concerning(self, customer: Place | None) -> Iterator[T]:
        """Nearest first; the same thing twice where it names the customer and its segment."""
        if customer is not None:
            yield from self._customers.get(customer.pk, ())
            for segment in (customer.category_id, customer.segment_id):
                if segment is not None:
                    yield from self._segments.get(segment, ())
        yield from self._everybody
