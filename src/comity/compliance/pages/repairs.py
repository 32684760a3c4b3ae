"""What a person can do about a gap: the page of the act that closes it, as far as the person may take it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from comity.accounts.models import Person
from comity.compliance.catalogue import Requirement
from comity.compliance.operations.silences import uses
from comity.compliance.outcome import Single
from comity.records.access import may
from comity.records.kind import Kind, kind_of, kinds

MAKES = {  # rule family: the kinds whose registration closes a gap, and which of its arguments name them
    "responsibility_filled": ("responsibility",),
    "planned_interval": ("kind",),
    "document_in_force": ("document",),
    "clause_covered": ("clause",),
    "followed_up": ("improvement", "finding", "action"),
    "communicated": ("communication",),
    "accepted": ("acceptance",),
    "linked": (),
    "attested": ("assessment",),
    "kpi_measured": ("measurement",),
    "control_effective": ("control_run",),
}
EDITED = frozenset({"register_complete", "predicate", "linked", "separated"})  # the record itself is put right


@dataclass(frozen=True)
class Repair:
    """A gap in words, where it is seen, and the act that closes it: its address and its name."""

    label: str
    wrong: str
    url: str = ""
    ref: str = ""
    act: str = ""
    label_of_act: str = ""


def of_record(person: Person, requirement: Requirement, record: Any, wrong: str) -> Repair:
    """A record that falls short: its edit form, or the form of what it lacks."""
    act, label = _act(person, requirement, kind_of(record), record)
    return Repair(str(record), wrong, record.url, record.ref, act, label)


def act_of(person: Person, requirement: Requirement, record: Any, label: str) -> tuple[str, str]:
    """The act that ends a silence, and its name: about the record, or about what should be there."""
    if record is not None:
        return _act(person, requirement, kind_of(record), record)
    made = of_single(person, requirement, Single(label))
    return made.act, made.label_of_act


def _act(person: Person, requirement: Requirement, kind: Kind, record: Any) -> tuple[str, str]:
    rules = {use.rule for use in uses(requirement.use)}
    if rules & EDITED and may(person, record, "edit") and record.editable(person):
        return f"{record.url}edit/", ""
    for other in _made(person, _named(requirement)):
        name = next((one for one in (kind.name, "subject_ref") if one in other.fields), "")
        if name:
            return f"{other.url}new/?{urlencode({name: record.ref})}", other.label
    return (record.url if _acts(person, kind, record) else ""), ""


def _acts(person: Person, kind: Kind, record: Any) -> bool:
    """May the person change the record, or take a step with it?"""
    steps = kind.workflow.leaving(record) if kind.workflow else []
    return any(may(person, record, name) for name in ("edit", *(step.name for step in steps if step.by)))


def of_single(person: Person, requirement: Requirement, single: Single) -> Repair:
    """A thing that should be there and is not: the form in which it is registered."""
    made = next(_made(person, [*_named(requirement), *requirement.records]), None)
    if made is None:
        return Repair(single.label, str(single.missing))
    given = {"type": single.label} if "type" in made.fields and "_" in single.label else {}
    asked = f"?{urlencode(given)}" if given else ""
    return Repair(single.label, str(single.missing), act=f"{made.url}new/{asked}", label_of_act=made.label)


def _named(requirement: Requirement) -> list[str]:
    """The kinds that its rules ask for."""
    found: list[str] = []
    for use in uses(requirement.use):
        for one in MAKES.get(use.rule, ()):
            told = use.arguments.get(one, one)
            found += told if isinstance(told, list) else [told]
    return found


def _made(person: Person, names: Iterable[str]) -> Iterator[Kind]:
    """Those of these kinds that the person may register, by which a gap could be closed; the likeliest first."""
    known = {kind.name: kind for kind in kinds()}
    for name in dict.fromkeys(names):
        if name in known and may(person, known[name], "create"):
            yield known[name]
