"""System checks: a misspelt field in a declaration is an error of `comity check_system`, not a surprise at a request."""

from __future__ import annotations

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
    found: list[checks.CheckMessage] = []
    for kind in kinds():
        named = {
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
                    found.append(
                        checks.Error(f"{kind.name}: {option} names {path!r}, which is no field.", id="records.E001")
                    )
        for row in (kind.rules.create, kind.rules.handle):
            if row not in MATRIX:
                found.append(checks.Error(f"{kind.name}: {row!r} is no row of the role matrix.", id="records.E002"))
        if kind.workflow:
            states = set(dict(kind.field(kind.workflow.field).flatchoices))
            for row_ in kind.workflow.moves:
                targets = () if callable(row_.target) else (row_.target,)
                for state in (*row_.sources, *targets):
                    if state not in states:
                        found.append(
                            checks.Error(
                                f"{kind.name}: move {row_.name} names {state!r}, which is no state.", id="records.E003"
                            )
                        )
                for name in (*row_.requires, *row_.asks):
                    if _missing(kind, name):
                        found.append(
                            checks.Error(
                                f"{kind.name}: move {row_.name} names {name!r}, which is no field.", id="records.E004"
                            )
                        )
    return found
