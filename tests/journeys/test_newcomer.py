"""The first days of somebody new, in either language: sign in, settle down, work a complaint to its end, sign out."""

from __future__ import annotations

import base64
import re
import time
from collections.abc import Callable

import pytest
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from playwright.sync_api import Page, expect

from comity.accounts.models import Grant, Person
from comity.accounts.roles import Role
from comity.cases.models import Case
from tests.journeys.conftest import Seat
from tests.journeys.test_letter_to_closing import FOUND, RATED, RESULT, heard
from tests.worlds import LONG_AGO, PASSWORD, World

pytestmark = [pytest.mark.browser, pytest.mark.slow]

CHROME = """
.side a, .side :is(h2, summary), .facts h2, .facts dt, .aside h2, .aside dt, .stages li, .steps .btn, .steps summary,
.head .btn, .head button, .head .st, main label, main legend, main th, main fieldset h2, main summary, main form button,
.chips a, .tabs a, .line header > span:not(.dot), #sheet label, #sheet h2, #sheet button, #sheet .help,
#me button, .pager
"""
NAMES = re.compile(
    r"Comity|English|CSV|Excel|Ctrl|[A-Z]{3}-\d+|\S+@\S+|Nora Newcomer|Root Services|Aster|Hosting|API|UTC|Service line"
)


def sign_in(page: Page, email: str, password: str) -> None:
    page.fill("[name=login]", email)
    page.fill("[name=password]", password)
    with page.expect_navigation():
        page.click("main button.primary")


def english(page: Page) -> list[str]:
    """Words of the frame around the data that are left in English."""
    texts = page.locator(CHROME).all_inner_texts()
    return sorted({text.strip() for text in texts if re.search(r"[A-Za-z]{3,}", NAMES.sub("", text))})


@pytest.fixture
def newcomer(provider: World) -> Person:
    """Somebody who may take in complaints and handle them."""
    made = Person.objects.create_user("nora@provider.example", PASSWORD, name="Nora Newcomer", starts_on=LONG_AGO)
    for role in (Role.SERVICE_DESK, Role.COMPLAINT_HANDLER):
        Grant.objects.create(person=made, unit=provider.root, role=role, starts_on=LONG_AGO)
    provider.people["newcomer"] = made
    return made


def test_a_second_step_at_sign_in(provider: World, seat: Callable[..., Seat], newcomer: Person) -> None:
    page = seat().go("/")
    sign_in(page, newcomer.email, "wrong")
    expect(page.locator("main")).to_contain_text("correct")
    sign_in(page, newcomer.email, PASSWORD)
    expect(page.locator("h1")).to_have_text("My work")
    page.goto(page.url + "accounts/2fa/")
    with page.expect_navigation():
        page.click("main a[href$='totp/activate/']")
    page.fill("[name=password]", PASSWORD)  # who it is, once more
    with page.expect_navigation():
        page.click("main button.primary")
    secret = base64.b32decode(page.locator("main code").inner_text())
    while time.time() % 30 > 24:  # a code serves for half a minute, and this one shall be sent in the same
        page.wait_for_timeout(500)
    page.fill("[name=code]", format_hotp_value(hotp_value(base64.b32encode(secret).decode(), int(time.time()) // 30)))
    with page.expect_navigation():
        page.click("main button.primary")
    expect(page.locator("main")).to_contain_text(re.compile("recovery", re.I))
    page.goto(re.sub("/accounts/.*", "/accounts/logout/", page.url))
    with page.expect_navigation():
        page.click("main button.primary")
    sign_in(page, newcomer.email, PASSWORD)
    expect(page.locator("[name=code]")).to_be_visible()


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_first_complaint(provider: World, seat: Callable[..., Seat], newcomer: Person, language: str) -> None:
    world, me = provider, seat()
    page = me.go("/")
    sign_in(page, newcomer.email, PASSWORD)

    # language and dark theme from the menu of the person
    for name, value in (("language", language), ("theme", "dark")):
        page.click(".top [popovertarget=me]")
        with page.expect_navigation():
            page.click(f"#me [name={name}][value='{value}']")
    expect(page.locator("html")).to_have_attribute("lang", language)
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(17, 22, 26)"

    # a complaint, from the first word to the last
    left: list[str] = []

    def look() -> None:
        left.extend(english(page) if language != "en" else [])

    me.go("/cases/intake/")
    look()
    case = me.register(
        "/cases/intake/", customer=world.customer.ref, contact=world.contact.ref, service=world.service.ref,
        topic="billing", channel="phone", description="?", wanted_remedy="?",
    )  # fmt: skip
    assert isinstance(case, Case)
    look()
    case = me.take(case, "acknowledge")
    me.open_step(case, "assess")
    look()
    case = me.take(case, "assess", handler=newcomer.email, **{**RATED, "safety": False})
    case = me.take(case, "investigate", investigator=newcomer.email)
    look()
    case = me.take(
        case, "resolve_without_action", no_action_reason="?", **FOUND, **{**RESULT, "improvement_need": True}
    )
    look()
    said = heard(world, case, "newcomer")
    case = me.take(case, "confirm", communication=said)
    look()
    assert case.close_ground == "confirmed"
    for path in ("/", "/cases/", "/search/?q=aster", f"{case.url}why/resolve/", f"{case.url}?tab=said"):
        me.go(path)
        look()
    assert not left, sorted(set(left))

    # and out
    page.click(".top [popovertarget=me]")
    with page.expect_navigation():
        page.click("#me a[href*=logout]")
    with page.expect_navigation():
        page.click("main button.primary")
    page.goto(me.url + case.url)
    assert "/accounts/login/" in page.url
