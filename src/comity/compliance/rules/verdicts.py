"""How verdicts are put together (vocabulary.yaml: verdicts, conventions parents and optional_parts)."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum


class Verdict(StrEnum):
    """What a check answers. There is no other way to one than to compute it."""

    MET = "met"
    GAP = "gap"
    NOT_EXERCISED = "not_exercised"
    NOT_ASSESSED = "not_assessed"
    WAIVED = "waived"


WORST_FIRST = (Verdict.GAP, Verdict.NOT_ASSESSED, Verdict.WAIVED, Verdict.MET, Verdict.NOT_EXERCISED)


def of_counts(population: int, pending: int, gaps: int, share: float | None = None) -> Verdict:
    """The verdict of one check. With a share, so many of the members must be no gap.

    Nothing to look at, or only what has time left, is not exercised: never met, never a gap.
    """
    judged = population - pending
    if judged <= 0 and not gaps:
        return Verdict.NOT_EXERCISED
    if share is not None and gaps:
        return Verdict.MET if (judged - gaps) / judged >= share else Verdict.GAP
    return Verdict.GAP if gaps else Verdict.MET


def together(required: Iterable[Verdict], optional: Iterable[Verdict] = ()) -> Verdict:
    """Several rules that hold together: a gap anywhere is a gap; what is not optional must have been exercised."""
    needed, others = list(required), list(optional)
    every = needed + others
    if Verdict.GAP in every:
        return Verdict.GAP
    if Verdict.NOT_ASSESSED in every:
        return Verdict.NOT_ASSESSED
    if Verdict.NOT_EXERCISED in needed or all(one is Verdict.NOT_EXERCISED for one in every):
        return Verdict.NOT_EXERCISED
    return Verdict.MET


def worst(own: Verdict | None, children: Iterable[Verdict]) -> Verdict:
    """What a parent shows: the worst of its own verdict and its children's; not exercised children do not lower it."""
    every: list[Verdict] = [one for one in children if one is not Verdict.NOT_EXERCISED]
    if own is not None:
        every.append(own)
    return min(every, key=WORST_FIRST.index, default=Verdict.NOT_EXERCISED)
