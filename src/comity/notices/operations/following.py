"""What the trail says, told to those whom it concerns: each new entry is looked at once, as it leaves the outbox.

What an import brought in is history: nobody is told of it, and nothing is sent.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from comity.accounts.models import Person
from comity.communications import undelivered
from comity.communications.models import Communication, Mail
from comity.notices.models import Event
from comity.notices.operations import broadcasting, deadlines, mailing
from comity.notices.operations.notifying import CUSTOMER, Listeners, News, own_names, people_of, publish
from comity.notices.rules import mentioned
from comity.parties.pointers import pointed
from comity.records.kind import Kind, kinds
from comity.records.models import Entry, Follow, Record
from comity.records.trail import SERVICE_EMAIL

ESCALATION, COMMUNICATION = "escalation", "communication"
OUTSIDE = frozenset({"portal", "mail", "form"})
RANK = (Event.MAIL_FAILED, Event.MENTIONED, Event.ESCALATED, Event.ASSIGNED, Event.REPLY, Event.NOTE, Event.STEP)
"""Of one entry everybody hears once: of the first that fits."""
Key = tuple[str, int]


def hear(entries: Sequence[Entry]) -> None:
    """Put the mails into the ledger and write the notifications that these entries call for."""
    known = {kind.name: kind for kind in kinds()}
    of_records = [entry for entry in entries if entry.kind in known]  # accounts and calendars leave lines, too
    records = _records(of_records, known)
    deadlines.remember(records.values())
    new = [entry for entry in of_records if entry.via != "import"]
    for said in _spoken(new):
        if letter := mailing.of_communication(said, broadcasting.opt_out_address(said) if said.bulk else ""):
            mailing.put(letter)
    listeners = Listeners()
    publish([*_News(new, records, listeners).all()], listeners)


def _records(entries: Iterable[Entry], known: dict[str, Kind]) -> dict[Key, Record]:
    """The records of these entries as they stand now, one query for each kind."""
    ids: dict[str, set[int]] = {}
    for entry in entries:
        ids.setdefault(entry.kind, set()).add(entry.record_id)
    return {
        (name, row.pk): row
        for name, wanted in ids.items()
        for row in known[name].model._default_manager.filter(pk__in=wanted)
    }


def _spoken(entries: Iterable[Entry]) -> Iterator[Communication]:
    """The new communications that Comity itself carries by mail, and has not put into the ledger yet."""
    ids = [entry.record_id for entry in entries if entry.kind == COMMUNICATION and entry.act == "create"]
    if not ids:
        return
    rows = Communication.objects.filter(
        pk__in=ids, direction=Communication.Direction.OUTBOUND, delivery=Communication.Delivery.MAIL,
        status=Communication.Status.RECORDED,
    )  # fmt: skip
    sent = Mail.objects.filter(communication__in=ids, direction=Mail.Direction.OUT)
    done = set(sent.values_list("communication", flat=True))
    for said in rows.select_related("contact", "customer", "entered_by").order_by("pk"):
        if said.pk not in done:
            yield said


class _News:
    """What entries mean, and to whom. What is asked of the database is asked once for all of them."""

    def __init__(self, entries: Sequence[Entry], records: dict[Key, Record], listeners: Listeners) -> None:
        self.entries, self.records, self.listeners = entries, records, listeners
        ids = {entry.record_id for entry in entries}
        self.followers: dict[Key, set[int]] = {}
        for kind, record, person in Follow.objects.filter(record_id__in=ids).values_list("kind", "record_id", "person"):
            self.followers.setdefault((kind, record), set()).add(person)
        named = {email for entry in entries if entry.act == Entry.POST for email in mentioned(entry.note)}
        given = {email for entry in entries for email in self._given(entry)}
        self.people = dict(Person.objects.filter(email__in=named | given).values_list("email", "pk"))

    def all(self) -> Iterator[News]:
        for entry in self.entries:
            record = self.records.get((entry.kind, entry.record_id))
            if record is not None:
                yield from sorted(self._of(entry, record), key=lambda one: RANK.index(Event(one.event)))

    def _of(self, entry: Entry, record: Any) -> Iterator[News]:
        flow, who = record.kind.workflow, {"who": self._who(entry)}
        concerned = people_of(record) | self._following(record)
        act = {"record": record, "by": entry.actor_id, "entry": entry.pk}
        if entry.kind == COMMUNICATION and entry.act == "create":
            yield from self._reply(record, act)
        if entry.rule == undelivered.RULE and entry.note == undelivered.NOT_DELIVERED:
            yield self._undelivered(entry, record, act)
        if entry.act == Entry.POST:
            yield News(Event.MENTIONED, self._ids(mentioned(entry.note)), values=who, **act)
            yield News(Event.NOTE, concerned, values=who, **act)
        if given := self._ids(self._given(entry)):
            yield News(Event.ESCALATED if entry.kind == ESCALATION else Event.ASSIGNED, given, **act)
        if flow and any(row.name == entry.act for row in flow.moves):
            yield News(Event.STEP, concerned, values=who | {"act": entry.act}, **act)

    def _who(self, entry: Entry) -> str:
        """Who did it. Nobody outside is named: who complains may be a secret."""
        inside = entry.rule or self.listeners.person(entry.actor_id)
        return entry.actor if inside and entry.via not in OUTSIDE else CUSTOMER

    def _given(self, entry: Entry) -> frozenset[str]:
        """The addresses of the people to whom a record went by this entry."""
        record = self.records.get((entry.kind, entry.record_id))
        names = own_names(record.kind) if record is not None else frozenset()
        changes = entry.fields_changed.items()
        return frozenset(new for name, (_old, new) in changes if name in names and isinstance(new, str))

    def _ids(self, emails: Iterable[str]) -> frozenset[int]:
        return frozenset(self.people[email] for email in emails if email in self.people)

    def _following(self, record: Any) -> set[int]:
        return self.followers.get((record.kind.name, record.pk), set())

    def _reply(self, said: Any, act: dict[str, Any]) -> Iterator[News]:
        """What the other side says concerns those whose matter it is; without one, who looks after the customer."""
        if said.direction != Communication.Direction.INBOUND:
            return
        matter = pointed(said.subject_ref)
        if matter is not None:
            follow = Follow.objects.filter(kind=matter.kind.name, record_id=matter.pk).values_list("person", flat=True)
            yield News(Event.REPLY, people_of(matter) | set(follow), **act | {"record": matter})
        elif said.customer is not None and said.customer.owner_id:
            yield News(Event.REPLY, frozenset({said.customer.owner_id}), **act)

    def _undelivered(self, entry: Entry, record: Any, act: dict[str, Any]) -> News:
        """A mail that failed concerns whoever wrote it, and those who must now find another way to its receiver."""
        facts = entry.changes[""]
        written = Communication.objects.filter(ref=facts["ref"]).exclude(entered_by__email=SERVICE_EMAIL)
        authors = frozenset(written.values_list("entered_by", flat=True))
        return News(Event.MAIL_FAILED, authors | _looking_after(record), values={"why": facts["why"]}, **act)


def _looking_after(record: Any) -> frozenset[int]:
    """Whose matter it is; where it is nobody's yet, whoever looks after the customer."""
    customer = getattr(record, "customer", None)
    return people_of(record) or frozenset({customer.owner_id} if customer is not None and customer.owner_id else ())
