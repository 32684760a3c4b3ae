"""Lucide icons, hidden from assistive technology, for a word always stands beside; the style sheet says how lines look.

Those that pages name lie in one file that browsers keep for a year; `python -m comity.web.icons NAME…` adds to it.
Others are drawn where they stand.
"""

import re
import sys
from collections.abc import Iterable
from functools import cache
from pathlib import Path

from django.templatetags.static import static
from django.utils.safestring import SafeString
from lucide import IconDoesNotExist, _render_icon

FILE = Path(__file__).parent / "static" / "web" / "icons.svg"


@cache
def kept() -> frozenset[str]:
    """The icons in the file."""
    return frozenset(re.findall(r'<symbol id="([^"]+)"', FILE.read_text()))


def drawing(name: str) -> str:
    """The lines of an icon. Raises IconDoesNotExist."""
    lines = _render_icon(name, 24).replace(" />", "/>").splitlines()
    return "".join(line.strip() for line in lines[1:-1])


def sheet(names: Iterable[str]) -> str:
    """The file that holds these icons."""
    symbols = (f'<symbol id="{name}" viewBox="0 0 24 24">{drawing(name)}</symbol>\n' for name in sorted(set(names)))
    return f'<svg xmlns="http://www.w3.org/2000/svg">\n{"".join(symbols)}</svg>\n'


@cache
def icon(name: str, size: int = 16) -> SafeString:
    """The icon. A name that Lucide doesn't know becomes a circle: a missing picture must not break a page."""
    try:
        inside = f'<use href="{static("web/icons.svg")}#{name}"/>' if name in kept() else drawing(name)
    except IconDoesNotExist:
        return icon("circle", size)
    box = "" if name in kept() else ' viewBox="0 0 24 24"'
    return SafeString(f'<svg width="{size}" height="{size}"{box} aria-hidden="true">{inside}</svg>')


if __name__ == "__main__":
    FILE.write_text(sheet({*kept(), *sys.argv[1:]}))
