"""Uploaded files: checked, stored under their content's hash, and handed out as attachments only."""

from __future__ import annotations

import hashlib
import os
import re
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.text import get_valid_filename
from django.utils.translation import gettext as _

from comity.records.models import File, Record
from comity.records.trail import Actor


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


def store(record: Record, upload: Any, actor: Actor) -> File:
    """Write the bytes durably, then the row. The same content is kept once. Raises ValidationError."""
    if upload.size == 0:
        raise ValidationError({"file": _("The file is empty.")})
    if upload.size > settings.COMITY_UPLOAD_BYTES:
        raise ValidationError(
            {"file": _("The file is larger than %(limit)d MB.") % {"limit": settings.COMITY_UPLOAD_BYTES >> 20}}
        )
    digest, chunks = hashlib.sha256(), []
    for chunk in upload.chunks():
        digest.update(chunk)
        chunks.append(chunk)
    file = File(
        kind=record.kind.name,
        record_id=record.pk,
        name=_name(upload.name),
        size=upload.size,
        sha256=digest.hexdigest(),
        at=timezone.now(),
        by_id=actor.person.pk,
    )
    target = path_of(file)
    if not target.exists():
        target.parent.mkdir(parents=True, exist_ok=True)
        partial = target.with_suffix(f".{os.getpid()}.part")
        with partial.open("wb") as out:
            out.writelines(chunks)
            out.flush()
            os.fsync(out.fileno())
        partial.replace(target)
    file.save(force_insert=True)
    return file


def files_of(record: Record) -> list[File]:
    """The files of a record; none for a reader from whom something is hidden, for they may tell it."""
    if record.hidden:
        return []
    return list(File.objects.filter(kind=record.kind.name, record_id=record.pk).order_by("at"))
