"""How every answer goes out: its headers, and packed."""

import re
from collections.abc import Callable

import brotli  # type: ignore[import-untyped]
from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.middleware.gzip import GZipMiddleware
from django.utils.cache import patch_vary_headers

Respond = Callable[[HttpRequest], HttpResponseBase]


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
