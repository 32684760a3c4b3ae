"""The calendar of what is due: valid by the letter of RFC 5545, within the person's rights, and closed when revoked."""

from __future__ import annotations

import re
from datetime import UTC, date, timedelta
from typing import Any

import icalendar
import pytest
import time_machine
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from comity.accounts.models import ApiToken, Grant, Person
from comity.home import feeds
from tests.cases.conftest import Desk, desk
from tests.worlds import World, world

__all__ = ["desk", "world"]
pytestmark = pytest.mark.django_db


def signed_in(person: Person) -> Client:
    client = Client()
    client.force_login(person, backend="comity.accounts.sign_in.CurrentPeople")
    return client


def subscribe(person: Person) -> str:
    """The path of a new calendar, as the account page shows it once."""
    client = signed_in(person)
    shown = client.post("/accounts/calendar/").content.decode()
    (path,) = re.findall(r"https?://[^/<]+(/calendar/[\w-]+\.ics)", shown)
    assert path not in client.get("/accounts/me/").content.decode()
    return path


def events(path: str) -> list[Any]:
    answer = Client().get(path)
    assert answer.status_code == 200
    strictly(answer.content)
    return list(icalendar.Calendar.from_ical(answer.content).walk("VEVENT"))


def strictly(content: bytes) -> list[tuple[str, str, str]]:
    """Hold the bytes against the grammar; returns the lines as name, parameters, value."""
    assert (
        content.endswith(b"\r\n")
        and b"\r" not in content.replace(b"\r\n", b"")
        and b"\n" not in content.replace(b"\r\n", b"")
    )
    assert all(0 < len(row) <= 75 for row in content[:-2].split(b"\r\n"))
    text = content.replace(b"\r\n ", b"").replace(b"\r\n\t", b"").decode()
    assert not re.search(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]", text)
    lines, open_ones, parts, ids = [], [], [], []
    for row in text[:-2].split("\r\n"):
        found = re.fullmatch(r'([A-Z0-9-]+)((?:;[A-Z0-9-]+=(?:"[^"]*"|[^";:,]*)(?:,[^";:,]*)*)*):(.*)', row)
        assert found, row
        name, parameters, value = found.groups()
        lines.append((name, parameters, value))
        if name == "BEGIN":
            open_ones.append((value, []))
            continue
        if name == "END":
            kind, properties = open_ones.pop()
            assert kind == value
            parts.append((kind, properties))
            continue
        open_ones[-1][1].append((name, parameters, value))
        if name in ("SUMMARY", "DESCRIPTION"):
            assert not re.search(r"(?<!\\)(?:\\\\)*[,;]", value), value
    assert not open_ones and lines[0][::2] == ("BEGIN", "VCALENDAR") and lines[-1][::2] == ("END", "VCALENDAR")
    zones = {value for kind, rows in parts if kind == "VTIMEZONE" for name, _p, value in rows if name == "TZID"}
    for kind, rows in parts:
        names = [name for name, _p, _v in rows]
        if kind == "VCALENDAR":
            assert names.count("PRODID") == names.count("VERSION") == 1 and ("VERSION", "", "2.0") in rows
        if kind == "VEVENT":
            once = ("UID", "DTSTAMP", "DTSTART", "SEQUENCE", "SUMMARY", "URL", "LAST-MODIFIED")
            assert all(names.count(name) == 1 for name in once), names
            values = {name: value for name, _p, value in rows}
            assert re.fullmatch(r"\d{8}T\d{6}Z", values["DTSTAMP"]) and values["SEQUENCE"].isdigit()
            ids.append(values["UID"])
        if kind == "VALARM":
            assert {"ACTION", "TRIGGER", "DESCRIPTION"} <= set(names)
        for _name, parameters, _value in rows:
            if used := re.search(r"TZID=([^;:]+)", parameters):
                assert used[1].strip('"') in zones
    assert len(ids) == len(set(ids))
    return lines


def test_the_clocks_of_a_case_are_in_it_with_time_address_and_reminder(desk: Desk, settings: Any) -> None:
    settings.URL = "https://care.example.org"
    handler = desk.world.person("complaint_handler")
    Person.objects.filter(pk=handler.pk).update(time_zone="Europe/Berlin")
    case = desk.register(handler=handler.email, title="Fire; smoke, and a \\ in “Größe” " + "很长的标题" * 20)
    case.refresh_from_db()
    found = {str(event["UID"]): event for event in events(subscribe(handler))}
    assert {f"case-{case.pk}-{name}@care.example.org" for name in ("acknowledge", "resolve", "answer")} <= found.keys()
    event = found[f"case-{case.pk}-resolve@care.example.org"]
    assert event["DTSTART"].dt == case.resolve_due_at and str(event["DTSTART"].dt.tzinfo) == "Europe/Berlin"
    assert event["URL"] == f"https://care.example.org/cases/{case.ref}/"
    assert str(event["SUMMARY"]) == f"{case.ref} Resolve: {case}"
    (alarm,) = event.walk("VALARM")
    assert alarm["TRIGGER"].dt == -timedelta(hours=1)
    case = desk.step(case)
    later = {str(event["UID"]): event for event in events(subscribe(handler))}
    assert f"case-{case.pk}-acknowledge@care.example.org" not in later, "that clock has stopped"
    after = later[f"case-{case.pk}-resolve@care.example.org"]
    assert int(after["SEQUENCE"]) > int(event["SEQUENCE"])


def test_days_are_whole_days_with_a_reminder_the_day_before(world: World) -> None:
    due = timezone.localdate() + timedelta(days=9)
    email = world.email("complaint_handler")
    values = {"title": "Mend it", "source_ref": world.service.ref, "owner": email, "due_on": due}
    made = world.create("action", "relationship_manager", **values)
    (event,) = [one for one in events(subscribe(world.person("complaint_handler"))) if made.ref in str(one["SUMMARY"])]
    assert event["DTSTART"].dt == due and type(event["DTSTART"].dt) is date
    (alarm,) = event.walk("VALARM")
    assert alarm["TRIGGER"].dt == -timedelta(hours=15)


@pytest.mark.parametrize("zone", ["UTC", "Asia/Shanghai", "America/New_York", "Australia/Lord_Howe", "Pacific/Apia"])
def test_every_zone_and_language_gives_a_valid_calendar(desk: Desk, zone: str) -> None:
    handler = desk.world.person("complaint_handler")
    Person.objects.filter(pk=handler.pk).update(time_zone=zone, language="zh-hans")
    case = desk.register(handler=handler.email)
    case.refresh_from_db()
    found = events(subscribe(handler))
    assert case.resolve_due_at in [event["DTSTART"].dt.astimezone(UTC) for event in found]


def test_an_empty_calendar_is_valid_too(world: World) -> None:
    assert events(subscribe(world.person("senior_manager"))) == []


def test_only_what_may_be_read_now_is_in_it(desk: Desk) -> None:
    handler = desk.world.person("complaint_handler")
    case = desk.register(handler=handler.email)
    path = subscribe(handler)
    assert any(case.ref in str(event["SUMMARY"]) for event in events(path))
    Grant.objects.filter(person=handler).update(ends_on=timezone.localdate())
    assert events(path) == []
    other = desk.world.person("northerner")
    assert not any(case.ref in str(event["SUMMARY"]) for event in events(subscribe(other)))


def test_unchanged_is_not_sent_again(desk: Desk) -> None:
    handler = desk.world.person("complaint_handler")
    case = desk.register(handler=handler.email)
    path = subscribe(handler)
    first = Client().get(path)
    assert first["Content-Type"] == "text/calendar; charset=utf-8" and "private" in first["Cache-Control"]
    again = Client().get(path, headers={"If-None-Match": first["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert Client().head(path).status_code == 200 and Client().post(path).status_code == 405
    desk.step(case)
    changed = Client().get(path, headers={"If-None-Match": first["ETag"]})
    assert changed.status_code == 200 and changed["ETag"] != first["ETag"]


def test_revoked_expired_or_gone_it_is_closed(world: World) -> None:
    person = world.person("complaint_handler")
    one, two = subscribe(person), subscribe(person)
    token = ApiToken.objects.order_by("pk").first()
    assert token is not None
    signed_in(person).post(f"/accounts/tokens/{token.pk}/revoke/")
    assert (Client().get(one).status_code, Client().get(two).status_code) == (404, 200)
    with time_machine.travel(timezone.now() + timedelta(days=3651)):
        assert Client().get(two).status_code == 404
    Person.objects.filter(pk=person.pk).update(is_active=False)
    assert Client().get(two).status_code == 404
    assert Client().get("/calendar/x.ics").status_code == 404


def test_contacts_have_none(world: World) -> None:
    _token, secret = ApiToken.issue(world.person("customer_contact"), "Calendar", [ApiToken.CALENDAR], 10)
    assert Client().get(f"/calendar/{secret}.ics").status_code == 404


def test_the_address_opens_nothing_else_and_other_tokens_open_no_calendar(world: World) -> None:
    person = world.person("complaint_handler")
    secret = subscribe(person).removeprefix("/calendar/").removesuffix(".ics")
    for path in ("me", "cases", "terms"):
        assert Client().get(f"/api/v1/{path}", headers={"Authorization": f"Bearer {secret}"}).status_code == 401
    _token, other = ApiToken.issue(person, "Program", ["read", "write"], 10)
    assert Client().get("/api/v1/me", headers={"Authorization": f"Bearer {other}"}).status_code == 200
    assert Client().get(f"/calendar/{other}.ics").status_code == 404


def test_the_secret_stays_out_of_the_log(world: World, caplog: pytest.LogCaptureFixture) -> None:
    import logging

    from comity.config.discretion import WithoutSecrets

    line = logging.LogRecord("x", 20, "", 1, "Not Found: %s", ("/calendar/cmt_abc-DEF_1.ics",), None)
    WithoutSecrets().filter(line)
    assert "abc" not in line.getMessage() and "/calendar/…" in line.getMessage()


def test_many_dates_cost_as_many_queries_as_one_and_end_at_a_thousand(desk: Desk, monkeypatch: Any) -> None:
    handler = desk.world.person("complaint_handler")
    path = subscribe(handler)

    def cost() -> int:
        cache.clear()
        with CaptureQueriesContext(
            connection,
        ) as found:
            assert Client().get(path).status_code == 200
        return len(found)

    desk.register(handler=handler.email)
    cost()
    few = cost()
    for _ in range(5):
        desk.register(handler=handler.email)
    assert cost() == few < 40
    monkeypatch.setattr(feeds, "MOST", 4)
    assert len(events(path)) == 4


def test_the_checker_finds_what_is_wrong() -> None:
    """A checker that accepts everything would prove nothing."""
    good = b"BEGIN:VCALENDAR\r\nPRODID:x\r\nVERSION:2.0\r\nEND:VCALENDAR\r\n"
    strictly(good)
    event = b"BEGIN:VEVENT\r\nEND:VEVENT\r\nEND"
    for broken in (good.replace(b"\r\n", b"\n"), good.replace(b"VERSION:2.0\r\n", b""), good + b"X",
                   good.replace(b"x", b"x" * 90), good.replace(b"END", event)):  # fmt: skip
        with pytest.raises(AssertionError):
            strictly(broken)
