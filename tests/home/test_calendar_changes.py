"""A changed calendar moves the deadlines that lie ahead, with its reason in the trail; calendars are put away."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from comity.cases.models import Case
from comity.cases.operations.reckoning import reckon_open
from comity.clocks import models as calendars
from comity.clocks.models import Calendar
from comity.jobs.models import Job
from comity.jobs.worker import Worker
from comity.records.models import Entry
from tests.cases.conftest import Desk, desk
from tests.home.conftest import SignIn

__all__ = ["desk"]


@pytest.fixture(autouse=True)
def nothing_remembered() -> Iterator[None]:
    """Calendars are remembered by the moment of their change, and time stands still in these tests."""
    calendars._rules.cache_clear()
    yield
    calendars._rules.cache_clear()


@pytest.fixture
def queue(settings: Any) -> None:
    settings.TASKS = {"default": {"BACKEND": "comity.jobs.backend.DatabaseBackend"}}


def close(client: Any, calendar: Calendar, day: Any) -> None:
    path = f"/settings/calendars/{calendar.pk}/days/"
    assert client.post(path, {"date": day.isoformat(), "kind": "holiday", "label": "Flood"}).status_code == 303


def chartered(desk: Desk, **more: Any) -> Any:
    """A case of a customer that counts in the organisation's calendar."""
    return desk.register(customer=desk.world.child.ref, contact=desk.world.child_contact.ref, **more)


def run() -> None:
    while Worker().step():
        pass


@pytest.mark.slow
def test_a_holiday_moves_what_lies_ahead_and_says_why(desk: Desk, as_: SignIn, queue: None) -> None:
    mine, other = chartered(desk), desk.register()
    before, elsewhere = mine.resolve_due_at, other.resolve_due_at
    close(as_("administrator"), desk.world.office, timezone.localdate() + timedelta(days=2))
    assert Case.objects.get(pk=mine.pk).resolve_due_at == before
    run()
    mine.refresh_from_db()
    assert mine.resolve_due_at == before + timedelta(days=1)
    assert Case.objects.get(pk=other.pk).resolve_due_at == elsewhere  # counted in the calendar of its agreement
    [line] = Entry.objects.filter(kind="case", record_id=mine.pk, act="reckon")
    assert line.rule == "calendar_changed" and "resolve_due_at" in line.changes
    assert any("“Office” was changed" in one.words for one in desk.lines(mine))
    assert not Entry.objects.filter(kind="case", record_id=other.pk, act="reckon").exists()
    assert not Job.objects.filter(state="failed").exists()


@pytest.mark.slow
def test_what_was_kept_or_missed_stays(desk: Desk, as_: SignIn, queue: None) -> None:
    case = chartered(desk)
    case = desk.step(case)
    acknowledged = case.ack_due_at
    desk.until(case.answer_due_at)
    missed, ahead = case.answer_due_at, case.resolve_due_at
    close(as_("administrator"), desk.world.office, timezone.localdate(acknowledged))
    run()
    case.refresh_from_db()
    assert (case.ack_due_at, case.answer_due_at) == (acknowledged, missed)
    assert case.resolve_due_at > ahead


@pytest.mark.slow
def test_closed_cases_and_repeated_runs_change_nothing(desk: Desk, as_: SignIn, queue: None) -> None:
    open_one = chartered(desk)
    closed = desk.move(chartered(desk, classification="enquiry"), "finish", "service_desk", outcome="At nine.")
    before = Case.objects.get(pk=closed.pk).version
    client = as_("administrator")
    close(client, desk.world.office, timezone.localdate() + timedelta(days=2))
    close(client, desk.world.office, timezone.localdate() + timedelta(days=3))
    assert Job.objects.filter(name__endswith="reckon_open").count() == 1
    run()
    lines = Entry.objects.filter(kind="case", act="reckon")
    count = lines.count()
    assert count and Case.objects.get(pk=closed.pk).version == before
    reckon_open("Office", lambda done, total: None)
    assert lines.count() == count and lines.filter(record_id=open_one.pk).count() == 1


def test_an_unused_calendar_is_removed_a_used_one_retired(desk: Desk, as_: SignIn) -> None:
    world, client = desk.world, as_("administrator")
    spare = Calendar.objects.create(name="Spare", zone="UTC", hours=world.office.hours)
    assert client.post(f"/settings/calendars/{spare.pk}/put-away/", {"act": "remove"}).status_code == 303
    assert not Calendar.objects.filter(name="Spare").exists()
    assert Entry.objects.get(kind="calendar", act="remove").changes == {"name": ["Spare", None]}
    path = f"/settings/calendars/{world.extended.pk}/put-away/"
    client.post(path, {"act": "remove"})
    assert Calendar.objects.filter(pk=world.extended.pk, retired=False).exists()
    client.post(path, {"act": "retire"})
    assert Calendar.objects.get(pk=world.extended.pk).retired
    assert "Retired" in client.get("/settings/calendars/").content.decode()
    client.post(path, {"act": "resume"})
    assert not Calendar.objects.get(pk=world.extended.pk).retired
    for act in ("remove", "retire"):
        client.post(f"/settings/calendars/{world.office.pk}/put-away/", {"act": act})
    assert Calendar.objects.filter(pk=world.office.pk, retired=False).exists()


def test_a_retired_calendar_is_not_chosen_any_more(desk: Desk, as_: SignIn) -> None:
    world = desk.world
    as_("administrator").post(f"/settings/calendars/{world.extended.pk}/put-away/", {"act": "retire"})
    values = {"agreement": world.agreement.ref, "calendar": "Extended", "change_reason": "More."}
    answer = as_("relationship_manager").post("/agreement-versions/new/", values)
    assert answer.status_code == 422 and world.agreement.versions.count() == 2


@pytest.mark.parametrize("role", ["auditor", "process_manager"])
def test_only_administrators_put_calendars_away(desk: Desk, as_: SignIn, role: str) -> None:
    spare = Calendar.objects.create(name="Spare", zone="UTC", hours=desk.world.office.hours)
    assert as_(role).post(f"/settings/calendars/{spare.pk}/put-away/", {"act": "remove"}).status_code == 403
    assert Calendar.objects.filter(pk=spare.pk).exists()
