"""Error pages: what happened, in the reader's language, and never a stack trace. Programs get a document instead."""

import sys

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language_from_request, override

from comity.api.problems import out_of_order, problem


def _page(request: HttpRequest, status: int) -> HttpResponse:
    with override(getattr(request, "LANGUAGE_CODE", None) or get_language_from_request(request)):
        if request.path.startswith("/api/"):
            return problem(status)
        return render(request, f"{status}.html", status=status)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """400: the request makes no sense."""
    return _page(request, 400)


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    """403: readable, but not allowed."""
    return _page(request, 403)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """403: the form came without its token."""
    return _page(request, 403)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """404: not there, or not readable for this person; the page does not tell which."""
    return _page(request, 404)


def failed(request: HttpRequest) -> HttpResponse:
    """500: our fault. 503: the database or the disk is full or away, and the same may succeed later."""
    return _page(request, 503 if out_of_order(sys.exc_info()[1]) else 500)
