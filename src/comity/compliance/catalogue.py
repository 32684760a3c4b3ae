"""The catalogue: requirements of standards and the vocabulary they are put in, read from YAML files of our own wording.

The shipped files lie in `catalogue/`; a further standard has the same format (`schema: requirements/2`) and is kept in
the database, where every node finds it. Licensed texts replace the words that are shown, and nothing else.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cache, cached_property
from pathlib import Path
from typing import Any

import yaml
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from comity.compliance.models import StandardFile
from comity.compliance.rules.conditions import Condition, parse
from comity.records.remembered import Remembered

FOLDER = Path(__file__).parent / "catalogue"


@dataclass(frozen=True)
class Use:
    """One rule family with its arguments; `optional` inside an all_of."""

    rule: str
    arguments: Mapping[str, Any] = field(default_factory=dict)
    optional: bool = False

    @property
    def key(self) -> str:
        """The same for the same rule with the same arguments: what is equal is computed once."""
        return f"{self.rule} {_flat(self.arguments)}"


def _flat(value: Any) -> str:
    if isinstance(value, Mapping):
        return "{" + ",".join(f"{name}:{_flat(value[name])}" for name in sorted(value)) + "}"
    if isinstance(value, list | tuple):
        return "[" + ",".join(map(_flat, value)) + "]"
    return str(value)


@dataclass(frozen=True)
class Requirement:
    """One entry of a standard; fields as vocabulary.yaml describes them under entry_fields."""

    id: str
    standard: str
    clause: str
    text: str
    text_zh: str
    records: tuple[str, ...]
    evidence: str
    check: str
    use: Use
    gap: str
    gap_zh: str
    parent: str = ""
    lead_in: bool = False
    strength: str = "shall"
    note: str = ""
    maps_to: tuple[str, ...] = ()
    more: Mapping[str, Any] = field(default_factory=dict, compare=False)

    @property
    def scored(self) -> bool:
        """Whether it counts: not what only opens a list, repeats another entry, or is no shall."""
        return not self.lead_in and self.use.rule != "same_as" and self.strength == "shall"


@dataclass(frozen=True)
class Standard:
    """One file of requirements."""

    code: str
    title: str
    title_zh: str
    requirements: tuple[Requirement, ...]
    head: Mapping[str, Any] = field(default_factory=dict, compare=False)
    proxies: Mapping[str, str] = field(default_factory=dict, compare=False)  # id -> why it measures a sign only

    def __str__(self) -> str:
        return self.title_zh if (get_language() or "").startswith("zh") else self.title

    def section(self, area: str) -> str:
        """What the standard calls one of its sections, with its number; the number alone where its file names none."""
        told = self.head.get("sections") or ()
        found: Mapping[str, str] = next((one for one in told if f"s{one['section']}" == area), {})
        name = found.get("title_zh" if (get_language() or "").startswith("zh") else "title", "")
        return f"{area.removeprefix('s')} {name}" if name else area

    @cached_property
    def counted(self) -> tuple[Requirement, ...]:
        """The requirements that shares are made of: those that count and have none below them."""
        parents = {one.parent for one in self.requirements}
        return tuple(one for one in self.requirements if one.scored and one.id not in parents)


@dataclass(frozen=True)
class Population:
    """A named set of records, as the vocabulary defines it."""

    name: str
    kind: str = ""
    conditions: tuple[Condition, ...] = ()
    each: str = ""
    any_of: tuple[str, ...] = ()
    values: tuple[str, ...] = ()


@dataclass(frozen=True)
class Words:
    """The vocabulary: what requirements may refer to."""

    kinds: Mapping[str, Any]
    tags: Mapping[str, Any]
    parameters: Mapping[str, Any]
    clocks: Mapping[str, Any]
    machines: Mapping[str, Any]
    populations: Mapping[str, Population]
    rules: Mapping[str, Any]
    predicates: Mapping[str, Any]
    common_fields: tuple[str, ...]  # which every kind has
    evidence: Mapping[str, str]  # the types of evidence
    subjects: Mapping[str, Any]  # parameter -> the heading that begins with it


def read(path: Path) -> Any:
    with path.open(encoding="utf-8") as file:
        return yaml.load(file, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))  # noqa: S506  (a safe one)


@cache
def words() -> Words:
    """The shipped vocabulary."""
    told = read(FOLDER / "vocabulary.yaml")
    populations = {name: _population(name, what, told["tags"]) for name, what in told["populations"].items()}
    return Words(
        told["record_kinds"], told["tags"], told["parameters"], told["clocks"], told["machines"], populations,
        told["rules"], told["predicates"], tuple(told["common_fields"]), told["evidence_types"],
        told["parameter_subjects"],
    )  # fmt: skip


def _population(name: str, what: Mapping[str, Any], tags: Mapping[str, Any]) -> Population:
    values = what.get("values") or tags.get(what.get("values_of", ""), ())
    return Population(
        name, what.get("kind", ""), parse(what.get("where", "")), what.get("each", ""), tuple(what.get("any_of", ())),
        tuple(values),
    )  # fmt: skip


@dataclass(frozen=True)
class Catalogue:
    """All standards by code, shipped ones first, and all their requirements by id."""

    standards: Mapping[str, Standard]
    requirements: Mapping[str, Requirement]

    @classmethod
    def of(cls, every: Mapping[str, Standard]) -> Catalogue:
        return cls(every, {one.id: one for each in every.values() for one in each.requirements})


@cache
def shipped() -> Catalogue:
    """The standards of the package; the code of one is the name of its file."""
    files = read(FOLDER / "vocabulary.yaml")["files"]
    return Catalogue.of({Path(name).stem: standard(Path(name).stem, read(FOLDER / name)) for name in files})


def _with_added() -> Catalogue:
    """The shipped standards and those in the database, with the licensed texts put in."""
    files = list(StandardFile.objects.filter(retired_at=None).order_by("code"))
    every = dict(shipped().standards)
    for file in files:
        if file.type == StandardFile.Type.STANDARD and file.code not in shipped().standards:
            every[file.code] = standard(file.code, file.told)
    for file in files:
        if file.type == StandardFile.Type.TEXTS and file.code in every:
            every[file.code] = _in_licensed_words(every[file.code], file.told)
    return Catalogue.of(every)


def _in_licensed_words(known: Standard, told: Mapping[str, Any]) -> Standard:
    words = {one["id"]: {name: one[name] for name in ("text", "text_zh") if one.get(name)} for one in told["entries"]}
    return replace(known, requirements=tuple(replace(one, **words.get(one.id, {})) for one in known.requirements))


_present = Remembered(_with_added, "standardfile")


def standards() -> Mapping[str, Standard]:
    """Every standard by its code, as it is now on every node."""
    return _present().standards


def requirements() -> Mapping[str, Requirement]:
    """Every requirement by its id, as it is now on every node."""
    return _present().requirements


def entry(name: str) -> Requirement | None:
    """The requirement of that id with its rule and its messages, which licensed texts never touch; None if unknown.

    Shipped ones are found without asking the database.
    """
    return shipped().requirements.get(name) or requirements().get(name)


def exclusion_barred(requirement: Requirement) -> str:
    """Why an organisation may not declare it not applicable; empty where its standard lets it."""
    home = standards()[requirement.standard]
    told = home.head.get("exclusions") or {}
    if not told.get("allowed"):
        return _("%(standard)s does not let a requirement be left out.") % {"standard": home}
    if requirement.id in told.get("never", ()):
        return _("%(name)s protects privacy. It can never be left out.") % {"name": requirement.id}
    return ""


def standard(code: str, told: Mapping[str, Any]) -> Standard:
    """A standard from what a file says."""
    return Standard(
        code,
        told["title"],
        told.get("title_zh", told["title"]),
        tuple(_requirement(code, entry) for entry in told["entries"]),
        {name: value for name, value in told.items() if name != "entries"},
        {one["id"]: one["reason"] for one in told.get("proxy_checks", ())},
    )


NAMED = frozenset(
    {"id", "clause", "text", "text_zh", "records", "evidence", "check", "rule", "with", "gap", "gap_zh", "parent",
     "lead_in", "strength", "note", "maps_to"}
)  # fmt: skip


def _requirement(code: str, entry: Mapping[str, Any]) -> Requirement:
    return Requirement(
        entry["id"], code, str(entry["clause"]), entry["text"], entry["text_zh"], tuple(entry["records"]),
        entry["evidence"], entry["check"], Use(entry["rule"], entry["with"] or {}), entry["gap"], entry["gap_zh"],
        entry.get("parent", ""), bool(entry.get("lead_in")), entry.get("strength", "shall"), entry.get("note", ""),
        tuple(entry.get("maps_to", ())), {name: value for name, value in entry.items() if name not in NAMED},
    )  # fmt: skip
