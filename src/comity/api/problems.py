"""Every refusal is a problem document (RFC 9457) in the reader's language, never a page and never a stack trace."""

from __future__ import annotations

import errno
import json
import logging
from collections.abc import Iterable, Mapping
from typing import Any

from django.core import exceptions as django_errors
from django.db import DataError, IntegrityError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse, UnreadablePostError
from django.http.multipartparser import MultiPartParserError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from ninja import NinjaAPI, errors

from comity.records.access import NotAllowed, NotReadable
from comity.records.files import NotKept
from comity.records.forms import messages_of
from comity.records.reading import BadQuery
from comity.records.trail import Refused, Stale

log = logging.getLogger(__name__)

TITLES = {
    400: gettext_lazy("The request cannot be understood"),
    401: gettext_lazy("Please sign in"),
    403: gettext_lazy("This is not allowed"),
    404: gettext_lazy("There is nothing here"),
    405: gettext_lazy("This cannot be done here"),
    409: gettext_lazy("This is not possible now"),
    413: gettext_lazy("This is too large"),
    415: gettext_lazy("This kind of content is not read here"),
    422: gettext_lazy("Some values are not right"),
    429: gettext_lazy("Too many requests"),
    500: gettext_lazy("Something went wrong on our side"),
    503: gettext_lazy("Not available at the moment"),
}


def problem(status: int, detail: str = "", headers: Any = None, **more: Any) -> HttpResponse:
    """The document: what happened in general (title), here (detail), and members that a program can use."""
    body = {"type": "about:blank", "title": str(TITLES[status]), "status": status, "detail": detail, **more}
    return HttpResponse(json.dumps(body), status=status, content_type="application/problem+json", headers=headers)


def pointed(messages: Mapping[str, Iterable[str]]) -> list[dict[str, str]]:
    """Messages by field as JSON pointers into the body; what concerns several fields points to the whole."""
    places = {name: f"/{name}".removesuffix("/__all__") for name in messages}
    return [{"pointer": places[name], "detail": text} for name, texts in messages.items() for text in texts]


def out_of_order(error: object) -> bool:
    """Whether the database or the disk under us refuses to work, so that the same request may succeed later."""
    full = isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT)
    return full or isinstance(error, OperationalError)


def _frame(error: errors.ValidationError) -> Iterable[dict[str, str]]:
    """What the frame of a request got wrong: parameters, and the members of a body that is no record."""
    words = {"missing": _("This field is required."), "extra_forbidden": _("There is no such field here.")}
    for one in error.errors:
        path: list[Any] = list(one["loc"])  # the source, ninja's name of the argument, the place within
        inside = {"pointer": "".join(f"/{step}" for step in path[2:])}
        where = {"parameter": str(path[1])} if path[0] in ("query", "path") else inside
        yield where | {"detail": words.get(one["type"]) or _("This value is not valid here.")}


def refusal(request: HttpRequest, error: Any) -> HttpResponse:
    """The document for what was raised."""
    match error:
        case errors.AuthenticationError():
            sent = ', error="invalid_token"' if "Authorization" in request.headers else ""
            detail = _("Send a valid API token, or sign in.")
            return problem(401, detail, {"WWW-Authenticate": f'Bearer realm="Comity"{sent}'})
        case errors.HttpError() | errors.Throttled():
            return problem(error.status_code)
        case django_errors.BadRequest() | BadQuery():
            return problem(400, str(error))
        case django_errors.RequestDataTooBig():
            return problem(413)
        case django_errors.SuspiciousOperation() | MultiPartParserError() | UnreadablePostError():
            return problem(400)
        case NotAllowed() | django_errors.PermissionDenied():
            return problem(403)
        case NotReadable() | Http404():
            return problem(404)
        case Stale():
            detail = _("Somebody changed the record meanwhile. Read it again and decide.")
            return problem(409, detail, type="urn:comity:problem:stale", version=error.record.version)
        case Refused():
            return problem(409, str(error), type="urn:comity:problem:refused", missing=error.missing)
        case IntegrityError():
            return problem(409)
        case OverflowError() | DataError():
            return problem(422)
        case errors.ValidationError():
            return problem(422, type="urn:comity:problem:invalid", errors=[*_frame(error)])
        case NotKept():
            return problem(503, " ".join(error.messages))
        case django_errors.ValidationError():
            return problem(422, type="urn:comity:problem:invalid", errors=pointed(messages_of(error)))
    log.error("%s %s failed", request.method, request.path, exc_info=error)
    if out_of_order(error):
        return problem(503, _("The database or its disk does not work now. Nothing was saved; try again later."))
    return problem(500, _("The error is in our log. Repeating the request with its Idempotency-Key is safe."))


def answer_errors_of(api: NinjaAPI) -> None:
    """Give every exception its document, also those for which ninja has an answer of its own."""
    own = (errors.AuthenticationError, errors.HttpError, errors.Throttled, errors.ValidationError, Http404)
    for cls in (Exception, *own):
        api.add_exception_handler(cls, refusal)
