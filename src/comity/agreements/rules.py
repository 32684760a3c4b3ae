"""Which of several promises binds, and until when a version holds. Plain values only."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date

from comity.clocks.rules import Duration
from comity.parties.rules import Place, nearness


@dataclass(frozen=True)
class Promise:
    """One agreed version as the choice sees it."""

    pk: int
    agreement: int
    version_no: int
    effective_on: date
    ends_on: date | None
    charter: bool
    customers: frozenset[int]
    segments: frozenset[int]
    services: frozenset[int]
    calendar: int | None = None
    limits: dict[tuple[str, str], Duration] = field(default_factory=dict)  # (metric, severity or "") -> limit

    def covers(self, service: int | None) -> bool:
        return not self.services or service in self.services

    def times(self, severity: str) -> dict[str, Duration]:
        """Time limits by metric; what is said for the severity comes before what is said for all."""
        general = {metric: limit for (metric, asked), limit in self.limits.items() if not asked}
        return general | {metric: limit for (metric, asked), limit in self.limits.items() if asked == severity}


def current(versions: Iterable[Promise], on: date) -> Promise | None:
    """The version of one agreement that is in force on a day: the last to take effect, unless its last day is past."""
    begun = [version for version in versions if version.effective_on <= on]
    if not begun:
        return None
    last = max(begun, key=lambda version: (version.effective_on, version.version_no))
    return last if last.ends_on is None or on <= last.ends_on else None


def binding(
    agreements: Iterable[Iterable[Promise]], customer: Place | None, service: int | None, on: date
) -> Promise | None:
    """The promise that binds towards a customer for a service.

    The customer's own agreement comes first, then its segment's, then the organisation's charter; among equals the one
    that names the service, then a signed agreement before a charter, then the latest.
    """
    found = []
    for versions in agreements:
        version = current(versions, on)
        if version is None or not version.covers(service):
            continue
        near = nearness(customer, version.customers, version.segments)
        if near is not None:
            rank = (near, not version.services, version.charter, -version.effective_on.toordinal(), version.pk)
            found.append((rank, version))
    return min(found, key=lambda row: row[0])[1] if found else None
