"""The permission matrix: what each role may do with each object, read from the table beside this file.

**C** create, **E** edit or move forward, **A** approve or decide, **R** read; *o* own or assigned records only.
A word in a cell ("propose", "E to acknowledged") names an act that the workflow of the kind gives to that role.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal

from comity.accounts.roles import Role

Scope = Literal["all", "own", ""]
Verb = Literal["create", "edit", "read", "approve"]

_LETTERS = re.compile(r"([CEAR]+)(o?)(?![a-z])")
_DECISIONS = frozenset({"close", "release", "reopen"})
"""Acts on records of others: who closes or releases must be able to read everything of that object."""


@dataclass(frozen=True)
class Permission:
    """What one cell grants."""

    create: bool = False
    create_own: bool = False
    edit: Scope = ""
    read: Scope = ""
    approve: bool = False

    def scope(self, verb: Verb) -> Scope:
        """How far the verb reaches: every record, one's own, or none."""
        if verb == "create":
            return ("own" if self.create_own else "all") if self.create else ""
        if verb == "approve":
            return "all" if self.approve else ""
        return self.edit if verb == "edit" else self.read


@cache
def parse(cell: str) -> Permission:
    """Read one cell. Editing and approving imply reading as far; creating, and any named act, reading one's own."""
    plain = cell.replace("*", "").strip()
    if plain in ("", "–"):
        return Permission()
    reach: dict[str, Scope] = {}
    for letters, own in _LETTERS.findall(plain):
        reach |= dict.fromkeys(letters, "own" if own else "all")
    decides = _DECISIONS & set(re.findall(r"[a-z]+", plain))
    sees_all = decides or "all" in (reach.get("R"), reach.get("E"), reach.get("A"))
    return Permission(
        create="C" in reach,
        create_own=reach.get("C") == "own",
        edit=reach.get("E", ""),
        read="all" if sees_all else "own",
        approve="A" in reach,
    )


def _table() -> list[list[str]]:
    lines = Path(__file__).with_suffix(".md").read_text(encoding="utf-8").splitlines()[2:]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


OBJECTS: dict[str, str] = {row: title for row, title, *_ in _table()}
"""What each row is about, in words."""

MATRIX: dict[str, dict[Role, str]] = {row: dict(zip(Role, cells, strict=True)) for row, _, *cells in _table()}
