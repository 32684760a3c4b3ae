"""Making an evidence pack: frozen at a moment, within somebody's rights, sealed in the audit trail."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from fcntl import LOCK_EX, LOCK_NB, flock
from pathlib import Path
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import override

from comity.accounts.models import Person
from comity.accounts.rights import rights_of
from comity.accounts.roles import Role
from comity.compliance.models import Pack
from comity.compliance.operations.scope import covers
from comity.compliance.oscal import documents as oscal
from comity.compliance.pack import paper, verifying
from comity.compliance.pack.frozen import Frozen, Seen, discreet
from comity.compliance.pack.writing import Archive, csv_lines, json_lines, plain_json
from comity.records.access import READERS, NotAllowed, may_note
from comity.records.files import path_of
from comity.records.models import Entry
from comity.records.past import as_it_was
from comity.records.trail import Actor, Thing, log
from comity.reports import pdf
from comity.reports.blocks import for_press

ROW = "assessment"
DECISIONS = ("waiver", "exclusion")
VERDICT_COLUMNS = (
    "id", "standard", "clause", "verdict", "own", "population", "gaps", "pending", "reason", "reason_zh", "values",
    "lacks", "waiver", "excluded",
)  # fmt: skip
Told = Callable[[int, int], None]
STEPS = 4
REASON = 500  # letters


@dataclass(frozen=True)
class Made:
    """What was made: the seal, and the counts of the list."""

    seal: str
    counts: dict[str, Any]


def make(
    path: Path, as_of: datetime, reader: Person, standard: str = "", language: str = "en", by: str = "",
    told: Told = lambda done, total: None,
) -> Made:  # fmt: skip
    """Write the pack to this path, whole or not at all. Raises OSError, KeyError for an unknown standard.

    A second maker of the same file at the same time is refused (BlockingIOError); leftovers of the killed go.
    """
    part = path.with_name(f"{path.name}.part")
    with alone(part, LOCK_EX | LOCK_NB):
        try:
            made = _write(part, as_of, discreet(reader), standard, language, by, told)
            with part.open("rb") as written:
                os.fsync(written.fileno())
            part.replace(path)
        except BaseException:
            part.unlink(missing_ok=True)
            raise
    return made


@contextmanager
def alone(path: Path, how: int = LOCK_EX) -> Iterator[None]:
    """One maker at a time; the lock goes with its process, however that ends."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("ab") as held:
        try:
            flock(held, how)
        except BlockingIOError as error:
            raise BlockingIOError(error.errno, _("Somebody else is making it now."), str(path)) from error
        yield


def _write(
    path: Path, as_of: datetime, reader: Person, standard: str, language: str, by: str, told: Told
) -> Made:  # fmt: skip
    told(0, STEPS)
    seen = Seen(reader)
    archive = Archive(path, as_of)
    told(1, STEPS)
    with as_it_was(as_of):  # nothing can be written here, not even how far it is
        frozen = Frozen.at(as_of, standard, seen)
        _verdicts(archive, frozen)
        members = _populations(archive, frozen)
        documents = frozen.documents()
        frozen.decisions()
        records = _records(archive, frozen)
        decisions = [row for kind in frozen.kinds if kind.name in DECISIONS for row in frozen.rows(kind)]
        texts = _documents(archive, documents)
        files = _files(archive, frozen)
    told(2, STEPS)
    with override(language):
        _paper(archive, frozen, decisions, documents)
    told(3, STEPS)
    _oscal(archive, frozen)
    archive.add("verify.py", Path(verifying.__file__).read_bytes())
    counts = {
        "requirements": len(frozen.verdicts),
        "verdicts": dict(sorted(Counter(str(one["verdict"]) for one in frozen.verdicts).items())),
        "records": records, "members": members, "documents": texts, "files": files,
    }  # fmt: skip
    seal = archive.close({
        "as_of": as_of.isoformat(), "standards": [one.code for one in frozen.standards], "counts": counts,
        "withheld": frozen.withheld, "language": language, "made_at": timezone.now().isoformat(), "made_by": by,
    })  # fmt: skip
    told(STEPS, STEPS)
    return Made(seal, counts)


def _verdicts(archive: Archive, frozen: Frozen) -> None:
    archive.add("verdicts.jsonl", json_lines(frozen.verdicts))
    rows = ([one[name] for name in VERDICT_COLUMNS] for one in frozen.verdicts)
    archive.add("verdicts.csv", csv_lines(VERDICT_COLUMNS, rows))


def _populations(archive: Archive, frozen: Frozen) -> int:
    """A table for each requirement that had something to look at; how many rows there are in all."""
    total = 0
    for one in frozen.requirements:
        rows = [(row.kind, row.ref, int(row.gap), row.detail) for row in frozen.members(one)]
        if rows:
            total += len(rows)
            archive.add(f"populations/{oscal.token(one.id)}.csv", csv_lines(("kind", "ref", "gap", "detail"), rows))
    return total


def _records(archive: Archive, frozen: Frozen) -> dict[str, int]:
    """The records behind the verdicts, by kind, as JSON lines and as a table."""
    counts = {}
    for kind in frozen.kinds:
        archive.add(f"records/{kind.name}.jsonl", json_lines(frozen.rows(kind)))
        heads = list(next(frozen.rows(kind)))
        rows = ([row[name] for name in heads] for row in frozen.rows(kind))
        archive.add(f"records/{kind.name}.csv", csv_lines(heads, rows))
        counts[kind.name] = frozen.number(kind)
    return counts


def _documents(archive: Archive, versions: list[Any]) -> int:
    """The documents in force as text, sections under their tags."""
    for version in versions:
        told = {
            "ref": version.ref, "document": version.document.ref, "version": version.version_no,
            "effective_on": str(version.effective_on or ""), "checksum": version.checksum,
        }  # fmt: skip
        head = "\n".join(f"{name}: {value}" for name, value in told.items())
        parts = [f"---\n{head}\n---\n\n# {version.document}\n", version.body]
        for tag, section in sorted(version.sections.items()):
            fields = "\n".join(f"- {name}: {value}" for name, value in sorted(section.get("fields", {}).items()))
            parts.append("\n\n".join(filter(None, (f"## {tag}", section.get("text", ""), fields))))
        archive.add(f"documents/{version.ref}.md", ("\n\n".join(filter(None, parts)) + "\n").encode())
    return len(versions)


def _files(archive: Archive, frozen: Frozen) -> int:
    number = 0
    for ref, file in frozen.files():
        path = path_of(file)
        if path.is_file():
            number += 1
            archive.add(f"files/{ref}/{file.pk}-{file.name}", _chunks(path))
    return number


def _chunks(path: Path) -> Iterator[bytes]:
    with path.open("rb") as content:
        while chunk := content.read(1 << 20):
            yield chunk


def _paper(archive: Archive, frozen: Frozen, decisions: list[Any], documents: list[Any]) -> None:
    report = paper.report(frozen, decisions, documents)
    with paper.worksheet(frozen) as book:
        archive.add("worksheet.xlsx", book.read())
    archive.add("index.pdf", pdf.printed("report", for_press(report)))
    archive.add("index.html", paper.page(report, frozen, archive.entries).encode())


def _oscal(archive: Archive, frozen: Frozen) -> None:
    title = ", ".join(one.title for one in frozen.standards)
    rows, as_of = frozen.verdicts, frozen.as_of
    archive.add("oscal/catalog.json", plain_json(oscal.catalog(frozen.standards, as_of)))
    archive.add("oscal/assessment-plan.json", plain_json(oscal.plan(rows, title, as_of)))
    archive.add("oscal/assessment-results.json", plain_json(oscal.results(rows, title, as_of)))


# --- packs that are kept ---------------------------------------------------------------------------------------------


def fill(pack: Pack, told: Told = lambda done, total: None) -> None:
    """Make the file of a pack that was asked for, and seal it; one that is there already, or was, is left as it is.

    One at a time: whoever waited finds it made. What a maker who was killed left goes first.
    """
    with alone(pack.path.with_name("making")):
        for left in pack.path.parent.glob("*.part"):
            left.unlink()
        pack.refresh_from_db()
        if pack.made_at or pack.reader is None:
            return
        made = make(pack.path, pack.as_of, pack.reader, pack.standard, pack.language, str(pack.maker or ""), told)
        seal(pack, made, pack.path.stat().st_size, Actor(pack.maker or pack.reader, "job"))


@transaction.atomic
def seal(pack: Pack, made: Made, size: int, actor: Actor) -> None:
    """Write the hash of the list into the audit trail, where it can be held against the file for ever."""
    pack.made_at, pack.seal, pack.size, pack.counts = timezone.now(), made.seal, size, made.counts
    pack.save()
    what = {"seal": [None, made.seal], "standard": [None, pack.standard], "as_of": [None, pack.as_of.isoformat()]}
    log(_thing(pack), "sealed", actor, changes=what)


def _thing(pack: Pack) -> Thing:
    return Thing("pack", pack.pk, f"PACK-{pack.pk:05d}")


def may_discard(person: Person, pack: Pack) -> bool:
    """Who may take it away may throw it away, save an auditor: those from outside change nothing."""
    return may_note(person) and may_take(person, pack)


def discard(pack: Pack, reason: str, actor: Actor) -> None:
    """Throw the file away. That it was there, its seal, and why it went stay in the list and in the trail: the records
    themselves are the evidence, and they stay (process C1). Raises NotAllowed, ValidationError without a reason."""
    if not pack.ready or not may_discard(actor.person, pack):
        raise NotAllowed("discard")
    if not reason.strip():
        raise ValidationError({"reason": _("Say why it goes.")})
    gone = {"seal": [pack.seal, None], "size": [pack.size, None]}
    with transaction.atomic():
        log(_thing(pack), "discarded", actor, changes=gone, note=reason.strip()[:REASON])
    pack.path.unlink()


def discarded(packs: list[Pack]) -> dict[int, Entry]:
    """Who threw away which of these packs, when and why."""
    gone = [one.pk for one in packs if one.made_at and not one.ready]
    return {one.record_id: one for one in Entry.objects.filter(kind="pack", act="discarded", record_id__in=gone)}


def may_take(person: Person, pack: Pack) -> bool:
    """Whose rights it was made with may, and who reads all assessments everywhere; an auditor only his own."""
    rights = rights_of(person)
    if rights.scope(ROW, "read") != "all" or not covers(person, pack.standard):
        return False
    if pack.reader_id == person.pk:
        return True
    reading = {Role(role) for role in rights.may(ROW, "read")} - READERS
    return bool(reading) and rights.units(reading) is None
