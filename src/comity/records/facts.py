"""What rooms tell the checks: how their kinds answer to the words of requirements. No standard is known here.

    vocabulary("channel", Channel, purposes="purposes__code", customers=Fact("customers", to="customer"))
    tie("service", "agreement", "agreement_versions")

    @population("agreements_covering_service")
    def covering(as_of, rows, **values): ...

    @predicate("numbering_unbroken")
    def numbering_unbroken(as_of, rows, **values): ...

A room calls these in its `checks.py`. A name that a kind does not answer to is not recorded by this installation;
whoever asks for it gets `Unrecorded`, never an empty answer.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeVar

from django.core.exceptions import FieldDoesNotExist
from django.db import models

Rows = models.QuerySet[Any]


class Unrecorded(LookupError):
    """A kind, a name of it, or a piece of code is asked for that this installation lacks; the message names it."""


@dataclass(frozen=True)
class Fact:
    """How a kind answers to one name: a path of columns, where it leads, and which stored values a word stands for."""

    path: str = ""
    to: str = ""  # the kind that it leads to
    words: Mapping[str, Collection[Any]] = field(default_factory=dict)
    holds: Callable[[datetime], models.Q] | None = None  # for a name that is true or false at a moment
    by_ref: bool = False  # the column holds the reference of a record of any kind
    of: Callable[[Rows], models.Q] | None = None  # where no column leads there: which rows belong to rows of that kind
    filled: models.Q | None = None  # when it counts as filled, where that is more than the one column


@dataclass(frozen=True)
class Vocabulary:
    """A kind of the catalogue, the rows that it stands for here, and its names."""

    kind: str
    model: type[models.Model]
    facts: Mapping[str, Fact]
    only: models.Q = field(default_factory=models.Q)

    @property
    def rows(self) -> Rows:
        return self.model._default_manager.filter(self.only)

    def fact(self, name: str) -> Fact:
        """The declared answer, or the column of that name. Raises Unrecorded."""
        found = self.facts.get(name)
        if found is not None:
            return found
        try:
            column: Any = self.model._meta.get_field(name)
        except FieldDoesNotExist:
            raise Unrecorded(f"{self.kind}.{name}") from None
        target = column.related_model if column.is_relation else None
        return Fact(name, to=_kind_of_model.get(target, "") if target else "")

    def at(self, name: str, moment: datetime) -> models.Q:
        """That a name which is true or false of a record holds at that moment. Raises Unrecorded."""
        holds = self.fact(name).holds
        if holds is None:
            raise Unrecorded(f"{self.kind}.{name} at a moment")
        return holds(moment)


Part = tuple[Rows, Rows]  # scope and gaps, over one kind
Predicate = Callable[..., Part]
Narrowing = Callable[..., Rows]
Code = TypeVar("Code", bound=Callable[..., Any])

_vocabularies: dict[str, Vocabulary] = {}
_kind_of_model: dict[Any, str] = {}
_ties: dict[tuple[str, str], str] = {}
_populations: dict[str, Narrowing] = {}
_predicates: dict[str, Predicate] = {}
_clocks: dict[str, Callable[..., Any]] = {}


def vocabulary(kind: str, model: type[models.Model], only: models.Q | None = None, **facts: str | Fact) -> Vocabulary:
    """Say which rows a kind of the catalogue stands for, and how they answer to its names where a column differs."""
    answers = {name: Fact(told) if isinstance(told, str) else told for name, told in facts.items()}
    made = Vocabulary(kind, model, answers, only or models.Q())
    if _vocabularies.setdefault(kind, made) is not made:
        raise ValueError(f"The vocabulary of {kind} is told twice.")
    _kind_of_model.setdefault(model, kind)
    return made


def spoken(kind: str) -> Vocabulary:
    """The vocabulary of a kind. Raises Unrecorded."""
    try:
        return _vocabularies[kind]
    except KeyError:
        raise Unrecorded(kind) from None


def kind_of_model(model: object) -> str:
    """The catalogue's name of the kind whose rows are of this model. Raises Unrecorded."""
    try:
        return _kind_of_model[model]
    except KeyError:
        raise Unrecorded(str(model)) from None


def kinds_spoken() -> Collection[str]:
    return _vocabularies.keys()


def tie(kind: str, other: str, path: str) -> None:
    """The path of columns from one kind to another that it depends on; read in both directions."""
    _ties[kind, other] = path


def tied(kind: str, other: str) -> str:
    """The path from a kind to another; empty where none is declared."""
    return _ties.get((kind, other), "")


def _registry(table: dict[str, Any], name: str) -> Callable[[Code], Code]:
    def keep(code: Code) -> Code:
        if table.setdefault(name, code) is not code:
            raise ValueError(f"{name} is told twice.")
        return code

    return keep


def population(name: str) -> Callable[[Code], Code]:
    """Code for the `text:` part of a population: (as_of, rows, **parameters) -> the rows of them that belong to it."""
    return _registry(_populations, name)


def predicate(name: str) -> Callable[[Code], Code]:
    """Code for a check that no rule family covers: (as_of, rows, **arguments and parameters) -> (scope, gaps)."""
    return _registry(_predicates, name)


def clock(name: str) -> Callable[[Code], Code]:
    """Code for a clock: (inquiry) -> Timed."""
    return _registry(_clocks, name)


_tables: dict[str, dict[str, Callable[..., Any]]] = {
    "population": _populations,
    "predicate": _predicates,
    "clock": _clocks,
}


def knows(table: str, name: str) -> bool:
    """Whether there is code under the name; table is population, predicate or clock."""
    return name in _tables[table]


def code(table: str, name: str) -> Callable[..., Any]:
    """The code under a name; table is population, predicate or clock. Raises Unrecorded."""
    if not knows(table, name):
        raise Unrecorded(f"{table} {name}")
    return _tables[table][name]


@dataclass(frozen=True)
class Timed:
    """How rows stand with a clock: stopped late or past its time; running in time; exempt. The rest was in time."""

    late: models.Q
    running: models.Q
    exempt: models.Q = field(default_factory=lambda: models.Q(pk__in=[]))
