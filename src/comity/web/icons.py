"""Lucide icons as inline SVG, drawn once each; hidden from assistive technology, for a word always stands beside."""

from functools import cache

from django.utils.safestring import SafeString, mark_safe
from lucide import IconDoesNotExist, _render_icon


@cache
def icon(name: str, size: int = 16) -> SafeString:
    """The drawing. A name that Lucide doesn't know becomes a circle: a missing picture must not break a page."""
    try:
        svg = _render_icon(name, size, fill="none", stroke="currentColor", stroke_width="1.75", aria_hidden="true")
    except IconDoesNotExist:
        return icon("circle", size)
    return mark_safe(svg.replace("\n", ""))  # noqa: S308
