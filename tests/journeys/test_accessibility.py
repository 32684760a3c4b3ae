"""Every sort of page against the rules of accessibility: light and dark, wide and narrow, in both languages."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from comity.accounts.models import Person
from comity.intake.models import Import
from comity.records import write
from comity.records.kind import kinds
from tests.journeys.conftest import Seat
from tests.journeys.test_busy_morning import RATED, received
from tests.web.visitors import creator, one
from tests.worlds import World

pytestmark = [pytest.mark.browser, pytest.mark.slow]
RULES = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    "resultTypes": ["violations"],
}
WIDE = """[...document.querySelectorAll("main *")].filter(part => part.getBoundingClientRect().right > innerWidth)
  .map(part => `${part.tagName}.${part.className} ${part.textContent.slice(0, 30)}`).slice(-3)"""
# Every pair of theme, width and language occurs.
LOOKS = {"en": (("light", 1280), ("dark", 360)), "zh-hans": (("dark", 1280), ("light", 360))}


def faults(page: Page, scheme: str, width: int) -> list[str]:
    """What the page breaks as it looks now."""
    page.emulate_media(color_scheme="dark" if scheme == "dark" else "light", reduced_motion="reduce")
    page.set_viewport_size({"width": width, "height": 800})
    where = f"{page.url} {scheme} {width}"
    found = []
    if page.evaluate("document.documentElement.scrollWidth") > width:
        found.append(f"{where}: too wide: {page.evaluate(WIDE)}")
    broken = Axe().run(page, options=RULES).response["violations"]
    return found + [f"{where}: {one['id']}: {[node['target'] for node in one['nodes'][:3]]}" for one in broken]


def check(seat: Seat, person: Person, paths: list[str], open_first_step: bool = False) -> None:
    """Look at the pages as this person in both languages."""
    wrong: list[str] = []
    for language, looks in LOOKS.items():
        Person.objects.filter(pk=person.pk).update(language=language)
        for path in paths:
            page = seat.go(path)
            assert page.locator("html").get_attribute("lang") == language, path
            if open_first_step:
                page.locator(".steps a.primary").first.click()
                page.wait_for_selector("#sheet[open] form")
            for scheme, width in looks:
                wrong += faults(page, scheme, width)
    assert not wrong, "\n".join(wrong)


@pytest.fixture
def case(provider: World) -> Any:
    """A case that has been escalated, paused and written about."""
    world, handler = provider, provider.email("complaint_handler")
    case = received(world, about=[world.email("assistant")], confidential=True)
    received(world, description="The same once more.")
    case = world.move(case, "acknowledge", "service_desk")
    case = world.move(case, "assess", "complaint_handler", handler=handler, **{**RATED, "severity": "major"})
    case = world.move(case, "investigate", "complaint_handler", investigator=handler)
    case = world.move(case, "answer", "complaint_handler", text="A technician is on the way.")
    write.post(case, "Called twice.", actor=world.actor("complaint_handler"))
    return case


def test_the_desk(provider: World, seat: Callable[..., Seat], case: Any) -> None:
    said = f"{case.url}letter/COM-00002/"
    paths = [
        "/", "/cases/", case.url, "/cases/intake/", "/cases/new/", f"{case.url}edit/", f"{case.url}assign/",
        f"{case.url}?tab=said", f"{case.url}why/resolve/", f"{case.url}compare/?with=CMP-00002", f"{case.url}split/",
        said, "/search/?q=aster", "/cases/?status=closed", "/nothing/",
    ]  # fmt: skip
    person = provider.person("complaint_handler")
    check(seat("complaint_handler"), person, paths)
    check(seat("complaint_handler"), person, [case.url], open_first_step=True)


def test_settings_imports_and_accounts(provider: World, seat: Callable[..., Seat], case: Any) -> None:
    world = provider
    manager, administrator = world.person("process_manager"), world.person("administrator")
    made = Import.objects.create(kind="case", person=manager, name="cases.csv", state="done", total=3, done=3)
    paths = ["/imports/", f"/imports/{made.pk}/", "/settings/", "/settings/parameters/"]
    check(seat("process_manager"), manager, paths)
    paths = [
        "/accounts/people/", f"/accounts/people/{manager.pk}/", "/accounts/people/new/", "/accounts/units/",
        "/accounts/me/", "/accounts/2fa/", "/settings/lists/case_topic/", "/settings/trail/", "/cases/",
    ]  # fmt: skip
    check(seat("administrator"), administrator, paths)


def test_before_sign_in(provider: World, seat: Callable[..., Seat]) -> None:
    wrong: list[str] = []
    for language, looks in LOOKS.items():
        anybody = seat(locale="zh-CN" if language == "zh-hans" else "en-GB")
        for path in ("/accounts/login/", "/accounts/password/reset/", "/accounts/nothing/"):
            page = anybody.go(path)
            assert page.locator("html").get_attribute("lang") == language, path
            for scheme, width in looks:
                wrong += faults(page, scheme, width)
    assert not wrong, "\n".join(wrong)


def test_every_kind(provider: World, seat: Callable[..., Seat], case: Any) -> None:
    """Register, record and form of each kind, once."""
    wrong: list[str] = []
    seats: dict[str, Seat] = {}
    for kind in kinds():
        found, maker = one(provider, kind), creator(provider, kind)
        visits = [(found[1], path) for path in (kind.url, found[0].url)] if found else []
        visits += [(maker, f"{kind.url}new/")] if maker else []
        for person, path in visits:
            name = next(name for name, known in provider.people.items() if known == person)
            someone = seats.get(name) or seats.setdefault(name, seat(name))
            wrong += faults(someone.go(path), "light", 360)
    assert not wrong, "\n".join(wrong)
