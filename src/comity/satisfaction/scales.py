"""The scales on which people answer, and one scale of five to compare them on. Plain Python."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

ENDS: Mapping[str, tuple[int, int]] = {"score_1_5": (1, 5), "nps_0_10": (0, 10), "effort_1_7": (1, 7)}
"""The lowest and the highest answer of each scale; the highest always is the best."""


def of_five(scale: str, value: float) -> float:
    """An answer on the scale from 1 to 5, to which the limits of low scores and targets belong."""
    low, high = ENDS[scale]
    return 1 + 4 * (value - low) / (high - low)


def lowest(scores: Iterable[tuple[str, int]]) -> float | None:
    """The worst of several answers, on the scale of five; None without any."""
    return min((of_five(scale, value) for scale, value in scores), default=None)
