"""How far a population and a rule reach: the kinds that their answer reads, and the parameters that it hangs on.

Read from the catalogue alone, so it holds for a standard that nobody has asked yet.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from typing import Any

from comity.compliance.catalogue import Population, Requirement, Use, entry, words
from comity.compliance.rules.conditions import Compare, Condition, Counted, Either, Has, OneOf, Timed, Told
from comity.records import facts
from comity.records.facts import Unrecorded

WORD = re.compile(r"[a-z][a-z0-9_]+")
# What a rule family reads besides what its arguments name.
ALSO: Mapping[str, tuple[str, ...]] = {
    "document_in_force": ("document", "document_version", "responsibility", "acceptance"),
    "clause_covered": ("clause",),
    "accepted": ("acceptance", "document", "document_version"),
    "responsibility_filled": ("responsibility", "staff", "acceptance"),
    "review_covered": ("review",),
    "kpi_measured": ("kpi", "measurement"),
    "communicated": ("communication", "document_version"),
    "change_controlled": ("change_request",),
    "control_effective": ("control", "control_run"),
    "separated": ("responsibility", "staff"),
    "attested": ("assessment", "responsibility"),
}
ASKING = ("pop", "by", "version", "addressee")  # types of arguments whose populations bring their parameters
EXAMINED = ("population", "per", "commitment", "of", "about")  # arguments whose records are judged
NAMING = ("pop", "kind", "by", "version", "addressee", "carried")  # types of arguments that name populations or kinds


def many(value: Any) -> list[Any]:
    return list(value) if isinstance(value, list | tuple) else [value]


def plain(conditions: Iterable[Condition]) -> Iterator[Condition]:
    """The conditions, alternatives taken apart."""
    for one in conditions:
        if isinstance(one, Either):
            yield from one.parts
        else:
            yield one


@cache
def within(name: str) -> frozenset[str]:
    """The population and every other that it is made of or asks about."""
    found, waiting = {name}, [name]
    while waiting:
        known = words().populations.get(waiting.pop())
        if known is not None:
            more = {*known.any_of, *(one.population for one in plain(known.conditions) if isinstance(one, Has))}
            waiting += more - found
            found |= more
    return frozenset(found)


def _kind(name: str) -> str:
    """The kind of a population of one kind, or the kind of that name."""
    known = words().populations.get(name)
    return known.kind if known else name if name in words().kinds else ""


@cache
def member_kinds(name: str) -> frozenset[str]:
    """The kinds whose records a population is selected from."""
    known = words().populations.get(name)
    if known is None or not known.any_of:
        return frozenset({_kind(name)} - {""})
    return frozenset().union(*map(member_kinds, known.any_of))


@cache
def parameters(name: str) -> frozenset[str]:
    """The parameters that decide who belongs to a population."""
    return frozenset(one for each in within(name) for one in _parameters(words().populations.get(each)))


def _parameters(population: Population | None) -> Iterator[str]:
    for one in plain(population.conditions) if population else ():
        if isinstance(one, Timed) and one.parameter:
            yield one.parameter
        elif isinstance(one, Counted):
            yield from (one.least, one.time)
        said = one.words if isinstance(one, Told) else one.value if isinstance(one, Compare) else ""
        said = " ".join(one.values) if isinstance(one, OneOf) else said
        yield from (word for word in WORD.findall(said) if word in words().parameters)


@cache
def kinds(name: str) -> frozenset[str]:
    """Every kind that is read to tell who belongs to a population, those on the way of its paths included."""
    found = {_kind(each) for each in within(name)} - {""}
    for each in within(name):
        known = words().populations.get(each)
        for one in plain(known.conditions) if known else ():
            found |= _on_the_way(known.kind, getattr(one, "path", "") or "") if known else set()
    return frozenset(found)


def _on_the_way(kind: str, path: str) -> set[str]:
    found: set[str] = set()
    for name in path.split(".")[:-1]:
        try:
            kind = facts.spoken(kind).fact(name).to
        except Unrecorded:
            break
        if not kind:
            break
        found.add(kind)
    return found


def kinds_of(requirement: Requirement) -> frozenset[str]:
    """The catalogue's kinds whose records decide the answer; `event` stands for the trail of any kind."""
    return frozenset({*requirement.records, *_kinds_of_use(requirement.use)})


def _kinds_of_use(use: Use) -> Iterator[str]:
    arguments = use.arguments
    yield from ALSO.get(use.rule, ())
    for part in _parts(use):
        yield from _kinds_of_use(part)
    for name in (*many(arguments.get("of", ())), *([arguments["id"]] if use.rule == "same_as" else ())):
        if isinstance(name, str) and (other := entry(name)):
            yield from kinds_of(other)
    for name, type_ in types(use.rule).items():
        if type_.rstrip("*!") in NAMING:
            for one in many(arguments.get(name, ())):
                yield from kinds(one)
    for table, name in (("clocks", "clock"), ("machines", "machine")):
        for one in many(arguments.get(name, ())):
            told = getattr(words(), table).get(one)
            yield from [told["kind"]] if told else []


def types(rule: str) -> dict[str, str]:
    """The arguments of a rule family and the type of each."""
    told = words().rules.get(rule, {}).get("arguments", {})
    return {name: str(said).split(" | ")[0] for name, said in told.items()}


def parameters_of(use: Use) -> tuple[set[str], set[str]]:
    """The parameters that a rule is given, and all that its answer hangs on, whatever the records are like."""
    direct: set[str] = set()
    reached: set[str] = set()
    for part in _parts(use):
        for whole, more in zip((direct, reached), parameters_of(part), strict=True):
            whole |= more
    for name, type_ in types(use.rule).items():
        for one in many(use.arguments.get(name, ())) if name != "parts" else ():
            if one in words().parameters:
                direct.add(one)
            elif type_.rstrip("*!") in ASKING:
                reached |= parameters(one)
    for one in many(use.arguments.get("clock", ())):
        reached |= {word for word in WORD.findall(words().clocks[one]["within"]) if word in words().parameters}
    if use.rule == "predicate":
        reached |= set(words().predicates[use.arguments["name"]]["parameters"])
    return direct, direct | reached


def examined(use: Use) -> set[str]:
    """The kinds whose records the rule judges."""
    found = {kind for part in _parts(use) for kind in examined(part)}
    for name, type_ in types(use.rule).items():
        if name in EXAMINED and type_.rstrip("*!") in ASKING:
            found |= {kind for one in many(use.arguments.get(name, ())) for kind in member_kinds(one)}
    return found


def _parts(use: Use) -> list[Use]:
    return [Use(part["rule"], part["with"]) for part in use.arguments.get("parts", ())]


def answered_by(use: Use) -> set[str]:
    """The entries whose answers this one is made of, named by the rule itself or by any of its parts."""
    named = {"all_of": many(use.arguments.get("of", ())), "same_as": [use.arguments.get("id")]}.get(use.rule, ())
    return {one for one in named if one}.union(*map(answered_by, _parts(use)))


def all_parameters(requirement: Requirement) -> set[str]:
    """The parameters that an answer hangs on, those of the entries that it is made of included."""
    others = [found for name in answered_by(requirement.use) if (found := entry(name))]
    return parameters_of(requirement.use)[1].union(*map(all_parameters, others))
