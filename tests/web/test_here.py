"""Two people at one record, in real browsers: each reads that the other is there, and who is editing."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.journeys.conftest import Seat, chair, provider, seat
from tests.journeys.test_busy_morning import received
from tests.worlds import World

__all__ = ["chair", "provider", "seat"]
pytestmark = [pytest.mark.browser, pytest.mark.slow]


def test_one_edits_and_the_other_is_told(provider: World, seat: Callable[..., Seat]) -> None:
    case, desk, handler = received(provider), seat("service_desk"), seat("complaint_handler")
    with desk.page.expect_response("**/here/"):
        desk.go(f"{case.url}edit/")
    handler.go(case.url)
    expect(handler.page.locator("#here")).to_have_text("Service Desk is editing this.")
    desk.go("/cases/")
    expect(desk.page.locator("#here")).to_have_count(0)
    with desk.page.expect_response("**/here/"):
        desk.go(case.url)
    expect(desk.page.locator("#here")).to_have_text("Complaint Handler is here, too.")
