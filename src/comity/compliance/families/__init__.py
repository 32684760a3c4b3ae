"""The rule families of the catalogue, by name: (inquiry, arguments) -> Outcome."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any

from comity.compliance import catalogue
from comity.compliance.compiler import members
from comity.compliance.inquiry import Inquiry
from comity.compliance.outcome import Lot, Outcome
from comity.compliance.ties import Members
from comity.records.facts import Unrecorded

Arguments = Mapping[str, Any]
Family = Callable[[Inquiry, Arguments], Outcome]

_families: dict[str, Family] = {}
_takes: dict[str, frozenset[str]] = {}


def family(takes: str) -> Callable[[Family], Family]:
    """Register a rule family under the name of its function, with the arguments that it heeds.

    Every other argument is refused: a demand that nobody looks at would be a false "met".
    """
    names = frozenset(takes.split())

    def keep(code: Family) -> Family:
        rule = code.__name__

        def heeding(inquiry: Inquiry, arguments: Arguments) -> Outcome:
            if unknown := set(arguments) - names:
                raise Unrecorded(f"{', '.join(sorted(unknown))} of {rule}")
            return code(inquiry, arguments)

        _families[rule], _takes[rule] = heeding, names
        return code

    return keep


@cache
def families() -> Mapping[str, Family]:
    """All of them."""
    for path in sorted(Path(__file__).parent.glob("[a-z]*.py")):
        import_module(f"{__name__}.{path.stem}")
    return _families


def takes(rule: str) -> frozenset[str]:
    """The arguments that a family heeds."""
    families()
    return _takes[rule]


def many(value: Any) -> list[Any]:
    """An argument that may be one value or a list."""
    return list(value) if isinstance(value, list | tuple) else [] if value is None else [value]


def over(inquiry: Inquiry, name: str, judge: Callable[[Members], Lot | None], **more: Any) -> Outcome:
    """The members of a population, each kind of a union judged by itself: what one of them lacks hides no other."""
    lots, lacking = [], []
    for one in _kinds_of(name):
        try:
            lots += [
                _unless_empty(part, lot) for part in members(inquiry, one) if (lot := judge(part.flat)) is not None
            ]
        except Unrecorded as error:
            lacking.append(str(error))
    return Outcome(tuple(lots), unrecorded=tuple(lacking), **more)


def _unless_empty(part: Members, lot: Lot) -> Lot:
    """Where there is nothing to look at, nothing is counted."""
    return lot if part.few != [] else Lot(lot.kind, lot.scope.none(), lot.gaps.none())


def _kinds_of(name: str) -> Iterable[str]:
    """The populations that a union is made of, else the population itself."""
    found = catalogue.words().populations.get(name)
    return [part for other in found.any_of for part in _kinds_of(other)] if found and found.any_of else [name]


def targets(inquiry: Inquiry, names: Any) -> list[Members]:
    """The members of several populations. Raises Unrecorded."""
    return [part for name in many(names) for part in members(inquiry, name)]
