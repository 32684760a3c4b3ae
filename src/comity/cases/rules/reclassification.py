"""What becomes of clocks and figures when an intake turns out to be something else (BRM-3.3-6, BRM-3.3-8)."""

from dataclasses import dataclass
from enum import StrEnum

from comity.cases.rules.words import Classification, Severity

AWAY_FROM_COMPLAINT = (Classification.SERVICE_REQUEST, Classification.SUGGESTION, Classification.ENQUIRY)


class Start(StrEnum):
    """Where the clocks begin after the change."""

    UNCHANGED = "unchanged"
    STOPPED = "stopped"
    FIRST_DISSATISFACTION = "first_dissatisfaction"


@dataclass(frozen=True)
class Change:
    """The consequences of one direction."""

    allowed: bool
    approval: bool = False
    notice: bool = False
    objection: bool = False
    clocks: Start = Start.UNCHANGED
    leaves_figures: bool = False
    successor: bool = False


REFUSED = Change(allowed=False)


def change(before: Classification, after: Classification, *, closed: bool = False) -> Change:
    """Leaving the complaints costs an approval, a notice and the right to object; joining them costs a reason only.

    After closing the classification is frozen; a wrong one is corrected by reopening.
    """
    if before == after or closed:
        return REFUSED
    if before == Classification.COMPLAINT:
        if after not in AWAY_FROM_COMPLAINT:
            return REFUSED
        return Change(True, True, True, True, Start.STOPPED, leaves_figures=True, successor=True)
    if after == Classification.COMPLAINT:
        return Change(True, clocks=Start.FIRST_DISSATISFACTION)
    return Change(True)


def severity_needs_approval(before: Severity, after: Severity) -> bool:
    """Lowering needs the complaint owner; raising never does."""
    return after.rank < before.rank
