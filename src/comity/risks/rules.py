"""How risks are rated: plain products of whole numbers from 1 to 5."""

from __future__ import annotations

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

MEDIUM, HIGH = 6, 15  # the lowest scores of these ranks, of 25


class Rank(TextChoices):
    LOW = "low", _("Low")
    MEDIUM = "medium", _("Medium")
    HIGH = "high", _("High")


def score(likelihood: int | None, *impacts: int | None) -> int | None:
    """The likelihood times the heaviest impact; None while any of them is not rated."""
    rated = [one for one in impacts if one is not None]
    return likelihood * max(rated) if likelihood is not None and len(rated) == len(impacts) else None


def rank(score: int) -> Rank:
    return Rank.HIGH if score >= HIGH else Rank.MEDIUM if score >= MEDIUM else Rank.LOW
