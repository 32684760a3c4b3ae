"""What may be handed in from outside: pictures and documents that are what their names say."""

from __future__ import annotations

import hashlib
from codecs import BOM_UTF8
from collections.abc import Iterable, Sequence
from pathlib import PurePosixPath
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from comity.records.files import files_of
from comity.records.models import Record

MOST_FILES = 8
MOST_BYTES = 40 * 2**20  # of one sending, all files together
HEAD = 16
STARTS: dict[str, tuple[tuple[int, bytes], ...]] = {
    "jpg": ((0, b"\xff\xd8\xff"),),
    "jpeg": ((0, b"\xff\xd8\xff"),),
    "png": ((0, b"\x89PNG\r\n\x1a\n"),),
    "gif": ((0, b"GIF87a"), (0, b"GIF89a")),
    "webp": ((8, b"WEBP"),),
    "heic": ((4, b"ftypheic"), (4, b"ftypheix"), (4, b"ftypmif1"), (4, b"ftypmsf1")),
    "heif": ((4, b"ftypheic"), (4, b"ftypmif1"), (4, b"ftypmsf1")),
    "pdf": ((0, b"%PDF-"),),
    "docx": ((0, b"PK\x03\x04"),),
    "xlsx": ((0, b"PK\x03\x04"),),
    "odt": ((0, b"PK\x03\x04"),),
    "txt": (),
}
"""Endings that are taken, with the bytes that such a file begins with; plain text is known by what it does not hold."""

ACCEPT = ",".join(("image/jpeg", "image/png", "image/webp", "image/heic", *(f".{ending}" for ending in STARTS)))


def checked(uploads: Iterable[Any]) -> list[Any]:
    """The uploads, if all of them may be taken. Raises ValidationError that names each that may not, and why."""
    kept: Sequence[Any] = [one for one in uploads if one is not None]
    wrong: list[str] = []
    if len(kept) > MOST_FILES:
        wrong.append(_("At most %(most)d files at once.") % {"most": MOST_FILES})
    if sum(one.size for one in kept) > MOST_BYTES:
        wrong.append(_("All files together are larger than %(most)d MB.") % {"most": MOST_BYTES >> 20})
    kept = _each_once(kept)
    wrong += [f"{one.name}: {why}" for one in kept[:MOST_FILES] if (why := _why_not(one))]
    if wrong:
        raise ValidationError({"files": wrong})
    return list(kept)


def unknown_to(record: Record, uploads: Iterable[Any]) -> list[Any]:
    """Those whose content is not shown outside with the record already: what is sent twice counts once."""
    known = {file.sha256 for file in files_of(record) if file.public}
    return [one for one in uploads if _digest(one) not in known]


def _each_once(uploads: Sequence[Any]) -> list[Any]:
    """One of each content."""
    return list({_digest(one): one for one in reversed(uploads)}.values())[::-1]


def _digest(upload: Any) -> str:
    upload.seek(0)
    found = hashlib.sha256()
    for chunk in upload.chunks():
        found.update(chunk)
    upload.seek(0)
    return found.hexdigest()


def _why_not(upload: Any) -> str:
    ending = PurePosixPath(upload.name.replace("\\", "/")).suffix.lower().lstrip(".")
    if upload.size == 0:
        return _("this file is empty.")
    if upload.size > settings.COMITY_UPLOAD_BYTES:
        return _("this file is larger than %(limit)d MB.") % {"limit": settings.COMITY_UPLOAD_BYTES >> 20}
    if ending not in STARTS:
        return _("files of this type are not taken; a picture, a PDF or a text document is.")
    upload.seek(0)
    head = upload.read(4096)
    upload.seek(0)
    if not _is_what_it_says(ending, head):
        return _("this file is not what its name says.")
    return ""


def _is_what_it_says(ending: str, head: bytes) -> bool:
    if starts := STARTS[ending]:
        return any(head[at : at + len(mark)] == mark for at, mark in starts)
    text = head.removeprefix(BOM_UTF8).lstrip().lower()
    return b"\x00" not in head and not text.startswith((b"<", b"mz", b"#!", b"%pdf", b"pk\x03\x04"))
