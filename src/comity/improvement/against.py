"""The requirement that something is raised against. Standards live in a room above, which says what there is."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from typing import Any, TypeVar

from django.db.models import QuerySet

from comity.accounts.models import Person
from comity.accounts.rights import Rights

Raised = TypeVar("Raised", bound=Any)
Known = Callable[[str], bool]
Shown = Callable[[Person], Collection[str] | None]
_known: list[Known] = []
_shown: list[Shown] = []


def judged_by(known: Known, shown: Shown) -> None:
    """Let a room say whether there is a requirement, and which ones a person may see (None: all of them)."""
    _known.append(known)
    _shown.append(shown)


def is_known(requirement: str) -> bool:
    """Whether a standard has a requirement of that number; whatever is written passes where nobody knows any."""
    return not _known or any(known(requirement) for known in _known)


def _seen(person: Person) -> frozenset[str] | None:
    """What may stand in the column of requirements for this person; None: anything."""
    found = [{"", *seen} for shown in _shown if (seen := shown(person)) is not None]
    return frozenset.intersection(*map(frozenset, found)) if found else None


def within_scope(rows: QuerySet[Any], person: Person, rights: Rights) -> QuerySet[Any]:
    """An auditor from outside sees what was raised against the standards that he was invited for, or against none."""
    seen = _seen(person)
    return rows if seen is None else rows.filter(requirement__in=seen)


def shown_to(person: Person, records: Iterable[Raised]) -> list[Raised]:
    """The same of records that are named where somebody may not read them all."""
    seen = _seen(person)
    return [one for one in records if seen is None or one.requirement in seen]
