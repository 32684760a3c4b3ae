"""What closes a gap: the page of the act, for whoever may take it; for everybody else, whose it is."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.utils.text import capfirst

from comity.accounts.matrix import MATRIX, Verb, parse
from comity.accounts.models import Person
from comity.accounts.roles import STAFF, Role
from comity.compliance import reach
from comity.compliance.catalogue import Requirement, Use, entry
from comity.compliance.names import called
from comity.compliance.operations.silences import uses
from comity.compliance.outcome import Single
from comity.records.access import may
from comity.records.kind import Kind, is_kind, kind_named, kind_of, kinds
from comity.records.models import Entry

MAKES = {  # rule family or predicate: the kinds whose registration closes a gap, or the arguments that name them
    "responsibility_filled": ("responsibility",),
    "planned_interval": ("kind",),
    "document_in_force": ("document",),
    "clause_covered": ("clause",),
    "followed_up": ("by", "improvement", "finding", "action"),
    "communicated": ("communication",),
    "accepted": ("acceptance",),
    "linked": ("to", "to_each"),
    "attested": ("assessment",),
    "kpi_measured": ("measurement", "kpi"),
    "register_complete": ("position",),
    "control_effective": ("control_run",),
    "review_covered": ("review",),
    "change_controlled": ("change_request",),
    "record_kinds_classified": ("record_class",),
    "reads_authorised": ("record_class",),
    "decided_by_holder": ("responsibility",),
}
EDITED = frozenset({"register_complete", "predicate", "linked", "separated"})  # the record itself is put right
ENTRIES = frozenset({"all_of", "same_as"})  # made of other entries
ABOUT = ("subject_ref", "source_ref", "object_ref")  # columns that name any record
ABOUT_PEOPLE = ("staff", "person", "assignees")


@dataclass(frozen=True)
class Way:
    """An act that closes a gap: where it is done and what it is called, and of whose rights it is."""

    url: str
    label: str
    kind: Kind
    record: Any = None  # which is edited, or taken a step further; None: a new one is registered
    step: bool = False
    only: Person | None = None  # who alone may, as nobody consents for another
    tie: bool = False  # it is put right by linking it with another, too, which whoever reads it may

    def open_to(self, person: Person) -> bool:
        """May this person take it?"""
        if self.only not in (None, person):
            return False
        if self.record is None:
            return may(person, self.kind, "create")
        if may(person, self.record, "edit") and self.record.editable(person):
            return True
        steps = self._steps() if self.step else []
        return any(may(person, self.record, row.name) for row in steps) or (self.tie and may_tie(person, self.record))

    def whose(self) -> list[str]:
        """The roles of our own people that may, or the one person."""
        return [str(self.only)] if self.only else [str(role.label) for role in self._roles()]

    def _roles(self) -> list[Role]:
        verb: Verb = "create" if self.record is None else "edit"
        row = self.kind.rules.create if self.record is None else self.kind.rules.handle
        granted = {role for role in STAFF if parse(MATRIX[row][role]).scope(verb)}
        stepping = {role for move in self._steps() for role in move.by} if self.step else set()
        return [role for role in Role if role in (granted | stepping) & STAFF]

    def _steps(self) -> list[Any]:
        return [row for row in self.kind.workflow.leaving(self.record) if row.by] if self.kind.workflow else []


@dataclass(frozen=True)
class Repair:
    """A gap in words, where it is seen, and the act that closes it: its address and name, or else whose act it is."""

    label: str
    wrong: str
    url: str = ""
    ref: str = ""
    act: str = ""
    label_of_act: str = ""
    whose: str = ""


def may_tie(person: Person, record: Any) -> bool:
    """May this person read the record and leave a link on it?"""
    return may(person, record, "read") and may(person, record, "note")


def of_record(person: Person, requirement: Requirement, record: Any, wrong: str) -> Repair:
    """A record that falls short, a line of its trail, or one of our people: the form of what it lacks, or its own."""
    seen = {"url": record.url, "ref": record.ref} if is_kind(type(record)) else {}
    label = str(record)
    if isinstance(record, Entry):
        kind = kind_named(record.kind)
        seen, label = {"url": f"{kind.url}{record.ref}/", "ref": record.ref}, capfirst(kind.plural)
    return _repair(person, list(of_row(requirement, record)), label=label, wrong=wrong, **seen)


def of_single(person: Person, requirement: Requirement, single: Single) -> Repair:
    """A thing that should be there and is not: the form in which it is registered."""
    ways = list(of_thing(requirement, single))
    return _repair(person, ways, label=called(single.label), wrong=str(single.missing))


def act_of(person: Person, requirement: Requirement, record: Any, label: str) -> tuple[str, str]:
    """The act that ends a silence, and its name: about the record, or about what should be there."""
    single = Single(label)
    found = of_single(person, requirement, single) if record is None else of_record(person, requirement, record, "")
    return found.act, found.label_of_act


def _repair(person: Person, ways: list[Way], **told: str) -> Repair:
    theirs = [one for one in ways if one.only]  # where that closes it, nothing else does
    way = next((one for one in theirs or ways if one.open_to(person)), None)
    if way:
        return Repair(**told, act=way.url, label_of_act=way.label)
    return Repair(**told, whose=", ".join(next((found for one in theirs or ways if (found := one.whose())), [])))


def of_row(requirement: Requirement, record: Any) -> Iterator[Way]:
    """The ways to put a row right, the likeliest first: its own form, the form of what it lacks, its page."""
    own = kind_of(record) if is_kind(type(record)) else None
    rules = {use.rule for use in _rules(requirement.use)}
    if own and rules & EDITED:
        yield Way(f"{record.url}edit/", "", own, record)
    more = () if own else (name for name in requirement.records if name != "acceptance")  # of which the rule speaks
    for kind in _named(requirement, *more):
        names = (own.name, *ABOUT) if own else ABOUT_PEOPLE if isinstance(record, Person) else ()
        if name := next((one for one in names if one in kind.fields), ""):
            url = _form(kind, requirement, **{name: record.ref if own else record.email})
            yield Way(url, kind.label, kind, only=None if own else _oneself(kind, record))
        elif own is None:
            yield Way(_form(kind, requirement), kind.label, kind)
    if own:
        yield Way(record.url, "", own, record, step=True, tie="linked" in rules)
        for whole in filter(None, (getattr(record, name) for name in wholes(own, requirement))):
            yield Way(whole.url, "", kind_of(whole), whole, step=True)  # put right where it no longer changes itself


def _form(kind: Kind, requirement: Requirement, **told: str) -> str:
    """Where one is registered, begun with what is told of it, and with the role that a rule wants to be held."""
    roles = [use.arguments["role"] for use in _rules(requirement.use) if "role" in use.arguments]
    if kind.name == "responsibility" and roles[:1] and roles[0] in dict(kind.field("role").flatchoices):
        told["role"] = roles[0]
    return f"{kind.url}new/?{urlencode(told)}" if told else f"{kind.url}new/"


def wholes(own: Kind, requirement: Requirement) -> list[str]:
    """The columns that lead to the whole of which a record is a part, and of which the requirement speaks."""
    leading: dict[str, Any] = {
        name: own.field(name).related_model for name in own.fields if own.field(name).many_to_one
    }
    return [name for name, to in leading.items() if is_kind(to) and kind_of(to).name in requirement.records]


def _oneself(kind: Kind, person: Person) -> Person | None:
    return person if kind.name == "acceptance" else None


def of_thing(requirement: Requirement, single: Single) -> Iterator[Way]:
    """The forms in which what is missing can be registered."""
    for kind in _named(requirement, *requirement.records):
        typed = "type" in kind.fields and single.label in dict(kind.field("type").flatchoices)
        url = _form(kind, requirement, **({"type": single.label} if typed else {}))
        yield Way(url, kind.label, kind)


def _rules(use: Use) -> Iterator[Use]:
    """The rules that a rule is made of, those of the entries that it stands for included."""
    yield from uses(use)
    named = (*reach.many(use.arguments.get("of", ())), use.arguments.get("id")) if use.rule in ENTRIES else ()
    for one in filter(None, map(entry, filter(None, named))):
        yield from _rules(one.use)


def _named(requirement: Requirement, *more: str) -> list[Kind]:
    """The kinds that its rules ask for."""
    told = [
        name for use in _rules(requirement.use) for one in MAKES.get(use.arguments.get("name", use.rule), ())
        for name in reach.many(use.arguments.get(one, one))
    ]  # fmt: skip
    known = {kind.name: kind for kind in kinds()}
    names = [kind for name in (*told, *more) for kind in (sorted(reach.member_kinds(name)) or [name])]
    return [known[name] for name in dict.fromkeys(names) if name in known]
