"""The bell, the list and the wishes, as pages."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from comity.notices.models import Event, Notification, Preference
from comity.notices.operations.notifying import notify
from tests.notices.conftest import Desk

pytestmark = pytest.mark.django_db


@pytest.fixture
def reader(desk: Desk, client: Client) -> Client:
    client.force_login(desk.world.person("complaint_handler"))
    return client


def news(desk: Desk, count: int = 1) -> list[Notification]:
    case, handler = desk.register(), desk.world.person("complaint_handler")
    return [notify(Event.REPLY, {handler.pk}, record=case)[0] for _n in range(count)]


def test_the_bell_is_fetched_after_the_page_and_counts_what_is_unread(desk: Desk, reader: Client) -> None:
    page = reader.get("/cases/").content.decode()
    assert 'hx-get="/notifications/bell/"' in page and 'href="/notifications/"' in page
    news(desk, 2)
    with CaptureQueriesContext(connection) as queries:
        bell = reader.get("/notifications/bell/").content.decode()
    assert "2 unread notifications" in bell and '<span class="n" aria-hidden="true">2</span>' in bell
    assert len([one for one in queries if "notices_" in one["sql"]]) == 1
    Notification.objects.bulk_create(Notification(person_id=one.person_id, event="job") for one in news(desk) * 150)
    assert "99+" in reader.get("/notifications/bell/").content.decode()


def test_the_list_leads_to_the_record_and_marks_it_read(desk: Desk, reader: Client) -> None:
    (one,) = news(desk)
    page = reader.get("/notifications/").content.decode()
    assert "The customer has written" in page and f"/notifications/{one.pk}/" in page and "Unread" in page
    answer = reader.get(f"/notifications/{one.pk}/")
    assert answer.status_code == 303 and answer.headers["Location"].startswith("/cases/")
    one.refresh_from_db()
    assert one.read_at is not None
    assert "Nothing new" in reader.get("/notifications/?show=unread").content.decode()


def test_nobody_reads_or_marks_what_others_are_told(desk: Desk, client: Client) -> None:
    (one,) = news(desk)
    client.force_login(desk.world.person("process_manager"))
    assert "The customer has written" not in client.get("/notifications/").content.decode()
    assert client.get(f"/notifications/{one.pk}/").headers["Location"] == "/notifications/"
    client.post("/notifications/read/")
    one.refresh_from_db()
    assert one.read_at is None


def test_contacts_have_no_such_pages(desk: Desk, client: Client) -> None:
    client.force_login(desk.world.person("customer_contact"))
    for path in ("", "bell/", "settings/"):
        assert client.get(f"/notifications/{path}").status_code == 404


def test_all_can_be_marked_at_once(desk: Desk, reader: Client) -> None:
    news(desk, 3)
    assert reader.get("/notifications/read/").status_code == 405
    assert Notification.objects.filter(read_at=None).count() == 3
    assert reader.post("/notifications/read/").status_code == 303
    assert not Notification.objects.filter(read_at=None).exists()


def test_the_list_costs_the_same_however_long_it_is(desk: Desk, reader: Client) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert reader.get("/notifications/").status_code == 200
        return len(captured)

    news(desk, 2)
    queries()
    few = queries()
    news(desk, 30)
    assert queries() <= few


def test_wishes_are_kept_and_only_what_differs(desk: Desk, reader: Client) -> None:
    page = reader.get("/notifications/settings/").content.decode()
    assert "Something is assigned to me" in page
    given = {event.value: "app" for event in Event} | {"note": "mail", "assigned": "mail", "reply": "digest"}
    given |= {"escalated": "mail", "mentioned": "mail", "near": "off", "missed": "digest", "mail_failed": "mail"}
    given |= {"silent": "mail"}
    assert reader.post("/notifications/settings/", given).status_code == 303
    assert dict(Preference.objects.values_list("event", "way")) == {"note": "mail", "near": "off"}
    assert reader.post("/notifications/settings/", given | {"note": "pigeon"}).status_code == 422
    assert Preference.objects.get(event="note").way == "mail"
