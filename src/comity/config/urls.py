"""Where each room answers."""

from importlib.util import find_spec

from django.urls import URLPattern, URLResolver, include, path

from comity.config import health, metrics

handler400 = "comity.config.errors.bad_request"
handler403 = "comity.config.errors.forbidden"
handler404 = "comity.config.errors.not_found"
handler429 = "comity.config.errors.too_often"  # asked for by allauth
handler500 = "comity.config.errors.failed"


def _rooms() -> list[URLPattern | URLResolver]:
    """The rooms that answer requests; the first whose pattern fits wins, and `web` fits nearly everything."""
    from django.conf import settings

    prefixes = {"accounts": "accounts/", "api": "api/v1/"}
    order = ["accounts", "api", *(room for room in reversed(settings.ROOMS) if room not in ("accounts", "api", "web"))]
    return [
        path(prefixes.get(room, ""), include(f"comity.{room}.urls"))
        for room in [*order, "web"]
        if room in settings.ROOMS and find_spec(f"comity.{room}.urls")
    ]


urlpatterns = [
    path("healthz", health.healthz),
    path("readyz", health.readyz),
    path("metrics", metrics.answer),
    *_rooms(),
]
