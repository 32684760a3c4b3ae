"""Calendars as administrators keep them: hours in words, days that differ, public holidays, a year at a glance."""

from __future__ import annotations

import calendar as months
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from zoneinfo import available_timezones

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from comity.accounts.forms import DAY
from comity.agreements.models import AgreementVersion
from comity.cases.jobs import reckon_open
from comity.clocks.models import OFFICE_HOURS, Calendar, CalendarDay, fill_holidays, public_days
from comity.clocks.rules import WEEKDAYS, Duration, InvalidCalendar, WorkingCalendar
from comity.jobs.models import Job
from comity.records.forms import Moment
from comity.records.trail import Actor, Refused, Thing, keep

DAYS = dict(
    zip(WEEKDAYS, (_("Monday"), _("Tuesday"), _("Wednesday"), _("Thursday"), _("Friday"), _("Saturday"), _("Sunday")),
        strict=True)
)  # fmt: skip
UNITS = (("bh", _("business hours")), ("bd", _("business days")), ("h", _("clock hours")), ("d", _("calendar days")))
KINDS = {
    "holiday": ("circle-slash", _("Holiday")),
    "make_up": ("briefcase", _("Make-up working day")),
    "working": ("briefcase", _("Make-up working day")),
    "special": ("clock", _("Other hours")),
    "closed": ("moon", _("Closed")),
    "work": ("sun", _("Working day")),
    "calendar_day": ("calendar", _("Calendar day")),
}
"""Sign and word of each sort of day: nothing is said by colour alone."""

_SPAN = re.compile(r"(\d{1,2}(?::\d{2})?)[-–—~至到](\d{1,2}(?::\d{2})?)")
Spans = list[list[str]]


def spelled(spans: Iterable[Iterable[str]]) -> str:
    """09:00-12:00, 13:00-18:00."""
    return ", ".join("-".join(span) for span in spans)


def _clock(text: str) -> str:
    hour, _sep, minute = text.partition(":")
    return f"{int(hour):02d}:{minute or '00'}"


def parse_spans(text: str) -> Spans:
    """Read hours as people write them; refuses what is malformed, reversed or overlapping."""
    words = [
        word
        for word in re.split(r"[\s,;，；、]+", re.sub(r"\s*([-–—~至到])\s*", r"\1", text).replace("：", ":"))
        if word
    ]
    found = [_SPAN.fullmatch(word) for word in words]
    if not all(found):
        raise ValidationError(_("Write hours like 09:00-12:00, 13:00-18:00."))
    spans = [[_clock(match[1]), _clock(match[2])] for match in found if match]
    try:
        WorkingCalendar("UTC", {"mon": [["09:00", "17:00"]]}, date_hours={date(2000, 1, 3): spans})
    except InvalidCalendar as error:
        raise ValidationError(_("Each span ends after it begins, before 24:00, and none overlaps another.")) from error
    return spans


class SpansField(forms.CharField):
    """Any number of spans of one day in one line."""

    def prepare_value(self, value: Any) -> Any:
        return spelled(value) if isinstance(value, list) else value

    def clean(self, value: Any) -> Any:
        return parse_spans(super().clean(value))

    def has_changed(self, initial: Any, data: Any) -> bool:
        return super().has_changed(self.prepare_value(initial), data)


class WeekWidget(forms.MultiWidget):
    """A line for each day of the week."""

    template_name = "home/settings/week.html"

    def __init__(self) -> None:
        super().__init__({day: forms.TextInput(attrs={"data-day": label}) for day, label in DAYS.items()})

    def decompress(self, value: Any) -> list[str]:
        return [spelled((value or {}).get(day, [])) for day in WEEKDAYS]


class WeekField(forms.MultiValueField):
    """Weekly hours; a day left empty is closed."""

    widget = WeekWidget

    def __init__(self, **options: Any) -> None:
        lines = [forms.CharField(required=False) for _day in WEEKDAYS]
        super().__init__(lines, required=False, require_all_fields=False, **options)

    def compress(self, data_list: list[str]) -> dict[str, Spans]:
        week, wrong = {}, []
        for (day, label), text in zip(DAYS.items(), data_list, strict=False):
            try:
                if spans := parse_spans(text or ""):
                    week[day] = spans
            except ValidationError as error:
                wrong.append(f"{label}: {error.messages[0]}")
        if wrong:
            raise ValidationError(wrong)
        return week


def _countries() -> Mapping[str, list[str]]:
    """The countries whose public holidays are known, with their parts."""
    import holidays  # slow to import, needed once a year

    found: Mapping[str, list[str]] = holidays.list_supported_countries(include_aliases=False)
    return found


def _known_part(form: forms.BaseForm, data: Mapping[str, Any]) -> None:
    """Refuse a part that the country does not have."""
    country, part = data.get("country"), data.get("subdivision")
    if part and country is not None and part not in (parts := _countries().get(country, [])):
        form.add_error("subdivision", _("Known are: %(parts)s") % {"parts": ", ".join(parts) or "–"})


class CalendarForm(forms.ModelForm):  # type: ignore[type-arg]
    """A calendar and its week."""

    zone = forms.ChoiceField(label=_("time zone"), choices=lambda: [(z, z) for z in sorted(available_timezones())])
    hours = WeekField(label=_("weekly hours"), help_text=_("Several spans a day with commas; empty is closed."))

    class Meta:
        model = Calendar
        fields = ("name", "zone", "country", "subdivision", "day_hours", "is_default", "hours")
        help_texts = {
            "day_hours": _("One business day of a limit counts as so many hours."),
            "is_default": _("Counts wherever no agreement names another calendar."),
            "subdivision": _("Such as BY of DE; where holidays differ."),
        }

    def _get_validation_exclusions(self) -> set[str]:
        """Two defaults are no error: the former gives way."""
        found: set[str] = super()._get_validation_exclusions()  # type: ignore[misc]
        return found | {"is_default"}

    def clean_country(self) -> str:
        code = str(self.cleaned_data["country"]).upper()
        if code and code not in _countries():
            raise ValidationError(_("No public holidays are known of “%(code)s”. Leave it empty.") % {"code": code})
        return code

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        _known_part(self, data)
        return data


class DayForm(forms.ModelForm):  # type: ignore[type-arg]
    """A date, or a range of closed dates, that differs from the week."""

    spans = SpansField(
        label=_("hours"), required=False, help_text=_("Of a day that is worked: 09:00-12:00, 13:00-18:00.")
    )

    class Meta:
        model = CalendarDay
        fields = ("date", "until", "kind", "label", "spans", "every_year")
        widgets = dict.fromkeys(("date", "until"), DAY)
        help_texts = {"until": _("Last day of a closed range.")}

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        day, calendar = data.get("date"), self.instance.calendar
        if day and calendar.days.filter(date=day).exists():
            self.add_error("date", _("This date is entered already. Remove it first."))
        if data.get("kind") == CalendarDay.Kind.HOLIDAY:
            data["spans"] = []
        elif data.get("kind") and "spans" in data and not data["spans"]:
            self.add_error("spans", _("A day that is worked needs its hours."))
        return data


class TestForm(forms.Form):
    """A start and a limit to try; clock times are those of the calendar's zone."""

    __test__ = False
    start = Moment(
        label=_("start"), widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")
    )
    value = forms.FloatField(label=_("limit"), min_value=0, max_value=500, initial=8)
    unit = forms.ChoiceField(label=_("unit"), choices=UNITS)

    def duration(self) -> Duration:
        return Duration.parse(f"{self.cleaned_data['value']} {self.cleaned_data['unit']}")


class FillForm(forms.Form):
    """Whose public holidays, of which years."""

    country = forms.ChoiceField(label=_("country"))
    subdivision = forms.CharField(label=_("subdivision"), required=False, max_length=10)
    years = forms.TypedMultipleChoiceField(label=_("years"), coerce=int, widget=forms.CheckboxSelectMultiple)

    def __init__(self, *args: Any, today: date, **kwargs: Any) -> None:
        import holidays  # slow to import, needed once a year

        super().__init__(*args, **kwargs)
        names = {codes[1]: name.replace("_", " ").title() for name, codes in holidays.registry.COUNTRIES.items()}
        choices = [(code, f"{code} {names.get(code, '')}") for code in sorted(_countries())]
        self.fields["country"].choices = choices  # type: ignore[attr-defined]
        self.fields["years"].choices = [(y, str(y)) for y in range(today.year - 2, today.year + 4)]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        _known_part(self, data)
        return data


# --- writing ---------------------------------------------------------------------------------------------------------


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return "; ".join(f"{day} {spelled(value[day])}" for day in WEEKDAYS if value.get(day))
    return value


@transaction.atomic
def save_calendar(form: CalendarForm, actor: Actor) -> Calendar:
    """Add or change a calendar; there is one default at most, so the former gives way, and both say so in the trail."""
    calendar: Calendar = form.instance
    if calendar.is_default:
        for former in Calendar.objects.filter(is_default=True).exclude(pk=calendar.pk):
            former.is_default = False
            keep(former, "update", actor, changes={"is_default": [True, False]})
    old, names = (form.initial, form.changed_data) if calendar.pk else ({}, list(form.fields))
    pairs = {name: [_plain(old.get(name)), _plain(form.cleaned_data[name])] for name in names}
    changes = {name: pair for name, pair in pairs.items() if pair[0] != pair[1]}
    keep(calendar, "update" if calendar.pk else "create", actor, changes=changes)
    if changes.keys() & COUNTED:
        _reckon(calendar)
    return calendar


COUNTED = {"zone", "hours", "day_hours", "is_default"}


def _reckon(calendar: Calendar) -> None:
    """Have the worker move the open deadlines that are counted in it; one job for several changes in a row."""
    waiting = Job.objects.filter(name=reckon_open.module_path, state=Job.State.READY, args=[calendar.name])
    if not waiting.exists():
        reckon_open.enqueue(calendar.name)


def used(calendar: Calendar) -> bool:
    """Is a version of an agreement counted in it? Then it is evidence and stays."""
    return AgreementVersion.objects.filter(calendar=calendar).exists()


@transaction.atomic
def put_away(calendar: Calendar, act: str, actor: Actor) -> None:
    """Retire a calendar, resume it, or remove one that nothing ever counted in. Raises Refused."""
    if act != "resume" and calendar.is_default:
        raise Refused([str(_("This is the default. Mark another calendar as default first."))])
    if act == "remove" and used(calendar):
        raise Refused([str(_("Agreements are counted in it; it can be retired, not removed."))])
    if act == "remove":
        keep(calendar, act, actor, changes={"name": [calendar.name, None]})
    else:
        pair = [calendar.retired, act == "retire"]
        calendar.retired = pair[1]
        keep(calendar, "update", actor, changes={"retired": pair})


def new_calendar() -> Calendar:
    """What a new one begins with: office hours in the zone of the installation."""
    return Calendar(zone=settings.COMITY_TIME_ZONE, hours=OFFICE_HOURS)


def described(day: CalendarDay) -> str:
    words = [str(day.get_kind_display()), day.label, spelled(day.spans), f"– {day.until}" if day.until else ""]
    return " ".join(word for word in words if word)


@transaction.atomic
def add_day(form: DayForm, actor: Actor) -> None:
    day: CalendarDay = form.instance
    keep(day, "update", actor, about=Thing.of(day.calendar), changes={str(day.date): [None, described(day)]})
    _reckon(day.calendar)


@transaction.atomic
def remove_day(day: CalendarDay, actor: Actor) -> None:
    keep(day, "remove", actor, about=Thing.of(day.calendar), changes={str(day.date): [described(day), None]})
    _reckon(day.calendar)


def for_country(calendar: Calendar, form: FillForm) -> list[CalendarDay]:
    """What filling would add; the calendar takes over country and subdivision, unsaved."""
    calendar.country, calendar.subdivision = form.cleaned_data["country"], form.cleaned_data["subdivision"]
    return public_days(calendar, form.cleaned_data["years"])


@transaction.atomic
def fill(calendar: Calendar, form: FillForm, actor: Actor) -> int:
    """Add the public days in one step; one line of the trail lists them all."""
    before = [calendar.country, calendar.subdivision]
    changes = {str(day.date): [None, described(day)] for day in for_country(calendar, form)}
    for name, old in zip(("country", "subdivision"), before, strict=True):
        if getattr(calendar, name) != old:
            changes[name] = [old, getattr(calendar, name)]
    keep(calendar, "fill", actor, changes=changes)
    _reckon(calendar)
    return fill_holidays(calendar, form.cleaned_data["years"])


# --- reading ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Cell:
    """One date of the year view."""

    day: date
    inside: bool
    kind: str
    label: str
    today: bool

    @property
    def sign(self) -> str:
        return KINDS[self.kind][0] if self.kind in ("holiday", "make_up", "special") else ""

    @property
    def word(self) -> str:
        return str(KINDS[self.kind][1])


def every() -> QuerySet[Calendar]:
    """All calendars, the default first."""
    return Calendar.objects.order_by("-is_default", "retired", "name")


def year_of(calendar: Calendar, year: int, today: date) -> list[tuple[date, list[list[Cell]]]]:
    """Twelve months of weeks, Monday first."""
    rules, weeks = calendar.rules(), months.Calendar()
    return [
        (
            date(year, month, 1),
            [
                [Cell(day, day.month == month, rules.kind(day), rules.label(day), day == today) for day in week]
                for week in weeks.monthdatescalendar(year, month)
            ],
        )
        for month in range(1, 13)
    ]


def days_in(calendar: Calendar, year: int) -> QuerySet[CalendarDay]:
    """What is entered for the year, ranges that reach into it and yearly dates included."""
    first, last = date(year, 1, 1), date(year, 12, 31)
    touching = Q(date__range=(first, last)) | Q(date__lt=first, until__gte=first) | Q(every_year=True, date__lte=last)
    return calendar.days.filter(touching).order_by("date")


def sample_start(rules: WorkingCalendar, now: Any) -> Any:
    """A moment worth trying: an hour before the next closing; now where there is none."""
    opening, closing = next(rules.segments(now), (now, now))
    return max(opening, closing - timedelta(hours=1)).astimezone(rules.zone)
