"""The topic rule: the same point again and again goes to the operations director as one bundle (BRM-3.3-23)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from comity.cases.rules.words import Classification, Ground


class Bundling(StrEnum):
    """What a further complaint on a topic calls for."""

    NOTHING = "nothing"
    OPEN = "open"
    JOIN = "join"


@dataclass(frozen=True)
class Counted:
    """As much of a case as the counter looks at."""

    ref: str
    received_at: datetime
    classification: Classification
    close_ground: str = ""


def counts(case: Counted) -> bool:
    """Complaints in every state count, closed and merged ones too; reclassified ones do not."""
    return case.classification == Classification.COMPLAINT and case.close_ground != Ground.RECLASSIFIED


def window(now: datetime, repeat_days: int) -> datetime:
    """The oldest receipt that still counts."""
    return now - timedelta(days=repeat_days)


def within(cases: Iterable[Counted], now: datetime, repeat_days: int) -> list[Counted]:
    """Those that count, oldest first."""
    start = window(now, repeat_days)
    found = [case for case in cases if counts(case) and start <= case.received_at <= now]
    return sorted(found, key=lambda case: case.received_at)


def bundling(number: int, repeat_count: int, *, bundle_open: bool) -> Bundling:
    """New cases join an open bundle; without one, the count that reaches the limit opens it."""
    if bundle_open:
        return Bundling.JOIN
    return Bundling.OPEN if number >= repeat_count else Bundling.NOTHING


def densest(times: Sequence[datetime], days: int) -> int:
    """The most receipts that any span of so many days held: what an analysis of the past asks."""
    ordered, best, first = sorted(times), 0, 0
    for last, at in enumerate(ordered):
        while at - ordered[first] > timedelta(days=days):
            first += 1
        best = max(best, last - first + 1)
    return best
