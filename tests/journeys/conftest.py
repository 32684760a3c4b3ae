"""A small provider behind a live server, and its people at their browsers."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from django.test import Client
from django.utils import translation
from playwright.sync_api import Browser, Page, expect

from comity.accounts.models import Person
from comity.cases.models import Case
from comity.records.kind import kind_of
from comity.records.search import index
from tests.worlds import World, build

__all__ = ["Seat"]

expect.set_options(timeout=10_000)


@dataclass
class Seat:
    """One person at a browser. Whatever it complains about (scripts, content policy, missing files) is remembered."""

    page: Page
    url: str
    complaints: list[str]

    def sign_in(self, person: Person) -> None:
        """Whoever sat here before has gone."""
        client = Client()
        client.force_login(person, backend="comity.accounts.sign_in.CurrentPeople")
        session = client.cookies["sessionid"].value
        self.page.context.clear_cookies()
        self.page.context.add_cookies([{"name": "sessionid", "value": session, "url": self.url}])

    def leave(self) -> None:
        """Empty it for the next: other pages, what scripts have kept, cookies, answers that were put in between."""
        for page in self.page.context.pages:
            if page != self.page:
                page.close()
        self.page.unroute_all(behavior="ignoreErrors")
        self.go("/healthz")
        self.page.evaluate("localStorage.clear(), sessionStorage.clear()")
        self.page.context.clear_cookies()
        self.complaints.clear()

    def go(self, path: str) -> Page:
        self.page.goto(self.url + path)
        return self.page

    def fill(self, within: str, **values: Any) -> None:
        """Fill the fields of a form as its inputs want it: choices, ticks, texts."""
        for name, value in values.items():
            field = self.page.locator(f"{within} [name={name}]").first
            what = field.evaluate("field => field.type")
            if what == "checkbox":
                field.set_checked(bool(value))
            elif what.startswith("select"):
                field.select_option(str(value).lower() if isinstance(value, bool) else str(value))
            else:
                field.fill(str(value))

    def open_step(self, case: Any, name: str, **values: Any) -> None:
        """Open a step of the record in its dialog and fill it in."""
        self.go(case.url)
        step = self.page.locator(f".steps a[href$='/{name}/']")
        if not step.is_visible():
            self.page.locator(".steps details:has(.actions) > summary").click()
        step.click()
        self.page.wait_for_selector("#sheet[open] form")
        self.fill("#sheet", **values)

    def take(self, case: Any, name: str, **values: Any) -> Any:
        """Take a step; the case as it is afterwards."""
        self.open_step(case, name, **values)
        self.page.click("#sheet button.primary")
        answer = self.page.wait_for_selector("main .note.success, #sheet [role=alert]")
        assert answer and case.ref in answer.inner_text(), f"{name}: {answer and answer.inner_text()}"
        return type(case).objects.get(pk=case.pk)

    def refused(self, case: Any, name: str, **values: Any) -> str:
        """Try a step that is refused; the reason as it is shown."""
        self.open_step(case, name, **values)
        self.page.click("#sheet button.primary")
        return self.page.locator("#sheet [role=alert]").inner_text()

    def send(self, button: str) -> None:
        """Press a button that leads to another page."""
        with self.page.expect_navigation():
            self.page.click(button)

    def register(self, path: str, files: Any = None, **values: Any) -> Any:
        """Fill in a page of registration; the newest case afterwards."""
        self.go(path)
        self.fill("form.form", **values)
        if files:
            self.page.set_input_files("form.form [name=files]", files)
        self.send("form.form .actions button.primary")
        return Case.objects.order_by("-pk").first()


@pytest.fixture
def provider(transactional_db: None) -> Iterator[World]:
    """The world with the lists of the desk, and with the words that the search finds."""
    world = build()
    for records in ([world.customer, world.child], [world.contact], [world.service]):
        index(kind_of(records[0]), records)
    yield world
    translation.activate("en")


@pytest.fixture
def seat(provider: World, chair: Callable[..., Seat]) -> Callable[..., Seat]:
    """Seat a person of the world, by name, signed in already."""
    return lambda name="", **options: chair(provider.person(name) if name else None, **options)


_free: list[Seat] = []  # ordinary ones: to begin a browser takes longer than most of what is done with it


@pytest.fixture
def chair(transactional_db: None, live_server: Any, browser: Browser) -> Iterator[Callable[..., Seat]]:
    """Seat somebody at a browser, signed in already; nobody's browser may have complained in the end."""
    ordinary: list[Seat] = []
    others: list[Seat] = []

    def sit(person: Person | None = None, width: int = 1280, scheme: Any = "light", **options: Any) -> Seat:
        seat = _free.pop() if _free and not options else begun(browser, live_server.url, **options)
        (others if options else ordinary).append(seat)
        seat.page.set_viewport_size({"width": width, "height": 800})
        seat.page.emulate_media(color_scheme=scheme, reduced_motion="null")
        if person:
            seat.sign_in(person)
        return seat

    yield sit
    complaints = [line for seat in ordinary + others for line in seat.complaints]
    for seat in others:
        seat.page.context.close()
    for seat in ordinary:
        seat.leave()
    _free.extend(ordinary)
    assert not complaints


def begun(browser: Browser, url: str, **options: Any) -> Seat:
    context = browser.new_context(**{"locale": "en-GB", **options})
    context.set_default_timeout(10_000)
    seat = Seat(context.new_page(), url, [])
    seat.page.on("pageerror", lambda error: seat.complaints.append(f"{seat.page.url}: {error}"))
    seat.page.on("console", lambda line: _note(seat.complaints, seat.page, line))
    return seat


def _note(complaints: list[str], page: Page, line: Any) -> None:
    """An answer of 4xx is one that a test asks for; anything else on the console is a fault of ours."""
    if line.type in ("error", "warning") and "the server responded with a status of 4" not in line.text:
        complaints.append(f"{page.url}: {line.text}")
