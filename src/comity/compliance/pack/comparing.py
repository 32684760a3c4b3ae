"""What differs between two evidence packs: verdicts, records, documents and files. Standard library alone."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from comity.compliance.pack.verifying import Broken, Checked, lines, verify


@dataclass(frozen=True)
class Change:
    """One thing that is not the same: of what kind, which one, and what it says before and after."""

    kind: str  # verdict | record kind | document | file
    name: str
    before: str  # empty: it was not there
    after: str  # empty: it is there no more
    fields: tuple[str, ...] = ()  # of a record: those that changed


@dataclass(frozen=True)
class Comparison:
    """Two packs that were found whole, and what differs, verdicts first."""

    first: Checked
    second: Checked
    changes: tuple[Change, ...]

    def of(self, kind: str) -> list[Change]:
        return [one for one in self.changes if one.kind == kind]


def compare(first: Path | str, second: Path | str) -> Comparison:
    """Check both and compare them. Raises Broken."""
    a, b = verify(first), verify(second)
    with zipfile.ZipFile(first) as old, zipfile.ZipFile(second) as new:
        return Comparison(a, b, (*_verdicts(old, new), *_records(old, new, a, b), *_others(a, b)))


def _verdicts(old: zipfile.ZipFile, new: zipfile.ZipFile) -> Iterator[Change]:
    was, now = ({row["id"]: row for row in lines(one, "verdicts.jsonl")} for one in (old, new))
    for name in dict.fromkeys([*was, *now]):
        before, after = (str(rows.get(name, {}).get("verdict", "")) for rows in (was, now))
        if before != after:
            yield Change("verdict", name, before, after)


def _names(checked: Checked, start: str) -> list[str]:
    return [row["path"] for row in checked.manifest["entries"] if row["path"].startswith(start)]


def _records(old: zipfile.ZipFile, new: zipfile.ZipFile, a: Checked, b: Checked) -> Iterator[Change]:
    files = [[name for name in _names(one, "records/") if name.endswith(".jsonl")] for one in (a, b)]
    for name in sorted({*files[0], *files[1]}):
        kind = name.removeprefix("records/").removesuffix(".jsonl")
        was, now = (
            {str(row.get("ref")): row for row in lines(one, name)} if name in known else {}
            for one, known in zip((old, new), files, strict=True)
        )
        for ref in sorted({*was, *now}):
            before, after = was.get(ref), now.get(ref)
            if before != after:
                yield Change(kind, ref, _state(before), _state(after), _fields(before, after))


def _state(row: dict[str, Any] | None) -> str:
    return "" if row is None else str(row.get("status") or "there")


def _fields(before: dict[str, Any] | None, after: dict[str, Any] | None) -> tuple[str, ...]:
    if before is None or after is None:
        return ()
    return tuple(name for name in dict.fromkeys([*before, *after]) if before.get(name) != after.get(name))


def _others(a: Checked, b: Checked) -> Iterator[Change]:
    for kind, start in (("document", "documents/"), ("file", "files/")):
        was, now = (
            {row["path"]: row["sha256"] for row in one.manifest["entries"] if row["path"].startswith(start)}
            for one in (a, b)
        )
        for name in sorted({*was, *now}):
            if was.get(name) != now.get(name):
                yield Change(kind, name, was.get(name, "")[:12], now.get(name, "")[:12])


def main(first: str, second: str) -> int:
    """Print the differences; 0 without any, 1 with some, 2 where one of the packs is broken."""
    try:
        found = compare(first, second)
    except Broken as error:
        print(f"BROKEN  {error}")
        return 2
    for one in found.changes:
        how = "added" if not one.before else "removed" if not one.after else "changed"
        more = f" ({', '.join(one.fields)})" if one.fields else ""
        print(f"{how:8} {one.kind:18} {one.name}: {one.before or '–'} → {one.after or '–'}{more}")
    print(f"{len(found.changes)} differences")
    return 1 if found.changes else 0
