"""Who knocks, how often, and with what: tokens and sessions, the rate, the sanity of a request before it is read."""

from __future__ import annotations

import json
import math
import time
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest, HttpResponseBase
from django.utils.translation import gettext as _
from ninja.parser import Parser
from ninja.security import HttpBearer, SessionAuth
from ninja.throttling import BaseThrottle

from comity.accounts.models import ApiToken, Person
from comity.accounts.rights import rights_of
from comity.api.problems import problem
from comity.jobs.models import asked_by, asking
from comity.records.access import OUTSIDE, NotAllowed, NotReadable, readable_record
from comity.records.kind import Kind, kind_at

DEEPEST = 12


class Bearer(HttpBearer):
    """The token of a machine, which acts for a person within the token's scopes."""

    def authenticate(self, request: Any, token: str) -> Person | None:
        request.token = ApiToken.authenticate(token)
        return _asking(request.token.person if request.token else None)


class Session(SessionAuth):
    """A person's own browser, from our pages, with the CSRF token. A request with a token never falls back to it."""

    def __call__(self, request: Any) -> Any:
        known = "Authorization" not in request.headers and request.user.is_authenticated and request.user.current
        return _asking(super().__call__(request) if known else None)


def _asking(person: Person | None) -> Person | None:
    """Whoever knocks hears of the end of the jobs that come of it; `guarded` ends that with the request."""
    asked_by.set(person.pk if person else None)
    return person


class Rate(BaseThrottle):
    """So many requests a minute for each token (`COMITY_API_RATE`; 0 for no limit).

    Each process counts for itself and adds to the common sum after every twentieth part of the limit, so that reading
    costs no write, and the limit holds over all machines to within that part for each process.
    """

    minute, counts = 0, dict[int, tuple[int, int]]()

    def allow_request(self, request: Any) -> bool:
        token, limit = getattr(request, "token", None), int(getattr(settings, "COMITY_API_RATE", 30_000))
        if token is None or not limit:
            return True
        if (minute := int(time.time()) // 60) != self.minute:
            self.minute, self.counts = minute, {}
        own, total = self.counts.get(token.pk, (0, 0))
        own += 1
        if own * 20 >= limit and total <= limit:
            key = f"api-rate:{token.pk}:{minute}"
            cache.add(key, 0, 120)
            own, total = 0, cache.incr(key, own)
        self.counts[token.pk] = own, total
        return total + own <= limit

    def wait(self) -> float:
        return 60 - time.time() % 60


class Sane(Parser):
    """JSON with bounds: no endless nesting, no number that no column holds, no text that no database takes."""

    def parse_body(self, request: HttpRequest) -> Any:
        _check(found := json.loads(request.body), DEEPEST)
        return found


def _check(value: Any, deep: int) -> None:
    match value:
        case str():
            value.encode()  # a lone surrogate raises
            good = "\x00" not in value
        case dict() | list():
            good = deep > 0
            for one in value if good else ():
                _check(one, deep - 1)
                _check(value[one] if isinstance(value, dict) else None, deep - 1)
        case float():
            good = math.isfinite(value)
        case _:
            good = value is None or -(2**63) <= value < 2**63
    if not good:
        raise ValueError


def guarded(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """Refuse what cannot be meant before anything is read, and answer with documents only."""

    @wraps(view)
    def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        upload = request.path.rstrip("/").endswith("/files")
        wanted = "multipart/form-data" if upload else "application/json"
        most = settings.COMITY_UPLOAD_BYTES + 2**20 if upload else settings.DATA_UPLOAD_MAX_MEMORY_SIZE
        length = request.META.get("CONTENT_LENGTH") or "0"
        if "\x00" in request.path or "%00" in request.META.get("QUERY_STRING", "") or not length.isdigit():
            return problem(400)
        if int(length) > most:
            return problem(413, _("At most %(limit)d bytes.") % {"limit": most})
        if int(length) and request.content_type != wanted:
            return problem(415, _("Send %(type)s.") % {"type": wanted})
        with asking(None):
            response = view(request, *args, **kwargs)
        if response.status_code == 405:
            return problem(405, headers={"Allow": response.headers["Allow"]})
        response.headers.setdefault("Cache-Control", "no-store")
        return response

    return answer


def person_of(request: Any) -> Person:
    person: Person = request.auth
    return person


def inside(request: Any) -> Person:
    """Who asks, if they work here: contacts of outside parties have the portal, and nothing is here for them."""
    person = person_of(request)
    if rights_of(person).roles <= OUTSIDE:
        raise NotReadable(request.path)
    return person


def kind_for(request: Any, plural: str, verb: str) -> Kind:
    """The kind at this address, if the token's scopes cover the verb."""
    inside(request)
    kind = kind_at(plural)
    if kind is None:
        raise NotReadable(plural)
    token = getattr(request, "token", None)
    if token and not token.allows(verb, kind.name):
        raise NotAllowed(verb)
    return kind


def record_for(request: HttpRequest, plural: str, ref: str, verb: str = "read") -> Any:
    """The record at this address, if the person may read it. Raises NotReadable."""
    return readable_record(kind_for(request, plural, verb), person_of(request), ref)
