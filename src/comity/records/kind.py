"""The declaration of a record kind, and the registry of all kinds. Pages, API, import and tests derive from it."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Any

from django.db import models
from django.utils.functional import Promise

from comity.records.workflow import Workflow

if TYPE_CHECKING:
    from django.forms import ModelForm

    from comity.records.models import Record

type_of_narrow = Callable[[models.QuerySet[Any], Any, Any], models.QuerySet[Any]]


@dataclass(frozen=True)
class May:
    """The rows of the role matrix that govern a kind: who may register, who may read and change."""

    create: str
    handle: str


@dataclass(frozen=True)
class Column:
    """A column of a register that is not simply a field: a label, and a path or a function of the record."""

    label: str | Promise
    value: str | Callable[[Any], Any]
    sort: str = ""


@dataclass(frozen=True)
class Asked:
    """A filter that is a question, not a field; input: choice, flag or date. A `quiet` one is shown while in use."""

    name: str
    label: str | Promise
    input: str
    condition: Callable[[str], models.Q]
    choices: tuple[tuple[str, str | Promise], ...] = ()
    quiet: bool = False

    def __str__(self) -> str:
        return self.name


@dataclass(frozen=True, eq=False)
class Kind:
    """Everything a kind can say about itself. Sixteen options at most; a seventeenth needs an ADR."""

    model: type[Record]
    ref: str  # "CMP" gives CMP-00042
    may: str | May  # rows of accounts.matrix
    fields: tuple[str, ...]  # what people may enter, in form order, at every door
    columns: tuple[str | Column, ...]  # register, API list, export
    filters: tuple[str | Asked, ...] = ()
    search: tuple[str, ...] = ()  # text fields, paths allowed
    workflow: Workflow | None = None
    form: type[ModelForm[Any]] | None = None  # a hand-written form, subclass of records.forms.RecordForm
    narrow: type_of_narrow | None = None  # hides rows further: (rows, person, rights) -> rows
    party: str = ""  # path to the person of the outside party that may see its own records
    own: tuple[str, ...] = ("owner",)  # paths that make a record one's own; "x__isnull" counts the unassigned too
    order: str = "-entered_at"  # an indexed column
    due: str = ""  # the indexed column of the next deadline
    icon: str = "file"
    group: str | Promise = ""  # heading in the navigation; empty keeps the kind out of it
    _derived: dict[str, Any] = field(default_factory=dict, repr=False, init=False)

    @cached_property
    def name(self) -> str:
        """The vocabulary's name: case, agreement_version."""
        return _snake(self.model)

    @cached_property
    def path(self) -> str:
        """The plural in addresses: cases, responsibilities, agreement-versions."""
        words = self.name.replace("_", "-")
        if words.endswith("y") and words[-2] not in "aeiou":
            return words[:-1] + "ies"
        return words + ("es" if words.endswith(("s", "sh", "ch", "x")) else "s")

    @cached_property
    def searched(self) -> frozenset[str]:
        """The fields whose change asks for new search words."""
        return frozenset(path.split("__")[0] for path in self.search)

    @property
    def label(self) -> str:
        return str(self.model._meta.verbose_name)

    @property
    def plural(self) -> str:
        return str(self.model._meta.verbose_name_plural)

    @property
    def url(self) -> str:
        return f"/{self.path}/"

    @property
    def rules(self) -> May:
        return self.may if isinstance(self.may, May) else May(create=self.may, handle=self.may)

    def field(self, name: str) -> models.Field[Any, Any]:
        return self.model._meta.get_field(name)  # type: ignore[return-value]


_kinds: dict[str, Kind] = {}


@lru_cache(maxsize=500)
def _snake(model: Any) -> str:
    return re.sub(r"(?<!^)(?=[A-Z])", "_", model.__name__).lower()


def register(kind: Kind) -> Kind:
    """Add a kind to the registry. Called at the bottom of a room's kinds.py."""
    if _kinds.setdefault(kind.name, kind) is not kind:
        raise ValueError(f"Two kinds are named {kind.name}.")
    return kind


def kinds() -> list[Kind]:
    return list(_kinds.values())


def kind_named(name: str) -> Kind:
    """The kind of that name. Raises KeyError."""
    return _kinds[name]


def kind_at(path: str) -> Kind | None:
    return next((kind for kind in _kinds.values() if kind.path == path), None)


def kind_of(thing: models.Model | type[models.Model]) -> Kind:
    """The kind of a record or of its model. Raises KeyError where the model is no kind."""
    return _kinds[_snake(thing._meta.model)]


def is_kind(model: Any) -> bool:
    return bool(getattr(model, "_meta", None)) and _snake(model._meta.model) in _kinds
