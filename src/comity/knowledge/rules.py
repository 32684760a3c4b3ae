"""Articles as safe HTML, and which of them fit some words. Plain Python."""

from __future__ import annotations

from collections.abc import Collection

from comity.communications.markdown import html

__all__ = ["fit", "html"]

DULL = frozenset({
    "a", "an", "and", "are", "as", "at", "be", "by", "for", "from", "has", "have", "how", "i", "in", "is", "it", "not",
    "of", "on", "or", "our", "that", "the", "this", "to", "was", "we", "what", "with", "you",
})  # fmt: skip


def fit(words: Collection[str], of_article: Collection[str], same_topic: bool) -> int:
    """How well an article fits: words in common, and three more for the same topic."""
    return len((set(words) & set(of_article)) - DULL) + (3 if same_topic else 0)
