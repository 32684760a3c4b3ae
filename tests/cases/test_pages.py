"""The desk in the browser: quick intake with the definition beside it, panels, why this date, merge preview, letter."""

from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from comity.cases.models import Case
from comity.clocks.models import Calendar
from comity.records import write
from comity.records.models import Entry
from tests.cases.conftest import ENDING, FOUND, RESULT, Desk


@pytest.fixture
def browse(desk: Desk) -> Any:
    """A browser in which the person of a role has signed in."""

    def signed_in(role: str) -> Client:
        client = Client()
        client.force_login(desk.world.person(role), backend="comity.accounts.sign_in.CurrentPeople")
        return client

    return signed_in


def test_quick_intake_registers_a_letter(desk: Desk, browse: Any) -> None:
    client = browse("service_desk")
    assert client.get("/cases/intake/").status_code == 200
    values = {**desk.intake(channel="letter", agent="Her son"), "classification": "complaint", "about": ""}
    answer = client.post("/cases/intake/", values)
    assert answer.status_code == 303, answer.content.decode()
    case = Case.objects.get()
    assert (case.channel, case.agent, answer.headers["Location"]) == ("letter", "Her son", case.url)


def test_quick_intake_takes_what_has_no_door_of_its_own(desk: Desk, browse: Any) -> None:
    client = browse("service_desk")
    for channel, answer in (("chat", 303), ("social", 303), ("meeting", 303), ("portal", 422), ("email", 422)):
        values = desk.intake(channel=channel, classification="complaint")
        assert client.post("/cases/intake/", values).status_code == answer, channel
    assert [*Case.objects.order_by("pk").values_list("channel", flat=True)] == ["chat", "social", "meeting"]


def test_quick_intake_says_what_is_missing(desk: Desk, browse: Any) -> None:
    answer = browse("service_desk").post(
        "/cases/intake/", {"channel": "phone", "classification": "complaint", "description": "x"}
    )
    assert answer.status_code == 422
    assert "Name the customer." in answer.content.decode()
    assert not Case.objects.exists()


def test_the_customers_own_definition_is_shown(desk: Desk, browse: Any) -> None:
    page = browse("service_desk").get("/cases/definition/", {"customer": desk.world.customer.ref}).content.decode()
    assert "Dissatisfaction, or a missed target." in page
    assert "Ada Aster" in page
    other = browse("service_desk").get("/cases/definition/", {"customer": desk.world.child.ref}).content.decode()
    assert "Any expressed dissatisfaction." in other
    assert "has not agreed" in other


@pytest.mark.parametrize(
    "status", ["received", "acknowledged", "assessed", "investigating", "acting", "resolved", "closed"]
)
def test_the_page_of_a_case_in_each_state(desk: Desk, browse: Any, status: str) -> None:
    case = desk.at(status)
    for role in ("complaint_handler", "process_manager", "auditor", "service_desk", "operations_director"):
        answer = browse(role).get(case.url)
        assert answer.status_code == 200
        page = answer.content.decode()
        assert "Why this date" in page
        assert "Dissatisfaction, or a missed target." in page
    assert "Not asked yet" in page


def test_a_step_can_be_taken_on_the_page(desk: Desk, browse: Any) -> None:
    case, client = desk.register(), browse("service_desk")
    assert client.get(f"{case.url}acknowledge/").status_code == 200
    answer = client.post(f"{case.url}acknowledge/", {"version": case.version, "next_step": "We look."})
    assert answer.status_code == 303, answer.content.decode()
    assert Case.objects.get().status == "acknowledged"
    handler = browse("complaint_handler")
    page = handler.get(f"{case.url}assess/").content.decode()
    assert "This step is not possible yet" not in page


def test_why_this_date_names_days_and_calendar(desk: Desk, browse: Any) -> None:
    case = desk.register()
    page = browse("service_desk").get(f"{case.url}why/resolve/").content.decode()
    assert "Extended" in page
    assert f"{case.resolve_due_at:%Y-%m-%d}" in page
    part = browse("service_desk").get(f"{case.url}why/resolve/", headers={"HX-Request": "true"}).content.decode()
    assert "<html" not in part
    assert browse("service_desk").get(f"{case.url}why/nonsense/").status_code == 404
    assert browse("supplier_manager").get(f"{case.url}why/resolve/").status_code == 404


def test_reading_a_restricted_case_leaves_a_line(desk: Desk, browse: Any) -> None:
    case = desk.register(origin="internal", customer="", contact="", complainant="A colleague")
    page = browse("auditor").get(case.url).content.decode()
    assert "The complainant is not shown to you." in page
    assert "each reading is recorded" in page
    [line] = Entry.objects.filter(kind="case", record_id=case.pk, act="read")
    assert line.actor_id == desk.world.person("auditor").pk
    assert browse("internal_assessor").get(case.url).status_code == 404


def test_splitting_and_following_up(desk: Desk, browse: Any) -> None:
    case, client = desk.register(), browse("service_desk")
    assert client.get(f"{case.url}split/").status_code == 200
    answer = client.post(f"{case.url}split/", {"classification": "service_request", "description": "A new phone."})
    assert answer.status_code == 303, answer.content.decode()
    assert Case.objects.filter(classification="service_request").count() == 1
    assert client.post(f"{case.url}follow-up/", {"classification": "complaint"}).status_code == 422


def test_the_merge_preview_shows_what_differs_and_merges(desk: Desk, browse: Any) -> None:
    case, other = desk.register(), desk.register(description="It was down again.")
    client = browse("process_manager")
    page = client.get(f"{case.url}compare/", {"with": other.ref}).content.decode()
    assert "It was down again." in page
    assert "differs" in page
    answer = client.post(
        f"{case.url}merge/", {**ENDING, "improvement_need": "false", "case": other.ref, "version": case.version}
    )
    assert answer.status_code == 303, answer.content.decode()
    case.refresh_from_db()
    assert case.close_ground == "merged"
    assert (
        "complaint owner merges"
        in browse("service_desk").get(f"{other.url}compare/", {"with": case.ref}).content.decode()
    )


def test_the_answer_as_a_letter(desk: Desk, browse: Any) -> None:
    case = desk.at("resolved")
    [notice] = desk.told(case, "result")
    page = browse("complaint_handler").get(f"{case.url}letter/{notice.ref}/").content.decode()
    assert RESULT["outcome"] in page
    other = desk.register()
    assert browse("complaint_handler").get(f"{other.url}letter/{notice.ref}/").status_code == 404


def test_a_record_asks_each_thing_once(desk: Desk, browse: Any) -> None:
    case = desk.register()
    page = browse("complaint_handler")
    page.get(case.url)
    with CaptureQueriesContext(connection) as queries:
        assert page.get(case.url).status_code == 200
    asked = [query["sql"] for query in queries]
    assert len(asked) <= 29 and len([sql for sql in asked if 'FROM "parties_responsibility"' in sql]) == 2
    assert len(asked) == len(set(asked))


def test_the_register_asks_no_query_per_row(desk: Desk, browse: Any, django_assert_max_num_queries: Any) -> None:
    for _ in range(12):
        desk.register()
    client = browse("process_manager")
    client.get("/cases/")
    with django_assert_max_num_queries(11):
        assert client.get("/cases/").status_code == 200


def test_what_was_written_up_stays_and_tells_nobody(desk: Desk) -> None:
    case = desk.at("investigating")
    told = len(desk.told(case))
    case = desk.move(case, "write_up", facts=FOUND["facts"], upheld="upheld")
    assert (case.facts, case.upheld, case.status) == (FOUND["facts"], "upheld", "investigating")
    assert len(desk.told(case)) == told


def test_the_edit_button_stands_only_where_an_edit_can_succeed(desk: Desk, browse: Any) -> None:
    case = desk.at("investigating")
    link = f'href="{case.url}edit/"'
    assert link in browse("complaint_handler").get(case.url).content.decode()
    page = browse("service_desk").get(case.url)
    assert page.status_code == 200 and link not in page.content.decode()
    with pytest.raises(ValidationError):
        write.update(case, {"title": "Other"}, actor=desk.world.actor("service_desk"))
    assert Case.objects.get(pk=case.pk).version == case.version
    [notice, *_more] = desk.told(case)
    manager = desk.world.actor("process_manager")  # a message's heading may come later, what was said stays
    assert write.update(notice, {"topic": "complaint"}, actor=manager).topic == "complaint"
    with pytest.raises(ValidationError):
        write.update(notice, {"summary": "Other"}, actor=manager)
    assert type(notice).objects.get(pk=notice.pk).summary == notice.summary


def test_the_sender_language_is_named_and_the_hours_are_those_of_the_calendar(desk: Desk, browse: Any) -> None:
    client = browse("service_desk")
    case = desk.register(language="zh-hans")
    page = client.get(case.url).content.decode()
    assert "Simplified Chinese" in page and ">zh-hans<" not in page
    for one in Calendar.objects.all():
        one.zone = "America/New_York"
        one.save()
    case = desk.register()
    why = client.get(f"/cases/{case.ref}/why/resolve/").content.decode()
    zone = ZoneInfo("America/New_York")
    assert "(America/New_York)" in why, why[why.find("Counted in") :][:200]
    assert f"{case.resolve_due_at.astimezone(zone):%Y-%m-%d %H:%M}" in why
    assert "07:00–19:00" in why
