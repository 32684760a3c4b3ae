"""Lines of the log that belong together carry the same id; as JSON where a collector reads them.

Imported while logging is set up, before any model: it may use nothing of Django's that needs them.
"""

from __future__ import annotations

import json
import logging
import re
import time
from collections.abc import Callable
from datetime import UTC, datetime
from uuid import uuid4

from django.http import HttpRequest, HttpResponseBase

from comity.config.discretion import SECRETS
from comity.jobs.tracing import asked_in

HEADER = "X-Request-ID"
ID = re.compile(r"[A-Za-z0-9._-]{8,64}")
EXTRA = ("method", "path", "status", "ms", "person")
log = logging.getLogger("comity.request")


class RequestId:
    """Give each request an id, or take the one that a proxy gave it, and give it back; one line when it is done.

    The line names neither query nor body: they hold what people search and write.
    """

    def __init__(self, respond: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.respond = respond

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        given, began = request.headers.get(HEADER, ""), time.monotonic()
        name = given if ID.fullmatch(given) else uuid4().hex
        token = asked_in.set(name)
        try:
            response = self.respond(request)
            response.headers[HEADER] = name
            person = getattr(request, "auth", None) or getattr(request, "user", None)
            told = {"method": request.method, "path": request.path, "status": response.status_code}
            told |= {"ms": round((time.monotonic() - began) * 1000), "person": getattr(person, "pk", None)}
            log.info("%(method)s %(path)s %(status)s %(ms)s ms", told, extra=told)
            return response
        finally:
            asked_in.reset(token)


class InRequest(logging.Filter):
    """Tell each line in which request it was written."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.request_id = asked_in.get() or "-"
        return True


class Json(logging.Formatter):
    """One line, one object. A secret that stands in an address is taken out wherever it appears."""

    def format(self, record: logging.LogRecord) -> str:
        at = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        line: dict[str, object] = {
            "at": at,
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
        }
        line |= {name: value for name in EXTRA if isinstance(value := getattr(record, name, None), str | int)}
        if (request := getattr(record, "request_id", "-")) != "-":
            line["request"] = request
        if record.exc_info or record.exc_text:
            line["trace"] = record.exc_text or self.formatException(record.exc_info)  # type: ignore[arg-type]
        return SECRETS.sub(r"\1…", json.dumps(line, ensure_ascii=False, default=str))
