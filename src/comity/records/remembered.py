"""What is made out of the records of a few kinds, kept by each process until one of them changes anywhere."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from typing import Any, Generic, TypeVar

from django.db import connection

T = TypeVar("T")
_watched: set[str] = set()


class Remembered(Generic[T]):
    """The value that `load` makes; asked again, it costs one question: whether the marks are still the same.

    A mark is a number drawn by lot in the transaction of each change, so that no rollback can bring an old one back.
    """

    def __init__(self, load: Callable[[], T], *kinds: str) -> None:
        self._load, self._marks = load, [_mark(kind) for kind in kinds]
        places = ", ".join(["%s"] * len(kinds))
        self._question = f"SELECT prefix, value FROM records_counter WHERE prefix IN ({places}) ORDER BY prefix"  # noqa: S608
        self._kept: tuple[list[Any], T] | None = None
        _watched.update(kinds)

    def __call__(self) -> T:
        with connection.cursor() as cursor:
            cursor.execute(self._question, self._marks)
            marks, kept = cursor.fetchall(), self._kept
        if kept is None or kept[0] != marks:
            kept = self._kept = marks, self._load()
        return kept[1]


def _mark(kind: str) -> str:
    return f"~{kind}"[:20]


def changed(kind: str) -> None:
    """Say in the transaction of a change that what was made out of such records is to be made anew."""
    if kind in _watched:
        with connection.cursor() as cursor:
            cursor.execute(
                "INSERT INTO records_counter (prefix, value) VALUES (%s, %s)"
                " ON CONFLICT (prefix) DO UPDATE SET value = excluded.value",
                [_mark(kind), secrets.randbits(62)],
            )
