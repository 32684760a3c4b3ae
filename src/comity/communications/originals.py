"""Mails as they came and as they go, byte for byte: kept under the hash of their content, for evidence and for sending.

The name of an original is its place below the folder of files; it is what `Mail.raw` holds.
"""

from __future__ import annotations

import os
from hashlib import sha256
from pathlib import Path
from uuid import uuid4

from django.conf import settings

from comity.communications.crossing import crossed_out


def _path(name: str) -> Path:
    return Path(settings.MEDIA_ROOT) / name


def keep(content: bytes) -> str:
    """Write the bytes durably and return their name. The same content is kept once; OSError where the disk refuses."""
    digest = sha256(content).hexdigest()
    name = f"mail/{digest[:2]}/{digest}.eml"
    target = _path(name)
    if target.exists():
        return name
    target.parent.mkdir(parents=True, exist_ok=True)
    part = target.with_name(f"{digest}.{os.getpid()}.{uuid4().hex[:8]}.part")
    try:
        with part.open("wb") as out:
            out.write(content)
            out.flush()
            os.fsync(out.fileno())
        part.replace(target)
    finally:
        part.unlink(missing_ok=True)
    return name


def cross_out(name: str) -> str:
    """Cross our secrets out in a mail that is on its way no more; the name under which it is kept from now on."""
    content = read(name)
    if (crossed := crossed_out(content)) == content:
        return name
    return keep(crossed)


def secret(name: str) -> bool:
    """Does this mail carry a secret of ours?"""
    content = read(name)
    return crossed_out(content) != content


def drop(name: str) -> None:
    """Throw the bytes away that another form has taken the place of."""
    _path(name).unlink(missing_ok=True)


def read(name: str) -> bytes:
    """The bytes of an original. Raises OSError where it is gone."""
    return _path(name).read_bytes()
