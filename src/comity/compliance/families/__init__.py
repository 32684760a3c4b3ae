"""The rule families of the catalogue, by name: (inquiry, arguments) -> Outcome."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any, TypeVar

from comity.compliance.inquiry import Inquiry
from comity.compliance.outcome import Outcome

Arguments = Mapping[str, Any]
Family = Callable[[Inquiry, Arguments], Outcome]
Code = TypeVar("Code", bound=Family)

_families: dict[str, Family] = {}


def family(code: Code) -> Code:
    """Register a rule family under the name of its function."""
    _families[code.__name__] = code
    return code


def families() -> Mapping[str, Family]:
    """All of them."""
    for module in ("duties", "papers", "reactions", "registers", "times", "together"):
        import_module(f"comity.compliance.families.{module}")
    return _families


def many(value: Any) -> list[Any]:
    """An argument that may be one value or a list."""
    return list(value) if isinstance(value, list | tuple) else [] if value is None else [value]
