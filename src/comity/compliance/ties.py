"""How rows of two kinds belong together: by a declared path, by the reference that one of them keeps, or by a link."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from comity.compliance.columns import NOTHING, asked, several
from comity.records.facts import Rows, Unrecorded, Vocabulary, spoken, tied
from comity.records.kind import kind_of
from comity.records.models import Link, Record

FEW = 200  # so many rows are looked up by themselves
EVERYBODY = "everybody"  # the name by which a kind says which of its rows count for all rows of what it is tied to


@dataclass(frozen=True)
class Members:
    """Rows of one kind that belong to a population."""

    kind: str
    rows: Rows

    @property
    def vocabulary(self) -> Vocabulary:
        return spoken(self.kind)

    def where(self, question: Q) -> Members:
        return Members(self.kind, self.rows.filter(question))

    @cached_property
    def few(self) -> list[int] | None:
        """Their ids, looked up once, where they are few; None where they are not. It keeps questions to others flat."""
        found = list(self.rows.order_by().values_list("pk", flat=True)[: FEW + 1])
        return found if len(found) <= FEW else None

    @cached_property
    def flat(self) -> Members:
        """The same rows by their ids where they are few: what found them is not asked again with each question."""
        return self if self.few is None else self.settled()

    def settled(self) -> Members:
        """The same rows, looked up now. For kinds with few rows: it keeps the questions asked of them shallow."""
        ids = self.few if self.few is not None else list(self.rows.order_by().values_list("pk", flat=True))
        return Members(self.kind, self.vocabulary.rows.filter(pk__in=ids))


def linked(kind: str, part: Members, so: Q | None = None) -> Q:
    """The rows of a kind that are tied to one of these members; with `so`, to one of which that holds as well.

    `so` is asked of the member and may look at the row by OuterRef. Raises Unrecorded where nothing ties the kinds.
    """
    _known(spoken(kind), part.vocabulary)
    if part.few == []:
        return NOTHING
    flat = part.flat
    if so is not None:
        return _any(Q(Exists(flat.rows.order_by().filter(way, so))) for way in _together(kind, flat))
    return _any(_apart(kind, flat, part.few))


def concerning(kind: str, part: Members) -> Q:
    """The rows of a kind that count for one of these members: tied to it, or there for all of its kind."""
    ours = spoken(kind)
    name = _for_all(part.vocabulary, ours)
    return linked(kind, part) | (ours.at(name, timezone.now()) if name else NOTHING)


def _any(questions: Iterator[Q]) -> Q:
    found = NOTHING
    for one in questions:
        found |= one
    return found


def _is_record(vocabulary: Vocabulary) -> bool:
    return issubclass(vocabulary.model, Record)


def _paths(one: Vocabulary, other: Vocabulary) -> Iterator[str]:
    """Columns of the one that lead to the other: those declared as its ties, else every name that leads there."""
    if path := tied(one.kind, other.kind):
        yield path
    elif not tied(other.kind, one.kind):
        leading = (fact for fact in one.facts.values() if fact.to == other.kind)
        yield from (fact.path for fact in leading if fact.path and not fact.by_ref)


def _refs(one: Vocabulary, other: Vocabulary) -> Iterator[str]:
    """Columns of the one that keep a reference which may be one of the other's."""
    if _is_record(other):
        yield from {fact.path: fact for fact in one.facts.values() if fact.by_ref}


def _belonging(one: Vocabulary, other: Vocabulary) -> Iterator[Callable[[Rows], Q]]:
    """What says of rows of the one, without a column, which of the other they belong to."""
    yield from (fact.of for fact in one.facts.values() if fact.of and fact.to == other.kind)


def _for_all(ours: Vocabulary, theirs: Vocabulary) -> str:
    """The name of those of their rows that count for each of ours, `every_KIND` or `everybody`; empty where none."""
    if (name := f"every_{ours.kind}") in theirs.facts:
        return name
    either = tied(ours.kind, theirs.kind) or tied(theirs.kind, ours.kind)
    return EVERYBODY if either and EVERYBODY in theirs.facts else ""


def _known(ours: Vocabulary, theirs: Vocabulary) -> None:
    ways = [*_belonging(ours, theirs), *_paths(ours, theirs), *_paths(theirs, ours)]
    ways += [*_refs(ours, theirs), *_refs(theirs, ours)]
    of_all = _for_all(ours, theirs) or _for_all(theirs, ours)
    if not ways and not of_all and not (_is_record(ours) and _is_record(theirs)):
        raise Unrecorded(f"how {ours.kind} and {theirs.kind} are tied")


def _apart(kind: str, part: Members, few: list[int] | None) -> Iterator[Q]:
    """Each way as a question that does not look at the row: the database answers it once for all rows."""
    ours, theirs, other = spoken(kind), part.vocabulary, part.rows.order_by()
    ids: Any = other.values("pk") if few is None else few
    for path in _paths(ours, theirs):
        yield asked(ours, path, {"in": ids})
    for path in _paths(theirs, ours):
        yield Q(pk__in=other.filter(**{f"{path}__isnull": False}).values(path))
    for belongs in _belonging(ours, theirs):
        yield belongs(other)
    for path in _refs(ours, theirs):
        yield asked(ours, path, {"in": other.values("ref")})
    for path in _refs(theirs, ours):
        yield Q(ref__in=other.exclude(**{path: ""}).values(path))
    if _is_record(ours) and _is_record(theirs):
        mine, its = kind_of(ours.model).name, kind_of(theirs.model).name
        yield Q(pk__in=Link.objects.filter(from_kind=mine, to_kind=its, to_id__in=ids).values("from_id"))
        yield Q(pk__in=Link.objects.filter(to_kind=mine, from_kind=its, from_id__in=ids).values("to_id"))
    if name := _for_all(ours, theirs):
        yield Q(Exists(other.filter(theirs.at(name, timezone.now()))))


def _together(kind: str, part: Members) -> Iterator[Q]:
    """Each way as a question to the members about the row that is looked at."""
    ours, theirs = spoken(kind), part.vocabulary
    for path in _paths(ours, theirs):
        own = ours.model._default_manager.filter(pk=OuterRef(OuterRef("pk"))).order_by()
        yield Q(pk__in=own.values(path)) if several(ours.model, path) else Q(pk=OuterRef(path))
    for path in _paths(theirs, ours):
        yield Q(**{path: OuterRef("pk")})
    for path in _refs(ours, theirs):
        yield Q(ref=OuterRef(path))
    for path in _refs(theirs, ours):
        yield Q(**{path: OuterRef("ref")})
    if _is_record(ours) and _is_record(theirs):
        mine, its = kind_of(ours.model).name, kind_of(theirs.model).name
        row = OuterRef(OuterRef("pk"))
        yield Q(pk__in=Link.objects.filter(from_kind=mine, to_kind=its, from_id=row).values("to_id"))
        yield Q(pk__in=Link.objects.filter(to_kind=mine, from_kind=its, to_id=row).values("from_id"))
    if name := _for_all(ours, theirs):
        yield theirs.at(name, timezone.now())


def pairs(part: Members, target: Members) -> set[tuple[int, int]]:
    """Which member is tied to which, by their ids. For kinds with few rows: they are read into memory."""
    ours, theirs = part.vocabulary, target.vocabulary
    mine, its = part.rows.order_by(), target.rows.order_by()
    _known(ours, theirs)
    found: set[tuple[int, int]] = set()
    for path in _paths(ours, theirs):
        found |= set(mine.filter(**{f"{path}__in": its.values("pk")}).values_list("pk", path))
    for path in _paths(theirs, ours):
        found |= {(row, pk) for pk, row in its.filter(**{f"{path}__in": mine.values("pk")}).values_list("pk", path)}
    for path in _refs(ours, theirs):
        found |= _by_ref(mine, path, its)
    for path in _refs(theirs, ours):
        found |= {(row, pk) for pk, row in _by_ref(its, path, mine)}
    if _is_record(ours) and _is_record(theirs):
        ends = {"from_kind": kind_of(ours.model).name, "to_kind": kind_of(theirs.model).name}
        forth = Link.objects.filter(**ends, from_id__in=mine.values("pk"), to_id__in=its.values("pk"))
        found |= set(forth.values_list("from_id", "to_id"))
        ends = {"to_kind": ends["from_kind"], "from_kind": ends["to_kind"]}
        back = Link.objects.filter(**ends, to_id__in=mine.values("pk"), from_id__in=its.values("pk"))
        found |= set(back.values_list("to_id", "from_id"))
    if name := _for_all(ours, theirs):
        every = its.filter(theirs.at(name, timezone.now())).values_list("pk", flat=True)
        found |= {(row, pk) for pk in every for row in mine.values_list("pk", flat=True)}
    return found


def _by_ref(keeping: Rows, path: str, kept: Rows) -> set[tuple[int, int]]:
    known: dict[Any, int] = dict(kept.values_list("ref", "pk"))
    rows = keeping.filter(**{f"{path}__in": kept.values("ref")}).values_list("pk", path)
    return {(pk, known[ref]) for pk, ref in rows if ref in known}
