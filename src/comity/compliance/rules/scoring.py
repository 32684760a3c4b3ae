"""How a worksheet is read: what a task and a verdict say together, and a score by one of three methods.

Plain Python. A score never changes a verdict; what cannot be judged is told apart and counts nowhere.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from comity.compliance.rules.verdicts import Verdict

TOP = 4  # of maturity


class Task(StrEnum):
    """What people say of a task."""

    TODO = "todo"
    DONE = "done"


class Method(StrEnum):
    """How a worksheet is scored.

    share     requirements met, of those that could be judged: met / (met + gap + waived)
    weighted  the same, each requirement counting as much as its risk: 3 at high risk, 2 at medium, 1 at low
    maturity  the mean of the levels 0 to 4 that the assessor gives; a gap is held to at most 1
    """

    SHARE = "share"
    WEIGHTED = "weighted"
    MATURITY = "maturity"


class Stand(StrEnum):
    """What a task and a verdict say together, what needs a look first coming first."""

    CONTRADICTION = "contradiction"  # DONE, and the records show a gap
    UNPROVEN = "unproven"  # DONE, and there was nothing to look at, or it cannot be assessed
    OPEN = "open"  # TODO, and a gap
    UNANSWERED = "unanswered"
    EXISTS = "exists"  # TODO, and evidence already exists
    WAITING = "waiting"  # TODO, nothing to look at yet
    CONFIRMED = "confirmed"  # DONE and met


FIRST = tuple(Stand)
WEIGHTS = {"high": 3, "medium": 2, "low": 1, "": 1}
JUDGED = (Verdict.MET, Verdict.GAP, Verdict.WAIVED)


def stand(task: str, verdict: str) -> Stand:
    """The combination of both (the four of the checklist, and those of what was not exercised)."""
    if not task:
        return Stand.UNANSWERED
    done = task == Task.DONE
    if verdict in (Verdict.GAP, Verdict.WAIVED):
        return Stand.CONTRADICTION if done else Stand.OPEN
    if verdict == Verdict.MET:
        return Stand.CONFIRMED if done else Stand.EXISTS
    return Stand.UNPROVEN if done else Stand.WAITING


def needs_remark(task: str, verdict: str) -> bool:
    """DONE where the records do not say so takes a word of why."""
    return stand(task, verdict) in (Stand.CONTRADICTION, Stand.UNPROVEN)


@dataclass(frozen=True)
class Item:
    """What a method looks at of one requirement."""

    verdict: str
    risk: str = ""
    level: int | None = None


@dataclass(frozen=True)
class Score:
    """A value of `of`, over so many requirements; so many others could not be judged."""

    value: float | None
    of: float
    judged: int
    left_out: int


def score(method: str, items: Iterable[Item]) -> Score:
    """The score by the method; without anything to judge it has no value, which is not nought."""
    every = list(items)
    if method == Method.MATURITY:
        given = [one for one in every if one.level is not None]
        levels = [min(one.level or 0, 1) if one.verdict == Verdict.GAP else (one.level or 0) for one in given]
        value = sum(levels) / len(levels) if levels else None
        return Score(value, TOP, len(given), len(every) - len(given))
    judged = [one for one in every if one.verdict in JUDGED]
    weights = [WEIGHTS[one.risk] if method == Method.WEIGHTED else 1 for one in judged]
    met = sum(weight for weight, one in zip(weights, judged, strict=True) if one.verdict == Verdict.MET)
    return Score(met / sum(weights) if judged else None, 1, len(judged), len(every) - len(judged))
