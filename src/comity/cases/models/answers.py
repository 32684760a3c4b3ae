"""What was answered to a form's questions that no field of a case holds, with the words of the question on that day."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from django.db import models
from django.utils.translation import gettext as _

from comity.records.models import Term


class Answers(dict[str, Any]):
    """Answers by question: its reference, or the name of a usual one. Each has its place in the form, the words of the
    question in both languages as they were, and the answer; of chosen answers also the Chinese words."""

    def add(self, question: str, label: str, label_zh: str, value: Any, options: Mapping[str, str]) -> None:
        """One more answer, unless nothing was answered. `options` are the Chinese words of what could be chosen."""
        if value is None or value is False or value in ("", []):
            return
        kept: dict[str, Any] = {"n": len(self) + 1, "label": label, "label_zh": label_zh, "answer": _plain(value)}
        if options:
            kept["answer_zh"] = [options[one] for one in value] if isinstance(value, list) else options[value]
        self[question] = kept

    @property
    def rows(self) -> list[tuple[str, str]]:
        """Question and answer in the reader's language, in the order of the form."""
        inorder = sorted(self.values(), key=lambda one: one["n"])
        return [(Term.word(one["label"], one["label_zh"]), _said(one)) for one in inorder]

    def __str__(self) -> str:
        return "\n".join(f"{question}: {answer}" for question, answer in self.rows)


class AnswersField(models.JSONField):
    """A column of such answers."""

    def from_db_value(self, *stored: Any) -> Answers:
        return Answers(super().from_db_value(*stored) or {})  # nothing where a case that may be absent is joined


def in_words(stored: dict[str, Any]) -> str:
    """Stored answers as people read them."""
    return str(Answers(stored))


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal):
        return f"{value:f}"
    return value.isoformat() if isinstance(value, date) else value


def _said(one: Mapping[str, Any]) -> str:
    plain, zh = one["answer"], one.get("answer_zh", "")
    if plain is True:
        return _("yes")
    if isinstance(plain, list):
        return ", ".join(Term.word(*pair) for pair in zip(plain, zh, strict=True))
    return Term.word(plain, zh)
