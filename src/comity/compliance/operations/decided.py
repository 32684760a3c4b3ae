"""Which waivers and exclusions counted at a moment, and what they cover."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime

from comity.compliance.catalogue import Requirement
from comity.compliance.models import Exclusion, Waiver
from comity.compliance.outcome import Lot, Outcome
from comity.records.models import Record


@dataclass(frozen=True)
class Decided:
    """Decisions of senior managers that hold at one moment."""

    excluded: frozenset[str]
    waived: dict[str, dict[str, str]] = field(default_factory=dict)  # requirement -> record, or "" for all -> waiver

    @classmethod
    def at(cls, as_of: datetime) -> Decided:
        waived: defaultdict[str, dict[str, str]] = defaultdict(dict)
        rows = Waiver.objects.filter(Waiver.in_force(as_of)).order_by("ends_on")
        for requirement, record, ref in rows.values_list("requirement", "record_ref", "ref"):
            waived[requirement][record] = ref
        excluded = Exclusion.objects.filter(Exclusion.in_force(as_of)).values_list("requirement", flat=True)
        return cls(frozenset(excluded), dict(waived))

    def leaves_out(self, requirement: Requirement) -> bool:
        """Whether it does not apply; what repeats such a requirement does not either."""
        return decided_on(requirement) in self.excluded

    def waiver(self, requirement: Requirement, found: Outcome) -> str:
        """The waiver that covers every gap found, or the first of several that do together; empty without."""
        waivers = self.waived.get(decided_on(requirement))
        if not waivers:
            return ""
        return waivers.get("") or (next(iter(waivers.values())) if _covered(found, list(waivers)) else "")


def decided_on(requirement: Requirement) -> str:
    """The requirement that decisions about this entry name: the one that it repeats, or itself."""
    return str(requirement.use.arguments["id"]) if requirement.use.rule == "same_as" else requirement.id


def _covered(found: Outcome, refs: list[str]) -> bool:
    """Whether the gaps are these records and no others."""
    if any(one.missing for one in found.every_single):
        return False
    return not any(_beyond(lot, refs) for lot in found.every_lot if lot.gap_count)


def _beyond(lot: Lot, refs: list[str]) -> bool:
    return not issubclass(lot.gaps.model, Record) or lot.gaps.exclude(ref__in=refs).exists()
