"""Check an evidence pack anywhere: with the standard library alone, without Comity, its settings or a database.

    python verify.py PACK.zip

This very file lies in each pack. Structure, names, sizes, SHA-256 of every entry, and the counts are checked against
the list in `manifest.json`; the first wrong entry is named. That the list itself is the one that was made is shown by
its own hash, which stands in the audit trail of the installation (act "sealed").
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
import stat
import sys
import zipfile
import zlib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

MANIFEST = "manifest.json"
SCHEMA = "comity-pack/1"
MANIFEST_AT_MOST = 64 << 20
ENTRIES_AT_MOST = 200_000
UNPACKED_AT_MOST = 16 << 30
LINE_AT_MOST = 64 << 20
CHUNK = 1 << 20


class Broken(Exception):
    """What is wrong with a pack; the message names the first wrong entry."""


@dataclass(frozen=True)
class Checked:
    """A pack that was found whole: what its list says, and the hash of that list."""

    manifest: dict[str, Any]
    seal: str
    counts: dict[str, Any] = field(default_factory=dict)


def verify(path: Path | str) -> Checked:
    """Check everything. Raises Broken."""
    if not Path(path).is_file():
        raise Broken(f"{path}: " + ("this is a folder" if Path(path).is_dir() else "there is no such file"))
    try:
        with zipfile.ZipFile(path) as archive:
            return _verify(archive)
    except (zipfile.BadZipFile, zlib.error, csv.Error, EOFError, OSError, RuntimeError, ValueError) as error:
        raise Broken(f"{Path(path).name}: this is no readable ZIP file ({error})") from error


def _verify(archive: zipfile.ZipFile) -> Checked:
    entries = _named(archive)
    manifest, seal = _listed(archive, entries)
    listed: dict[str, dict[str, Any]] = {}
    for row in manifest["entries"]:
        name = row["path"]
        _safe(name)
        if name in listed:
            raise Broken(f"{name}: listed twice")
        listed[name] = row
        if name not in entries:
            raise Broken(f"{name}: missing")
    for name in entries:
        if name not in listed and name != MANIFEST:
            raise Broken(f"{name}: not in the list")
    for name, row in listed.items():
        _hashed(archive, entries[name], row)
    counts = counted(archive, list(listed))
    for what, number in manifest["counts"].items():
        if counts.get(what) != number:
            raise Broken(f"{MANIFEST}: counts {what} as {number}, found {counts.get(what)}")
    return Checked(manifest, seal, counts)


def _named(archive: zipfile.ZipFile) -> dict[str, zipfile.ZipInfo]:
    """The entries by name, each once, none of them leading elsewhere."""
    found: dict[str, zipfile.ZipInfo] = {}
    infos = archive.infolist()
    if len(infos) > ENTRIES_AT_MOST:
        raise Broken(f"more than {ENTRIES_AT_MOST} entries")
    if sum(info.file_size for info in infos) > UNPACKED_AT_MOST:
        raise Broken(f"more than {UNPACKED_AT_MOST >> 30} GB unpacked")
    for info in infos:
        _safe(info.orig_filename)
        if info.filename in found:
            raise Broken(f"{info.filename}: there twice")
        if stat.S_ISLNK(info.external_attr >> 16) or info.is_dir():
            raise Broken(f"{info.filename}: no plain file")
        if info.flag_bits & 1:
            raise Broken(f"{info.filename}: encrypted")
        found[info.filename] = info
    return found


def _safe(name: Any) -> None:
    """A relative path without detours; anything else could write elsewhere when it is unpacked."""
    parts = name.split("/") if isinstance(name, str) else [""]
    odd = not isinstance(name, str) or "\\" in name or "\0" in name or ":" in name or not name.isprintable()
    if odd or any(part in ("", ".", "..") for part in parts):
        raise Broken(f"{name!r}: no safe name")


def _listed(archive: zipfile.ZipFile, entries: dict[str, zipfile.ZipInfo]) -> tuple[dict[str, Any], str]:
    info = entries.get(MANIFEST)
    if info is None:
        raise Broken(f"{MANIFEST}: missing")
    if info.file_size > MANIFEST_AT_MOST:
        raise Broken(f"{MANIFEST}: larger than {MANIFEST_AT_MOST >> 20} MB")
    with archive.open(info) as file:
        content = file.read(MANIFEST_AT_MOST + 1)
    try:
        told = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise Broken(f"{MANIFEST}: no JSON") from error
    if not isinstance(told, dict) or told.get("schema") != SCHEMA:
        raise Broken(f"{MANIFEST}: not of the form {SCHEMA}")
    rows, counts = told.get("entries"), told.get("counts")
    if not isinstance(rows, list) or not isinstance(counts, dict):
        raise Broken(f"{MANIFEST}: without list or counts")
    for row in rows:
        fits = isinstance(row, dict) and isinstance(row.get("size"), int) and isinstance(row.get("sha256"), str)
        if not fits or not isinstance(row.get("path"), str):
            raise Broken(f"{MANIFEST}: an entry of the list is not understood")
    return told, hashlib.sha256(content).hexdigest()


def _hashed(archive: zipfile.ZipFile, info: zipfile.ZipInfo, row: dict[str, Any]) -> None:
    name, size, digest = row["path"], 0, hashlib.sha256()
    if info.file_size != row["size"]:
        raise Broken(f"{name}: {info.file_size} bytes instead of {row['size']}")
    try:
        with archive.open(info) as file:
            while chunk := file.read(CHUNK):
                size += len(chunk)
                if size > row["size"]:
                    raise Broken(f"{name}: longer than listed")
                digest.update(chunk)
    except (zipfile.BadZipFile, zlib.error, EOFError) as error:
        raise Broken(f"{name}: damaged ({error})") from error
    if size != row["size"] or digest.hexdigest() != row["sha256"]:
        raise Broken(f"{name}: its content is not what was listed")


def lines(archive: zipfile.ZipFile, name: str) -> Iterator[dict[str, Any]]:
    """The rows of a file that has one JSON object a line. Raises Broken."""
    with _opened(archive, name) as raw:
        for number, line in enumerate(_text(raw, name), 1):
            try:
                row = json.loads(line)
            except (ValueError, RecursionError) as error:
                raise Broken(f"{name}: line {number} is no JSON") from error
            if not isinstance(row, dict):
                raise Broken(f"{name}: line {number} is no record")
            yield row


def _opened(archive: zipfile.ZipFile, name: str) -> IO[bytes]:
    try:
        return archive.open(name)
    except KeyError:
        raise Broken(f"{name}: missing") from None


def _text(raw: IO[bytes], name: str) -> Iterator[str]:
    """Its lines; one without end is refused before it fills the memory."""
    text = io.TextIOWrapper(raw, encoding="utf-8", newline="\n")
    try:
        while line := text.readline(LINE_AT_MOST + 1):
            if len(line) > LINE_AT_MOST:
                raise Broken(f"{name}: a line is longer than {LINE_AT_MOST >> 20} MB")
            yield line
    except UnicodeDecodeError as error:
        raise Broken(f"{name}: no UTF-8 text") from error


def counted(archive: zipfile.ZipFile, names: list[str]) -> dict[str, Any]:
    """The counts that the list claims, taken again from what is there."""
    verdicts: Counter[str] = Counter(str(row.get("verdict")) for row in lines(archive, "verdicts.jsonl"))
    records = {
        name.removeprefix("records/").removesuffix(".jsonl"): sum(1 for _row in lines(archive, name))
        for name in names
        if name.startswith("records/") and name.endswith(".jsonl")
    }
    members = 0
    for name in names:
        if name.startswith("populations/"):
            with archive.open(name) as raw:
                members += sum(1 for _row in csv.reader(_text(raw, name))) - 1
    return {
        "requirements": sum(verdicts.values()), "verdicts": dict(sorted(verdicts.items())), "records": records,
        "members": members, "documents": sum(name.startswith("documents/") for name in names),
        "files": sum(name.startswith("files/") for name in names),
    }  # fmt: skip


def main(path: str) -> int:
    """Say what was found; 0 for a whole pack, 1 for a broken one."""
    try:
        found = verify(path)
    except Broken as error:
        print(f"BROKEN  {error}")
        return 1
    told, counts = found.manifest, found.counts
    print(f"WHOLE   {len(told['entries'])} entries as listed, as of {told.get('as_of')}")
    print(f"        {counts['requirements']} requirements: {counts['verdicts']}")
    print(f"        {sum(counts['records'].values())} records, {counts['files']} files")
    print(f"seal    {found.seal}")
    return 0


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: python verify.py PACK.zip")
    sys.exit(main(sys.argv[1]))
