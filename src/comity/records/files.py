"""Uploaded files: checked, stored under their content's hash, and handed out as attachments only."""

from __future__ import annotations

import hashlib
import logging
import os
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.text import get_valid_filename
from django.utils.translation import gettext as _

from comity.records.hanging import has
from comity.records.models import File, Record
from comity.records.trail import Actor

log = logging.getLogger(__name__)


def folder() -> Path:
    return Path(settings.MEDIA_ROOT)


def path_of(file: File) -> Path:
    return folder() / file.sha256[:2] / file.sha256


def _name(raw: str) -> str:
    """A file name without path, control characters or length that could hurt anybody."""
    name = re.sub(r"[\x00-\x1f\x7f]", "", Path(raw.replace("\\", "/")).name)
    try:
        return get_valid_filename(name)[-150:]
    except Exception:
        return "file"


class NotKept(ValidationError):
    """The disk did not take a file. Nothing of it is left."""


def store(record: Record, uploads: Iterable[Any], actor: Actor, public: bool = False) -> list[File]:
    """Write all bytes durably beside their places, then the rows, then move the bytes there. Raises ValidationError.

    On any error nothing new lies there: content that has its place is never taken away, for another record may have
    it by then. The same content is kept once.
    """
    parts: list[tuple[File, Path]] = []
    try:
        for upload in uploads:
            file = _described(record, upload, actor)
            file.public = public
            parts.append((file, part := folder() / f"{file.pk}.part"))
            _write(file, part, upload)
        for file, _part in parts:
            file.save(force_insert=True)
        for file, part in parts:
            target = path_of(file)
            target.parent.mkdir(parents=True, exist_ok=True)
            part.replace(target)
    except OSError as error:
        log.error("A file of %s was not kept.", record.ref, exc_info=error)
        words = _("The file could not be kept: the disk of this installation does not take it. Nothing was saved.")
        raise NotKept({"file": words}) from error
    finally:
        for _file, part in parts:
            part.unlink(missing_ok=True)
    return [file for file, _part in parts]


def _described(record: Record, upload: Any, actor: Actor) -> File:
    if upload.size == 0:
        raise ValidationError({"file": _("The file is empty.")})
    if upload.size > settings.COMITY_UPLOAD_BYTES:
        raise ValidationError(
            {"file": _("The file is larger than %(limit)d MB.") % {"limit": settings.COMITY_UPLOAD_BYTES >> 20}}
        )
    now, name = timezone.now(), _name(upload.name)
    of = {"kind": record.kind.name, "record_id": record.pk, "by_id": actor.person.pk}
    return File(**of, name=name, size=upload.size, at=now)


def _write(file: File, part: Path, upload: Any) -> None:
    digest = hashlib.sha256()
    part.parent.mkdir(parents=True, exist_ok=True)
    with part.open("wb") as out:
        for chunk in upload.chunks():
            digest.update(chunk)
            out.write(chunk)
        out.flush()
        os.fsync(out.fileno())
    file.sha256 = digest.hexdigest()


def put_instead(file: File, upload: Any) -> None:
    """Put other bytes and another name in place of a file's own, in the caller's transaction; its own go, unless
    another file has the same."""
    before, part = path_of(file), folder() / f"{file.pk}.part"
    _write(file, part, upload)
    target = path_of(file)
    target.parent.mkdir(parents=True, exist_ok=True)
    part.replace(target)
    file.name, file.size = upload.name, upload.size
    file.save(update_fields=["name", "size", "sha256"])
    if not File.objects.filter(sha256=before.name).exists():
        before.unlink(missing_ok=True)


def files_of(record: Record) -> list[File]:
    """The files of a record; none for a reader from whom something is hidden, for they may tell it."""
    if record.hidden or not has(record, "files"):
        return []
    return list(File.objects.filter(kind=record.kind.name, record_id=record.pk).order_by("at"))
