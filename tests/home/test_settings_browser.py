"""The settings in a real browser that runs no scripts."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from comity.clocks.models import CalendarDay
from comity.records.models import Entry
from tests.journeys.conftest import Seat, chair, provider, seat
from tests.worlds import World

__all__ = ["chair", "provider", "seat"]
pytestmark = [pytest.mark.browser, pytest.mark.slow]


def test_a_day_is_added_and_removed_without_scripts(provider: World, seat: Callable[..., Seat]) -> None:
    page = seat("administrator", java_script_enabled=False).go(f"/settings/calendars/{provider.office.pk}/?year=2026")
    page.get_by_label("Date *").fill("2026-05-01")
    page.get_by_label("Kind *").select_option("holiday")
    page.get_by_label("Label").fill("Labour Day")
    page.get_by_role("button", name="Add", exact=True).click()
    page.get_by_role("button", name="Remove 2026-05-01").click()
    page.wait_for_load_state()
    assert [entry.act for entry in Entry.objects.filter(kind="calendar").order_by("pk")] == ["update", "remove"]
    assert not CalendarDay.objects.exists()
