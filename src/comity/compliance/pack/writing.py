"""The ZIP file itself: entries in a fixed order with the time of the moment, each hashed while it is written."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import zipfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from itertools import chain
from pathlib import Path
from typing import Any

from comity.compliance.pack.verifying import MANIFEST, SCHEMA
from comity.web.export import harmless


def plain_json(value: Any) -> bytes:
    """The same bytes for the same value."""
    return (json.dumps(value, ensure_ascii=False, sort_keys=True, indent=1) + "\n").encode()


def json_lines(rows: Iterable[Mapping[str, Any]]) -> Iterator[bytes]:
    """One object a line, its keys in order."""
    for row in rows:
        yield (json.dumps(row, ensure_ascii=False, sort_keys=True) + "\n").encode()


def csv_lines(heads: Sequence[str], rows: Iterable[Sequence[Any]]) -> Iterator[bytes]:
    """A table that spreadsheets read; text that would act as a formula gets an apostrophe in front."""
    kept = io.StringIO(newline="")
    writer = csv.writer(kept, lineterminator="\n")
    for row in chain([heads], rows):
        writer.writerow([harmless(_cell(value)) for value in row])
        yield kept.getvalue().encode()
        kept.seek(0)
        kept.truncate()


def _cell(value: Any) -> Any:
    if isinstance(value, list | dict):
        return json.dumps(value, ensure_ascii=False, sort_keys=True)
    return value


class Archive:
    """A pack being written; `close` puts the list of all entries last."""

    def __init__(self, path: Path, as_of: datetime) -> None:
        self.file = zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=6)
        self.time = as_of.astimezone(UTC).timetuple()[:6]
        self.entries: list[dict[str, Any]] = []

    def add(self, name: str, content: bytes | Iterable[bytes]) -> None:
        """Write one entry."""
        digest, size = hashlib.sha256(), 0
        with self.file.open(self._info(name), "w", force_zip64=True) as out:
            for chunk in (content,) if isinstance(content, bytes) else content:
                out.write(chunk)
                digest.update(chunk)
                size += len(chunk)
        self.entries.append({"path": name, "size": size, "sha256": digest.hexdigest()})

    def _info(self, name: str) -> zipfile.ZipInfo:
        info = zipfile.ZipInfo(name, self.time)
        info.compress_type, info.create_system, info.external_attr = zipfile.ZIP_DEFLATED, 3, 0o644 << 16
        return info

    def close(self, told: Mapping[str, Any]) -> str:
        """Write the list and answer with its hash, the seal of the pack."""
        manifest = plain_json({"schema": SCHEMA, **told, "entries": self.entries})
        self.file.writestr(self._info(MANIFEST), manifest)
        self.file.close()
        return hashlib.sha256(manifest).hexdigest()
