"""A small provider behind a live server, and its people at their browsers."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from django.test import Client
from django.utils import translation
from playwright.sync_api import Browser, BrowserContext, Page, expect

from comity.accounts.models import Person
from comity.cases.models import Case
from comity.cases.terms import seed
from comity.records.kind import kind_of
from comity.records.models import Term
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
    seed(Term)
    for records in ([world.customer, world.child], [world.contact], [world.service]):
        index(kind_of(records[0]), records)
    yield world
    translation.activate("en")


@pytest.fixture
def seat(provider: World, chair: Callable[..., Seat]) -> Callable[..., Seat]:
    """Seat a person of the world, by name, signed in already."""
    return lambda name="", **options: chair(provider.person(name) if name else None, **options)


@pytest.fixture
def chair(transactional_db: None, live_server: Any, browser: Browser) -> Iterator[Callable[..., Seat]]:
    """Seat somebody at a browser, signed in already; nobody's browser may have complained in the end."""
    contexts: list[BrowserContext] = []
    complaints: list[str] = []

    def sit(person: Person | None = None, width: int = 1280, scheme: str = "light", **options: Any) -> Seat:
        options = {"locale": "en-GB", **options}
        context = browser.new_context(viewport={"width": width, "height": 800}, color_scheme=scheme, **options)
        context.set_default_timeout(10_000)
        contexts.append(context)
        if person:
            client = Client()
            client.force_login(person, backend="comity.accounts.sign_in.CurrentPeople")
            session = client.cookies["sessionid"].value
            context.add_cookies([{"name": "sessionid", "value": session, "url": live_server.url}])
        page = context.new_page()
        page.on("pageerror", lambda error: complaints.append(f"{page.url}: {error}"))
        page.on("console", lambda line: _note(complaints, page, line))
        return Seat(page, live_server.url, complaints)

    yield sit
    for context in contexts:
        context.close()
    assert not complaints


def _note(complaints: list[str], page: Page, line: Any) -> None:
    """An answer of 4xx is one that a test asks for; anything else on the console is a fault of ours."""
    if line.type in ("error", "warning") and "the server responded with a status of 4" not in line.text:
        complaints.append(f"{page.url}: {line.text}")
