"""What people call the words of the catalogue: roles, topics, kinds, populations, clocks, sections; for each reader."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import Any

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from comity.clocks.parameters import DEFINITIONS, UNITS
from comity.compliance import catalogue
from comity.documents import starters
from comity.documents.types import DocumentType

WORD = re.compile(r"[a-z]\w*")
SEVERAL = re.compile(r"[a-z]\w*(?:, [a-z]\w*)+")
TIED = re.compile(r"how (\w+) and (\w+) are tied")
CODED = re.compile(r"(?:population|predicate|clock|parameter|rule|records of) (\w+)")
OF = re.compile(r"(?:clock )?([\w, ]+) of (?:predicate )?(\w+)")
DOTTED = re.compile(r"(\w+)\.(?:\w+\.)*(\w+)")
TAIL = re.compile(r"(?:, one by one| at a moment| as a yes or no| as a record)$")
NUMBERED = re.compile(r"([a-z_]+) (\d+)")  # a row that is no record: its kind and number


def is_chinese() -> bool:
    return (get_language() or "").startswith("zh")


@cache
def told() -> Mapping[str, Mapping[str, str]]:
    """`names.yaml`: its tables by name."""
    found: Mapping[str, Mapping[str, str]] = catalogue.read(catalogue.FOLDER / "names.yaml")
    return found


def clause(number: str) -> str:
    """A clause as the catalogue calls it, its words in the reader's language."""
    return told()["clauses"].get(number, number) if is_chinese() else number


def called(word: str) -> str:
    """A word, or several with commas between, in the reader's language; what is no word of the catalogue stays."""
    if SEVERAL.fullmatch(word):
        return listed(word.split(", "))
    if found := NUMBERED.fullmatch(word):
        return f"{called(found[1])} {found[2]}"
    if not WORD.fullmatch(word):
        return word
    english, _sign, chinese = told()["names"].get(word, "").rpartition(" / ")
    if is_chinese():
        return chinese or _of_documents(word) or word.replace("_", " ")
    return english or word.replace("_", " ")


def _of_documents(word: str) -> str:
    """Types of documents, and what sections state, have their labels in their own room."""
    return str(starters.FIELDS.get(word) or dict(DocumentType.choices).get(word, ""))


def listed(words: Iterable[str]) -> str:
    """Several of them."""
    return ("、" if is_chinese() else ", ").join(called(one) for one in words)


def joined(parts: Iterable[object]) -> str:
    """Several things that are wrong, in one sentence."""
    return ("；" if is_chinese() else "; ").join(map(str, parts))


def section(type: str, tag: str) -> str:
    """The heading of a section of documents of the type."""
    return next((one.label for one in starters.sections_of(type) if one.tag == tag), called(tag))


def remark(requirement: str, english: str) -> str:
    """The note of an entry, or why it measures a sign only."""
    return told()["remarks"].get(requirement, english) if is_chinese() and english else english


def lacking(told_of: str) -> str:
    """What is not recorded here, out of the words by which the compiler and the rules name it."""
    core = TAIL.sub("", told_of)
    if found := TIED.fullmatch(core):
        return _("how %(one)s and %(other)s are tied") % {"one": called(found[1]), "other": called(found[2])}
    if found := CODED.fullmatch(core):
        asks = told()["predicates"].get(found[1], "") if is_chinese() else ""
        return asks.rstrip("。") or called(found[1])
    if found := OF.fullmatch(DOTTED.sub(r"\2 of \1", core)):
        return _("%(of)s: %(what)s") % {"of": called(found[2].lower()), "what": called(found[1])}
    return called(core)


def limit(parameter: str) -> str:
    """What a parameter sets, in the place of its name."""
    known = DEFINITIONS.get(parameter)
    return _("“%(meaning)s”") % {"meaning": str(known.meaning).rstrip(".。")} if known else called(parameter)


def amount(name: str, number: float) -> str:
    """A value with its unit: 8 business hours."""
    unit = DEFINITIONS[name].unit if name in DEFINITIONS else "n"
    return f"{number:g}" if unit in ("n", "p") else f"{number:g} {UNITS[unit]}"


def loosened(told: Sequence[Any]) -> list[tuple[str, str, str]]:
    """The limits that were loosened since a requirement was a gap: which, before, after."""
    every = [] if not told else told if isinstance(told[0], list) else [told]
    return [(limit(name), amount(name, before), amount(name, after)) for name, before, after in every]


def short(predicate: str) -> str:
    """What is wrong with a record that the predicate calls a gap."""
    english, _sign, chinese = told()["short"].get(predicate, "").partition(" / ")
    return chinese if is_chinese() else english
