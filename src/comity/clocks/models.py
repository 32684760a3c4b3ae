"""Calendars and parameter values as rows. Both are shared by all nodes: only what never changes is remembered."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from comity.clocks.rules import WEEKDAYS, Closure, InvalidCalendar, WorkingCalendar

OFFICE_HOURS = {day: [["09:00", "17:00"]] for day in WEEKDAYS[:5]}


class Calendar(models.Model):
    """Working hours of one place. A customer's business time follows its agreement's calendar, else the default."""

    name = models.CharField(_("name"), max_length=100, unique=True)
    zone = models.CharField(_("time zone"), max_length=64, default="UTC")
    hours = models.JSONField(_("weekly hours"), default=dict, help_text=_('For example {"mon": [["09:00", "17:00"]]}.'))
    day_hours = models.FloatField(_("hours of a business day"), default=8)
    country = models.CharField(_("country"), max_length=2, blank=True, help_text=_("Two letters, for its holidays."))
    subdivision = models.CharField(_("subdivision"), max_length=10, blank=True)
    is_default = models.BooleanField(_("default"), default=False)
    retired = models.BooleanField(_("retired"), default=False, editable=False)  # not to be chosen any more
    changed_at = models.DateTimeField(_("changed"), default=timezone.now, editable=False)

    class Meta:
        verbose_name, verbose_name_plural = _("calendar"), _("calendars")
        ordering = ("name",)
        constraints = (
            models.UniqueConstraint(fields=("is_default",), condition=models.Q(is_default=True), name="one_default"),
        )

    def __str__(self) -> str:
        return self.name

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.changed_at = timezone.now()
        if kwargs.get("update_fields") is not None:
            kwargs["update_fields"] = {*kwargs["update_fields"], "changed_at"}
        super().save(*args, **kwargs)

    def clean(self) -> None:
        try:
            found = self._compile(self.days.all() if self.pk else ())
        except (ValueError, TypeError, AttributeError) as error:
            raise ValidationError({"hours": _("These hours cannot be used: %(why)s") % {"why": error}}) from error
        _reachable(found)

    def rules(self) -> WorkingCalendar:
        """The calendar to count with, remembered until this row changes."""
        return _rules(self.pk, self.changed_at) if self.pk else self._compile(())

    def _compile(self, days: Iterable["CalendarDay"]) -> WorkingCalendar:
        days = list(days)
        closed = [day for day in days if day.kind == CalendarDay.Kind.HOLIDAY]
        ranges = [Closure(day.date, day.until or day.date, day.every_year, day.label) for day in closed]
        return WorkingCalendar(
            self.zone,
            self.hours,
            {each.first for each in ranges if each.first == each.last},
            {day.date: day.spans for day in days if day.kind != CalendarDay.Kind.HOLIDAY},
            closures=[each for each in ranges if each.every_year or each.first != each.last],
            labels={day.date: day.label for day in days if day.label},
            name=self.name,
            day_hours=self.day_hours,
        )


def _reachable(rules: WorkingCalendar) -> None:
    """Refuse a calendar in which deadlines would never come: every limit must be reached long before its horizon."""
    now, quarter = timezone.now(), timedelta(days=92)
    for week in range(100):
        start = now + timedelta(weeks=week)
        if rules.between(start, start + quarter) < rules.day_hours * 3600:
            raise ValidationError(
                _("Less than one business day would be worked in the %(days)s days from %(day)s on: too little.")
                % {"days": quarter.days, "day": start.astimezone(rules.zone).date()}
            )


@lru_cache(maxsize=1000)
def _rules(pk: int, changed_at: datetime) -> WorkingCalendar:
    calendar = Calendar.objects.get(pk=pk)
    return calendar._compile(CalendarDay.objects.filter(calendar=calendar))


def standard() -> WorkingCalendar:
    """The organization's calendar; office hours of the installation's zone while none is marked as default."""
    return calendars()[1]


def calendars() -> tuple[dict[int, WorkingCalendar], WorkingCalendar]:
    """All calendars by their ids, and the organization's."""
    rows = list(Calendar.objects.order_by().values_list("pk", "changed_at", "is_default"))
    known = {pk: _rules(pk, changed_at) for pk, changed_at, _default in rows}
    default = next((known[pk] for pk, _changed_at, is_default in rows if is_default), None)
    return known, default or _office_hours(getattr(settings, "COMITY_TIME_ZONE", settings.TIME_ZONE))


@lru_cache(maxsize=1)
def _office_hours(zone: str) -> WorkingCalendar:
    return WorkingCalendar(zone, OFFICE_HOURS, name=zone)


class CalendarDay(models.Model):
    """A date (or, when closed, a range of dates) that differs from the week."""

    class Kind(models.TextChoices):
        HOLIDAY = "holiday", _("Holiday")
        WORKING = "working", _("Make-up working day")
        SPECIAL = "special", _("Other hours")

    calendar = models.ForeignKey(Calendar, models.CASCADE, related_name="days", verbose_name=_("calendar"))
    date = models.DateField(_("date"))
    until = models.DateField(_("until"), null=True, blank=True)
    every_year = models.BooleanField(_("every year"), default=False)
    kind = models.CharField(_("kind"), max_length=10, choices=Kind)
    spans = models.JSONField(_("hours"), default=list, blank=True)
    label = models.CharField(_("label"), max_length=100, blank=True)

    class Meta:
        verbose_name, verbose_name_plural = _("calendar day"), _("calendar days")
        ordering = ("date",)
        constraints = (models.UniqueConstraint(fields=("calendar", "date"), name="one_meaning_per_date"),)

    def __str__(self) -> str:
        return f"{self.date} {self.label or self.get_kind_display()}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        with transaction.atomic():
            super().save(*args, **kwargs)
            self.calendar.save(update_fields=["changed_at"])

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        with transaction.atomic():
            self.calendar.save(update_fields=["changed_at"])
            return super().delete(*args, **kwargs)

    def clean(self) -> None:
        if (self.until and self.until < self.date) or (
            self.kind != self.Kind.HOLIDAY and (self.until or self.every_year)
        ):
            raise ValidationError({"until": _("Only holidays can last or return, and they end after they begin.")})
        try:
            WorkingCalendar("UTC", OFFICE_HOURS, date_hours={self.date: self.spans})
        except InvalidCalendar as error:
            raise ValidationError({"spans": _("These hours cannot be used: %(why)s") % {"why": error}}) from error
        if self.kind == self.Kind.HOLIDAY and self.calendar_id:
            _reachable(self.calendar._compile([*self.calendar.days.exclude(pk=self.pk), self]))


def _spoken(known: tuple[str, ...]) -> str | None:
    """The language for the names of holidays: the reader's, else English, else the country's own."""
    wished = ("zh_CN", "zh_HK", "zh_TW") if (get_language() or "").startswith("zh") else ()
    return next((code for code in (*wished, "en_US", "en_GB") if code in known), None)


def public_days(calendar: Calendar, years: Iterable[int]) -> list[CalendarDay]:
    """The public holidays of the calendar's country, and the weekend days that make up for them, new ones, unsaved.

    A date that someone has entered stays as it is. A make-up day has the hours of the week's first working day.
    """
    import holidays  # slow to import, needed once a year

    years = sorted(set(years))
    if not calendar.country or not years:
        return []
    try:
        spoken = _spoken(getattr(getattr(holidays, calendar.country, None), "supported_languages", ()))
        public = holidays.country_holidays(
            calendar.country, subdiv=calendar.subdivision or None, years=years, language=spoken
        )
    except NotImplementedError as error:
        raise ValidationError({"country": str(error)}) from error
    kinds = CalendarDay.Kind
    days = [
        CalendarDay(calendar=calendar, date=date, kind=kinds.HOLIDAY, label=label[:100])
        for date, label in public.items()
    ]
    usual: list[list[str]] = next((calendar.hours[day] for day in WEEKDAYS if calendar.hours.get(day)), [])
    for date in sorted(public.weekend_workdays):
        if date.year in years and usual and not calendar.hours.get(WEEKDAYS[date.weekday()]):
            label = str(_("Make-up working day"))
            days.append(CalendarDay(calendar=calendar, date=date, kind=kinds.WORKING, spans=usual, label=label))
    known = set(CalendarDay.objects.filter(calendar=calendar).values_list("date", flat=True))
    return sorted((day for day in days if day.date not in known), key=lambda day: day.date)


@transaction.atomic
def fill_holidays(calendar: Calendar, years: Iterable[int]) -> int:
    """Add the public days that are new; how many."""
    CalendarDay.objects.bulk_create(new := public_days(calendar, years))
    calendar.save(update_fields=["changed_at"])
    return len(new)


class Parameter(models.Model):
    """One setting of a process parameter. Rows are only added: a past verdict needs the value of its own time."""

    name = models.CharField(_("name"), max_length=60)
    value = models.FloatField(_("value"))
    changed_at = models.DateTimeField(_("changed"), default=timezone.now)
    changed_by = models.CharField(_("changed by"), max_length=200, blank=True)
    reason = models.TextField(_("reason"), blank=True)

    class Meta:
        verbose_name, verbose_name_plural = _("parameter"), _("parameters")
        ordering = ("name", "changed_at")
        indexes = (models.Index(fields=("name", "changed_at"), name="parameter_history"),)

    def __str__(self) -> str:
        return f"{self.name} = {self.value:g}"
