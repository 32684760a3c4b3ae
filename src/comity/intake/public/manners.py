"""What keeps machines out of an open form without asking people to prove anything: a stamp, a trap, limits."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponseBase
from django.http.multipartparser import MultiPartParserError
from django.shortcuts import render
from django.views.decorators.csrf import csrf_exempt, csrf_protect

from comity.accounts.limits import address_of, spent, within
from comity.communications.languages import asked
from comity.intake import limits
from comity.intake.limits import HOUR
from comity.intake.public.uploads import MOST_BYTES

SALT = "comity.complain"
QUICKEST, LONGEST = 3, 24 * 3600  # seconds between opening the form and sending it
LETTERS = 3  # receipts an hour to one e-mail address, so that nobody is flooded in another's name
View = Callable[..., HttpResponseBase]


class TooSoon(Exception):
    """Sent faster than anybody can write."""


class TooOld(Exception):
    """The form was open too long, or never came from here."""


def stamp() -> str:
    """The time at which a form was opened and its own random number, signed."""
    return signing.TimestampSigner(salt=SALT).sign(secrets.token_urlsafe(24))


def once(stamped: str) -> str:
    """The random number of a stamp that is neither too fresh nor too old. Raises TooSoon, TooOld."""
    signer = signing.TimestampSigner(salt=SALT)
    try:
        number = signer.unsign(stamped, max_age=LONGEST)
    except signing.BadSignature as error:
        raise TooOld from error
    try:
        signer.unsign(stamped, max_age=QUICKEST - 1)
    except signing.SignatureExpired:
        return number
    raise TooSoon


def may_send(request: HttpRequest) -> bool:
    """One more sending from this network address, and from everywhere. What one address sends beyond its own share
    counts for nobody else: otherwise it could close the form for everybody."""
    if not within("complain", address_of(request), limits.most(limits.FORM_ONE), HOUR):
        return False
    if within("complain", "everybody", limits.most(limits.FORM), HOUR):
        return True
    limits.tell("form", "form")
    return False


def full(request: HttpRequest) -> bool:
    """Would nothing be taken that is sent from there just now?"""
    one, everybody = limits.most(limits.FORM_ONE), limits.most(limits.FORM)
    return spent("complain", address_of(request), one, HOUR) or spent("complain", "everybody", everybody, HOUR)


def open_page(view: View) -> View:
    """A page for everybody, in the language that is asked for.

    The size of what is sent is looked at before anything of it is read, so the token against forged requests is looked
    at after that.
    """
    protected = csrf_protect(view)

    @csrf_exempt
    @wraps(view)
    def answer(request: HttpRequest, *args: Any, **named: Any) -> HttpResponseBase:
        return _spoken(request, protected, *args, **named)

    return answer


def secret_page(view: View) -> View:
    """A page behind a secret address. Nothing keeps it, lists it, or learns its address from a link on it.

    Who sends its forms knows the address, hence needs no token; a browser that names no page as the origin of a form
    could not use one.
    """

    @csrf_exempt
    @wraps(view)
    def answer(request: HttpRequest, *args: Any, **named: Any) -> HttpResponseBase:
        response = _spoken(request, view, *args, **named)
        response.headers["Referrer-Policy"] = "no-referrer"
        return response

    return answer


def _spoken(request: HttpRequest, view: View, *args: Any, **named: Any) -> HttpResponseBase:
    length = request.META.get("CONTENT_LENGTH") or "0"
    if not length.isdigit() or int(length) > MOST_BYTES + 2 * settings.DATA_UPLOAD_MAX_MEMORY_SIZE:
        return render(request, "outside/refused.html", {"most": MOST_BYTES >> 20}, status=413)
    chosen = asked(request)
    try:
        response = view(request, *args, **named)
    except MultiPartParserError:  # the reader of forms gives up on a part whose name fills its whole head
        return render(request, "outside/refused.html", {"named": True}, status=400)
    if chosen:
        response.set_cookie(
            settings.LANGUAGE_COOKIE_NAME, chosen, max_age=365 * 24 * HOUR, samesite="Lax", httponly=True,
            secure=settings.SESSION_COOKIE_SECURE,
        )  # fmt: skip
    response.headers.setdefault("Cache-Control", "no-store, private")
    response.headers["X-Robots-Tag"] = "noindex, nofollow, noarchive"
    return response
