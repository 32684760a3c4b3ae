"""No page shows the circle that stands for an icon nobody drew, and the file of icons holds what pages name."""

import re
from pathlib import Path

import pytest
from lucide import _render_icon

import comity
from comity.web import icons

NAMED = re.compile(r"""{% icon ["']([a-z0-9-]+)["']|\bicon=["']([a-z0-9-]+)["']""")
FILES = [path for path in Path(comity.__file__).parent.rglob("*") if path.suffix in (".html", ".py")]
ICONS = sorted({a or b for path in FILES for a, b in NAMED.findall(path.read_text())})


@pytest.mark.parametrize("name", ICONS)
def test_every_icon_that_is_named_exists(name: str) -> None:
    assert _render_icon(name, 16)


def test_they_lie_in_the_file_that_browsers_keep_as_lucide_draws_them() -> None:
    missing = " ".join({*ICONS} - icons.kept())
    assert not missing, f"python -m comity.web.icons {missing}"
    assert icons.FILE.read_text() == icons.sheet(icons.kept())


def test_one_of_the_file_is_named_and_another_is_drawn() -> None:
    known, rare = icons.icon("bell"), icons.icon("axe", 20)
    assert re.search(r'<use href="/static/web/icons\.svg(\?v=\w+)?#bell"/>', known) and "<path" not in known
    assert "<use" not in rare and "<path" in rare and 'viewBox="0 0 24 24"' in rare and 'width="20"' in rare
    assert all('aria-hidden="true"' in drawn for drawn in (known, rare))
    assert icons.icon("no-such-icon") == icons.icon("circle")
