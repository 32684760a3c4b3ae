"""Calendars: hours in words, days that differ, public holidays with a preview, a year, a tester; all of it audited."""

from datetime import date

import pytest
from django.core.exceptions import ValidationError

from comity.clocks.models import Calendar, CalendarDay
from comity.home.administration.calendars import parse_spans, spelled
from comity.records.models import Entry, Outbox
from tests.worlds import WEEK

HOURS = {f"hours_{day}": "09:00-12:00, 13:00-18:00" for day in WEEK}
FORM = {"name": "上海", "zone": "Asia/Shanghai", "day_hours": "8", "country": "cn", **HOURS}


@pytest.mark.parametrize(
    ("text", "spans"),
    [
        ("", ""),
        ("9-17", "09:00-17:00"),
        ("13:00 – 18:00，9:00-12:00", "13:00-18:00, 09:00-12:00"),
        ("9：00至12：00", "09:00-12:00"),
        ("22:00-24:00", "22:00-24:00"),
    ],
)
def test_hours_are_read_as_people_write_them(text, spans):
    assert spelled(parse_spans(text)) == spans


@pytest.mark.parametrize("text", ["nine to five", "17:00-09:00", "09:00-12:00, 11:00-13:00", "09:00-25:00", "09:00"])
def test_hours_that_make_no_sense_are_refused(text):
    with pytest.raises(ValidationError):
        parse_spans(text)


def lines(calendar):
    return list(Entry.objects.filter(kind="calendar", record_id=calendar.pk).order_by("pk"))


def test_a_calendar_is_added_and_audited(world, as_):
    answer = as_("administrator").post("/settings/calendars/new/", FORM | {"is_default": "on"})
    made = Calendar.objects.get(name="上海")
    assert (answer.status_code, answer.headers["Location"]) == (303, f"/settings/calendars/{made.pk}/")
    assert made.hours == {day: [["09:00", "12:00"], ["13:00", "18:00"]] for day in WEEK}
    assert (made.is_default, made.country) == (True, "CN")
    world.office.refresh_from_db()
    assert not world.office.is_default
    [line], [former] = lines(made), lines(world.office)
    assert (line.act, line.actor, line.ref) == ("create", world.person("administrator").name, f"calendar-{made.pk}")
    assert line.changes["zone"] == [None, "Asia/Shanghai"]
    assert "mon 09:00-12:00, 13:00-18:00" in line.changes["hours"][1]
    assert former.changes == {"is_default": [True, False]}
    assert Outbox.objects.filter(entry_id__in=[line.pk, former.pk]).count() == 2


def test_only_what_changed_is_told(world, as_):
    client, office = as_("administrator"), world.office
    hours = {f"hours_{day}": "09:00-17:00" for day in WEEK}
    data = {"name": "Office", "zone": "UTC", "day_hours": "7.5", "is_default": "on", **hours, "hours_fri": "9-15"}
    client.post(f"/settings/calendars/{office.pk}/edit/", data)
    [line] = lines(office)
    assert set(line.changes) == {"day_hours", "hours"}
    office.refresh_from_db()
    assert (office.day_hours, office.hours["fri"]) == (7.5, [["09:00", "15:00"]])


@pytest.mark.parametrize(
    "wrong", [{"hours_mon": "17-9"}, dict.fromkeys(HOURS, ""), {"zone": "Moon"}, {"name": "Office"}]
)
def test_a_wrong_calendar_is_not_saved(world, as_, wrong):
    answer = as_("administrator").post("/settings/calendars/new/", FORM | wrong)
    assert answer.status_code == 422
    assert answer.context["form"].errors
    assert Calendar.objects.count() == 2
    assert not Entry.objects.filter(kind="calendar").exists()


def test_days_are_added_and_removed(world, as_):
    client, office = as_("administrator"), world.office
    path = f"/settings/calendars/{office.pk}/days/"
    client.post(path, {"date": "2026-12-24", "until": "2026-12-31", "kind": "holiday", "label": "Closed week"})
    client.post(path, {"date": "2026-12-05", "kind": "working", "spans": "10-14", "label": "Stocktaking"})
    rules = Calendar.objects.get(pk=office.pk).rules()
    assert not rules.is_working_day(date(2026, 12, 28))
    assert rules.kind(date(2026, 12, 5)) == "make_up"
    page = client.get(f"/settings/calendars/{office.pk}/?year=2026").content.decode()
    assert page.count("Closed week") >= 8  # in each cell of the range, and in the list
    assert "Make-up working day: Stocktaking" in page
    assert "Closed week" not in client.get(f"/settings/calendars/{office.pk}/?year=2027").content.decode()
    day = CalendarDay.objects.get(date="2026-12-24")
    client.post(f"{path}{day.pk}/remove/")
    assert [line.act for line in lines(office)] == ["update", "update", "remove"]
    assert "Closed week" in lines(office)[-1].changes["2026-12-24"][0]
    assert Calendar.objects.get(pk=office.pk).rules().is_working_day(date(2026, 12, 28))


@pytest.mark.parametrize(
    "wrong",
    [
        {"date": "2026-05-01", "kind": "holiday"},
        {"date": "2026-05-02", "kind": "working"},
        {"date": "2026-05-02", "kind": "holiday", "until": "2026-05-01"},
        {"date": "2026-05-02", "until": "2026-05-03", "kind": "special", "spans": "9-12"},
        {"date": "", "kind": "holiday"},
    ],
)
def test_a_wrong_day_is_not_saved(world, as_, wrong):
    CalendarDay.objects.create(calendar=world.office, date="2026-05-01", kind="holiday")
    answer = as_("administrator").post(f"/settings/calendars/{world.office.pk}/days/", wrong)
    assert (answer.status_code, CalendarDay.objects.count(), lines(world.office)) == (422, 1, [])
    assert answer.context["day_form"].errors


def test_public_holidays_are_shown_before_they_are_added(world, as_):
    client, office = as_("administrator"), world.office
    path = f"/settings/calendars/{office.pk}/fill/"
    CalendarDay.objects.create(calendar=office, date="2026-10-01", kind="special", spans=[["10:00", "12:00"]])
    page = client.get(path, {"country": "CN", "years": ["2026"]})
    shown = {day.date: sign for day, sign, *_rest in page.context["found"]}
    assert shown[date(2026, 1, 1)] == "circle-slash"
    assert shown[date(2026, 10, 10)] == "briefcase"  # a Saturday that makes up for the national holiday
    assert date(2026, 10, 1) not in shown
    assert CalendarDay.objects.count() == 1
    assert lines(office) == []
    answer = client.post(path, {"country": "CN", "years": ["2026"]})
    assert answer.status_code == 303
    assert set(office.days.values_list("date", flat=True)) == {*shown, date(2026, 10, 1)}
    [line] = lines(office)
    assert (line.act, line.changes["country"]) == ("fill", ["", "CN"])
    assert line.changes["2026-10-10"][0] is None
    assert Calendar.objects.get(pk=office.pk).rules().is_working_day(date(2026, 10, 10))


@pytest.mark.parametrize("wrong", [{"country": "XX"}, {"subdivision": "ZZ"}, {"years": []}, {"years": "1800"}])
def test_nothing_is_filled_for_an_unknown_place_or_year(world, as_, wrong):
    path = f"/settings/calendars/{world.office.pk}/fill/"
    answer = as_("administrator").post(path, {"country": "DE", "subdivision": "BY", "years": ["2026"]} | wrong)
    assert (answer.status_code, CalendarDay.objects.count(), lines(world.office)) == (422, 0, [])


def test_a_limit_is_explained(world, as_):
    CalendarDay.objects.create(calendar=world.office, date="2026-05-01", kind="holiday", label="Labour Day")
    asked = {"start": "2026-04-30T16:00", "value": "1", "unit": "bd"}
    page = as_("auditor").get(f"/settings/calendars/{world.office.pk}/", asked)
    assert page.context["due"] == "2026-05-04 16:00"
    text = page.content.decode()
    assert "Holiday: Labour Day" in text and "09:00–16:00" in text


def test_the_tester_counts_in_the_zone_of_the_calendar(world, as_):
    world.extended.zone = "Asia/Shanghai"
    world.extended.save()
    asked = {"start": "2026-04-30T16:00", "value": "2", "unit": "bh"}
    page = as_("auditor").get(f"/settings/calendars/{world.extended.pk}/", asked)
    assert page.context["due"] == "2026-04-30 18:00"


@pytest.mark.parametrize(
    "wrong", [{"start": "soon"}, {"value": "-1"}, {"value": "9999"}, {"unit": "y"}, {"value": "nan"}]
)
def test_a_wrong_limit_is_refused_kindly(world, as_, wrong):
    asked = {"start": "2026-04-30T16:00", "value": "2", "unit": "bh"} | wrong
    page = as_("auditor").get(f"/settings/calendars/{world.office.pk}/", asked)
    assert page.status_code == 200
    assert page.context["test"].errors


SHUT = {"date": "2026-01-01", "until": "2099-12-31", "kind": "holiday"}


@pytest.mark.parametrize(
    "wrong",
    [
        {f"hours_{day}": "" for day in WEEK} | {"hours_mon": "09:00-09:01"},
        {"country": "XX"},
        {"country": "US", "subdivision": "ZZ"},
        {"subdivision": "BY", "country": ""},
    ],
)
def test_a_calendar_that_cannot_be_counted_in_is_refused(world, as_, wrong):
    client, office = as_("administrator"), world.office
    before = (office.hours, office.country)
    answer = client.post(f"/settings/calendars/{office.pk}/edit/", FORM | {"name": "Office"} | wrong)
    office.refresh_from_db()
    assert (answer.status_code, (office.hours, office.country)) == (422, before)
    assert answer.context["form"].errors


def test_no_day_leaves_a_quarter_without_work(world, as_):
    client, path = as_("administrator"), f"/settings/calendars/{world.office.pk}/days/"
    answer = client.post(path, SHUT)
    assert (answer.status_code, CalendarDay.objects.count()) == (422, 0)
    assert "too little" in answer.content.decode()
    client.post(path, {"date": "2027-07-01", "until": "2027-08-15", "kind": "holiday"})
    assert CalendarDay.objects.count() == 1


def test_a_calendar_without_work_is_shown_and_mended(world, as_):
    client, path = as_("administrator"), f"/settings/calendars/{world.office.pk}/"
    day = CalendarDay.objects.create(calendar=world.office, **SHUT)
    assert client.get(path).status_code == 200
    page = client.get(path, {"start": "2026-11-30T09:00", "value": "8", "unit": "bh"})
    assert page.status_code == 200 and "too little working time" in page.content.decode()
    assert client.post(f"{path}days/{day.pk}/remove/").status_code == 303
    assert "due" in client.get(path, {"start": "2026-11-30T09:00", "value": "8", "unit": "bh"}).context
