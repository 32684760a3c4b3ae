"""Work that is interrupted: a session that ended, somebody else who was faster, a button pressed twice."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest
from django.contrib.sessions.models import Session
from playwright.sync_api import Page, Route, TimeoutError, expect

from comity.cases.models import Case
from comity.records import write
from comity.records.models import Entry, SavedView
from tests.journeys.conftest import Seat
from tests.journeys.test_busy_morning import received
from tests.journeys.test_newcomer import sign_in
from tests.worlds import PASSWORD, World

pytestmark = [pytest.mark.browser, pytest.mark.slow]
Sit = Callable[..., Seat]
LOGIN = re.compile(r"/accounts/login/\?next=")


def end_sessions() -> None:
    Session.objects.all().delete()


def back(seat: Seat, world: World, path: str, name: str = "service_desk") -> Page:
    """Sign in where one was led to; the page one comes back to."""
    page = seat.page
    expect(page).to_have_url(LOGIN)
    expect(page.locator("[name=password]")).to_have_count(1)
    sign_in(page, world.email(name), PASSWORD)
    expect(page).to_have_url(seat.url + path)
    return page


def filter_rows(page: Page) -> None:
    page.select_option("select[name=status]", "closed")


def ask_for_older(page: Page) -> None:
    page.click(".older a")


def open_palette(page: Page) -> None:
    page.keyboard.press("Control+k")


@pytest.mark.parametrize(
    ("where", "act"), [("register", filter_rows), ("record", ask_for_older), ("record", open_palette)]
)
def test_a_part_of_a_page_leads_to_sign_in_and_back(
    provider: World, seat: Sit, where: str, act: Callable[[Page], None]
) -> None:
    case = received(provider)
    for number in range(40):
        write.post(case, f"Line {number}.", actor=provider.actor("service_desk"))
    path = case.url if where == "record" else "/cases/"
    desk = seat("service_desk")
    page = desk.go(path)
    end_sessions()
    with suppress(TimeoutError):  # another part of the page may have asked first, and led there already
        act(page)
    back(desk, provider, path)
    act(page)  # and now it works
    expect(page.locator("[name=password]")).to_have_count(0)
    assert LOGIN.search(page.url) is None


def test_counts_of_views_that_come_after_the_page(provider: World, seat: Sit) -> None:
    person = provider.person("service_desk")
    SavedView.objects.create(kind="case", person=person, name="Mine", query="status=received", pinned=True)
    desk = seat("service_desk")

    def too_late(route: Route) -> None:
        end_sessions()
        route.continue_()

    desk.page.route("**/pinned/**", too_late)
    desk.page.goto(desk.url + "/customers/", wait_until="commit")
    expect(desk.page).to_have_url(LOGIN)
    desk.page.unroute("**/pinned/**")
    page = back(desk, provider, "/customers/")
    expect(page.locator(".side a", has_text="Mine").locator(".n")).to_have_text("0")


def test_a_lookup_keeps_the_form_for_its_person_only(provider: World, seat: Sit) -> None:
    desk = seat("service_desk")
    page = desk.go("/cases/intake/")
    page.fill("[name=description]", "The whole story, in many words.")
    page.check("[name=anonymous]")
    end_sessions()
    with suppress(TimeoutError):
        page.click("[name=service]")  # asks for what fits
    page = back(desk, provider, "/cases/intake/")
    expect(page.locator("[name=description]")).to_have_value("The whole story, in many words.")
    expect(page.locator("[name=anonymous]")).to_be_checked()
    end_sessions()
    page.fill("[name=description]", "A secret.")
    with suppress(TimeoutError):
        page.click("[name=customer]")
    page = back(desk, provider, "/cases/intake/", "complaint_handler")
    expect(page.locator("[name=description]")).to_have_value("")
    assert page.evaluate("sessionStorage.getItem('kept')") is None


def test_what_was_typed_outlives_the_session(provider: World, seat: Sit) -> None:
    world, case, desk = provider, received(provider), seat("service_desk")
    page = desk.go(case.url)

    # a note
    page.fill("#body", "Called: the line is up.")
    end_sessions()
    page.click("form.write button.primary")
    page = back(desk, world, case.url)
    assert not Entry.objects.filter(act=Entry.POST).exists()
    expect(page.locator("#body")).to_have_value("Called: the line is up.")
    desk.send("form.write button.primary")
    expect(page.locator(".line")).to_contain_text("Called: the line is up.")
    expect(page.locator("#body")).to_have_value("")
    assert Entry.objects.filter(act=Entry.POST).count() == 1

    # a step in its dialog
    desk.open_step(case, "acknowledge", next_step="We look at the exchange.")
    end_sessions()
    page.click("#sheet button.primary")
    page = back(desk, world, case.url)
    page.wait_for_selector("#sheet[open] form")
    expect(page.locator("#sheet [name=next_step]")).to_have_value("We look at the exchange.")
    case.refresh_from_db()
    assert case.acknowledged_at is None
    page.click("#sheet button.primary")
    expect(page.locator("main .note.success", has_text=case.ref)).to_be_visible()

    # a new record
    page = desk.go("/communications/new/")
    desk.fill("form.form", summary="A call", body="What she said.")
    end_sessions()
    page.click("form.form .actions button.primary")
    page = back(desk, world, "/communications/new/")
    expect(page.locator("[name=summary]")).to_have_value("A call")
    expect(page.locator("[name=body]")).to_have_value("What she said.")


def test_a_form_that_is_older_than_the_sign_in(provider: World, seat: Sit) -> None:
    """Signed in again in another tab: what stands in the first one can still be sent."""
    case, desk = received(provider), seat("service_desk")
    page = desk.go(case.url)
    page.fill("#body", "Written before.")
    end_sessions()
    other = page.context.new_page()
    other.goto(desk.url + "/")
    sign_in(other, provider.email("service_desk"), PASSWORD)
    desk.send("form.write button.primary")
    expect(page.locator(".line")).to_contain_text("Written before.")


def test_two_people_change_one_record(provider: World, seat: Sit) -> None:
    customer = provider.customer
    first, second = seat("relationship_manager"), seat("process_manager")
    for one in (first, second):
        one.go(f"{customer.url}edit/")
    second.page.fill("[name=name]", "Aster of the second")
    second.send("form.form .actions button.primary")
    expect(second.page.locator("h1")).to_contain_text("Aster of the second")
    first.page.fill("[name=name]", "Aster of the first")
    first.send("form.form .actions button.primary")
    told = first.page.locator("main [role=alert]")
    for words in ("Somebody else changed this record", "Aster of the second", "Aster of the first"):
        expect(told).to_contain_text(words)
    expect(first.page.locator("[name=name]")).to_have_value("Aster of the first")
    customer.refresh_from_db()
    assert customer.name == "Aster of the second"
    first.send("form.form .actions button.primary")
    customer.refresh_from_db()
    assert customer.name == "Aster of the first"
    lines = Entry.objects.filter(kind="customer", record_id=customer.pk, act="update").order_by("id")
    last = [line for line in lines if "name" in line.changes][-1]
    assert last.changes["name"] == ["Aster of the second", "Aster of the first"]
    assert last.actor_id == provider.person("relationship_manager").pk


def test_two_people_take_the_same_step(provider: World, seat: Sit) -> None:
    case, (first, second) = received(provider), (seat("service_desk"), seat("complaint_handler"))
    first.open_step(case, "acknowledge", next_step="Words of the first.")
    second.take(case, "acknowledge")
    first.page.click("#sheet button.primary")
    told = first.page.locator("#sheet [role=alert]")
    expect(told).to_be_visible()
    expect(first.page.locator("#sheet [name=next_step]")).to_have_value("Words of the first.")
    assert Entry.objects.filter(kind="case", record_id=case.pk, act="acknowledge").count() == 1


def test_a_button_pressed_twice_acts_once(provider: World, seat: Sit, monkeypatch: pytest.MonkeyPatch) -> None:
    world, case = provider, received(provider)
    desk, note = seat("service_desk"), write.log

    def slowly(*args: Any, **named: Any) -> Entry:
        time.sleep(0.5)
        return note(*args, **named)

    def twice(form: str) -> None:
        """Press once more while the first request is on its way."""
        button = desk.page.locator(f"{form} button.primary")
        with desk.page.expect_navigation():
            button.evaluate("button => { button.click(); setTimeout(() => button.click(), 150); }")
        desk.page.wait_for_load_state("networkidle")
        time.sleep(1.5)  # the time that a second request would take

    desk.go("/cases/intake/")
    desk.fill(
        "form.form", customer=world.customer.ref, contact=world.contact.ref, service=world.service.ref,
        channel="phone", description="Once.", wanted_remedy="One credit.",
    )  # fmt: skip
    monkeypatch.setattr(write, "log", slowly)
    twice("form.form .actions")
    assert Case.objects.filter(description="Once.").count() == 1
    desk.go(case.url)
    desk.page.fill("#body", "Said once.")
    twice("form.write")
    assert Entry.objects.filter(note="Said once.").count() == 1
    desk.open_step(case, "acknowledge")
    twice("#sheet")
    desk.page.wait_for_selector("main .note.success")
    assert Entry.objects.filter(kind="case", record_id=case.pk, act="acknowledge").count() == 1
