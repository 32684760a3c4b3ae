"""From the outbox to the receiver. A message is sent at least once, and each attempt carries the same event id.

Nothing of a record is kept in the row of a message. At each attempt the record is read anew with the rights of the
subscription's person, so that what this person must not read (any more) does not go out.
"""

from __future__ import annotations

import json
import logging
import random
import time
from collections import defaultdict
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext_noop, override

from comity.accounts.models import Person
from comity.api.shape import shown
from comity.notices.rules import wait
from comity.notices.webhooks import line, operations
from comity.notices.webhooks.models import Delivery, Webhook
from comity.notices.webhooks.signature import EVENT, SIGNATURE, TIMESTAMP, sign
from comity.records.access import readable
from comity.records.forms import plain
from comity.records.kind import Kind, kind_named, kinds
from comity.records.models import Entry
from comity.records.reading import discreet

log = logging.getLogger(__name__)
State = Delivery.State
GIVE_UP = timedelta(days=3)
LEASE = timedelta(seconds=120)  # longer than one attempt can last
RUN = 20.0  # seconds of one job: other work of the worker goes between
KEPT = timedelta(days=30)
GONE = gettext_noop("The receiver says that it is gone for good.")
NO_LUCK = gettext_noop("The receiver did not take a message for three days.")
UNREADABLE = gettext_noop("The person in whose name it is sent may not read it.")


def hear(entries: Sequence[Entry]) -> bool:
    """Write a message for each entry and subscription that asks for it; was there one?"""
    hooks = list(Webhook.objects.filter(active=True, agreed_at__isnull=False).select_related("person"))
    if not hooks:
        return False
    steps = {kind.name: _steps(kind) for kind in kinds()}
    found: list[Delivery] = []
    for hook in hooks:
        wanted = [entry for entry in entries if entry.kind in steps and hook.wants(entry, steps[entry.kind])]
        open_to = _open_to(hook.person, wanted)
        found += [
            Delivery(
                webhook=hook, entry_id=entry.pk, kind=entry.kind, record_id=entry.record_id, ref=entry.ref,
                act=entry.act,
            )
            for entry in wanted if entry.record_id in open_to[entry.kind]
        ]  # fmt: skip
    Delivery.objects.bulk_create(found, batch_size=500)
    return bool(found)


def _steps(kind: Kind) -> set[str]:
    """The steps that people hear of; bookkeeping is left out, as on the timeline."""
    flow = kind.workflow
    return {move.name for move in flow.moves} - set(flow.bookkeeping) if flow else set()


def _open_to(person: Person, entries: Sequence[Entry]) -> defaultdict[str, set[int]]:
    """The records of these entries that the person may read, one query for each kind."""
    asked: defaultdict[str, set[int]] = defaultdict(set)
    found: defaultdict[str, set[int]] = defaultdict(set)
    for entry in entries:
        asked[entry.kind].add(entry.record_id)
    for name, ids in asked.items():
        found[name] = set(readable(kind_named(name), person).filter(pk__in=ids).values_list("pk", flat=True))
    return found


def due() -> QuerySet[Delivery]:
    """What is to be sent now: waiting, or claimed by somebody who did not come back."""
    now = timezone.now()
    rows = Delivery.objects.filter(next_at__lte=now, webhook__active=True, webhook__agreed_at__isnull=False)
    rested = Q(webhook__rests_until__isnull=True) | Q(webhook__rests_until__lte=now)
    return rows.filter(rested).order_by("next_at", "at", "entry_id")


def claim() -> Delivery | None:
    """Take the next message, for a while in which nobody else does."""
    if not due().exists():  # who has nothing to do never takes the write lock of SQLite
        return None
    with transaction.atomic():
        rows = due()
        if connection.features.has_select_for_update_skip_locked:
            rows = rows.select_for_update(skip_locked=True, of=("self",))
        found = rows.first()
        if found is not None:
            found.state, found.attempts, found.next_at = State.SENDING, found.attempts + 1, timezone.now() + LEASE
            found.save(update_fields=["state", "attempts", "next_at"])
    return found


def send_due(seconds: float = RUN) -> bool:
    """Send what is due, for so long; is there more?"""
    end = time.monotonic() + seconds
    while found := claim():
        _send(found)
        if time.monotonic() >= end:
            return due().exists()
    return False


def _send(delivery: Delivery) -> None:
    """One attempt, and its outcome."""
    hook = Webhook.objects.select_related("person").get(pk=delivery.webhook_id)
    body = message(delivery, hook.person)
    if body is None:
        _note(delivery, state=State.WITHHELD, next_at=None, ended_at=timezone.now(), reason=UNREADABLE, code=None)
        return
    began = time.monotonic()
    try:
        answer = line.post(hook.url, body, headers(hook, delivery, body), settings.COMITY_WEBHOOK_PRIVATE)
    except line.Refused as refused:
        answer = line.Answer(reason=str(refused))
    told = {"code": answer.code, "reason": answer.reason[:300], "took_ms": int((time.monotonic() - began) * 1000)}
    if answer.good:
        _note(delivery, state=State.DELIVERED, next_at=None, ended_at=timezone.now(), **told)
        if hook.failures:
            Webhook.objects.filter(pk=hook.pk).update(failures=0, rests_until=None)
        return
    log.info(
        "webhook %s: attempt %s of %s failed: %s %s",
        hook.pk,
        delivery.attempts,
        delivery.pk,
        answer.code,
        answer.reason,
    )
    _trouble(hook, delivery, answer, told)


def _trouble(hook: Webhook, delivery: Delivery, answer: line.Answer, told: dict[str, Any]) -> None:
    """Try it later; where the receiver as a whole has trouble, everything to it rests; in the end give up."""
    now = timezone.now()
    if answer.code == 410 or now - delivery.at >= GIVE_UP:
        _note(delivery, state=State.FAILED, next_at=None, ended_at=now, **told)
        operations.pause(hook, GONE if answer.code == 410 else NO_LUCK)
        return
    _note(delivery, state=State.WAITING, next_at=now + wait(delivery.attempts, random.random()), **told)  # noqa: S311
    if answer.down:
        rest = now + wait(hook.failures + 1, random.random())  # noqa: S311
        Webhook.objects.filter(pk=hook.pk).update(failures=hook.failures + 1, rests_until=rest)


def _note(delivery: Delivery, **values: Any) -> None:
    """Write down how it went, unless somebody else has claimed the message meanwhile."""
    held = Delivery.objects.filter(pk=delivery.pk, state=State.SENDING, attempts=delivery.attempts)
    held.update(**values)


def headers(hook: Webhook, delivery: Delivery, body: bytes) -> dict[str, str]:
    now = int(time.time())
    return {
        "Content-Type": "application/json",
        "User-Agent": "Comity",
        EVENT: str(delivery.pk),
        TIMESTAMP: str(now),
        SIGNATURE: sign(hook.secrets, now, body),
    }


def message(delivery: Delivery, person: Person) -> bytes | None:
    """The body: the event, the entry and the record in the form of the API; None where the person may not read it."""
    told: dict[str, Any] = {"id": str(delivery.pk), "act": delivery.act, "at": plain(delivery.at)}
    if delivery.entry_id is not None:
        kind = next((one for one in kinds() if one.name == delivery.kind), None)
        record = readable(kind, person).filter(pk=delivery.record_id).first() if kind else None
        entry = Entry.objects.filter(pk=delivery.entry_id).first()
        if kind is None or record is None or entry is None or _silent(entry, record):
            return None
        with override(person.language):
            told |= {"kind": kind.name, "ref": record.ref}
            told |= {"entry": _entry(entry, record, person), "record": _one(kind, record)}
    return json.dumps(told, ensure_ascii=False, separators=(",", ":")).encode()


def _one(kind: Kind, record: Any) -> dict[str, Any]:
    return shown(kind, [record])[0]


def _silent(entry: Entry, record: Any) -> bool:
    """Where a reader must not see some columns, notes and files may tell them, and are not shown either."""
    return bool(record.hidden) and entry.act in (Entry.POST, Entry.FILE)


def _entry(entry: Entry, record: Any, person: Person) -> dict[str, Any]:
    """A line of the timeline as the API shows it, without what the reader of this record must not see."""
    names = ("id", "at", "happened_at", "actor", "role", "via", "act", "rule", "public")
    [entry] = discreet([entry], person)
    changes = {name: pair for name, pair in entry.fields_changed.items() if name not in record.hidden}
    return {name: plain(getattr(entry, name)) for name in names} | {"note": entry.words, "changes": changes}


def tidy() -> int:
    """Remove the rows of what was delivered or withheld some time ago; what failed stays until it is looked at."""
    ended = (State.DELIVERED, State.WITHHELD)
    return Delivery.objects.filter(ended_at__lt=timezone.now() - KEPT, state__in=ended).delete()[0]
