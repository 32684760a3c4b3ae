"""Populations as rows: the conditions of the catalogue turned into queries over the kinds that answer to its words."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from operator import eq, ge, gt, le, lt, ne
from typing import Any

from django.db import models
from django.db.models import Count, F, Q
from django.utils import timezone

from comity.compliance import catalogue
from comity.compliance.inquiry import Inquiry
from comity.compliance.rules.conditions import (
    Compare,
    Condition,
    Counted,
    Either,
    Filled,
    Group,
    Has,
    InForce,
    OneOf,
    Simple,
    Timed,
    Told,
)
from comity.records import facts
from comity.records.facts import Fact, Rows, Unrecorded, Vocabulary, spoken, tied
from comity.records.models import Link

NUMBER = re.compile(r"-?\d+(?:\.\d+)?")
LOOKUPS = {"=": "", "!=": "", "<": "__lt", "<=": "__lte", ">": "__gt", ">=": "__gte"}
RANKS = ("low", "medium", "high")


@dataclass(frozen=True)
class Members:
    """Rows of one kind that belong to a population."""

    kind: str
    rows: Rows

    @property
    def vocabulary(self) -> Vocabulary:
        return spoken(self.kind)


def members(inquiry: Inquiry, name: str) -> tuple[Members, ...]:
    """The rows of a population, or of a whole record kind, one part for each kind in it. Raises Unrecorded."""
    return inquiry.once(("members", name), lambda: tuple(_members(inquiry, name)))


def _members(inquiry: Inquiry, name: str) -> Iterator[Members]:
    known = catalogue.words().populations
    if name not in known:
        yield Members(name, spoken(name).rows)
        return
    population = known[name]
    if population.values:
        raise Unrecorded(f"population {name} of plain values")
    for other in population.any_of:
        yield from members(inquiry, other)
    if not population.any_of:
        yield _selected(inquiry, population)


def _selected(inquiry: Inquiry, population: catalogue.Population) -> Members:
    spoken_here = spoken(population.kind)
    rows, group = spoken_here.rows, None
    for condition in population.conditions:
        if isinstance(condition, Group):
            group = condition
        elif isinstance(condition, Counted) and group is not None:
            rows = _grouped(inquiry, spoken_here, rows, group, condition)
        elif isinstance(condition, Told):
            rows = facts.code("population", population.name)(inquiry.as_of, rows, inquiry=inquiry)
        else:
            rows = rows.filter(where(inquiry, spoken_here, condition))
    if population.each:
        fact = spoken_here.fact(population.each)
        if not fact.to:
            raise Unrecorded(f"{population.kind}.{population.each}, one by one")
        target = spoken(fact.to)
        return Members(fact.to, target.rows.filter(pk__in=rows.order_by().values(fact.path)))
    return Members(population.kind, rows)


def _grouped(inquiry: Inquiry, vocabulary: Vocabulary, rows: Rows, group: Group, condition: Counted) -> Rows:
    """The newest row of each combination that occurs often enough in the time."""
    paths = [vocabulary.fact(name).path for name in group.fields]
    since = inquiry.before(condition.time)
    time = vocabulary.fact("received_at" if _is_column(vocabulary, "received_at") else "identified_on").path
    recent = rows.filter(**{f"{time}__gt": bound(vocabulary.model, time, since), f"{time}__lte": inquiry.as_of})
    for path in paths:
        recent = recent.exclude(**{f"{path}__isnull": True})
    often = recent.order_by().values(*paths).annotate(members=Count("pk"), newest=models.Max("pk"))
    return rows.filter(pk__in=often.filter(members__gte=inquiry.number(condition.least)).values("newest"))


def where(inquiry: Inquiry, vocabulary: Vocabulary, condition: Condition) -> Q:
    """One condition as a question to the rows of a kind. Raises Unrecorded."""
    if isinstance(condition, Either):
        found = Q()
        for part in condition.parts:
            found |= where(inquiry, vocabulary, part)
        return found
    if isinstance(condition, Has):
        return _has(inquiry, vocabulary, condition)
    if isinstance(condition, InForce):
        return _at(inquiry, vocabulary, condition.path.split(".") if condition.path else [], "in_force", None)
    if isinstance(condition, Compare | OneOf | Filled | Timed):
        *way, name = condition.path.split(".")
        return _at(inquiry, vocabulary, way, name, condition)
    raise TypeError(condition)


def _at(inquiry: Inquiry, vocabulary: Vocabulary, way: list[str], name: str, condition: Simple | None) -> Q:
    """The condition at the end of a way through the records that names lead to."""
    if not way:
        return _plain(inquiry, vocabulary, name, condition)
    fact = vocabulary.fact(way[0])
    if fact.by_ref:
        return _pointed(inquiry, fact, way[1:], name, condition)
    if not fact.to:
        raise Unrecorded(f"{vocabulary.kind}.{way[0]} as a record")
    return prefixed(_at(inquiry, spoken(fact.to), way[1:], name, condition), fact.path)


def _pointed(inquiry: Inquiry, fact: Fact, way: list[str], name: str, condition: Simple | None) -> Q:
    """Through a reference to a record of any kind: whichever kinds answer to the rest."""
    found, known = Q(), False
    for kind in facts.kinds_spoken():
        vocabulary = spoken(kind)
        if not hasattr(vocabulary.model, "kind"):
            continue
        try:
            inner = _at(inquiry, vocabulary, way, name, condition)
        except Unrecorded:
            continue
        known = True
        found |= Q(**{f"{fact.path}__in": vocabulary.rows.filter(inner).order_by().values("ref")})
    if not known:
        raise Unrecorded(f"{'.'.join([*way, name])} of any record")
    return found


def prefixed(question: Q, path: str) -> Q:
    """The same question, asked of the record that the path leads to."""
    made = Q()
    made.connector, made.negated = question.connector, question.negated
    made.children = [
        prefixed(child, path) if isinstance(child, Q) else (f"{path}__{child[0]}", child[1])  # type: ignore[index]
        for child in question.children
    ]
    return made


def _plain(inquiry: Inquiry, vocabulary: Vocabulary, name: str, condition: Simple | None) -> Q:
    fact = vocabulary.fact(name)
    if fact.holds is not None:
        yes = fact.holds(inquiry.as_of)
        return ~yes if _denies(condition) else yes
    if isinstance(condition, Filled):
        empty = is_empty(vocabulary, fact)
        return ~empty if condition.filled else empty
    if isinstance(condition, Timed):
        return _timed(inquiry, vocabulary, fact, condition)
    if isinstance(condition, OneOf):
        stored = [value for word in condition.values for value in _stored(inquiry, vocabulary, fact, word)]
        return Q(**{f"{fact.path}__in": stored})
    if isinstance(condition, Compare):
        return _compared(inquiry, vocabulary, fact, condition)
    raise Unrecorded(f"{vocabulary.kind}.{name} as a yes or no")


def _denies(condition: Simple | None) -> bool:
    if isinstance(condition, Compare):
        return (condition.operator == "!=") != (condition.value == "false")
    return isinstance(condition, Filled) and not condition.filled


def _compared(inquiry: Inquiry, vocabulary: Vocabulary, fact: Fact, condition: Compare) -> Q:
    named = condition.value in vocabulary.facts or _is_column(vocabulary, condition.value)
    if named and condition.value not in fact.words:
        other: Any = F(vocabulary.fact(condition.value).path)
        return Q(**{f"{fact.path}{LOOKUPS[condition.operator]}": other})
    if condition.value in RANKS or (condition.operator in ("<", "<=", ">", ">=") and fact.path.endswith("rank")):
        return Q(**{f"{fact.path}__in": _ranks(inquiry, condition)})
    stored = _stored(inquiry, vocabulary, fact, condition.value)
    if condition.operator in ("=", "!="):
        same = Q(**{f"{fact.path}__in": stored}) if len(stored) != 1 else Q(**{fact.path: stored[0]})
        return same if condition.operator == "=" else ~same
    return Q(**{f"{fact.path}{LOOKUPS[condition.operator]}": stored[0]})


def _ranks(inquiry: Inquiry, condition: Compare) -> list[str]:
    word = condition.value
    at = RANKS.index(word) if word in RANKS else int(inquiry.number(word)) - 1
    asked = {"=": eq, "!=": ne, "<": lt, "<=": le, ">": gt, ">=": ge}[condition.operator]
    return [rank for i, rank in enumerate(RANKS) if asked(i, at)]


def _is_column(vocabulary: Vocabulary, name: str) -> bool:
    return any(field.name == name for field in vocabulary.model._meta.get_fields())


def _stored(inquiry: Inquiry, vocabulary: Vocabulary, fact: Fact, word: str) -> list[Any]:
    """What is stored for a word of the catalogue."""
    if word in fact.words:
        return list(fact.words[word])
    if word in ("true", "false"):
        return [word == "true"]
    if NUMBER.fullmatch(word):
        return [float(word)]
    if word in catalogue.words().parameters:
        return [inquiry.number(word)]
    return [word]


def bound(model: type[models.Model], path: str, moment: datetime) -> date | datetime:
    """A moment as the column at the end of the path keeps it: a date, in the organisation's zone, or a time."""
    return moment if isinstance(column(model, path), models.DateTimeField) else timezone.localtime(moment).date()


def column(model: type[models.Model], path: str) -> Any:
    """The column at the end of a path. Raises Unrecorded."""
    found: Any = None
    for name in path.split("__"):
        try:
            found = model._meta.get_field(name)
        except Exception as error:
            raise Unrecorded(f"{model.__name__}.{path}") from error
        model = found.related_model or model
    return found


def _timed(inquiry: Inquiry, vocabulary: Vocabulary, fact: Fact, condition: Timed) -> Q:
    path, model = fact.path, vocabulary.model
    now = bound(model, path, inquiry.as_of)
    if condition.relation == "ahead":
        return Q(**{f"{path}__gte": now})
    if condition.relation == "next":
        end = bound(model, path, inquiry.after(condition.parameter))
        return Q(**{f"{path}__gte": now, f"{path}__lte": end})
    since = bound(model, path, inquiry.before(condition.parameter))
    if condition.relation == "older":
        return Q(**{f"{path}__lte": since})
    return Q(**{f"{path}__gt": since, f"{path}__lte": now})


def is_empty(vocabulary: Vocabulary, fact: Fact) -> Q:
    """That the column has nothing in it: no value, no words, no row behind it, an empty list."""
    if fact.filled is not None:
        return ~fact.filled
    field = column(vocabulary.model, fact.path)
    nothing = Q(**{f"{fact.path}__isnull": True})
    if isinstance(field, models.CharField | models.TextField):
        return nothing | Q(**{fact.path: ""}) if field.null else Q(**{fact.path: ""})
    if isinstance(field, models.JSONField):
        return nothing | Q(**{fact.path: []}) | Q(**{fact.path: {}})
    return nothing


def _has(inquiry: Inquiry, vocabulary: Vocabulary, condition: Has) -> Q:
    found = Q()
    for part in members(inquiry, condition.population):
        found |= linked(vocabulary.kind, part)
    return ~found if condition.none else found


def linked(kind: str, part: Members) -> Q:
    """The rows of a kind that are tied to one of these members: by a declared path, or by a link that somebody made."""
    other = part.rows.order_by()
    there, back = tied(kind, part.kind), tied(part.kind, kind)
    found = Q()
    if there:
        found |= Q(**{f"{there}__in": other.values("pk")})
    if back:
        found |= Q(pk__in=other.filter(**{f"{back}__isnull": False}).values(back))
    stored = spoken(kind).model._meta.model_name, spoken(part.kind).model._meta.model_name
    if all(hasattr(spoken(one).model, "kind") for one in (kind, part.kind)):
        ours, theirs = (_kind_name(spoken(one).model) for one in (kind, part.kind))
        forth = Link.objects.filter(from_kind=ours, to_kind=theirs, to_id__in=other.values("pk"))
        backwards = Link.objects.filter(to_kind=ours, from_kind=theirs, from_id__in=other.values("pk"))
        found |= Q(pk__in=forth.values("from_id")) | Q(pk__in=backwards.values("to_id"))
    elif not there and not back:
        raise Unrecorded(f"how {stored[0]} and {stored[1]} are tied")
    return found


def _kind_name(model: type[models.Model]) -> str:
    from comity.records.kind import kind_of

    return kind_of(model).name
