"""The seal: a hash chain over the audit trail, made by the worker from the outbox and verified by `comity verify`."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.db import connection, transaction

from comity.records.models import Counter, Entry, Outbox, Seal

Subscriber = Callable[[Sequence[Entry]], None]
_subscribers: list[Subscriber] = []
START = "0" * 64
FIELDS = (
    "id",
    "at",
    "happened_at",
    "actor_id",
    "actor",
    "role",
    "via",
    "kind",
    "record_id",
    "ref",
    "act",
    "changes",
    "note",
    "rule",
    "public",
)


def subscriber(function: Subscriber) -> Subscriber:
    """Register a function that hears every entry once, in the transaction that takes it from the outbox.

    It may write to the database and enqueue jobs; effects outside belong into those jobs.
    """
    _subscribers.append(function)
    return function


def canonical(entry: Entry) -> bytes:
    """The same bytes on either engine: sorted keys, times in UTC with microseconds."""

    def text(value: Any) -> Any:
        return value.astimezone(UTC).isoformat(timespec="microseconds") if isinstance(value, datetime) else value

    row = {name: text(getattr(entry, name)) for name in FIELDS}
    return json.dumps(row, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def link_hash(previous: str, entry: Entry) -> str:
    return hashlib.sha256(previous.encode() + canonical(entry)).hexdigest()


def drain(most: int = 500) -> int:
    """Seal up to `most` waiting entries and tell the subscribers; returns how many were taken.

    One at a time: the chain's counter row is locked for the length of the transaction.
    """
    with transaction.atomic():
        Counter.objects.get_or_create(prefix="seal")
        head = Counter.objects.select_for_update() if connection.features.has_select_for_update else Counter.objects
        counter = head.get(prefix="seal")
        waiting = list(Outbox.objects.order_by("id")[:most])
        if not waiting:
            return 0
        by_id = Entry.objects.in_bulk([row.entry_id for row in waiting])
        entries = [by_id[row.entry_id] for row in waiting if row.entry_id in by_id]
        previous = Seal.objects.filter(seq=counter.value).values_list("hash", flat=True).first() or START
        seals = []
        for entry in entries:
            previous = link_hash(previous, entry)
            counter.value += 1
            seals.append(Seal(seq=counter.value, entry_id=entry.pk, hash=previous))
        Seal.objects.bulk_create(seals)
        counter.save(update_fields=["value"])
        for tell in _subscribers:
            tell(entries)
        Outbox.objects.filter(pk__in=[row.pk for row in waiting]).delete()
        return len(waiting)


@dataclass(frozen=True)
class Verdict:
    """What a verification found: sealed and unsealed entries, and the first broken link in words, if any."""

    sealed: int
    unsealed: int
    broken: str = ""


def verify(progress: Callable[[int], None] | None = None, batch: int = 2000) -> Verdict:
    """Recompute the chain from the first link. Memory does not grow with the trail."""
    previous, seq = START, 0
    while True:
        links = list(Seal.objects.filter(seq__gt=seq).order_by("seq")[:batch])
        if not links:
            break
        entries = Entry.objects.in_bulk([row.entry_id for row in links])
        for row in links:
            if row.seq != seq + 1:
                return Verdict(seq, 0, f"link {seq + 1} is missing")
            entry = entries.get(row.entry_id)
            if entry is None:
                return Verdict(seq, 0, f"entry {row.entry_id} (link {row.seq}) is missing")
            previous = link_hash(previous, entry)
            if previous != row.hash:
                return Verdict(seq, 0, f"entry {entry.pk} ({entry.act} of {entry.ref}, link {row.seq}) was altered")
            seq = row.seq
        if progress:
            progress(seq)
    total = Entry.objects.count()
    head = Counter.objects.filter(prefix="seal").values_list("value", flat=True).first() or 0
    if seq != head:
        return Verdict(seq, total - seq, f"links {seq + 1} to {head} are missing at the end")
    waiting = Outbox.objects.count()
    if total - seq != waiting:
        return Verdict(seq, total - seq, f"{total - seq - waiting} entries are neither sealed nor waiting")
    return Verdict(seq, total - seq)
