"""Who may open a page of the settings: what the matrix says about parameters and about the event trail."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponseBase

from comity.accounts.matrix import MATRIX, Verb
from comity.accounts.models import Person
from comity.accounts.rights import rights_of
from comity.web.gate import page, person_of

View = Callable[..., HttpResponseBase]
ROW = "parameters"


def only(allowed: Callable[[Person], bool]) -> Callable[[View], View]:
    """A page for people inside whom the rule allows now; others are told that it is not theirs (403)."""

    def decorate(view: View) -> View:
        @wraps(view)
        def answer(request: HttpRequest, **named: Any) -> HttpResponseBase:
            if not allowed(person_of(request)):
                raise PermissionDenied
            return view(request, **named)

        return page(answer)

    return decorate


def _cell(person: Person, verb: Verb) -> bool:
    return bool(rights_of(person).may(ROW, verb))


def reads(person: Person) -> bool:
    return _cell(person, "read")


def administers(person: Person) -> bool:
    return _cell(person, "edit")


def approves(person: Person) -> bool:
    return _cell(person, "approve")


def proposes(person: Person) -> bool:
    """The process manager by the word in the cell, the administrator by the right to change."""
    return administers(person) or any("propose" in MATRIX[ROW][role] for role in rights_of(person).roles)


def reads_trail(person: Person) -> bool:
    """The whole trail, not only the lines of one's own records."""
    return rights_of(person).scope("event_trail", "read") == "all"


READERS, ADMINISTRATORS, APPROVERS, PROPOSERS = only(reads), only(administers), only(approves), only(proposes)
TRAIL_READERS = only(reads_trail)
