"""What the analysis is asked for, by whom, and what they may see: figures of what one may read as a whole only."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any
from urllib.parse import urlencode

from django.core.exceptions import PermissionDenied
from django.utils import timezone
from django.utils.translation import gettext as _

from comity.accounts.models import Person
from comity.accounts.rights import rights_of
from comity.agreements.models import Service
from comity.cases.figures.facts import day_of
from comity.cases.figures.reading import Scope
from comity.cases.rules import figures as rules
from comity.parties.models import Customer
from comity.records.access import readable
from comity.records.kind import kind_of

ROWS = ("analysis", "case_handle")
MONTHS = 12
LONGEST = 60  # months


def units_of(person: Person) -> frozenset[int] | None:
    """The units whose figures the person may read; None is all of them. Raises PermissionDenied without any."""
    rights = rights_of(person)
    roles = [role for role in rights.roles if all(rights.cell(row, role).scope("read") == "all" for row in ROWS)]
    units = rights.units(roles) if roles else frozenset()
    if units is not None and not units:
        raise PermissionDenied
    return units


def reads_figures(person: Person) -> bool:
    try:
        units_of(person)
    except PermissionDenied:
        return False
    return True


@dataclass(frozen=True)
class Question:
    """A period of whole months, perhaps one customer and one service; `wrong` says what of it made no sense."""

    scope: Scope
    customer: Customer | None = None
    service: Service | None = None
    wrong: tuple[str, ...] = ()

    @classmethod
    def of(cls, person: Person, asked: Any) -> Question:
        """The question in the address, completed and bounded, within the person's rights."""
        units, wrong = units_of(person), []
        today = day_of(timezone.now())
        last = _month(asked.get("to", "")) or today.replace(day=1)
        first = _month(asked.get("from", "")) or rules.after(last, 1 - MONTHS)
        for name, month in (("from", first), ("to", last)):
            if asked.get(name) and _month(asked.get(name, "")) != month:
                wrong.append(_("A month is written as 2026-03."))
        if first > last:
            first = rules.after(last, 1 - MONTHS)
            wrong.append(_("The period ended before it began."))
        first = max(first, rules.after(last, 1 - LONGEST))
        customer = _named(Customer, person, asked.get("customer", ""), wrong)
        service = _named(Service, person, asked.get("service", ""), wrong)
        scope = Scope(first, last, customer.pk if customer else 0, service.pk if service else 0, units)
        return cls(scope, customer, service, tuple(wrong))

    @cached_property
    def ends(self) -> tuple[date, date]:
        """First and last day."""
        return self.scope.first, date.fromordinal(rules.after(self.scope.last).toordinal() - 1)

    @cached_property
    def _named(self) -> str:
        """Customer and service, as both addresses name them."""
        named = (("customer", self.customer), ("service", self.service))
        return "".join(f"&{name}={row.ref}" for name, row in named if row)

    @property
    def query(self) -> str:
        """The question as an address."""
        return f"from={self.scope.first:%Y-%m}&to={self.scope.last:%Y-%m}{self._named}"

    def records(self, first: date | None = None, last: date | None = None, **more: Any) -> str:
        """The register with exactly the records behind a number: of the period, or of some days of it."""
        begin, end = self.ends
        return self.received(max(first or begin, begin), min(last or end, end), **more)

    def received(self, first: date, last: date, **more: Any) -> str:
        """The register with what was received on these days, be they of the period or not."""
        days = f"day_from={first.isoformat()}&day_to={last.isoformat()}"
        asked = f"&{urlencode(more, doseq=True)}" if more else ""
        return f"/cases/?in_figures=yes&{days}{self._named}{asked}"

    def left(self) -> str:
        """The register with those that left the figures in the period."""
        begin, end = self.ends
        days = f"left_from={begin.isoformat()}&left_to={end.isoformat()}"
        return f"/cases/?left_figures=yes&{days}{self._named}"


def _month(text: str) -> date | None:
    found = re.fullmatch(r"(20\d\d|19\d\d)-(0[1-9]|1[0-2])", text.strip())
    return date(int(found[1]), int(found[2]), 1) if found else None


def _named(model: Any, person: Person, text: str, wrong: list[str]) -> Any:
    ref = text.split(" · ")[0].strip()
    if not ref:
        return None
    found = readable(kind_of(model), person).filter(ref=ref).first()
    if found is None:
        wrong.append(_("“%(value)s” is not known here, or may not be read by you.") % {"value": ref[:60]})
    return found
