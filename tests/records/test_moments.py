"""Dates and times as people enter them, in the hours in which clocks change too."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from django.utils import timezone

from comity.web.writing import Occasion
from tests.worlds import World


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("2026-11-01T01:30", datetime(2026, 11, 1, 5, 30, tzinfo=UTC)),  # of two, the first
        ("2026-03-08T02:30", datetime(2026, 3, 8, 7, 30, tzinfo=UTC)),  # does not exist: an hour later
        ("2026-11-01T01:30-05:00", datetime(2026, 11, 1, 6, 30, tzinfo=UTC)),
    ],
)
def test_the_hour_in_which_clocks_change_can_be_entered(world: World, said: str, meant: datetime) -> None:
    values = {"direction": "inbound", "purpose": "other", "customer": world.customer.ref, "summary": "Called."}
    with timezone.override("America/New_York"):
        made = world.create("communication", "relationship_manager", occurred_at=said, **values)
        step = Occasion({"happened_at": said}, needs_note=False)
        assert step.is_valid() and step.cleaned_data["happened_at"] == meant
    assert made.occurred_at == meant


@pytest.mark.parametrize("said", ["soon", "2026-02-30T10:00"])
def test_what_is_no_time_is_refused(said: str) -> None:
    assert not Occasion({"happened_at": said}, needs_note=False).is_valid()
