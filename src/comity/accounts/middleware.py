"""Every page asks for a signed-in person, and answers in that person's language and time zone."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.http import HttpRequest, HttpResponseBase, HttpResponseRedirect
from django.utils import timezone, translation

# Open to everybody: the public form, probes, files of the pages; the API asks for a token itself.
OPEN = ("/healthz", "/readyz", "/api/", "/complain/")


class SignedIn(LoginRequiredMiddleware):
    """Closed unless said open, by path here or by ``login_not_required`` at the view (sign-in, password reset)."""

    def process_request(self, request: HttpRequest) -> None:
        if request.user.is_authenticated:
            translation.activate(request.user.language)
            request.LANGUAGE_CODE = translation.get_language() or settings.LANGUAGE_CODE
            timezone.activate(request.user.time_zone)
            return
        timezone.deactivate()
        if SESSION_KEY in request.session:  # the session of somebody who is not current any more
            request.session.flush()

    def process_view(
        self, request: HttpRequest, view: Callable[..., HttpResponseBase], args: Any, kwargs: Any
    ) -> HttpResponseBase | None:
        if request.path.startswith((*OPEN, f"/{settings.STATIC_URL.lstrip('/')}")):
            return None
        return super().process_view(request, view, args, kwargs)

    def handle_no_permission(self, request: HttpRequest, view: Callable[..., Any]) -> HttpResponseRedirect:
        """Send to the sign-in page; a part of a page asks the browser to leave as a whole."""
        response = super().handle_no_permission(request, view)
        if request.headers.get("HX-Request"):
            response.headers["HX-Redirect"] = settings.LOGIN_URL
            response.status_code = 204
        return response
