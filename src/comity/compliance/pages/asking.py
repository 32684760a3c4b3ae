"""What a check does, told from its rule and arguments in Chinese: the prose of the catalogue is English."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from comity.compliance.catalogue import Use, words
from comity.compliance.families.fields import label
from comity.compliance.names import called, listed, section, told
from comity.compliance.pages.words import amount
from comity.compliance.reach import many
from comity.records.facts import Unrecorded, spoken

FIELDS = frozenset({"fields", "none_allowed", "in_order", "before", "since", "at", "distinct"})


@dataclass(frozen=True)
class Rule:
    """One rule: what it asks, and each argument with what it is set to; one that is only switched on has no value."""

    asks: str
    arguments: tuple[tuple[str, str], ...]


def rules(use: Use, values: Mapping[str, float]) -> Iterator[Rule]:
    """The rule, or those that it is made of; limits as they are now."""
    given = dict(use.arguments)
    parts = [Use(part["rule"], part["with"]) for part in given.pop("parts", ())]
    name = given.pop("name", "")
    asks = told()["predicates"].get(name, "") or told()["rules"].get(use.rule, called(use.rule))
    if given or not parts:
        yield Rule(asks, tuple((_label(use.rule, one), _value(use, one, values)) for one in given))
    for part in parts:
        yield from rules(part, values)


def _label(rule: str, argument: str) -> str:
    labels = told()["arguments"]
    return labels.get(f"{rule}.{argument}") or labels.get(argument, called(argument))


def _value(use: Use, argument: str, values: Mapping[str, float]) -> str:
    given = use.arguments[argument]
    if given is True:
        return ""
    if argument == "sections":
        types = many(use.arguments.get("type", ()))
        return listed(section(types[0] if types else "", one) for one in many(given))
    if argument in FIELDS:
        return listed(_field(use.arguments.get("population", ""), str(one)) for one in many(given))
    return listed(amount(one, values[one]) if one in values else str(one) for one in many(given))


def _field(population: str, name: str) -> str:
    """What people call a field of the records that are looked at."""
    known = words().populations.get(population)
    try:
        return label(spoken(known.kind if known else population), name)
    except Unrecorded:
        return called(name)
