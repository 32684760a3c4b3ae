"""Whoever was asked how a complaint was handled, at a browser."""

from __future__ import annotations

import re

from playwright.sync_api import expect

from comity.communications.models import Mail
from comity.satisfaction.models import Survey, SurveyResponse
from tests.journeys.conftest import Seat
from tests.notices.conftest import text_of
from tests.satisfaction.conftest import heard
from tests.worlds import World


def link() -> str:
    """The path in the letter that waits to go out after a closing, once the worker has heard of it."""
    heard()
    text = text_of(Mail.objects.get(subject__startswith="How did we do?"))
    return str(re.search(r"(/answer/\S+/)\n", text)[1])  # type: ignore[index]


def answer_by_link(world: World, somebody: Seat, survey: Survey) -> None:
    """A letter asks how it was handled: answered without signing in, without scripts; the link takes one answer."""
    path = link()
    page = somebody.go(path)
    assert page.evaluate("document.documentElement.scrollWidth") == 360
    page.locator("textarea").fill("The new pump is better.")
    somebody.send("button.primary")
    expect(page.locator("[role=alert]")).to_contain_text("Please answer this.")
    expect(page.locator("textarea")).to_have_value("The new pump is better.")
    page.locator(".points").first.locator("label", has_text="4").click()
    somebody.send("button.primary")
    expect(page.locator("h1")).to_contain_text("We have your answer")
    response = SurveyResponse.objects.get(survey=survey)
    assert (response.contact, response.lowest, *response.answers.values()) == (
        world.contact, 4, "The new pump is better.",
    )  # fmt: skip
    expect(somebody.go(path).locator("h1")).to_contain_text("answered already")
    expect(page.locator("body")).not_to_contain_text("The new pump is better.")
