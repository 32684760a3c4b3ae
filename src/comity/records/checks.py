"""System checks: a misspelt field in a declaration is an error at start-up, not a surprise at a request."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.core import checks
from django.core.exceptions import FieldDoesNotExist

from comity.accounts.matrix import MATRIX
from comity.records.kind import Column, Kind, kinds


def _missing(kind: Kind, path: str) -> bool:
    model: Any = kind.model
    for name in path.split("__"):
        if name == "isnull":
            return False
        try:
            field = model._meta.get_field(name)
        except (FieldDoesNotExist, AttributeError):
            return True
        model = field.related_model
    return False


@checks.register("records")
def declarations(**_options: Any) -> list[checks.CheckMessage]:
    """Every name in every kind exists."""
    return [
        checks.Error(f"{kind.name}: {message}", id="records.E001")
        for kind in kinds()
        for message in (*_options_of(kind), *_moves_of(kind))
    ]


def _options_of(kind: Kind) -> Iterator[str]:
    named: dict[str, tuple[Any, ...]] = {
        "fields": kind.fields,
        "columns": tuple(c.value if isinstance(c, Column) else c for c in kind.columns),
        "filters": kind.filters,
        "search": kind.search,
        "own": kind.own,
        "party": (kind.party,) if kind.party else (),
        "order": (kind.order.removeprefix("-"),),
        "due": (kind.due,) if kind.due else (),
    }
    for option, paths in named.items():
        for path in paths:
            if isinstance(path, str) and _missing(kind, path):
                yield f"{option} names {path!r}, which is no field."
    for row in (kind.rules.create, kind.rules.handle):
        if row not in MATRIX:
            yield f"{row!r} is no row of the role matrix."


def _moves_of(kind: Kind) -> Iterator[str]:
    if kind.workflow is None:
        return
    states = set(dict(kind.field(kind.workflow.field).flatchoices))
    for row in kind.workflow.moves:
        targets = () if callable(row.target) else (row.target,)
        for state in (*row.sources, *targets):
            if state not in states:
                yield f"move {row.name} names {state!r}, which is no state."
        for name in (*row.requires, *row.asks):
            if _missing(kind, name):
                yield f"move {row.name} names {name!r}, which is no field."
