"""The risk rating of a complaint: severity and consequence, and what they ask for (CSMS:2003 10.2, ISO 10002 7.4)."""

from dataclasses import dataclass
from enum import StrEnum

from comity.cases.rules.words import Likelihood, Severity

HIGH_SCORE = 18  # of 48: a major complaint with major consequence that is likely at all
LOW_SCORE = 4


class Path(StrEnum):
    """How a complaint is worked: briefly, as usual, or with management watching."""

    SIMPLE = "simple"
    STANDARD = "standard"
    HIGH = "high"


@dataclass(frozen=True)
class Rating:
    """The score on the matrix, the path it sets, and the severity whose clocks apply."""

    score: int
    path: Path
    severity: Severity
    why: tuple[str, ...]


def rate(
    severity: Severity,
    consequence: Severity,
    likelihood: Likelihood = Likelihood.MEDIUM,
    *,
    safety: bool = False,
    immediate: bool = False,
    complex_case: bool = False,
) -> Rating:
    """Multiply the three ranks, then let what no product may outvote decide.

    Danger to people is always critical; whatever lies on the high path runs on the clocks of a major complaint at
    least. The reasons are codes, in the order in which they were found.
    """
    score = severity.rank * consequence.rank * likelihood.rank
    reasons = {
        "safety": safety,
        "immediate": immediate,
        "critical": Severity.CRITICAL in (severity, consequence),
        "score": score >= HIGH_SCORE,
    }
    why = tuple(reason for reason, applies in reasons.items() if applies)
    if why:
        floor = Severity.CRITICAL if safety else Severity.MAJOR
        return Rating(score, Path.HIGH, max(severity, floor, key=lambda step: step.rank), why)
    if score <= LOW_SCORE and not complex_case:
        return Rating(score, Path.SIMPLE, severity, why)
    return Rating(score, Path.STANDARD, severity, why)
