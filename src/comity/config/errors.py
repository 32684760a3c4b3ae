"""Error pages: what happened, in the reader's language, and never a stack trace. Programs get a document instead.

They look like the part of the house where they happen, and lead back to its first page. A page of 500 or more asks the
database nothing, not even who reads.
"""

import sys

from django.core.exceptions import RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils.translation import get_language_from_request, override
from django.utils.translation import gettext_lazy as _

from comity.api.problems import out_of_order, problem
from comity.intake.public.shown import surroundings

OUTSIDE = {"/portal/": "portal/base.html", "/complain/": "outside/base.html", "/help/": "outside/base.html",
           "/answer/": "outside/base.html"}  # fmt: skip
CSRF = "csrf"
SAID = {
    400: (
        _("This request makes no sense to us"),
        _("The address or the data sent with it is damaged. Go back and try again."),
    ),
    403: (_("You may not do this"), _("Your roles do not allow it. If they should, ask your administrator.")),
    CSRF: (
        _("This form is no longer valid"),
        _("It was open for too long, or your browser keeps no cookies. Nothing was saved: go back, reload the page and "
          "send it again."),
    ),
    404: (_("There is nothing here"), _("It does not exist, or you have no access to it.")),
    413: (
        _("That is too much at once"),
        _("Nothing was saved. Go back, choose fewer or smaller files, or split the text, and send it again."),
    ),
    429: (_("Too many attempts"), _("Please wait a few minutes, then try again.")),
    500: (
        _("Something went wrong on our side"),
        _("Nothing you entered was saved halfway. The error has been logged; please try again in a moment."),
    ),
    503: (
        _("Not available at the moment"),
        _("The database or its disk does not work now. Nothing you entered was saved halfway: go back in your browser, "
          "keep what you typed, and try again later. If it goes on, tell an administrator."),
    ),
}  # fmt: skip
TOO_MUCH = RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent


def _page(request: HttpRequest, status: int, why: int | str = 0) -> HttpResponse:
    with override(getattr(request, "LANGUAGE_CODE", None) or get_language_from_request(request)):
        if request.path.startswith("/api/"):
            return problem(status)
        home = next((start for start in OUTSIDE if request.path.startswith(start)), "/")
        heading, explanation = SAID[why or status]
        context = {"base": "web/plain.html", "home": home, "heading": heading, "explanation": explanation}
        if status >= 500:
            return HttpResponse(render_to_string("problem.html", context), status=status)
        if home in OUTSIDE:
            context |= surroundings(request) | {"base": OUTSIDE[home]}
        return render(request, "problem.html", context, status=status)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """400: the request makes no sense. 413: it is larger than we take."""
    return _page(request, 413 if isinstance(exception, TOO_MUCH) else 400)


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    """403: readable, but not allowed."""
    return _page(request, 403)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """403: the form came without its token."""
    return _page(request, 403, CSRF)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """404: not there, or not readable for this person; the page does not tell which."""
    return _page(request, 404)


def too_often(request: HttpRequest) -> HttpResponse:
    """429: signing in, or asking for a new password, more often than the limits allow."""
    return _page(request, 429)


def failed(request: HttpRequest) -> HttpResponse:
    """500: our fault. 503: the database or the disk is full or away, and the same may succeed later."""
    return _page(request, 503 if out_of_order(sys.exc_info()[1]) else 500)
