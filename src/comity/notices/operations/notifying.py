"""Telling people inside: who hears of something, and how. Other rooms and jobs call `notify`.

Nobody hears of what he may not read, nor of his own acts; contacts of customers hear only what their notices say.
Who is away is told all the same, and so is the stand-in.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop, override

from comity.accounts.limits import within
from comity.accounts.models import Person
from comity.accounts.rights import rights_of
from comity.accounts.roles import CONTACTS
from comity.notices.models import DEFAULTS, Event, Notification, Preference, Way
from comity.notices.operations import mailing
from comity.parties.operations import away
from comity.records.access import readable
from comity.records.kind import kind_named, kinds
from comity.web import cells

WORDS: dict[str, str] = {
    Event.ASSIGNED: gettext_noop("Assigned to you"),
    Event.ESCALATED: gettext_noop("Your answer is asked for"),
    Event.MENTIONED: gettext_noop("%(who)s mentions you"),
    Event.REPLY: gettext_noop("The customer has written"),
    Event.NOTE: gettext_noop("%(who)s wrote a note"),
    Event.STEP: gettext_noop("%(who)s: %(act)s"),
    Event.NEAR: gettext_noop("The deadline is near: %(due)s"),
    Event.MISSED: gettext_noop("The deadline has passed: %(due)s"),
    Event.MAIL_FAILED: gettext_noop("A mail was not delivered, reach its receiver by another channel: %(why)s"),
    Event.JOB: gettext_noop("“%(what)s” has ended"),
    Event.ALERT: gettext_noop("%(what)s: %(count)s, the limit is %(limit)s"),
    Event.SILENT: gettext_noop("%(n)s things did not happen that are yours"),
}
CUSTOMER = gettext_noop("The customer")
MAILS, HOUR = 20, 3600  # mails at once that one person gets in an hour; what comes beyond waits for the morning


@dataclass(frozen=True)
class News:
    """Something that happened and the people (ids) whom it concerns. Of news of one entry each hears the first only."""

    event: str
    people: frozenset[int]
    record: Any = None
    by: int | None = None
    entry: int | None = None
    text: str = ""
    values: Mapping[str, Any] = field(default_factory=dict)
    url: str = ""


class Listeners:
    """People as they may hear of things at one moment: rights, wishes and absence are read once for many events."""

    def __init__(self) -> None:
        self.today = timezone.localdate()
        self._people: dict[int, Person | None] = {}
        self._ways: dict[int, dict[str, str]] = {}

    def person(self, pk: int) -> Person | None:
        """A person inside who can sign in today; None for anybody else."""
        if pk not in self._people:
            found = Person.objects.filter(pk=pk).first()
            inside = found is not None and found.current and not rights_of(found).roles <= CONTACTS
            self._people[pk] = found if inside else None
        return self._people[pk]

    def way(self, person: Person, event: str) -> str:
        if person.pk not in self._ways:
            chosen = Preference.objects.filter(person=person).values_list("event", "way")
            self._ways[person.pk] = dict(chosen)
        return self._ways[person.pk].get(event) or DEFAULTS.get(event, Way.APP)

    def of(self, news: News) -> dict[int, int | None]:
        """Who is told, with the person in whose stead; nobody twice, and never who did it."""
        told: dict[int, int | None] = {}
        stand_ins: dict[int, int] = {}
        for pk in sorted(news.people):
            person = self.person(pk)
            if person is not None:
                told[pk] = None
                if person.stand_in_id is not None and away(person, self.today):
                    stand_ins[person.stand_in_id] = pk
        told |= {pk: absent for pk, absent in stand_ins.items() if pk not in told and self.person(pk) is not None}
        told.pop(news.by or 0, None)
        return told


def notify(event: str, people: Iterable[int], **what: Any) -> list[Notification]:
    """Tell these people (ids) of an event: about a `record`, or with a `text` and a `url` of its own.

    `text` is an English message for translation (marked with gettext_noop), `values` are its plain values; `by` is
    who did it and need not be told.
    """
    return publish([News(event, frozenset(people), **what)])


def publish(news: Sequence[News], listeners: Listeners | None = None) -> list[Notification]:
    """Write a notification for each person that each piece of news is for, and the mails of those who want them."""
    listeners, made = listeners or Listeners(), []
    told = [(one, listeners.of(one)) for one in news]
    open_to = _open_to(told, listeners)
    heard: set[tuple[int, int]] = set()
    for one, people in told:
        key = (one.record.kind.name, one.record.pk) if one.record is not None else None
        for pk, absent in people.items():
            person = listeners.person(pk)
            if person is None or (key and key not in open_to[pk]) or (one.entry and (one.entry, pk) in heard):
                continue
            heard.add((one.entry or 0, pk))
            way = listeners.way(person, one.event)
            if way == Way.MAIL and not within("notices", str(pk), MAILS, HOUR):
                way = Way.DIGEST
            if way != Way.OFF:
                made.append((way, _notification(one, person, absent, way)))
    with transaction.atomic():
        Notification.objects.bulk_create(row for _way, row in made)
        for way, row in made:
            if way == Way.MAIL:
                mailing.put(_letter(row))
    return [row for _way, row in made]


def _open_to(told: Sequence[tuple[News, Mapping[int, Any]]], listeners: Listeners) -> dict[int, set[tuple[str, int]]]:
    """The records that each of these people may read, one query for each person and kind."""
    asked: dict[tuple[int, str], set[int]] = {}
    found: dict[int, set[tuple[str, int]]] = {}
    for one, people in told:
        for pk in people:
            found.setdefault(pk, set())
            if one.record is not None:
                asked.setdefault((pk, one.record.kind.name), set()).add(one.record.pk)
    for (pk, name), ids in asked.items():
        if (person := listeners.person(pk)) is not None:
            rows = readable(kind_named(name), person).filter(pk__in=ids).values_list("pk", flat=True)
            found[pk] |= {(name, row) for row in rows}
    return found


def _notification(one: News, person: Person, absent: int | None, way: str) -> Notification:
    record = one.record
    return Notification(
        person=person, instead_of_id=absent, event=one.event, entry_id=one.entry, text=one.text,
        values=dict(one.values), url=one.url, for_digest=way == Way.DIGEST,
        kind=record.kind.name if record is not None else "", record_id=record.pk if record is not None else None,
    )  # fmt: skip


def people_of(record: Any) -> frozenset[int]:
    """Whose record this is: the people whom its kind names as its own, directly."""
    found = (getattr(record, f"{name}_id", None) for name in own_names(record.kind))
    return frozenset(pk for pk in found if pk is not None)


def own_names(kind: Any) -> frozenset[str]:
    """The columns that make a record somebody's own."""
    return frozenset({path for path in kind.own if "__" not in path} | {"owner"})


def record_of(one: Notification) -> Any:
    """The record, as the person may see it now; None where there is none or it may not be read any more."""
    if not one.kind:
        return None
    try:
        return readable(kind_named(one.kind), one.person).filter(pk=one.record_id).first()
    except KeyError:
        return None


def with_records(person: Person, rows: Sequence[Notification]) -> list[tuple[Notification, Any]]:
    """The notifications with their records as far as they may be read now; one query for each kind."""
    ids: dict[str, set[int]] = {}
    for one in rows:
        if one.kind and one.record_id is not None:
            ids.setdefault(one.kind, set()).add(one.record_id)
    known = {kind.name: kind for kind in kinds()}
    found = {
        (name, row.pk): row
        for name, wanted in ids.items()
        if name in known
        for row in readable(known[name], person).filter(pk__in=wanted)
    }
    return [(one, found.get((one.kind, one.record_id or 0))) for one in rows]


def words(one: Notification) -> str:
    """What happened, in the language and time zone that are active."""
    values = dict(one.values)
    if values.get("who") == CUSTOMER:
        values["who"] = _(CUSTOMER)
    if "act" in values and one.kind:
        values["act"] = cells.act(kind_named(one.kind), values["act"])
    if "due" in values:
        values["due"] = f"{timezone.localtime(datetime.fromisoformat(values['due'])):%Y-%m-%d %H:%M}"
    try:
        return _(one.text or WORDS[one.event]) % values
    except (KeyError, ValueError, TypeError):  # of an earlier version
        return str(Event(one.event).label)


def address(path: str) -> str:
    """The full address of one of our pages; empty where the installation does not know its own."""
    return f"{settings.URL.rstrip('/')}{path}" if settings.URL else ""


def line(one: Notification, record: Any) -> str:
    """One notification as plain text: reference, what happened, the title, the address."""
    head = f"{record.ref}: {words(one)}" if record is not None else words(one)
    title = str(record) if record is not None else ""
    stead = _("In the stead of %(name)s.") % {"name": one.instead_of} if one.instead_of else ""
    url = address(record.url if record is not None else one.url or "/notifications/")
    return "\n".join(part for part in (head, title, stead, url) if part)


def _letter(one: Notification) -> mailing.Letter:
    """The mail at once."""
    person, record = one.person, record_of(one)
    with override(person.language), timezone.override(person.time_zone):
        head = f"{record.ref}: {words(one)}" if record is not None else words(one)
        body = f"{line(one, record)}\n\n{settings_hint()}"
    return mailing.Letter(
        person.email, person.name, head, body, person.language, name="notification", automatic=True,
        ref=record.ref if record is not None else "",
    )  # fmt: skip


def settings_hint() -> str:
    """Where to choose what one is told."""
    where = address("/notifications/settings/") or _("Notifications → Settings")
    return _("You choose what you are told, and how: %(where)s") % {"where": where}


def unread(person: Person, most: int) -> int:
    """How many notifications this person has not read, counted up to `most`."""
    return Notification.objects.filter(person=person, read_at__isnull=True)[:most].count()


def mark_read(person: Person, pk: int | None = None) -> None:
    """One notification, or all."""
    one = {} if pk is None else {"pk": pk}
    Notification.objects.filter(person=person, read_at__isnull=True, **one).update(read_at=timezone.now())
