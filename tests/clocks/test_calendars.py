"""Calendars, their holidays and the parameters, as rows of the database."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import translation

from comity.clocks.models import OFFICE_HOURS, Calendar, CalendarDay, Parameter, fill_holidays, public_days, standard
from comity.clocks.parameters import DEFINITIONS, change, declare, held, limit, number, parameter
from comity.clocks.rules import Duration, due

pytestmark = pytest.mark.django_db
CHINA = {"name": "Beijing", "zone": "Asia/Shanghai", "hours": OFFICE_HOURS, "country": "CN"}


@pytest.mark.parametrize(
    ("language", "country", "day", "name"),
    [
        ("zh-hans", "CN", date(2026, 2, 17), "春节"),
        ("en", "CN", date(2026, 2, 17), "Chinese New Year (Spring Festival)"),
        ("zh-hans", "DE", date(2026, 1, 1), "New Year's Day"),
        ("en", "DE", date(2026, 1, 1), "New Year's Day"),
    ],
)
def test_holidays_are_named_in_the_readers_language(language: str, country: str, day: date, name: str) -> None:
    with translation.override(language):
        days = public_days(Calendar.objects.create(name="There", country=country, hours=OFFICE_HOURS), [2026])
    assert next(one.label for one in days if one.date == day) == name


def test_chinese_holidays_bring_make_up_days() -> None:
    calendar = Calendar.objects.create(**CHINA)
    assert fill_holidays(calendar, [2026]) > 20
    assert fill_holidays(calendar, [2026]) == 0
    rules = calendar.rules()
    assert rules.is_holiday(date(2026, 2, 20))  # a Friday off ...
    assert rules.is_working_day(date(2026, 2, 14))  # ... for which this Saturday is worked
    assert rules.kind(date(2026, 2, 14)) == "make_up"
    before = datetime(2026, 2, 13, 9, tzinfo=UTC)  # Friday 17:00 in Beijing, on closing
    assert due(rules, before, Duration(2, "bd")) == datetime(2026, 2, 24, 9, tzinfo=UTC)


def test_dates_entered_by_people_stay() -> None:
    calendar = Calendar.objects.create(**CHINA)
    kind = CalendarDay.Kind.SPECIAL
    CalendarDay.objects.create(calendar=calendar, date="2026-01-01", kind=kind, spans=[["10:00", "12:00"]])
    fill_holidays(calendar, [2026])
    assert calendar.rules().is_working_day(date(2026, 1, 1))


def test_subdivisions_differ_and_unknown_places_are_told() -> None:
    bavaria = Calendar(name="Munich", hours=OFFICE_HOURS, country="DE", subdivision="BY")
    bavaria.save()
    fill_holidays(bavaria, [2026])
    assert bavaria.rules().is_holiday(date(2026, 1, 6))
    bavaria.country = "XX"
    with pytest.raises(ValidationError):
        fill_holidays(bavaria, [2026])


def test_rules_follow_every_change() -> None:
    calendar = Calendar.objects.create(name="London", hours=OFFICE_HOURS)
    day = date(2026, 11, 24)
    assert calendar.rules() is calendar.rules()
    assert calendar.rules().is_working_day(day)
    closed = CalendarDay.objects.create(calendar=calendar, date=day, kind="holiday", every_year=True)
    elsewhere = Calendar.objects.get(pk=calendar.pk)  # as another node reads it
    assert elsewhere.rules().is_holiday(day) and calendar.rules().is_holiday(day.replace(year=2027, day=24))
    closed.delete()
    assert calendar.rules().is_working_day(day)
    calendar.hours = {"mon": [["09:00", "17:00"]]}
    calendar.save(update_fields=["hours"])
    assert not calendar.rules().is_working_day(day)


@pytest.mark.parametrize("hours", [{}, {"mon": [["17:00", "09:00"]]}, [], "9-5", {"mon": None}])
def test_hours_that_cannot_be_are_refused(hours: object) -> None:
    with pytest.raises(ValidationError):
        Calendar(name="x", hours=hours).full_clean()


def test_days_are_checked() -> None:
    calendar = Calendar.objects.create(name="x", hours=OFFICE_HOURS)
    with pytest.raises(ValidationError):
        CalendarDay(calendar=calendar, date=date(2026, 1, 1), kind="working", spans=[["9", "x"]]).full_clean()
    with pytest.raises(ValidationError):
        CalendarDay(calendar=calendar, date=date(2026, 1, 2), until=date(2026, 1, 1), kind="holiday").full_clean()


def test_one_calendar_is_the_standard() -> None:
    assert standard().name == "UTC"
    Calendar.objects.create(name="ours", hours=OFFICE_HOURS, is_default=True)
    assert standard().name == "ours"
    with pytest.raises(IntegrityError), transaction.atomic():
        Calendar.objects.create(name="theirs", hours=OFFICE_HOURS, is_default=True)


def test_parameters_have_defaults_limits_and_a_past() -> None:
    assert parameter("complaint_ack_hours") == Duration(8, "bh")
    assert (number("repeat_count"), number("complaint_ack_hours"), limit("repeat_days")) == (3, 8, Duration(180, "d"))
    then = datetime.now(UTC)
    Parameter.objects.filter(pk=change("complaint_ack_hours", 4, by="Zhang Wei").pk).update(
        changed_at=then + timedelta(seconds=1)
    )
    assert parameter("complaint_ack_hours") == Duration(4, "bh")
    assert parameter("complaint_ack_hours", as_of=then) == Duration(8, "bh")
    with pytest.raises(ValidationError):
        change("complaint_ack_hours", 41)
    with pytest.raises(KeyError):
        parameter("complaint_acknowledge_hours")
    with pytest.raises(ValueError, match="twice"):
        declare("repeat_count", 3, "n", 2, 10, "")


def test_a_batch_reads_parameters_once(django_assert_num_queries: object) -> None:
    with django_assert_num_queries(1), held():  # type: ignore[operator]
        assert [limit(name) for name in ("complaint_ack_hours", "complaint_resolve_days") * 100]


def test_every_parameter_is_explained() -> None:
    with translation.override("en"):
        for definition in DEFINITIONS.values():
            assert str(definition.meaning).endswith(".")
            assert definition.minimum <= definition.default <= definition.maximum
