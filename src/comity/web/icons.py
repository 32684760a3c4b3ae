"""Lucide icons as inline SVG: drawn once per name and size, hidden from assistive technology because a word stands beside."""

from functools import cache

from django.utils.safestring import SafeString, mark_safe
from lucide import IconDoesNotExist, _render_icon

DRAWN = {"fill": "none", "stroke": "currentColor", "stroke_width": "1.75", "aria_hidden": "true"}


@cache
def icon(name: str, size: int = 16) -> SafeString:
    """The drawing; a name Lucide doesn't know becomes a plain circle, for a missing picture must not break a page."""
    try:
        svg = _render_icon(name, size, **DRAWN)
    except IconDoesNotExist:
        svg = _render_icon("circle", size, **DRAWN)
    return mark_safe(svg.replace("\n", ""))  # noqa: S308  (from the package, no user text inside)
