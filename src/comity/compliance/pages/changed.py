"""What changed between two dates: which verdicts are others now, and why."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _

from comity.compliance.catalogue import Requirement, Standard
from comity.compliance.operations import computing
from comity.compliance.operations.history import Change, changes
from comity.compliance.operations.moments import day_of, end_of
from comity.compliance.pages import access, words
from comity.compliance.rules.verdicts import WORST_FIRST
from comity.web.gate import person_of

MONTH = timedelta(days=30)


@dataclass(frozen=True)
class Shown:
    """A change as pages show it."""

    change: Change

    @property
    def requirement(self) -> Requirement:
        return self.change.requirement

    @property
    def text(self) -> str:
        return words.text(self.requirement)

    @property
    def url(self) -> str:
        return words.url(self.requirement)

    @property
    def was(self) -> Any:
        return words.verdict(words.shown(self.change.before)) if self.change.before else ""

    @property
    def now(self) -> Any:
        return words.verdict(words.shown(self.change.after))

    @property
    def turned(self) -> bool:
        """Is the verdict another one?"""
        return self.change.before is not None and self.was != self.now

    @property
    def worse(self) -> bool:
        before, after = self.change.before, self.change.after
        return before is not None and _rank(after.verdict) < _rank(before.verdict)


def _rank(verdict: str) -> int:
    return [str(one) for one in WORST_FIRST].index(verdict) if verdict in WORST_FIRST else len(WORST_FIRST)


def turned(since: datetime, standards: Mapping[str, Standard], now: Mapping[str, Any]) -> list[Shown]:
    """The requirements of these standards with another verdict now than at an earlier moment; what got worse first."""
    if not any(since < one.since for one in now.values()):
        return []
    then = computing.latest(since)
    known = (one for standard in standards.values() for one in standard.requirements)
    every = [Shown(Change(one, then[one.id], now[one.id])) for one in known if one.id in now and one.id in then]
    return _in_order(one for one in every if one.turned)


def _in_order(found: Iterable[Shown]) -> list[Shown]:
    """What got worse first, then other verdicts, then other gaps; of each the latest first."""
    return sorted(found, key=lambda one: (not one.worse, not one.turned, -one.change.after.since.timestamp()))


@access.readers
def show(request: HttpRequest) -> HttpResponse:
    """Any two dates: verdicts and gaps that are others at the later one, and why."""
    person, asked, today = person_of(request), request.GET, timezone.localdate()
    standards, wrong = access.standards_of(person), []
    chosen = asked.get("standard", "")
    if chosen:
        standards = {chosen: access.standard_at(person, chosen)}
    since, until = (day_of(asked.get(name, "")) for name in ("since", "until"))
    for name, day in (("since", since), ("until", until)):
        if asked.get(name) and day is None:
            wrong.append(_("“%(value)s” is no day that has come.") % {"value": asked[name][:20]})
    until = until or today
    since = since or until - MONTH
    if since > until:
        since, until = until, since
    found = (Shown(one) for one in changes(end_of(since), end_of(until), chosen))
    shown = _in_order(one for one in found if one.change.before and one.requirement.standard in standards)
    context = {
        "since": since, "until": until, "standard": chosen, "wrong": wrong,
        "standards": [(code, words.title(one)) for code, one in access.standards_of(person).items()],
        "changes": shown, "n": sum(one.turned for one in shown),
    }  # fmt: skip
    return render(request, "compliance/changes.html", context, status=400 if wrong else 200)
