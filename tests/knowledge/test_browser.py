"""The help pages in a real browser: no accessibility rule broken, at home on a phone, feedback without scripts."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from comity.knowledge.models import Feedback
from tests.journeys.conftest import Seat, chair, provider, seat
from tests.knowledge.test_articles import published
from tests.worlds import World

__all__ = ["chair", "provider", "seat"]
pytestmark = [pytest.mark.browser, pytest.mark.slow]
RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}


@pytest.mark.parametrize(("width", "scheme"), [(360, "light"), (1280, "dark")])
def test_read_and_answered_by_somebody_unknown(
    provider: World, chair: Callable[..., Seat], width: int, scheme: str
) -> None:
    made = published(provider)
    reader = chair(None, width=width, scheme=scheme, java_script_enabled=False)
    looker = chair(None, width=width, scheme=scheme)
    for path in ("/help/", f"/help/{made.ref}/", "/help/?language=zh-hans"):
        page = looker.go(path)
        found = Axe().run(page, options=RULES)
        assert not found.violations_count, f"{path}: {found.generate_report()}"
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), path
    page = reader.go("/help/")
    reader.page.fill("[name=q]", "router")
    reader.send(".seek button")
    reader.send(".articles a")
    page.fill("[name=comment]", "Which one?")
    reader.send("[name=helped][value=no]")
    expect(page.locator("[role=status]")).to_contain_text("Thank you")
    assert Feedback.objects.get().comment == "Which one?"
