"""What is due, as a calendar that a person's own program fetches (RFC 5545).

The address holds a secret, made and revoked on the account page; it opens this calendar and nothing else. At each
fetch only what the person may read at that moment is in it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from hashlib import sha256
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.utils import timezone
from django.utils.cache import get_conditional_response
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, override
from django.views.decorators.http import require_safe

from comity.accounts.models import ApiToken, Person
from comity.accounts.rights import is_contact
from comity.cases.models import Case
from comity.cases.models.choices import Status
from comity.cases.models.timing import COLUMN, STOPPED_BY
from comity.cases.pages import CLOCKS
from comity.cases.rules.deadlines import Clock
from comity.home import work

MOST = 1000  # events; the earliest ones
HOUR, EVENING = (
    timedelta(hours=1),
    timedelta(hours=15),
)  # before the time; before the day begins: at nine the day before
OTHER = {"promised_at": gettext_lazy("Promised to the customer"), "news_due_at": gettext_lazy("Progress notice")}


@dataclass(frozen=True)
class Due:
    """One date of a record: which one, in words, and when: a moment, or a day."""

    record: Any
    name: str
    label: str
    at: datetime | date


@require_safe
@login_not_required
def calendar(request: HttpRequest, secret: str) -> HttpResponseBase:
    """The calendar of whoever the secret stands for; 304 while nothing has changed."""
    token = ApiToken.authenticate(secret, ApiToken.CALENDAR)
    if token is None or is_contact(token.person):
        raise Http404
    site = str(settings.URL or request.build_absolute_uri("/")).rstrip("/")
    content = written(token.person, site)
    headers = {"Cache-Control": "private, no-cache", "ETag": f'"{sha256(content).hexdigest()[:32]}"'}
    answer = HttpResponse(content, content_type="text/calendar; charset=utf-8", headers=headers)
    return get_conditional_response(request, headers["ETag"], response=answer) or answer


def due_of(person: Person) -> list[Due]:
    """Every date that waits for this person, earliest first."""
    found = [
        one for task in work.mine(person, MOST) for one in _dates(task.record, getattr(task.record, task.kind.due))
    ]
    return sorted(found, key=lambda one: (str(one.at), one.record.ref, one.name))[:MOST]


def _dates(record: Any, due: datetime | date) -> Iterator[Due]:
    """Of a case that is worked on each clock that runs; of other records the next date."""
    if not isinstance(record, Case) or record.status == Status.RESOLVED:
        yield Due(record, "due", "", due)
        return
    for clock, column in COLUMN.items():
        at = getattr(record, column)
        waits = clock == Clock.RESOLVE and record.waits_for_improvement
        if at is not None and getattr(record, STOPPED_BY[clock]) is None and not waits:
            yield Due(record, clock.value, str(CLOCKS[clock]), at)
    for name, label in OTHER.items():
        if (at := getattr(record, name)) is not None:
            yield Due(record, name, str(label), at)


def written(person: Person, site: str) -> bytes:
    """The calendar in the person's language and zone. The same content gives the same bytes."""
    from icalendar import Calendar  # dear to import, needed here only

    zone = ZoneInfo(person.time_zone)
    with override(person.language), timezone.override(zone):
        made = Calendar()
        known = {"prodid": "-//Comity//Due dates//EN", "version": "2.0", "calscale": "GREGORIAN", "method": "PUBLISH"}
        known |= {"x-wr-calname": _("Due in Comity"), "x-wr-timezone": person.time_zone}
        for name, value in known.items():
            made.add(name, value)
        made.add("refresh-interval", timedelta(hours=1), parameters={"VALUE": "DURATION"})
        dates = due_of(person)
        for due in dates:
            made.add_component(_event(due, zone, site))
        years = [due.at.year for due in dates] or [1970]
        made.add_missing_timezones(date(min(years) - 1, 1, 1), date(max(years) + 1, 12, 31))
        return bytes(made.to_ical())


def _event(due: Due, zone: ZoneInfo, site: str) -> Any:
    """An event that takes no time: moments in the person's zone, days as whole days, with a reminder before."""
    from icalendar import Alarm, Event

    record, made, alarm = due.record, Event(), Alarm()
    head = f"{record.ref} {due.label}: {record}" if due.label else f"{record.ref} {record}"
    moment = due.at.astimezone(zone) if isinstance(due.at, datetime) else None
    made.add("uid", f"{record.kind.name}-{record.pk}-{due.name}@{urlsplit(site).hostname or 'comity'}")
    made.add("dtstamp", record.changed_at)
    made.add("last-modified", record.changed_at)
    made.add("sequence", record.version)
    made.add("dtstart", moment or due.at)
    made.add("summary", head)
    made.add("url", f"{site}{record.url}")
    made.add("categories", [record.kind.label])
    made.add("transp", "TRANSPARENT")
    alarm.add("action", "DISPLAY")
    alarm.add("description", head)
    alarm.add("trigger", -(HOUR if moment else EVENING))
    made.add_component(alarm)
    return made
