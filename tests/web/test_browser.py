"""Pages in a real browser: by keyboard alone, and with parts of them exchanged."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from comity.records.kind import kind_of
from comity.records.search import index
from tests.web.visitors import visitor
from tests.worlds import World, build

pytestmark = [pytest.mark.browser, pytest.mark.slow]
Open = Callable[..., Page]


@pytest.fixture
def provider(transactional_db: None) -> World:
    """The world, with the words that the search finds."""
    world = build()
    index(kind_of(world.customer), [world.customer, world.child])
    return world


@pytest.fixture
def opened(provider: World, live_server: Any, browser: Any) -> Any:
    """Open a page as the relationship manager; whatever the browser complains about fails the test."""
    complaints: list[str] = []
    contexts: list[Any] = []
    session = visitor(provider.person("relationship_manager")).cookies["sessionid"].value

    def open_page(path: str, width: int = 1280, scheme: str = "light") -> Page:
        context = browser.new_context(viewport={"width": width, "height": 800}, color_scheme=scheme)
        contexts.append(context)
        context.add_cookies([{"name": "sessionid", "value": session, "url": live_server.url}])
        page = context.new_page()
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("console", lambda line: complaints.append(line.text) if "Content Security" in line.text else None)
        page.goto(live_server.url + path)
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert not complaints


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_icons_are_painted_in_the_colour_of_their_words(opened: Open, scheme: str) -> None:
    page = opened("/customers/", scheme=scheme)
    page.wait_for_load_state("networkidle")
    painted = page.locator("nav.side a:visible svg use").evaluate_all(
        "found => found.map(use => [use.getBBox().width > 0, getComputedStyle(use).stroke, getComputedStyle(use).fill])"
    )
    strokes = {stroke for wide, stroke, fill in painted if wide and fill == "none"}
    assert len(painted) > 5 and all(wide for wide, _stroke, _fill in painted)
    assert strokes == set(
        page.locator("nav.side a:visible svg").evaluate_all("found => found.map(one => getComputedStyle(one).color)")
    )


def test_the_side_bar_unfolds_the_group_of_the_page_and_what_its_reader_unfolded(provider: World, opened: Open) -> None:
    """By keyboard, and kept from page to page; on a page of no group the first one is unfolded."""
    page = opened("/customers/")
    unfolded = page.locator(".side details[open] summary")
    expect(unfolded).to_have_text("Relationships")
    expect(page.locator(".side details[open] [aria-current]")).to_have_text("Customers")
    page.locator(".side summary", has_text="Complaint desk").press("Enter")
    expect(page.locator(".side a", has_text="Cases")).to_be_visible()
    page.goto(page.url.replace("customers", "services"))
    expect(unfolded).to_have_text(["Complaint desk", "Commitments"])
    page.locator(".side summary", has_text="Complaint desk").press("Enter")
    page.goto(page.url.replace("services/", ""))
    expect(unfolded).to_have_text(["Complaint desk"])


def test_a_part_that_is_refused_or_never_comes_is_told_in_words(opened: Open) -> None:
    page = opened("/customers/")
    refusal = "<main><h1>You may not</h1><p>Ask somebody.</p></main>"
    page.route("**/customers/?q=no*", lambda route: route.fulfill(status=403, body=refusal))
    page.route("**/customers/?q=away*", lambda route: route.abort())
    page.locator(".filters [name=q]").fill("no")
    expect(page.get_by_role("alert")).to_have_text("You may not: Ask somebody.")
    page.locator(".filters [name=q]").fill("away")
    expect(page.get_by_role("alert")).to_contain_text("does not answer")
    page.locator(".filters [name=q]").fill("")
    expect(page.get_by_role("alert")).to_have_count(0)


def test_palette_leads_to_a_record_without_a_mouse(provider: World, opened: Open) -> None:
    page = opened("/customers/")
    page.keyboard.press("Control+k")
    page.wait_for_selector("#palette[open] [aria-selected=true]")
    page.keyboard.type(provider.child.ref.lower())
    page.wait_for_selector(f"#palette-list [href='{provider.child.url}'][aria-selected=true]")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**{provider.child.url}")


def test_rows_are_walked_ticked_and_opened_by_keys(provider: World, opened: Open) -> None:
    page = opened("/customers/")
    for key in ("j", "x", "j", "x"):
        page.keyboard.press(key)
    assert page.locator("[data-ticked]").inner_text() == "2"
    page.keyboard.press("?")
    page.wait_for_selector("#shortcuts[open]")
    page.keyboard.press("Escape")
    page.keyboard.press("k")
    page.keyboard.press("Enter")
    page.wait_for_url("**/customers/CUS-*/")


def test_filters_change_the_table_and_the_address(provider: World, opened: Open) -> None:
    page = opened("/customers/")
    page.select_option("select[name=status]", "ended")
    page.wait_for_selector("#list .empty")
    assert page.url.endswith("/customers/?status=ended")
    page.go_back()
    page.wait_for_selector("table.rows tbody tr")


def test_a_step_is_taken_in_a_dialog(provider: World, opened: Open) -> None:
    record = provider.create("customer", "relationship_manager", name="Fresh")
    page = opened(record.url)
    page.click(".steps [href$='/activate/']")
    page.wait_for_selector("#sheet[open]")
    page.click("#sheet button.primary")
    page.wait_for_selector(".note.success")
    assert type(record).objects.get(pk=record.pk).status == "active"
