"""What the records said at one moment, in plain values: verdicts, members of populations, records, documents in force.

Everything is read as it was at that moment (`records.past`); who may see it is asked today, of the reader, who is held
to what an auditor may see besides: a restricted complainant is never named (PG-004-24).
"""

from __future__ import annotations

from collections.abc import Iterator
from copy import copy
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import override

from comity.accounts.models import Person
from comity.accounts.rights import Rights, rights_of
from comity.accounts.roles import Role
from comity.api.shape import shown
from comity.compliance.catalogue import Requirement, Standard, standards
from comity.compliance.families.together import answer
from comity.compliance.inquiry import Inquiry
from comity.compliance.models import Answer, Exclusion, Waiver
from comity.compliance.operations.computing import answers, latest
from comity.compliance.outcome import Lot
from comity.compliance.reasons import reason
from comity.parties.pointers import kind_by
from comity.records.access import readable
from comity.records.facts import spoken
from comity.records.files import files_of
from comity.records.kind import Kind, kind_named, kind_of, kinds
from comity.records.models import File, Record

CHUNK = 1000
DETAILED = 1000  # gaps of one lot whose detail is told
WITH_FILES = ("document_version", "assessment")  # whose files are evidence of themselves
LANGUAGES = (("en", "reason"), ("zh-hans", "reason_zh"))


def discreet(person: Person) -> Person:
    """The same person, from whom is kept what is kept from auditors."""
    made, rights = copy(person), rights_of(person)
    reach = {Role.AUDITOR: frozenset[int](), **rights._reach}
    made._rights = Rights(rights.roles | {Role.AUDITOR}, rights.held, reach, rights.first)
    return made


class Seen:
    """What a reader may see today of each kind: which rows, and what of them is hidden. Asked outside of the past."""

    def __init__(self, reader: Person) -> None:
        self._of = {
            kind.name: {row.pk: row.hidden for row in readable(kind, reader).iterator(chunk_size=CHUNK)}
            for kind in kinds()
        }

    def of(self, kind: Kind) -> dict[int, frozenset[str]]:
        """Ids of the rows that may be read, each with its hidden columns."""
        return self._of[kind.name]

    def names(self, ref: str) -> bool:
        """May this be said: the reference of a record that is seen, or no reference at all?"""
        kind = kind_by(ref)
        if kind is None:
            return True
        pk = kind.model._default_manager.filter(ref=ref).values_list("pk", flat=True).first()
        return pk is None or pk in self.of(kind)


@dataclass(frozen=True)
class Member:
    """One record that a requirement looked at."""

    kind: str
    ref: str
    gap: bool
    detail: str = ""


@dataclass
class Frozen:
    """The state at a moment. `verdicts` are plain; `members` and `rows` are read while they are asked for."""

    as_of: datetime
    standards: list[Standard]
    seen: Seen
    verdicts: list[dict[str, Any]] = field(default_factory=list)
    withheld: int = 0  # members that the reader may not see
    _wanted: dict[str, set[int]] = field(default_factory=dict)
    _refs: dict[str, dict[int, str]] = field(default_factory=dict)

    @classmethod
    def at(cls, as_of: datetime, code: str, seen: Seen) -> Frozen:
        """Ask the requirements of one standard, or of all with an empty code; to be called inside the past."""
        known = standards()
        made = cls(as_of, [known[code]] if code else list(known.values()), seen)
        found = {one.requirement: one for one in answers(made.inquiry, made.requirements)}
        kept = latest(as_of)  # only who looked before and after knows which limits were loosened
        for name, one in found.items():
            one.loosened = kept[name].loosened if name in kept and kept[name].own == one.own else []
        made.verdicts = [_verdict(one, found[one.id], seen) for one in made.requirements]
        return made

    @cached_property
    def inquiry(self) -> Inquiry:
        return Inquiry(self.as_of)

    @cached_property
    def requirements(self) -> list[Requirement]:
        return [one for standard in self.standards for one in standard.requirements]

    def members(self, requirement: Requirement) -> Iterator[Member]:
        """What it looked at, gaps marked; rows that are no records are told only where they are gaps."""
        with override("en"):
            found = answer(self.inquiry, requirement.use)
            for lot in found.every_lot:
                yield from self._of_lot(lot)
            for single in found.every_single:
                yield Member("", single.label, bool(single.missing), single.missing)

    def _of_lot(self, lot: Lot) -> Iterator[Member]:
        if not issubclass(lot.scope.model, Record):
            for row in lot.gaps.order_by("pk")[:DETAILED]:
                yield Member(lot.kind, str(getattr(row, "ref", "") or row), True)
            return
        kind = kind_of(lot.scope.model)
        seen, refs = self.seen.of(kind), self._refs.setdefault(kind.name, {})
        scope = dict(lot.scope.order_by("pk").values_list("pk", "ref"))
        gaps = set(lot.gaps.order_by().values_list("pk", flat=True)) if lot.gap_count else set()
        told = self._details(lot, [pk for pk in sorted(gaps) if pk in seen and not seen[pk]])
        for pk, ref in scope.items():
            if pk not in seen:
                self.withheld += 1
                continue
            refs[pk] = ref
            yield Member(lot.kind, ref, pk in gaps, told.get(pk, ""))

    def _details(self, lot: Lot, gaps: list[int]) -> dict[int, str]:
        """Why these are gaps; of a lot that several requirements share it is asked once."""

        def ask() -> dict[int, str]:
            return lot.told(list(lot.gaps.filter(pk__in=gaps[:DETAILED])))

        return self.inquiry.once(("details", id(lot)), ask)

    def also(self, kind: Kind, rows: Any) -> None:
        """Take in these rows besides the members."""
        seen, refs = self.seen.of(kind), self._refs.setdefault(kind.name, {})
        refs.update((pk, ref) for pk, ref in rows.values_list("pk", "ref") if pk in seen)

    def decisions(self) -> None:
        """Take in what was waived and excluded of these standards."""
        ids = [one.id for one in self.requirements]
        for model in (Waiver, Exclusion):
            rows = model._default_manager.filter(model.in_force(self.as_of), requirement__in=ids)
            self.also(kind_of(model), rows)

    def documents(self) -> list[Any]:
        """The versions of documents that were in force and may be seen."""
        kind = kind_named("document_version")
        vocabulary = spoken("document_version")
        rows = vocabulary.rows.filter(vocabulary.at("in_force", self.as_of)).select_related("document").order_by("ref")
        self.also(kind, rows)
        seen = self.seen.of(kind)
        return [row for row in rows if row.pk in seen]

    @property
    def kinds(self) -> list[Kind]:
        """The kinds of which something was taken in; complete once all members were asked for."""
        return [kind_named(name) for name in sorted(self._refs) if self._refs[name]]

    def number(self, kind: Kind) -> int:
        """How many of it were taken in."""
        return len(self._refs[kind.name])

    def rows(self, kind: Kind) -> Iterator[dict[str, Any]]:
        """The records of a kind that were taken in, in their plain form, by reference."""
        order = sorted(self._refs[kind.name], key=lambda pk: self._refs[kind.name][pk])
        for start in range(0, len(order), CHUNK):
            yield from shown(kind, self._chunk(kind, order[start : start + CHUNK]))

    def _chunk(self, kind: Kind, ids: list[int]) -> list[Any]:
        seen, found = self.seen.of(kind), kind.model._default_manager.in_bulk(ids)
        for pk, row in found.items():
            row.hidden = seen[pk]
        return [found[pk] for pk in ids if pk in found]

    def files(self) -> Iterator[tuple[str, File]]:
        """The files of documents and assessments that were taken in, each with the reference of its record."""
        for kind in self.kinds:
            if kind.name in WITH_FILES:
                for row in self._chunk(kind, sorted(self._refs[kind.name])):
                    yield from ((row.ref, file) for file in files_of(row))


def _verdict(requirement: Requirement, found: Answer, seen: Seen) -> dict[str, Any]:
    """A verdict with everything that it hangs on; a record that the reader may not see is not named."""
    said, named = {}, not found.first or seen.names(str(found.first[0]))
    for code, name in LANGUAGES:
        with override(code):
            counts = {"n": found.gaps, "all": found.population}
            said[name] = reason(found) if named else _("%(n)s of %(all)s fall short.") % counts
    return {
        "id": requirement.id, "standard": requirement.standard, "clause": requirement.clause,
        "parent": requirement.parent or None, "text": requirement.text, "text_zh": requirement.text_zh,
        "check": requirement.check, "evidence": requirement.evidence, "scored": requirement.scored,
        "verdict": found.verdict, "own": found.own, "population": found.population, "gaps": found.gaps,
        "pending": found.pending, **said, "values": found.values, "loosened": found.loosened, "lacks": found.lacks,
        "waiver": found.waiver, "excluded": found.excluded,
    }  # fmt: skip
