"""What assessors and others found against requirements and is open: it stands beside the verdict (CSMS:2003 16.1).

A finding never sets a verdict: that follows from the records alone.
"""

from __future__ import annotations

from comity.accounts.models import Person
from comity.improvement.models import Finding
from comity.records.access import may, readable
from comity.records.kind import kind_of


def by_requirement(person: Person) -> dict[str, list[Finding]]:
    """The open findings that the person may read, the oldest first, by the requirement that they are against."""
    kind = kind_of(Finding)
    if not may(person, kind, "read"):
        return {}
    found: dict[str, list[Finding]] = {}
    for one in readable(kind, person).filter(status__in=Finding.OPEN).exclude(requirement="").order_by("pk"):
        found.setdefault(one.requirement, []).append(one)
    return found
