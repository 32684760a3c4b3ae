"""How many are asked, who is drawn, and how sure an answer makes us: plain arithmetic, no table known.

ISO/IEC 20000-1:2011 7.1 asks for a representative sample (ISO20000-7.1-28), PG-004-35 for a score whose worth is told.
Sources: size and finite population, W. G. Cochran, Sampling Techniques (1977), chapter 4, and R. V. Krejcie and
D. W. Morgan (1970); strata, Cochran chapter 5; shares, E. B. Wilson (1927); unequal weights, L. Kish (1965);
Student's t, Abramowitz and Stegun 26.7.5.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import ceil, sqrt
from statistics import NormalDist, fmean, variance

FEW = 5  # answers; fewer are not shown of anonymous surveys, and told as few of others
TINY = 1e-9
TOP_TWO, PROMOTERS, DETRACTORS = 4, 9, 6  # of five: from; of ten: from, up to


@dataclass(frozen=True)
class Estimate:
    """A figure, and the interval that holds the true one with the confidence asked for."""

    value: float
    low: float
    high: float
    answers: int


def quantile(confidence: float) -> float:
    """How many standard errors reach to both sides: 1.96 for 0.95."""
    return NormalDist().inv_cdf((1 + confidence) / 2)


def exact_size(frame: int, confidence: float, margin: float) -> float:
    """Answers needed for a share near one half, corrected for a finite frame, before rounding."""
    endless = quantile(confidence) ** 2 * 0.25 / margin**2
    return endless / (1 + (endless - 1) / frame) if frame else 0.0


def required(frame: int, confidence: float, margin: float, census: int) -> int:
    """Answers wanted: of everybody where the frame is no larger than `census`."""
    return frame if frame <= census else min(frame, ceil(exact_size(frame, confidence, margin) - TINY))


def invited(wanted: int, frame: int, expected_rate: float) -> int:
    """How many to ask, so that as many answer as are wanted; never more than there are."""
    return min(frame, ceil(wanted / expected_rate - TINY))


def allocate(wanted: int, strata: Mapping[str, int]) -> dict[str, int]:
    """So many of each stratum: in proportion, rounded up, at least two, and never more than there are."""
    frame = sum(strata.values()) or 1
    return {name: min(size, max(2, ceil(wanted * size / frame - TINY))) for name, size in strata.items()}


def draw(strata: Mapping[str, Iterable[int]], sizes: Mapping[str, int], seed: str) -> dict[str, list[int]]:
    """The members drawn of each stratum: those whose digest with the seed comes first.

    Every member has the same chance, and whoever knows seed and frame finds the same members, whatever program he uses:
    SHA-256 of "seed:stratum:number", in ascending order.
    """

    def lot(name: str, member: int) -> bytes:
        return hashlib.sha256(f"{seed}:{name}:{member}".encode()).digest()

    return {
        name: sorted(sorted(members, key=lambda member: lot(name, member))[: sizes.get(name, 0)])
        for name, members in strata.items()
    }


def weights(strata: Mapping[str, int], answers: Mapping[str, int]) -> dict[str, float]:
    """How many of the frame one answer stands for; strata without an answer have none."""
    return {name: strata.get(name, 0) / n for name, n in answers.items() if n}


def achieved_margin(answers: int, frame: int, confidence: float) -> float | None:
    """To how much on each side a share near one half is known; None without an answer."""
    if answers <= 0:
        return None
    if answers >= frame:
        return 0.0
    return quantile(confidence) * sqrt(0.25 / answers * (frame - answers) / (frame - 1))


def wilson(share: float, answers: float, confidence: float) -> tuple[float, float]:
    """The interval of a share, never outside 0 to 1, honest at both ends; `answers` may be an effective number."""
    z = quantile(confidence)
    middle = share + z * z / (2 * answers)
    reach = z * sqrt(share * (1 - share) / answers + z * z / (4 * answers * answers))
    whole = 1 + z * z / answers
    return max(0.0, (middle - reach) / whole), min(1.0, (middle + reach) / whole)


def share(
    hits: Sequence[bool], confidence: float, weight: Sequence[float] | None = None, answers: int = 0
) -> Estimate | None:
    """The share of the answers that hit, with Wilson's interval; weighted answers count as their effective number.

    With `answers` given, the weights are how often each was given, and that is their number together.
    """
    if not hits:
        return None
    weight = weight or [1.0] * len(hits)
    value = sum(w for hit, w in zip(hits, weight, strict=True) if hit) / sum(weight)
    return Estimate(value, *wilson(value, answers or effective(weight), confidence), answers or len(hits))


def top_two(
    scores: Sequence[float], confidence: float, weight: Sequence[float] | None = None, answers: int = 0
) -> Estimate | None:
    """The share of the contented: 4 and 5 of five."""
    return share([score >= TOP_TWO for score in scores], confidence, weight, answers)


def nps(scores: Sequence[float], confidence: float, weight: Sequence[float] | None = None) -> Estimate | None:
    """Promoters (9, 10) less detractors (0 to 6) as a share, with the variance of a draw from three cells."""
    signs = [1.0 if score >= PROMOTERS else -1.0 if score <= DETRACTORS else 0.0 for score in scores]
    if not signs:
        return None
    weight = weight or [1.0] * len(signs)
    value = _mean(signs, weight)
    reach = quantile(confidence) * sqrt(nps_variance(signs, weight) / effective(weight))
    return Estimate(value, max(-1.0, value - reach), min(1.0, value + reach), len(signs))


def nps_variance(signs: Sequence[float], weight: Sequence[float]) -> float:
    """Of one answer: how far +1, 0 and -1 lie from their mean."""
    value = _mean(signs, weight)
    return _mean([(sign - value) ** 2 for sign in signs], weight)


def mean(
    scores: Sequence[float], confidence: float, weight: Sequence[float] | None = None, answers: int = 0
) -> Estimate | None:
    """The mean with Student's interval, kept within the scores given where there are too few to tell their scatter."""
    if not scores:
        return None
    weight = weight or [1.0] * len(scores)
    value, n, given = _mean(scores, weight), answers or effective(weight), answers or len(scores)
    if n < 2:
        return Estimate(value, min(scores), max(scores), given)
    scatter = _mean([(score - value) ** 2 for score in scores], weight) * n / (n - 1)
    reach = student(confidence, n - 1) * sqrt(scatter / n)
    return Estimate(value, value - reach, value + reach, given)


def effective(weight: Sequence[float]) -> float:
    """As how many equal answers these unequal ones count."""
    return sum(weight) ** 2 / sum(w * w for w in weight)


def student(confidence: float, freedom: float) -> float:
    """Student's quantile by its expansion around the normal one; right to a hundredth from four degrees of freedom."""
    z, f = quantile(confidence), freedom
    return (
        z
        + (z**3 + z) / (4 * f)
        + (5 * z**5 + 16 * z**3 + 3 * z) / (96 * f**2)
        + (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / (384 * f**3)
    )


def _mean(values: Sequence[float], weight: Sequence[float]) -> float:
    return sum(value * w for value, w in zip(values, weight, strict=True)) / sum(weight)


def unlike(frame: Mapping[str, int], answers: Mapping[str, int], gap: float) -> list[str]:
    """The strata whose share of the answers differs from their share of the frame by more than the gap."""
    everybody, all_answers = sum(frame.values()), sum(answers.values())
    if not all_answers or not everybody:
        return []
    return [n for n, size in frame.items() if abs(answers.get(n, 0) / all_answers - size / everybody) > gap + TINY]


def late_differ(scores: Sequence[float], confidence: float) -> bool:
    """Whether the later half of the answers, in the order of their time, scores otherwise than the earlier one.

    Who answers late stands for those who stay silent; with fewer than five in a half nothing is said.
    """
    half = len(scores) // 2
    early, late = scores[:half], scores[len(scores) - half :]
    if half < FEW:
        return False
    error = sqrt((variance(early) + variance(late)) / half)
    return abs(fmean(early) - fmean(late)) > quantile(confidence) * error
