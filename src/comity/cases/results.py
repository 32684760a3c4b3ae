"""What one achieved oneself, against what was promised in one's cases. Nobody sees anybody else's (CSMS:2003 4.1)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any
from urllib.parse import urlencode

from django.core.exceptions import PermissionDenied
from django.db.models import Count, Q
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
from comity.cases.rules.figures import monday
from comity.improvement.rules import FEW
from comity.records.access import readable
from comity.records.kind import kind_named
from comity.web.gate import page, person_of
from comity.web.navigation import place


@dataclass(frozen=True)
class Result:
    """How many promises of one sort were kept and missed in a period, each with the way to its cases."""

    kept: int
    missed: int
    kept_url: str
    missed_url: str

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


def own(person: Person) -> dict[str, Any]:
    """The figures of the cases that this person handles, in one count over them."""
    spans, counts = periods(day_of(timezone.now())), {"open": Q(status__in=OPEN)}
    counts["late"] = counts["open"] & Q(next_due_at__lt=timezone.now())
    for name, (_label, since) in spans.items():
        for step in PROMISED:
            done = Q(**{f"{step}_at__gte": begin_of(since)})
            counts |= {f"{name}_{step}_kept": done & kept(step), f"{name}_{step}_missed": done & missed(step)}
    rows = readable(kind_named("case"), person).filter(handler=person, archived_at=None)
    found = rows.aggregate(**{name: Count("pk", filter=condition) for name, condition in counts.items()})

    def results(step: str) -> Iterator[Result]:
        for name, (_label, since) in spans.items():
            numbers = [found[f"{name}_{step}_{how}"] for how in ("kept", "missed")]
            begun = {f"{step}_from": since.isoformat()}
            yield Result(*numbers, *(_register(person, {how: step, **begun}) for how in ("kept", "missed")))

    return {
        "periods": [label for label, _since in spans.values()],
        "steps": [(label, list(results(step))) for step, (label, _due) in PROMISED.items()],
        "open": (found["open"], _register(person, {"unresolved": "yes"})),
        "late": (found["late"], _register(person, {"unresolved": "yes", "late": "yes"})),
        "few": FEW,
    }


def _register(person: Person, asked: dict[str, str]) -> str:
    return f"/cases/?{urlencode({'handler': person.email, **asked})}"


@page
def show(request: HttpRequest) -> HttpResponse:
    """One's own results; whose they are cannot be asked."""
    person = person_of(request)
    if not works_on_cases(person):
        raise PermissionDenied
    return render(request, "cases/results.html", own(person))
