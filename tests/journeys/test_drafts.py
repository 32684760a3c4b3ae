"""What is typed is kept while one looks elsewhere: per person and form, until it is sent or thrown away."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from comity.records.models import Entry
from tests.journeys.conftest import Seat
from tests.journeys.test_busy_morning import received
from tests.journeys.test_interrupted import back, end_sessions
from tests.worlds import World

pytestmark = [pytest.mark.browser, pytest.mark.slow]
Sit = Callable[..., Seat]


def drafts(page: Page) -> list[str]:
    return page.evaluate("Object.keys(sessionStorage).filter(key => key.startsWith('draft:'))")  # type: ignore[no-any-return]


def test_a_note_outlives_navigation_and_reload_until_it_is_sent(provider: World, seat: Sit) -> None:
    case, other, desk = received(provider), received(provider), seat("service_desk")
    page = desk.go(case.url)
    page.fill("#body", "Called twice.")
    desk.go("/cases/")
    desk.go(other.url)
    expect(page.locator("#body")).to_have_value("")
    desk.go(case.url)
    page.reload()
    expect(page.locator("#body")).to_have_value("Called twice.")
    expect(page.locator("[data-restored]")).to_be_visible()
    desk.send("form.write button.primary")
    expect(page.locator("#body")).to_have_value("")
    assert Entry.objects.filter(note="Called twice.").count() == 1
    assert drafts(page) == []


def test_a_step_and_a_mail_are_kept_and_can_be_thrown_away(provider: World, seat: Sit) -> None:
    case, desk = received(provider), seat("complaint_handler")
    desk.open_step(case, "acknowledge", next_step="We look at the exchange.")
    page = desk.page
    page.keyboard.press("Escape")
    desk.go("/cases/")
    desk.open_step(case, "acknowledge")
    expect(page.locator("#sheet [name=next_step]")).to_have_value("We look at the exchange.")
    page.click("#sheet [data-discard]")
    expect(page.locator("#sheet [name=next_step]")).to_have_value("")
    assert drafts(page) == []
    desk.go(f"{case.url}write/")
    page.fill("[name=summary]", "Your line")
    page.fill("[name=body]", "It is up.")
    with page.expect_navigation():
        page.click("[value=preview]")
    desk.go(case.url)
    desk.go(f"{case.url}write/")
    expect(page.locator("[name=body]")).to_have_value("It is up.")
    desk.send("[value=send]")
    expect(page.locator("main .note.success")).to_be_visible()
    assert drafts(page) == []


def test_what_was_not_touched_comes_from_the_server(provider: World, seat: Sit) -> None:
    """A draft must not carry somebody's old values over what others changed meanwhile."""
    customer, desk = provider.customer, seat("relationship_manager")
    page = desk.go(f"{customer.url}edit/")
    text = page.locator("form.form textarea").first
    name = text.get_attribute("name")
    text.fill("In my own words.")
    other = seat("process_manager")
    other.go(f"{customer.url}edit/")
    other.page.fill("[name=name]", "Aster of the second")
    other.send("form.form .actions button.primary")
    page.once("dialog", lambda dialog: dialog.accept())
    desk.go(f"{customer.url}edit/")
    expect(page.locator(f"[name={name}]")).to_have_value("In my own words.")
    expect(page.locator("[name=name]")).to_have_value("Aster of the second")


def test_nothing_is_left_for_the_next_person_after_signing_out(provider: World, seat: Sit) -> None:
    case, desk = received(provider), seat("service_desk")
    page = desk.go(case.url)
    page.fill("#body", "A secret.")
    page.click("[popovertarget=me]")
    with page.expect_navigation():
        page.click("#me a[href$='/logout/']")
    assert page.evaluate("sessionStorage.length") == 0


def test_what_was_not_taken_because_the_session_had_ended_stays_until_it_is_sent(provider: World, seat: Sit) -> None:
    case, desk = received(provider), seat("service_desk")
    page = desk.go(case.url)
    page.fill("#body", "Called a third time.")
    end_sessions()
    page.click("form.write button.primary")
    back(desk, provider, case.url)
    for _again in range(2):
        expect(page.locator("#body")).to_have_value("Called a third time.")
        page.once("dialog", lambda dialog: dialog.accept())
        page.reload()
    expect(page.locator("#body")).to_have_value("Called a third time.")
    desk.send("form.write button.primary")
    expect(page.locator("#body")).to_have_value("")
    assert Entry.objects.filter(note="Called a third time.").count() == 1
    assert drafts(page) == []
