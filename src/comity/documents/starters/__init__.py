"""Starters: what each type of document contains, and a first text in our own words to begin a draft from.

One file for each type, `TYPE.yaml`, in English and Chinese. Its tags are the words by which requirements ask for
sections (complaint procedure: CSMS:2003 10, policy: 4.3, charter: 4.6, …). A starter is no finished document: it says
what belongs into each place and proposes words, and somebody has to make them true.

    title: Complaint procedure / 投诉处理程序
    process: complaint_handling                  # optional, as `body` is
    body: {en: …, zh: …}
    sections:
      recording:
        title: Recording / 记录
        en: Each complaint is recorded …
        zh: 每项投诉…
        fields: {time_limit: one business day / 一个工作日}
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from django.utils.functional import Promise
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

FOLDER = Path(__file__).parent
FIELDS: Mapping[str, str | Promise] = {
    "responsible_role": _("responsible role"), "time_limit": _("time limit"), "levels": _("levels"),
    "triggers": _("triggers"), "service_dissatisfaction_only": _("only dissatisfaction with the service"),
    "pass_threshold": _("threshold to pass"), "people": _("people"), "equipment": _("equipment"),
    "budget": _("budget"), "approved_budget": _("approved budget"), "staffing": _("staffing"),
    "measurable_criterion": _("measurable criterion"), "routes_or_methods": _("routes or methods"),
    "responsible_roles": _("responsible roles"), "personal_records": _("personal records"),
    "transaction_logs": _("transaction logs"), "change_records": _("change records"),
    "corrective": _("corrective action"), "preventive": _("preventive action"),
    "recovery_targets": _("recovery targets"), "operating_records": _("operating records"),
    "quality_measurements": _("quality measurements"),
}  # fmt: skip


@dataclass(frozen=True)
class Words:
    """The same in both languages."""

    en: str
    zh: str

    def __str__(self) -> str:
        """In the reader's language."""
        return self.of(get_language() or "en")

    def of(self, language: str) -> str:
        return self.zh if language.startswith("zh") else self.en

    @classmethod
    def pair(cls, told: str) -> Words:
        """From `English / 中文`."""
        english, _sep, chinese = told.partition(" / ")
        return cls(english, chinese or english)


@dataclass(frozen=True)
class Section:
    """A section that a type of document has: its tag, heading, first text, and what it has to state apart."""

    tag: str
    title: Words
    text: Words
    fields: Mapping[str, Words] = field(default_factory=dict)

    @property
    def label(self) -> str:
        return str(self.title)

    @property
    def hint(self) -> str:
        return str(self.text)

    @property
    def labels(self) -> list[tuple[str, str]]:
        """The things to state, by name and label."""
        return [(name, str(FIELDS[name])) for name in self.fields]

    def drafted(self, language: str) -> dict[str, Any]:
        """The section as a version keeps it, with its first text."""
        fields = {name: words.of(language) for name, words in self.fields.items()}
        return {"text": self.text.of(language), "fields": {name: value for name, value in fields.items() if value}}


@dataclass(frozen=True)
class Starter:
    """Where a new document of a type begins."""

    type: str
    title: Words
    body: Words
    sections: tuple[Section, ...]
    process: str = ""


@cache
def starter(type: str) -> Starter | None:
    """The starter of a type; None where there is none."""
    path = FOLDER / f"{type}.yaml"
    if type not in types():
        return None
    with path.open(encoding="utf-8") as file:
        told = yaml.load(file, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))  # noqa: S506  (a safe one)
    body = told.get("body", {})
    sections = tuple(_section(tag, what) for tag, what in told.get("sections", {}).items())
    return Starter(
        type, Words.pair(told["title"]), Words(_text(body.get("en")), _text(body.get("zh"))), sections,
        told.get("process", ""),
    )  # fmt: skip


def _section(tag: str, what: Mapping[str, Any]) -> Section:
    fields = {name: Words.pair(str(value or "")) for name, value in what.get("fields", {}).items()}
    return Section(tag, Words.pair(what["title"]), Words(_text(what["en"]), _text(what["zh"])), fields)


def _text(told: str | None) -> str:
    return (told or "").strip()


@cache
def types() -> tuple[str, ...]:
    """The types that have a starter."""
    return tuple(sorted(path.stem for path in FOLDER.glob("*.yaml")))


def sections_of(type: str) -> tuple[Section, ...]:
    """The sections that documents of the type have, in their order."""
    found = starter(type)
    return found.sections if found else ()
