"""Who may open and change the settings: the matrix rows "parameters" and "event_trail"; refusals change nothing."""

import pytest

from comity.accounts.models import Grant, Person
from comity.accounts.roles import CONTACTS, Role
from comity.clocks.models import Calendar, CalendarDay, Parameter
from comity.jobs.models import Job
from comity.records.models import Entry, Outbox, Term
from tests.worlds import LONG_AGO

READERS = {
    Role.PROCESS_MANAGER, Role.OPERATIONS_DIRECTOR, Role.INTERNAL_ASSESSOR, Role.SENIOR_MANAGER, Role.ADMINISTRATOR,
    Role.AUDITOR,
}  # fmt: skip
PAGES = ("", "calendars/", "parameters/", "parameters/complaint_ack_hours/", "lists/", "lists/contact_role/", "jobs/")
WEEK = {"hours_mon": "09:00-17:00"}
CALENDAR = {"name": "New", "zone": "UTC", "day_hours": "8", **WEEK}


def state():
    models = (Calendar, CalendarDay, Parameter, Term, Job, Entry, Outbox, Grant)
    return [list(model._base_manager.order_by("pk").values()) for model in models]


def changes(world):
    """Every door that writes, with data that would be taken from an administrator."""
    office = world.office.pk
    job = Job.objects.create(name="x", state="failed")
    day = CalendarDay.objects.create(calendar=world.office, date="2026-01-01", kind="holiday")
    return [
        ("calendars/new/", CALENDAR),
        (f"calendars/{office}/edit/", CALENDAR),
        (f"calendars/{office}/days/", {"date": "2026-05-01", "kind": "holiday"}),
        (f"calendars/{office}/days/{day.pk}/remove/", {}),
        (f"calendars/{office}/fill/", {"country": "DE", "years": "2026"}),
        ("lists/contact_role/", {}),
        ("lists/contact_role/add/", {"code": "new", "label": "New", "order": "9"}),
        (f"jobs/{job.pk}/", {"act": "retry"}),
    ]


@pytest.mark.parametrize("role", sorted(Role))
def test_pages_open_to_the_roles_of_the_matrix(world, as_, role):
    client = as_(role)
    expected = 404 if role in CONTACTS else 200 if role in READERS else 403
    assert {page: client.get(f"/settings/{page}").status_code for page in PAGES} == dict.fromkeys(PAGES, expected)
    assert client.get(f"/settings/calendars/{world.office.pk}/").status_code == expected
    assert client.get("/settings/trail/").status_code == expected


@pytest.mark.parametrize("role", sorted(set(Role) - {Role.ADMINISTRATOR}))
def test_others_than_administrators_change_nothing(world, as_, role):
    client, doors = as_(role), changes(world)
    before = state()
    codes = {client.post(f"/settings/{path}", data).status_code for path, data in doors}
    assert codes == {404 if role in CONTACTS else 403}
    assert state() == before


def test_people_without_a_role_are_refused(world, as_):
    Grant.objects.all().delete()
    client, before = as_("administrator"), state()
    assert client.get("/settings/").status_code == 403
    assert client.get("/settings/trail/").status_code == 403
    assert client.post("/settings/calendars/new/", CALENDAR).status_code == 403
    assert state() == before


def test_an_administrator_acting_under_another_group_is_refused(world, as_):
    person = world.person("administrator")
    Grant.objects.create(person=person, unit=world.root, role=Role.SERVICE_DESK, starts_on=LONG_AGO)
    client, before = as_("administrator"), state()
    assert client.get("/settings/").status_code == 403
    assert client.post("/settings/calendars/new/", CALENDAR).status_code == 403
    assert state() == before
    Person.objects.filter(pk=person.pk).update(acting_group="administrator")
    assert client.get("/settings/").status_code == 200


def test_what_does_not_exist_is_not_found(world, as_):
    client, before = as_("administrator"), state()
    day = CalendarDay.objects.create(calendar=world.extended, date="2026-01-01", kind="holiday")
    for path in ("calendars/999/", "calendars/999/edit/", "calendars/999/fill/", "parameters/none/", "lists/none/"):
        assert client.get(f"/settings/{path}").status_code == 404, path
    for path in (
        f"calendars/{world.office.pk}/days/{day.pk}/remove/", "calendars/999/days/", "lists/none/add/", "jobs/999/",
        "parameters/none/decide/",
    ):  # fmt: skip
        assert client.post(f"/settings/{path}", {"act": "retry"}).status_code == 404, path
    day.delete()
    assert [rows for n, rows in enumerate(state()) if n] == before[1:]


def test_writing_needs_post(world, as_):
    client = as_("administrator")
    day = CalendarDay.objects.create(calendar=world.office, date="2026-01-01", kind="holiday")
    for path in (
        f"calendars/{world.office.pk}/days/{day.pk}/remove/",
        "parameters/repeat_count/decide/",
        "trail/verify/",
    ):
        assert client.get(f"/settings/{path}").status_code == 405


def test_the_tiles_are_those_one_may_open(world, as_):
    auditor, administrator = (as_(name).get("/settings/").content.decode() for name in ("auditor", "administrator"))
    assert "/accounts/people/" in administrator and "/settings/trail/" in administrator
    assert "/settings/trail/" in auditor and "/accounts/people/" not in auditor
    assert 'href="/settings/"' in as_("process_manager").get("/").content.decode()
    assert 'href="/settings/"' not in as_("service_desk").get("/").content.decode()
