"""Whether a file of requirements can be taken in. Each fault names file, entry and field, and says what to do.

`schema: requirements/2`; the fields of entries are those of `entry_fields` in vocabulary.yaml.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import chain, islice
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from comity.compliance.catalogue import Use, words
from comity.compliance.reach import examined, many
from comity.compliance.validation.arguments import Wrong, unknown, wrong_arguments
from comity.compliance.validation.prose import wrong_check, wrong_messages

SCHEMA = "requirements/2"
HEAD = frozenset(
    {"schema", "vocabulary", "title", "title_zh", "edition", "publisher", "scope", "source_notes", "sections",
     "proxy_checks", "exclusions", "not_requirements", "summary", "entries", "not_in_2018_8_3"}
)  # fmt: skip
WORDS = ("id", "clause", "text", "text_zh", "evidence", "check", "rule", "gap", "gap_zh")  # required, and in words
KEYS = frozenset(
    {*WORDS, "records", "with", "clause_title", "clause_title_zh", "parent", "strength", "modality", "lead_in",
     "same_as", "note", "maps_to", "new", "delta", "seed"}
)  # fmt: skip
WORDED = ("parent", "same_as", "strength", "note", "clause_title", "clause_title_zh")  # where they are there
LICENSED = frozenset({"id", "text", "text_zh"})
STRENGTHS = ("shall", "may", "context")
ID = re.compile(r"[^\W_][\w.()-]{0,59}")
TEXT = gettext_lazy("It is missing. Add it, as text in quotation marks.")
TOLD = 100  # faults at once
GENERATIONS = 20  # of entries, each below another


@dataclass(frozen=True)
class Fault:
    """One thing that is wrong: where, and what to do about it."""

    file: str
    entry: str
    field: str
    words: str

    def __str__(self) -> str:
        return ", ".join(part for part in (self.file, self.entry, self.field) if part) + f": {self.words}"


def faults_of_standard(told: Any, file: str, others: Collection[str]) -> list[Fault]:
    """Everything wrong with a standard; `others` are the ids of the entries of all other standards."""
    if found := _of_head(told, HEAD):
        return [Fault(file, "", field, what) for field, what in found]
    entries = told["entries"]
    names = [_name(one, number) for number, one in enumerate(entries, 1)]
    named = list(zip(names, entries, strict=True))
    if shapeless := list(islice((Fault(file, name, *wrong) for name, one in named for wrong in _shape(one)), TOLD)):
        return shapeless
    mine = set(names)
    ids = {*mine, *others}
    twice = _("Another entry of this file has this id. Give each its own.")
    taken = _("Another standard has an entry of this id. Choose another one.")
    wrong: Iterator[tuple[str, str, str]] = chain(
        ((name, *fault) for name, one in named for fault in _of_entry(one, mine, ids)),
        ((name, "id", twice) for name in _twice(names)),
        ((name, "id", taken) for name in names if name in others),
        ((name, "parent", what) for name, what in _circling(entries)),
        (("", *fault) for fault in _named_in_head(told, ids)),
    )
    return [Fault(file, *one) for one in islice(wrong, TOLD)]


def faults_of_texts(told: Any, file: str, known: Collection[str]) -> list[Fault]:
    """Everything wrong with a file of licensed texts for a standard with these entries."""
    head = frozenset({"schema", "texts_of", "title", "publisher", "entries"})
    if found := _of_head(told, head, needs=("entries",)):
        return [Fault(file, "", field, what) for field, what in found]
    faults = []
    for number, one in enumerate(told["entries"], 1):
        name = _name(one, number)
        wrong = list(_licensed(one, known)) if isinstance(one, Mapping) else [("", _("Write fields as name: value."))]
        faults += [Fault(file, name, field, what) for field, what in wrong]
    names = [_name(one, number) for number, one in enumerate(told["entries"], 1)]
    faults += [Fault(file, name, "id", _("This id comes twice. Keep one of them.")) for name in _twice(names)]
    return faults[:TOLD]


def _licensed(one: Mapping[str, Any], known: Collection[str]) -> Iterator[Wrong]:
    for field in sorted(set(one) - LICENSED):
        yield field, _("Licensed texts replace words only: id, text and text_zh. Take this field out.")
    name, given = one.get("id"), [one[name] for name in ("text", "text_zh") if name in one]
    if not isinstance(name, str) or name not in known:
        yield "id", unknown(name, known)
    if not given or not all(isinstance(text, str) and text.strip() for text in given):
        yield "text", _("There is no text. Write one, or take the entry out.")


def _name(one: object, number: int) -> str:
    found = one.get("id") if isinstance(one, Mapping) else None
    return found if isinstance(found, str) and found else _("entry %(number)s") % {"number": number}


def _of_head(told: object, allowed: frozenset[str], needs: Iterable[str] = ("title", "entries")) -> list[Wrong]:
    if not isinstance(told, Mapping):
        return [("", _("This is no list of requirements. Start from an example of the guide."))]
    found: list[Wrong] = []
    if told.get("schema") != SCHEMA:
        found.append(("schema", _("Write “schema: %(schema)s”; no other format is read.") % {"schema": SCHEMA}))
    found += [(str(name), unknown(name, allowed)) for name in told if name not in allowed]
    found += [(name, _("It is missing. Add it.")) for name in needs if not told.get(name)]
    found += [(name, str(TEXT)) for name in ("title", "title_zh") if name in told and not _worded(told[name])]
    if told.get("entries") and not isinstance(told["entries"], list):
        found.append(("entries", _("Write a list of entries, each beginning with “- id:”.")))
    return found


def _shape(one: object) -> Iterator[Wrong]:
    """Fields of the right names and kinds: what has to hold before anything else can be asked."""
    if not isinstance(one, Mapping):
        yield "", _("Write fields as name: value.")
        return
    for name in one:
        if name not in KEYS:
            yield str(name), unknown(name, KEYS)
    for name in WORDS:
        if not _worded(one.get(name)):
            yield name, str(TEXT)
    for name in WORDED:
        if one.get(name) is not None and not _worded(one[name]):
            yield name, _("Write it as text in quotation marks, or leave it out.")
    if not isinstance(one.get("lead_in", False), bool):
        yield "lead_in", _("Write true, or leave it out.")
    for name in ("records", "maps_to"):
        listed = one.get(name, [] if name == "maps_to" else None)
        if not isinstance(listed, list) or not all(isinstance(word, str) for word in listed):
            yield name, _("Write a list of words in square brackets.")
    if "with" not in one:
        yield "with", _("It is missing. Add the arguments of the rule, or {} if it takes none.")


def _worded(value: object) -> bool:
    return isinstance(value, str) and bool(value.strip())


def _of_entry(one: Mapping[str, Any], mine: Collection[str], ids: Collection[str]) -> Iterator[Wrong]:
    if not ID.fullmatch(one["id"]):
        yield "id", _("At most 60 letters, digits and the signs . - _ ( ), without spaces.")
    if one["evidence"] not in words().evidence:
        yield "evidence", unknown(one["evidence"], words().evidence)
    if one.get("strength", "shall") not in STRENGTHS:
        yield "strength", unknown(one["strength"], STRENGTHS)
    for kind in one["records"]:
        if kind not in words().kinds:
            yield "records", unknown(kind, words().kinds)
    for field in ("maps_to", "parent", "same_as"):
        known = mine if field == "parent" else ids
        for name in many(one.get(field) or []):
            if name == one["id"]:
                yield field, _("It names the entry itself. Name another one.")
            elif name not in known:
                yield field, unknown(name, known)
    yield from wrong_messages(one)
    wrong = list(wrong_arguments(one["rule"], one["with"], ids))
    yield from wrong
    if not wrong:
        yield from _of_rule(one)


def _of_rule(one: Mapping[str, Any]) -> Iterator[Wrong]:
    """What rule and other fields say together; the rule itself is sound."""
    if one.get("lead_in") and not (one["rule"] == "all_of" and one["with"].get("of")):
        yield "lead_in", _("What opens a list has the rule all_of and names its items under of.")
    if (one.get("same_as") or None) != (one["with"]["id"] if one["rule"] == "same_as" else None):
        yield "same_as", _("An entry that repeats another names it here and under with, and its rule is same_as.")
    yield from wrong_check(one)
    if one["rule"] != "same_as":
        for kind in sorted(examined(Use(one["rule"], one["with"])) - set(one["records"])):
            yield "records", _("The rule judges records of the kind %(kind)s. Add it.") % {"kind": kind}


def _twice(names: Iterable[str]) -> list[str]:
    return [name for name, count in Counter(names).items() if count > 1]


def _circling(entries: Iterable[Mapping[str, Any]]) -> Iterator[tuple[str, str]]:
    """Entries that come back to themselves on the way up, or that lie too deep."""
    parents = {one["id"]: one.get("parent") for one in entries}
    for name in parents:
        seen, above = {name}, parents[name]
        while above is not None and above not in seen and len(seen) <= GENERATIONS:
            seen.add(above)
            above = parents.get(above)
        if above == name and parents[name] != name:
            yield name, _("It is its own ancestor. Name another parent.")
        elif len(seen) > GENERATIONS:
            yield name, _("It lies more than %(n)d entries deep.") % {"n": GENERATIONS}


def _sound(exclusions: Mapping[str, Any]) -> bool:
    """A word such as "false" would allow what it says it does not, and one id in words would bar its beginnings too."""
    return isinstance(exclusions.get("allowed", False), bool) and isinstance(exclusions.get("never") or [], list)


def _named_in_head(told: Mapping[str, Any], ids: Collection[str]) -> Iterator[Wrong]:
    exclusions = told.get("exclusions") or {}
    if not isinstance(exclusions, Mapping) or not set(exclusions) <= {"allowed", "never"} or not _sound(exclusions):
        yield "exclusions", _("Write {allowed: true, never: [ids]}, or leave it out where nothing may be excluded.")
        exclusions = {}
    for name in many(exclusions.get("never") or ()):
        if not isinstance(name, str) or name not in ids:
            yield "exclusions", unknown(name, ids)
    for one in many(told.get("proxy_checks") or ()):
        if not isinstance(one, Mapping) or set(one) != {"id", "reason"} or not all(map(_worded, one.values())):
            yield "proxy_checks", _("Write each as {id: ..., reason: ...}.")
        elif one["id"] not in ids:
            yield "proxy_checks", unknown(one["id"], ids)
    for one in many(told.get("sections") or ()):
        if not isinstance(one, Mapping) or not one.get("section") or not _worded(one.get("title")):
            yield "sections", _("Write each as {section: ..., title: ..., title_zh: ...}.")
