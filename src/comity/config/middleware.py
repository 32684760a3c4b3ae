"""How every answer goes out: its headers, and packed."""

import re
from collections.abc import Callable

import brotli  # type: ignore[import-untyped]
from django.conf import settings
from django.core.exceptions import BadRequest
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.middleware.gzip import GZipMiddleware
from django.utils.cache import patch_vary_headers

Respond = Callable[[HttpRequest], HttpResponseBase]


class Textual:
    """Refuse addresses with a zero in them: no text holds one, and PostgreSQL takes none.

    No page has such a name (404), and no question makes sense with it (400).
    """

    def __init__(self, respond: Respond) -> None:
        self.respond = respond

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if "%00" in request.META.get("QUERY_STRING", ""):
            raise BadRequest
        if "\x00" in request.path and not request.path.startswith("/api/"):  # which has a word of its own for it
            raise Http404
        return self.respond(request)


class ContentPolicy:
    """Tell the browser to run and load nothing that does not come from here.

    No inline script and no inline style is allowed, hence nothing that a record's text could smuggle in.
    A view may set a stricter policy of its own, which is kept.
    """

    def __init__(self, respond: Respond) -> None:
        self.respond = respond
        self.policy = "; ".join(f"{name} {' '.join(values)}" for name, values in settings.CONTENT_POLICY.items())

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.respond(request)
        response.headers.setdefault("Content-Security-Policy", self.policy)
        response.headers.setdefault("Permissions-Policy", "camera=(), geolocation=(), microphone=()")
        return response


class Compression(GZipMiddleware):
    """Brotli where the browser takes it, which makes pages a tenth smaller in the same time; else gzip."""

    BROTLI = re.compile(r"\bbr\b")
    LEVEL, SMALL = 5, 200  # of eleven; bytes that are not worth it

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        taken = self.BROTLI.search(request.headers.get("Accept-Encoding", ""))
        if not isinstance(response, HttpResponse) or not taken or response.has_header("Content-Encoding"):
            return super().process_response(request, response)
        if len(response.content) > self.SMALL:
            patch_vary_headers(response, ("Accept-Encoding",))
            response.content = brotli.compress(response.content, quality=self.LEVEL)
            response.headers["Content-Length"] = str(len(response.content))
            response.headers["Content-Encoding"] = "br"
        return response
