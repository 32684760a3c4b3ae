"""What one achieved oneself, against what was promised in one's cases. Nobody sees anybody else's (CSMS:2003 4.1)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from urllib.parse import urlencode

from django.core.exceptions import PermissionDenied
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from comity.accounts.models import Person
from comity.accounts.rights import rights_of
from comity.accounts.roles import CONTACTS
from comity.cases.figures.facts import OPEN, begin_of, day_of
from comity.cases.figures.filters import PROMISED, kept, missed
from comity.cases.models import Case
from comity.cases.rules.figures import monday
from comity.improvement.rules import FEW
from comity.records.access import readable
from comity.records.kind import kind_named
from comity.web.gate import page, person_of
from comity.web.navigation import place

YEAR = timedelta(days=365)


@dataclass(frozen=True)
class Result:
    """How many promises of one sort were kept and missed in a period, each with the way to its cases."""

    kept: int
    missed: int
    kept_url: str = ""
    missed_url: str = ""

    @property
    def share(self) -> int | None:
        """Per cent kept; below five cases none is told."""
        total = self.kept + self.missed
        return round(100 * self.kept / total) if total >= FEW else None


def works_on_cases(person: Person) -> bool:
    return bool(rights_of(person).may("case_handle", "edit") - CONTACTS)


place(
    _("My results"), "/cases/results/", icon="target", group=_("Complaint desk"), order=25, visible=works_on_cases
)  # fmt: skip


def periods(today: date) -> dict[str, tuple[str | Promise, date]]:
    """From which day on each period counts, up to now."""
    return {
        "today": (_("Today"), today), "week": (_("This week"), monday(today)),
        "month": (_("This month"), today.replace(day=1)),
    }  # fmt: skip


def counted(rows: QuerySet[Case], since: Mapping[str, date], **more: Q) -> dict[str, int]:
    """How often each promise was kept and missed since each of these days (`month_answered_kept`), and whatever else
    is to be counted, in one query."""
    counts = dict(more)
    for name, day in since.items():
        for step in PROMISED:
            done = Q(**{f"{step}_at__gte": begin_of(day)})
            counts |= {f"{name}_{step}_kept": done & kept(step), f"{name}_{step}_missed": done & missed(step)}
    return rows.filter(archived_at=None).aggregate(
        **{name: Count("pk", filter=condition) for name, condition in counts.items()}
    )


def own(person: Person) -> dict[str, Any]:
    """The figures of the cases that this person handles."""
    spans, waits = periods(day_of(timezone.now())), Q(status__in=OPEN)
    since = {name: day for name, (_label, day) in spans.items()}
    rows = readable(kind_named("case"), person).filter(handler=person)
    found = counted(rows, since, open=waits, late=waits & Q(next_due_at__lt=timezone.now()))

    def results(step: str) -> Iterator[Result]:
        for name, day in since.items():
            asked = {f"{step}_from": day.isoformat()}
            urls = (_register(person, {how: step, **asked}) for how in ("kept", "missed"))
            yield Result(found[f"{name}_{step}_kept"], found[f"{name}_{step}_missed"], *urls)

    return {
        "periods": [label for label, _day in spans.values()],
        "steps": [(label, list(results(step))) for step, (label, _due) in PROMISED.items()],
        "open": (found["open"], _register(person, {"unresolved": "yes"})),
        "late": (found["late"], _register(person, {"unresolved": "yes", "late": "yes"})),
        "few": FEW,
    }


def outside(person: Person) -> list[tuple[str | Promise, Result]]:
    """How the promises were kept in a year of the cases that this contact of a customer sees; none where none fell due.

    Each case counts by the agreement that bound it, the charter where there is no other (ISO 10001, CSMS:2003 4.6).
    """
    rows = readable(kind_named("case"), person)
    found = counted(rows, {"year": day_of(timezone.now()) - YEAR})
    results = [(label, Result(found[f"year_{step}_kept"], found[f"year_{step}_missed"]))
               for step, (label, _due) in PROMISED.items()]  # fmt: skip
    return [(label, one) for label, one in results if one.kept or one.missed]


def _register(person: Person, asked: dict[str, str]) -> str:
    return f"/cases/?{urlencode({'handler': person.email, **asked})}"


@page
def show(request: HttpRequest) -> HttpResponse:
    """One's own results; whose they are cannot be asked."""
    person = person_of(request)
    if not works_on_cases(person):
        raise PermissionDenied
    return render(request, "cases/results.html", own(person))
