"""What changed between two dates: which verdicts are others now, and why."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _

from comity.compliance.catalogue import Requirement, Standard
from comity.compliance.operations import computing
from comity.compliance.pages import access, words
from comity.compliance.rules.verdicts import WORST_FIRST
from comity.records.forms import sensible
from comity.web.gate import person_of

MONTH = timedelta(days=30)


@dataclass(frozen=True)
class Change:
    """A requirement whose verdict is another one now."""

    requirement: Requirement
    before: Any  # the answer that held at the earlier date; None where it was not asked yet
    after: Any

    @property
    def text(self) -> str:
        return words.text(self.requirement)

    @property
    def url(self) -> str:
        return words.url(self.requirement)

    @property
    def was(self) -> Any:
        return words.verdict(self.before.verdict) if self.before else ""

    @property
    def now(self) -> Any:
        return words.verdict(self.after.verdict)

    @property
    def worse(self) -> bool:
        return self.before is not None and _rank(self.after.verdict) < _rank(self.before.verdict)


def _rank(verdict: str) -> int:
    return [str(one) for one in WORST_FIRST].index(verdict) if verdict in WORST_FIRST else len(WORST_FIRST)


def end_of(day: date) -> datetime:
    """The last moment of a day where the reader is, or now if it has not come."""
    return min(timezone.make_aware(datetime.combine(day, time.max)), timezone.now())


def day_of(text: str) -> date | None:
    """The day that an address names, if it makes sense and has come."""
    try:
        day = parse_date(text)
    except ValueError:
        return None
    return day if day and sensible(day) and day <= timezone.localdate() else None


def between(
    since: datetime, until: datetime, standards: Mapping[str, Standard], after: Mapping[str, Any] | None = None
) -> list[Change]:
    """The requirements of these standards with another verdict at the later moment; what got worse first."""
    later = after if after is not None else computing.latest(until)
    if not any(since < one.since for one in later.values()):
        return []
    earlier = computing.latest(since)
    known = (one for standard in standards.values() for one in standard.requirements)
    found = [
        Change(one, earlier.get(one.id), later[one.id])
        for one in known
        if one.id in later and one.id in earlier and earlier[one.id].verdict != later[one.id].verdict
    ]
    return sorted(found, key=lambda one: (not one.worse, -one.after.since.timestamp()))


@access.readers
def show(request: HttpRequest) -> HttpResponse:
    """Any two dates: verdicts that changed, with the reason that holds at the later one."""
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
    changes = between(end_of(since), end_of(until), standards)
    context = {
        "since": since, "until": until, "standard": chosen, "wrong": wrong,
        "standards": [(code, words.title(one)) for code, one in access.standards_of(person).items()],
        "changes": _told(person, changes), "worse": sum(one.worse for one in changes),
    }  # fmt: skip
    return render(request, "compliance/changes.html", context, status=400 if wrong else 200)


def _told(person: Any, changes: Iterable[Change]) -> list[tuple[Change, str]]:
    changes = list(changes)
    told = words.reasons(person, [one.after for one in changes])
    return [(one, told[one.requirement.id]) for one in changes]
