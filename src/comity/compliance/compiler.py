"""Populations as rows: the conditions of the catalogue turned into queries over the kinds that answer to its words."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from operator import eq, ge, gt, le, lt, ne
from typing import Any

from django.db import models
from django.db.models import Count, F, Q

from comity.compliance import catalogue
from comity.compliance.columns import among as one_of
from comity.compliance.columns import asked, bound, is_empty, several
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
from comity.compliance.ties import Members, linked
from comity.records import facts
from comity.records.facts import Fact, Rows, Unrecorded, Vocabulary, spoken
from comity.records.models import Record

NUMBER = re.compile(r"-?\d+(?:\.\d+)?")
LOOKUPS = {"<": "lt", "<=": "lte", ">": "gt", ">=": "gte"}
OPERATORS = {"=": eq, "!=": ne, "<": lt, "<=": le, ">": gt, ">=": ge}
RANKS = ("low", "medium", "high")
GROUPED_BY = ("received_at", "detected_at", "identified_on")  # the date by which members of a group are counted


def members(inquiry: Inquiry, name: str) -> tuple[Members, ...]:
    """The rows of a population, or of a whole record kind, one part for each kind in it. Raises Unrecorded."""
    return inquiry.once(("members", name), lambda: tuple(_members(inquiry, name)))


def values(name: str) -> tuple[str, ...]:
    """The members of a population that are plain words and no records; empty for every other population."""
    found = catalogue.words().populations.get(name)
    return found.values if found else ()


def _members(inquiry: Inquiry, name: str) -> Iterator[Members]:
    known = catalogue.words().populations
    if name not in known:
        yield Members(name, spoken(name).rows)
        return
    population = known[name]
    if population.values:
        raise Unrecorded(f"records of {name}")
    for other in population.any_of:
        yield from members(inquiry, other)
    if not population.any_of:
        yield _selected(inquiry, population)


def _selected(inquiry: Inquiry, population: catalogue.Population) -> Members:
    vocabulary = spoken(population.kind)
    rows, of_entry, group = vocabulary.rows, [], None
    for condition in population.conditions:
        if isinstance(condition, Group):
            group = condition
        elif isinstance(condition, Counted) and group is not None:
            rows = _grouped(inquiry, vocabulary, rows, group, condition)
        elif isinstance(condition, Told):
            rows = facts.code("population", population.name)(inquiry.as_of, rows, inquiry=inquiry)
        elif population.each and _concerns(condition, population.each):
            of_entry.append(condition)
        else:
            rows = rows.filter(where(inquiry, vocabulary, condition))
    if population.each:
        return _entries(inquiry, vocabulary, rows, population.each, of_entry)
    return Members(population.kind, rows)


def holders_of(inquiry: Inquiry, name: str) -> tuple[Members, str]:
    """Of a population that takes each entry of a name: the rows whose entries they are, and the path to these.

    Raises Unrecorded.
    """
    population = catalogue.words().populations[name]
    whole = _selected(inquiry, replace(population, each=""))
    return whole, whole.vocabulary.fact(population.each).path


def _concerns(condition: Condition, each: str) -> bool:
    parts = condition.parts if isinstance(condition, Either) else (condition,)
    return all(getattr(part, "path", "").startswith(f"{each}.") for part in parts)


def _entries(
    inquiry: Inquiry, vocabulary: Vocabulary, rows: Rows, each: str, conditions: Sequence[Condition]
) -> Members:
    """The records that a name of these rows leads to; conditions on that name are asked of the same record."""
    fact = vocabulary.fact(each)
    if not fact.to:
        raise Unrecorded(f"{vocabulary.kind}.{each}, one by one")
    target = spoken(fact.to)
    found = target.rows.filter(pk__in=rows.order_by().filter(**{f"{fact.path}__isnull": False}).values(fact.path))
    for condition in conditions:
        found = found.filter(where(inquiry, target, _without(condition, each)))
    return Members(fact.to, found)


def _without(condition: Any, each: str) -> Any:
    if isinstance(condition, Either):
        return Either(tuple(_without(part, each) for part in condition.parts))
    return type(condition)(**{**vars(condition), "path": condition.path.removeprefix(f"{each}.")})


def _grouped(inquiry: Inquiry, vocabulary: Vocabulary, rows: Rows, group: Group, condition: Counted) -> Rows:
    """The newest row of each combination that occurs often enough in the time."""
    paths = [vocabulary.fact(name).path for name in group.fields]
    time = vocabulary.fact(next(name for name in GROUPED_BY if name == GROUPED_BY[-1] or knows(vocabulary, name))).path
    since, until = (bound(vocabulary.model, time, at) for at in (inquiry.before(condition.time), inquiry.as_of))
    recent = rows.filter(**{f"{time}__gt": since, f"{time}__lte": until})
    for path in paths:
        recent = recent.exclude(**{f"{path}__isnull": True})
    often = recent.order_by().values(*paths).annotate(members=Count("pk"), newest=models.Max("pk"))
    return rows.filter(pk__in=often.filter(members__gte=inquiry.number(condition.least)).values("newest"))


def where(inquiry: Inquiry, vocabulary: Vocabulary, condition: Condition) -> Q:
    """One condition as a question to the rows of a kind, true of a row once however many values it has.

    Raises Unrecorded.
    """
    if isinstance(condition, Either):
        found = Q()
        for part in condition.parts:
            found |= where(inquiry, vocabulary, part)
        return found
    if isinstance(condition, Has):
        found = Q(pk__in=[])
        for members_of in members(inquiry, condition.population):
            found |= linked(vocabulary.kind, members_of)
        return ~found if condition.none else found
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
        return _pointed(inquiry, vocabulary, fact, way[1:], name, condition)
    if not fact.to:
        raise Unrecorded(f"{vocabulary.kind}.{way[0]} as a record")
    target = spoken(fact.to)
    there = target.rows.filter(_at(inquiry, target, way[1:], name, condition)).order_by()
    if fact.of:
        return fact.of(there)
    if several(vocabulary.model, fact.path):  # asked of each row anew: looked up once where they are few
        there = Members(fact.to, there).flat.rows
    return asked(vocabulary, fact.path, {"in": there.values("pk")})


def _pointed(
    inquiry: Inquiry, vocabulary: Vocabulary, fact: Fact, way: list[str], name: str, condition: Simple | None
) -> Q:
    """Through a reference to a record of any kind: whichever kinds answer to the rest."""
    found, known = Q(pk__in=[]), False
    for kind in [fact.to] if fact.to else facts.kinds_spoken():
        there = spoken(kind)
        if not issubclass(there.model, Record):
            continue
        try:
            rows = there.rows.filter(_at(inquiry, there, way, name, condition)).order_by()
        except Unrecorded:
            continue
        known = True
        found |= asked(vocabulary, fact.path, {"in": rows.values("ref")})
    if not known:
        raise Unrecorded(f"{'.'.join([*way, name])} of any record")
    return found


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
        stored = [value for word in condition.values for value in _stored(inquiry, fact, word)]
        return one_of(vocabulary, fact, stored)
    if isinstance(condition, Compare):
        return _compared(inquiry, vocabulary, fact, condition)
    raise Unrecorded(f"{vocabulary.kind}.{name} as a yes or no")


def _denies(condition: Simple | None) -> bool:
    if isinstance(condition, Compare):
        return (condition.operator == "!=") != (condition.value == "false")
    return isinstance(condition, Filled) and not condition.filled


def _compared(inquiry: Inquiry, vocabulary: Vocabulary, fact: Fact, condition: Compare) -> Q:
    operator, value = condition.operator, condition.value
    if operator in LOOKUPS and value not in RANKS and knows(vocabulary, value):
        return _beside(vocabulary, fact, condition)
    if value in RANKS or (operator in LOOKUPS and fact.path.endswith("rank")):
        return one_of(
            vocabulary, fact, _ranks(operator, RANKS.index(value) if value in RANKS else _rank(inquiry, value))
        )
    stored = _stored(inquiry, fact, value)
    if operator in ("=", "!="):
        same = one_of(vocabulary, fact, stored)
        return same if operator == "=" else ~same
    return asked(vocabulary, fact.path, {LOOKUPS[operator]: stored[0]})


def _beside(vocabulary: Vocabulary, fact: Fact, condition: Compare) -> Q:
    """Compared with another name of the same row; ranks by their order."""
    other = vocabulary.fact(condition.value).path
    if not fact.path.endswith("rank"):
        return Q(**{f"{fact.path}__{LOOKUPS[condition.operator]}": F(other)})
    found = Q(pk__in=[])
    for at, rank in enumerate(RANKS):
        found |= Q(**{other: rank, f"{fact.path}__in": _ranks(condition.operator, at)})
    return found


def _rank(inquiry: Inquiry, name: str) -> int:
    return int(inquiry.number(name)) - 1


def _ranks(operator: str, at: int) -> list[str]:
    return [rank for i, rank in enumerate(RANKS) if OPERATORS[operator](i, at)]


def knows(vocabulary: Vocabulary, name: str) -> bool:
    """Whether the kind answers to the name."""
    try:
        vocabulary.fact(name)
    except Unrecorded:
        return False
    return True


def _stored(inquiry: Inquiry, fact: Fact, word: str) -> list[Any]:
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


def _timed(inquiry: Inquiry, vocabulary: Vocabulary, fact: Fact, condition: Timed) -> Q:
    """A date or time in a stretch of time; `within` and `older` share their border without overlapping."""

    def kept(moment: datetime) -> Any:
        return bound(vocabulary.model, fact.path, moment)

    now = kept(inquiry.as_of)
    match condition.relation:
        case "ahead":
            stretch = {"gte": now}
        case "next":
            stretch = {"gte": now, "lte": kept(inquiry.after(condition.parameter))}
        case "examined":
            begin, end = inquiry.period
            stretch = {"gte": kept(begin), "lte": kept(end)}
        case "older":
            stretch = {"lte": kept(inquiry.before(condition.parameter))}
        case _:
            stretch = {"gt": kept(inquiry.before(condition.parameter)), "lte": now}
    return asked(vocabulary, fact.path, stretch)
