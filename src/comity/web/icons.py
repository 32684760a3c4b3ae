"""Lucide icons as inline SVG, drawn once each; hidden from assistive technology, for a word always stands beside.

How lines look is said once, in the style sheet.
"""

from functools import cache

from django.utils.safestring import SafeString
from lucide import IconDoesNotExist, _render_icon


@cache
def icon(name: str, size: int = 16) -> SafeString:
    """The drawing. A name that Lucide doesn't know becomes a circle: a missing picture must not break a page."""
    try:
        lines = _render_icon(name, size).replace(" />", "/>").splitlines()
    except IconDoesNotExist:
        return icon("circle", size)
    lines[0] = f'<svg width="{size}" height="{size}" viewBox="0 0 24 24" aria-hidden="true">'
    return SafeString("".join(line.strip() for line in lines))
