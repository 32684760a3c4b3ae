"""Every page asks for a signed-in person, and answers in that person's language and time zone."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponseBase, HttpResponseRedirect
from django.utils import timezone, translation
from django.utils.http import url_has_allowed_host_and_scheme

# Open to everybody: the public form, help, probes, files of the pages; the API asks for a token itself.
OPEN = ("/healthz", "/readyz", "/metrics", "/api/", "/complain/", "/answer/", "/help/")


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
        """Send to the sign-in page, and from there back: to a page, never to a part of one or to something to be done.

        A part of a page asks the browser to leave as a whole.
        """
        part = request.headers.get("HX-Request")
        if not part and request.method == "GET":
            return super().handle_no_permission(request, view)
        page = request.headers.get("HX-Current-URL" if part else "Referer") or ""
        here = urlsplit(page) if url_has_allowed_host_and_scheme(page, {request.get_host()}) else urlsplit("/")
        response = redirect_to_login(here._replace(scheme="", netloc="", fragment="").geturl())
        if part:
            response.headers["HX-Redirect"] = response.url
            response.status_code = 204
        return response
