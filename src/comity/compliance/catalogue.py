"""The catalogue: requirements of standards and the vocabulary they are put in, read from YAML files of our own wording.

The shipped files lie in `catalogue/`; a further standard has the same format (`schema: requirements/2`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from comity.compliance.rules.conditions import Condition, parse

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
        told["rules"], told["predicates"],
    )  # fmt: skip


def _population(name: str, what: Mapping[str, Any], tags: Mapping[str, Any]) -> Population:
    values = what.get("values") or tags.get(what.get("values_of", ""), ())
    return Population(
        name, what.get("kind", ""), parse(what.get("where", "")), what.get("each", ""), tuple(what.get("any_of", ())),
        tuple(values),
    )  # fmt: skip


@cache
def standards() -> Mapping[str, Standard]:
    """The shipped standards by their code, which is the name of the file."""
    files = read(FOLDER / "vocabulary.yaml")["files"]
    return {Path(name).stem: standard(Path(name).stem, read(FOLDER / name)) for name in files}


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


@cache
def requirements() -> Mapping[str, Requirement]:
    """Every shipped requirement by its id."""
    return {one.id: one for each in standards().values() for one in each.requirements}
