"""Where a word stands by itself, so that nothing is taken out of another word or of somebody else's address."""

from __future__ import annotations

import re

CJK = re.compile(r"[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af]")


def bounded(word: str) -> str:
    """A pattern for the word by itself, for Python and for the databases."""
    if "@" in word:
        return rf"(?<![\w.+-]){re.escape(word)}(?![\w-]|\.\w)"
    return f"{_edge(word[0], '<')}{re.escape(word)}{_edge(word[-1], '')}"


def _edge(letter: str, side: str) -> str:
    """Chinese has no gaps between words."""
    if not letter.isalnum() or CJK.match(letter):
        return ""
    return rf"(?{side}!\w)" if side else r"(?!\w)"
