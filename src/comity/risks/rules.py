"""How risks are rated: plain products of whole numbers from 1 to 5."""

from __future__ import annotations

LOWEST = (("high", 15), ("medium", 6), ("low", 1))  # the lowest score of each rank, of 25


def score(likelihood: int | None, *impacts: int | None) -> int | None:
    """The likelihood times the heaviest impact; None while any of them is not rated."""
    rated = [one for one in impacts if one is not None]
    return likelihood * max(rated) if likelihood is not None and len(rated) == len(impacts) else None


def rank(score: int) -> str:
    """The highest rank that a score reaches."""
    return next(name for name, least in LOWEST if score >= least)
