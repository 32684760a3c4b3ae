"""PDF documents from templates and plain data, set in a short-lived process and kept by their content.

A template is a file `NAME.typ` in this room and sees its data as a dictionary. What is asked for twice is set once: the
finished document is kept below the data folder under the hash of its template and data, and thrown away after a month.
"""

from __future__ import annotations

import hashlib
import json
import logging
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from django.conf import settings
from django.http import HttpResponse

from comity.reports.press import TEMPLATES

SECONDS = 30
KEPT_DAYS = 30
log = logging.getLogger(__name__)
_one = threading.BoundedSemaphore(2)  # at most two presses for each request process


class NotPrinted(Exception):
    """The document could not be set; the message says why, for the log."""


@cache
def _templates() -> bytes:
    """Changes when any template does: they share parts."""
    return hashlib.sha256(b"".join(path.read_bytes() for path in sorted(TEMPLATES.glob("*.typ")))).digest()


def printed(template: str, data: Mapping[str, Any]) -> bytes:
    """The document as PDF. Raises NotPrinted."""
    order = json.dumps({"template": template, "data": data}, ensure_ascii=False, sort_keys=True).encode()
    kept = _shelf() / f"{hashlib.sha256(_templates() + order).hexdigest()}.pdf"
    try:
        return kept.read_bytes()
    except FileNotFoundError:
        made, warnings = run(order)
    for line in warnings:
        log.warning("%s: %s", template, line)
    with tempfile.NamedTemporaryFile(dir=kept.parent, delete=False) as part:
        part.write(made)
    Path(part.name).replace(kept)
    return made


def run(order: bytes) -> tuple[bytes, list[str]]:
    """Set one order in a process of its own; the document and what typst warned of. Raises NotPrinted."""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
    words = [sys.executable, "-m", "comity.reports.press"]
    try:
        with _one:
            done = subprocess.run(words, input=order, capture_output=True, timeout=SECONDS, env=environment)  # noqa: S603
    except subprocess.TimeoutExpired as late:
        raise NotPrinted(f"not set within {SECONDS} s") from late
    said = done.stderr.decode(errors="replace").strip()
    if done.returncode:
        raise NotPrinted(said[-2000:])
    return done.stdout, said.splitlines()


def answer(content: bytes, name: str, *, download: bool = False) -> HttpResponse:
    """The document as an answer: shown by the browser in a place of its own, or taken away."""
    response = HttpResponse(content, content_type="application/pdf")
    place = "attachment" if download else "inline"
    response["Content-Disposition"] = f'{place}; filename="{name}.pdf"'
    response["X-Content-Type-Options"], response["Cache-Control"] = "nosniff", "private, no-store"
    return response


def _shelf() -> Path:
    folder = Path(settings.DATA) / "printed"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def clear(days: int = KEPT_DAYS) -> int:
    """Throw away what nobody asked for anew within so many days; it can always be set again."""
    old = [path for path in _shelf().iterdir() if path.stat().st_mtime < time.time() - days * 86400]
    for path in old:
        path.unlink(missing_ok=True)
    return len(old)
