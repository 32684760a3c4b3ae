"""The seal: a hash chain over the audit trail, made by the worker from the outbox and verified by `comity verify`.

The chain commits to the digest of each entry, not to its text: so an erasure can take words out of an entry, tell in a
sealed entry of its own which digests that changed, and the chain still holds (docs/adr/0012).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from django.db import connection, transaction

from comity.records.models import Blanked, Counter, Entry, Outbox, Seal

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


def digest(entry: Entry) -> str:
    return hashlib.sha256(canonical(entry)).hexdigest()


def link_hash(previous: str, digested: str) -> str:
    return hashlib.sha256((previous + digested).encode()).hexdigest()


def commitment(blanked: Iterable[Blanked]) -> str:
    """What the entry that tells of these blankings holds, so that none can be added, changed or taken away."""
    lines = (f"{row.entry_id}:{row.was}:{row.now}" for row in blanked)
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


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
            previous = link_hash(previous, digest(entry))
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
    """What a verification found: sealed and unsealed entries, and the first broken link in words, if any; how many
    entries were blanked by erasures, and the records whose trail tells of it."""

    sealed: int
    unsealed: int
    broken: str = ""
    blanked: int = 0
    told_in: tuple[str, ...] = ()


def verify(progress: Callable[[int], None] | None = None, batch: int = 2000) -> Verdict:
    """Recompute the chain from the first link. Memory does not grow with the trail."""
    previous, seq = START, 0
    while True:
        links = list(Seal.objects.filter(seq__gt=seq).order_by("seq")[:batch])
        if not links:
            break
        ids = [row.entry_id for row in links]
        entries, blanked = Entry.objects.in_bulk(ids), dict[int, list[Blanked]]()
        for one in Blanked.objects.filter(entry_id__in=ids).order_by("-id"):
            blanked.setdefault(one.entry_id, []).append(one)
        for row in links:
            if row.seq != seq + 1:
                return Verdict(seq, 0, f"link {seq + 1} is missing")
            entry = entries.get(row.entry_id)
            if entry is None:
                return Verdict(seq, 0, f"entry {row.entry_id} (link {row.seq}) is missing")
            previous = link_hash(previous, _as_sealed(entry, blanked.get(row.entry_id, ())))
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
    return _told(Verdict(seq, total - seq))


def _as_sealed(entry: Entry, blanked: Iterable[Blanked]) -> str:
    """The digest that the entry had when it was sealed; empty where its blankings do not lead to what it says now."""
    now = digest(entry)
    for row in blanked:  # the latest first
        if row.now != now:
            return ""
        now = row.was
    return now


def _told(found: Verdict) -> Verdict:
    """The same, after a look whether each blanking is told by an entry of the chain that commits to it."""
    refs = dict[str, None]()
    tellers = Blanked.objects.order_by("told_in").values_list("told_in", flat=True).distinct()
    for pk in tellers.iterator():
        entry = Entry.objects.filter(pk=pk).first()
        held = entry.changes.get("", {}).get("digest") if entry else None
        if entry is None or held != commitment(Blanked.objects.filter(told_in=pk).order_by("id")):
            return replace(found, broken=f"the blankings that entry {pk} tells of were altered")
        refs[entry.ref] = None
    blanked = Blanked.objects.values("entry_id").distinct().count()
    return replace(found, blanked=blanked, told_in=tuple(refs))
