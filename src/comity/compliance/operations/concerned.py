"""Which requirements a change of records can concern, so that only those are looked at again."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from contextlib import suppress
from datetime import datetime
from typing import Any

from django.core.exceptions import FieldDoesNotExist
from django.utils import timezone

from comity.compliance.catalogue import Requirement, requirements, words
from comity.compliance.models import Exclusion, Touched, Waiver
from comity.compliance.reach import kinds_of
from comity.records import facts
from comity.records.facts import Unrecorded
from comity.records.kind import is_kind, kind_of
from comity.records.models import Record
from comity.records.remembered import Remembered

EVERYTHING = frozenset({"parameter", "calendar", "standardfile"})  # what any answer may hang on
DECISIONS = frozenset({"waiver", "exclusion"})
TRAIL = "event"  # the catalogue's kind for lines of the trail, which every kind leaves


def _in_the_trail(kind: str) -> str:
    """What lines of the trail call a kind of the catalogue; empty where it is not recorded here."""
    try:
        model = facts.spoken(kind).model
    except Unrecorded:
        return ""
    return _name(model)


def _name(model: Any) -> str:
    return kind_of(model).name if is_kind(model) else str(model._meta.model_name)


def _wholes(vocabulary: facts.Vocabulary) -> Iterator[str]:
    """The kinds that a kind of our own is a part of, as a step is of its process: without them it could not be."""
    common = {field.name for field in Record._meta.fields}
    for field in vocabulary.model._meta.fields:
        if field.is_relation and not field.null and field.name not in common:
            with suppress(Unrecorded):
                yield facts.kind_of_model(field.related_model)


def _on_the_way(vocabulary: facts.Vocabulary) -> Iterator[Any]:
    """Models whose columns answer to names of this kind, because a path leads through them."""
    for fact in vocabulary.facts.values():
        model: Any = vocabulary.model
        for name in fact.path.split("__")[:-1]:
            try:
                model = model._meta.get_field(name).related_model
            except FieldDoesNotExist:
                break
            if model is None:
                break
            yield model


def _read_by() -> Mapping[str, frozenset[str]]:
    """For each kind as the trail calls it, the ids of the requirements that read it; under "" those that read nothing
    but the trail."""
    found: defaultdict[str, set[str]] = defaultdict(set)
    for one in requirements().values():
        for kind in kinds_of(one) - {TRAIL}:
            if recorded := _in_the_trail(kind):
                found[recorded].add(one.id)
        if kinds_of(one) == {TRAIL}:
            found[""].add(one.id)
    known = {kind: frozenset(found.get(_in_the_trail(kind), ())) for kind in facts.kinds_spoken()}
    for kind, reading in known.items():
        vocabulary = facts.spoken(kind)
        if kind not in words().kinds:
            reading = reading.union(*(known[other] for other in _wholes(vocabulary)))
        for model in (vocabulary.model, *_on_the_way(vocabulary)):
            found[_name(model)] |= reading
    return {kind: frozenset(ids) for kind, ids in found.items()}


read_by = Remembered(_read_by, "standardfile")


def mark(kinds: Collection[str]) -> None:
    """Remember that such records were written to, if any answer can hang on them."""
    known = read_by()
    concerning = set(kinds) if "" in known else set(kinds) & {*known, *EVERYTHING, *DECISIONS}
    Touched.objects.bulk_create(
        [Touched(kind=kind, at=timezone.now()) for kind in sorted(concerning)],
        update_conflicts=True, unique_fields=["kind"], update_fields=["at"],
    )  # fmt: skip


def touched() -> dict[str, datetime]:
    """The kinds that were written to since, and when last."""
    return dict(Touched.objects.values_list("kind", "at"))


def forget(kinds: Mapping[str, datetime]) -> None:
    """Those requirements have been looked at; what was written meanwhile stays marked."""
    for kind, at in kinds.items():
        Touched.objects.filter(kind=kind, at=at).delete()


def concerned(kinds: Collection[str]) -> list[Requirement]:
    """The requirements whose answer can be another one after such records were written to."""
    every = requirements()
    if EVERYTHING & set(kinds):
        return list(every.values())
    known = read_by()
    ids = set().union(known.get("", ()), *(known.get(kind, ()) for kind in kinds))
    if DECISIONS & set(kinds):
        for model in (Waiver, Exclusion):
            ids |= set(model.objects.order_by().values_list("requirement", flat=True))
    return [one for one in every.values() if one.id in ids or one.use.arguments.get("id") in ids]
