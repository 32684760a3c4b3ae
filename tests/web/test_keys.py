"""Triage by keys in a real browser: from the list into forms without a mouse, and single keys can be switched off."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.conftest import Seat, chair, provider, seat
from tests.journeys.test_busy_morning import received
from tests.worlds import World

__all__ = ["chair", "provider", "seat"]
pytestmark = [pytest.mark.browser, pytest.mark.slow]


def close(page: Page) -> None:
    """Leave the dialog; Chromium closes it a moment after the key, and until then the keys are the dialog's."""
    page.keyboard.press("Escape")
    expect(page.locator("dialog[open]")).to_have_count(0)


def test_from_the_list_into_forms(provider: World, seat: Callable[..., Seat]) -> None:
    world, case = provider, received(provider)
    other = received(provider, description="Slow.")
    desk = seat("complaint_handler")
    page = desk.go("/cases/?sort=received_at")

    # arrows move only where a row has the focus
    page.keyboard.press("ArrowDown")
    assert page.evaluate("document.activeElement === document.body")
    page.keyboard.press("j")
    page.keyboard.press("ArrowDown")
    expect(page.locator("tr:focus-within")).to_contain_text(other.ref)
    page.keyboard.press("ArrowUp")
    expect(page.locator("tr:focus-within")).to_contain_text(case.ref)

    # assign to me: the step opens with my address, and only Enter in it acts
    with page.expect_navigation():
        page.keyboard.press("a")
    page.wait_for_selector("#sheet[open] form")
    expect(page.locator("#sheet [name=handler]")).to_have_value(world.email("complaint_handler"))
    case.refresh_from_db()
    assert case.handler is None, "a key opens a form and sends none"
    with page.expect_navigation():
        page.locator("#sheet [name=handler]").press("Enter")
    case.refresh_from_db()
    assert case.handler == world.person("complaint_handler")
    expect(page.locator("[data-key=a]")).to_have_count(0)
    assert "#" not in page.url

    # the next step, the mail, back to the list
    page.keyboard.press("t")
    page.wait_for_selector("#sheet[open] form[action$='/acknowledge/']")
    close(page)
    with page.expect_navigation():
        page.keyboard.press("m")
    expect(page.locator("h1")).to_have_text("Write a mail")
    desk.go(case.url)
    page.keyboard.press("g")
    with page.expect_navigation():
        page.keyboard.press("l")
    expect(page.locator("h1")).to_contain_text("Cases")
    page.keyboard.press("j")
    with page.expect_navigation():
        page.keyboard.press("o")
    expect(page.locator(".crumb .mono")).to_be_visible()


def test_a_row_is_split_by_keys(provider: World, seat: Callable[..., Seat]) -> None:
    case = received(provider)
    page = seat("complaint_handler").go("/cases/?sort=received_at")
    page.keyboard.press("j")
    with page.expect_navigation(url=f"**{case.url}split/"):
        page.keyboard.press("s")
    expect(page.locator("h1")).to_have_text("Split off another demand")


def test_a_text_is_inserted_by_keys(provider: World, seat: Callable[..., Seat]) -> None:
    case = received(provider)
    for name in ("Apology", "Thanks"):
        made = provider.create("template", "process_manager", name=name, use="answer", language="en",
                               subject="About {ref}", body=f"{name}, {{contact}}.")  # fmt: skip
        provider.move(made, "adopt", "process_manager")
    desk = seat("complaint_handler")

    # in a step: the chord opens the list, and the text goes in where the caret is, even with single keys off
    page = desk.go(case.url)
    page.evaluate("localStorage.setItem('comity-keys', 'off')")
    desk.open_step(case, "answer", text="Hello.  Yours")
    page.locator("[name=text]").evaluate("field => field.setSelectionRange(7, 7)")
    page.keyboard.press("Control+i")
    page.wait_for_selector("#texts[open] li")
    expect(page.locator("#texts [value]").first).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("[name=text]")).to_have_value("Hello. Apology, Ada Aster. Yours")
    expect(page.locator("[name=text]")).to_be_focused()
    assert page.locator("#sheet[open]").count() == 1

    # in a mail: the button is the next stop after the text, and gives the subject too where there is none
    page = desk.go(f"{case.url}write/")
    page.locator("[name=body]").focus()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_selector("#texts[open] li")
    expect(page.locator("#texts [value]").first).to_be_focused()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator("[name=body]")).to_have_value("Thanks, Ada Aster.")
    expect(page.locator("[name=summary]")).to_have_value(f"About {case.ref}")

    # one changes one's mind: nothing is put in, and one goes on where one was
    page.locator("[name=body]").press("Control+i")
    page.wait_for_selector("#texts[open] li")
    close(page)
    expect(page.locator("[name=body]")).to_be_focused()
    expect(page.locator("[name=body]")).to_have_value("Thanks, Ada Aster.")


def test_single_keys_can_be_switched_off(provider: World, seat: Callable[..., Seat]) -> None:
    case = received(provider)
    page = seat("complaint_handler").go(case.url)
    page.keyboard.press("?")
    page.wait_for_selector("#shortcuts[open]")
    page.locator("#keys-on").uncheck()
    close(page)
    page.keyboard.press("a")
    page.keyboard.press("t")
    page.wait_for_timeout(500)
    expect(page.locator("#sheet[open]")).to_have_count(0)


def test_letters_in_a_field_are_letters(provider: World, seat: Callable[..., Seat]) -> None:
    page = seat("complaint_handler").go(received(provider).url)
    page.locator("#body").focus()
    page.keyboard.type("team act")
    expect(page.locator("#body")).to_have_value("team act")
    expect(page.locator("#sheet[open]")).to_have_count(0)


def test_an_address_opens_a_form_with_proposed_values_and_changes_nothing(
    provider: World, seat: Callable[..., Seat], settings: Any
) -> None:
    case = received(provider)
    page = seat("complaint_handler").go(f"{case.url}assign/?handler={provider.email('assistant')}")
    expect(page.locator("[name=handler]")).to_have_value(provider.email("assistant"))
    case.refresh_from_db()
    assert case.handler is None
