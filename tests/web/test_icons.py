"""No page shows the circle that stands for an icon nobody drew."""

import re
from pathlib import Path

import pytest
from lucide import _render_icon

import comity

NAMED = re.compile(r"""{% icon ["']([a-z0-9-]+)["']|\bicon=["']([a-z0-9-]+)["']""")
FILES = [path for path in Path(comity.__file__).parent.rglob("*") if path.suffix in (".html", ".py")]
ICONS = sorted({a or b for path in FILES for a, b in NAMED.findall(path.read_text())})


@pytest.mark.parametrize("name", ICONS)
def test_every_icon_that_is_named_exists(name: str) -> None:
    assert _render_icon(name, 16)
