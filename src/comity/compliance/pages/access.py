"""Who may see verdicts: those who read assessments as a whole (the matrix of roles); who only reads starts nothing."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponseBase

from comity.accounts.models import Person
from comity.accounts.rights import rights_of
from comity.compliance import catalogue
from comity.compliance.catalogue import Requirement, Standard
from comity.compliance.operations.scope import scope_of
from comity.records.access import may_note
from comity.web.gate import page, person_of

View = Callable[..., HttpResponseBase]
ROW = "assessment"


def reads(person: Person) -> bool:
    """May this person see what the checks found?"""
    return rights_of(person).scope(ROW, "read") == "all"


def computes(person: Person) -> bool:
    """May this person start a computation? Auditors leave nothing behind."""
    return reads(person) and may_note(person)


def readers(view: View) -> View:
    """A page for those who may see verdicts; others are told that it is not theirs (403)."""

    @wraps(view)
    def answer(request: HttpRequest, **named: Any) -> HttpResponseBase:
        if not reads(person_of(request)):
            raise PermissionDenied
        return view(request, **named)

    return page(answer)


def standards_of(person: Person) -> Mapping[str, Standard]:
    """The standards that this person may see."""
    scope = scope_of(person)
    known = catalogue.standards() if reads(person) else {}
    return {code: one for code, one in known.items() if scope is None or code in scope}


def standard_at(person: Person, code: str) -> Standard:
    """One of them by its code. Raises Http404."""
    try:
        return standards_of(person)[code]
    except KeyError:
        raise Http404 from None


def requirement_at(person: Person, code: str, name: str) -> Requirement:
    """A requirement of the standard. Raises Http404."""
    found = catalogue.requirements().get(name)
    if found is None or found.standard != standard_at(person, code).code:
        raise Http404
    return found
