"""Registers narrowed to what a requirement looked at, or to what falls short of it.

    /cases/?gaps=BRM-3.3-9          the cases that fall short now, in the register of cases, within one's rights
    /cases/?scope=BRM-3.3-9&as_of=2026-03-31

Both lists are computed for the one requirement when they are opened: they agree with the records, not with a copy.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Q
from django.utils.html import escape, format_html
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from comity.accounts.models import Person
from comity.accounts.rights import is_contact
from comity.compliance.catalogue import Requirement, requirements
from comity.compliance.operations.lists import Found, found
from comity.compliance.operations.moments import day_of, end_of
from comity.compliance.operations.scope import covers
from comity.compliance.pages import access, words
from comity.records.access import readable
from comity.records.kind import Kind
from comity.records.reading import BadQuery, Narrowing, narrowings

NAMES = ("gaps", "scope", "as_of")


@dataclass(frozen=True)
class Asked:
    """Which list of which requirement is asked for, and of which day."""

    requirement: Requirement
    gaps: bool
    day: date | None

    @property
    def moment(self) -> datetime | None:
        return end_of(self.day) if self.day else None

    def rows(self, kind: Kind, person: Person) -> Found:
        """Found anew; what was so on a day that has passed, once for a request, which reads its person anew."""
        if self.day is None:
            return found(kind, self.requirement, self.gaps)
        known: dict[Any, Found] = person.__dict__.setdefault("_narrowed", {})
        key = kind.name, self.requirement.id, self.gaps, self.day
        if key not in known:
            known[key] = found(kind, self.requirement, self.gaps, self.moment)
        return known[key]


def asked(person: Person, params: Mapping[str, Any]) -> Asked | None:
    """What the address asks for. Raises BadQuery for a day that there is not, and for a requirement that there is not
    for this person: verdicts are nothing for contacts, and auditors have the standards they were invited for."""
    name = params.get("gaps") or params.get("scope")
    if not name:
        return None
    known, told = requirements().get(str(name)), str(params.get("as_of") or "")
    day = day_of(told)
    if known is None or is_contact(person) or not covers(person, known.standard):
        raise BadQuery("gaps" if params.get("gaps") else "scope")
    if told and day is None:
        raise BadQuery("as_of")
    return Asked(known, bool(params.get("gaps")), day)


def condition(kind: Kind, person: Person, params: Mapping[str, Any]) -> Q:
    """The rows of the register that the address leaves."""
    wanted = asked(person, params)
    return Q() if wanted is None else wanted.rows(kind, person).question


def hidden(kind: Kind, person: Person, list_: Found) -> int:
    """How many of the list this person must not see; told only to those who may see verdicts, for it is in those."""
    if not access.reads(person):
        return 0
    return max(0, list_.beside(readable(kind, person)))


def told(kind: Kind, person: Person, params: Mapping[str, Any]) -> str:
    """What stands above the list: the requirement, the day, what is not shown, and the way back."""
    if (wanted := asked(person, params)) is None:
        return ""
    one = wanted.requirement
    name = format_html('<a href="{}">{}</a>', words.url(one), one.id) if access.reads(person) else escape(one.id)
    head = _("What falls short of %(name)s.") if wanted.gaps else _("What %(name)s looks at.")
    said = escape(head) % {"name": name} + " " + escape(words.text(one))
    if wanted.day:
        said += " " + escape(_("As of %(day)s; the records are shown as they are now.") % {"day": wanted.day})
    if missing := hidden(kind, person, wanted.rows(kind, person)):
        more = ngettext("%(n)s more is not visible to you.", "%(n)s more are not visible to you.", missing)
        said += " " + escape(more % {"n": missing})
    return f'{said} <a href="{kind.url}">{escape(_("Show all"))}</a>'


narrowings.append(Narrowing(NAMES, condition, told))
