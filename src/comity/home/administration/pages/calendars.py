"""Calendars: list, form, year, days, public holidays, and a tester."""

from __future__ import annotations

from typing import Any
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from comity.clocks.explanation import explain
from comity.clocks.models import Calendar, CalendarDay
from comity.home.administration import calendars
from comity.home.administration.access import ADMINISTRATORS, READERS, administers
from comity.home.administration.calendars import CalendarForm, DayForm, FillForm, TestForm
from comity.records.trail import Refused
from comity.web.gate import actor_of, go, person_of


def year_asked(request: HttpRequest) -> int:
    """The year of the address, this one where it says none or nonsense."""
    text = request.GET.get("year", "")
    return int(text) if text.isdecimal() and 1970 <= int(text) <= 2200 else timezone.localdate().year


@READERS
def listed(request: HttpRequest) -> HttpResponse:
    """All calendars with their week."""
    rows = [(one, _week(one)) for one in calendars.every()]
    return render(request, "home/settings/calendars.html", {"rows": rows, "may_edit": administers(person_of(request))})


def _week(calendar: Calendar) -> list[tuple[Any, str]]:
    hours = calendar.hours
    return [(label, calendars.spelled(hours[day])) for day, label in calendars.DAYS.items() if hours.get(day)]


@ADMINISTRATORS
def edit(request: HttpRequest, pk: int | None = None) -> HttpResponse:
    """Add a calendar, or change its name, zone and week."""
    calendar = get_object_or_404(Calendar, pk=pk) if pk else None
    form = CalendarForm(request.POST or None, instance=calendar or calendars.new_calendar())
    if request.method == "POST" and form.is_valid():
        saved = calendars.save_calendar(form, actor_of(request))
        messages.success(request, _("Saved."))
        return go(request, reverse("home:calendar", args=[saved.pk]))
    return render(
        request, "home/settings/calendar_form.html", {"form": form, "calendar": calendar}, status=_status(form)
    )


def _status(form: Any) -> int:
    return 422 if form.is_bound else 200


@READERS
def show(request: HttpRequest, pk: int) -> HttpResponse:
    """The year of a calendar and what is entered for it; a limit to try."""
    return _show(request, get_object_or_404(Calendar, pk=pk))


def _show(request: HttpRequest, calendar: Calendar, **more: Any) -> HttpResponse:
    year, today = year_asked(request), timezone.localdate()
    context: dict[str, Any] = {
        "calendar": calendar,
        "year": year,
        "months": calendars.year_of(calendar, year, today),
        "heads": [str(label)[:2] if len(str(label)) > 3 else str(label)[-1:] for label in calendars.DAYS.values()],
        "days": [(day, *calendars.KINDS[day.kind]) for day in calendars.days_in(calendar, year)],
        "week": _week(calendar),
        "may_edit": administers(person_of(request)),
        "used": calendars.used(calendar),
        "day_form": DayForm(auto_id="day_%s", instance=CalendarDay(calendar=calendar)),
    }
    status = 422 if more else 200
    return render(request, "home/settings/calendar.html", context | _tried(request, calendar) | more, status=status)


def _tried(request: HttpRequest, calendar: Calendar) -> dict[str, Any]:
    """The tester: the deadline of a limit from a start, and why."""
    rules = calendar.rules()
    with timezone.override(ZoneInfo(calendar.zone)):
        if "start" not in request.GET:
            start = calendars.sample_start(rules, timezone.now())
            return {"test": TestForm(auto_id="test_%s", initial={"start": start, "value": 8, "unit": "bh"})}
        form = TestForm(request.GET, auto_id="test_%s")
        if not form.is_valid():
            return {"test": form}
        why = explain(rules, form.cleaned_data["start"], form.duration())
        if why.duration != form.duration():
            form.add_error("value", _("The calendar has too little working time for this limit."))
            return {"test": form}
        steps = [
            (step, *calendars.KINDS[step.kind], [f"{a:%H:%M}–{_end(a, b)}" for a, b in step.spans], step.seconds / 3600)
            for step in why.steps
        ]
        return {"test": form, "why": why, "steps": steps, "due": f"{why.due:%Y-%m-%d %H:%M}"}


def _end(start: Any, end: Any) -> str:
    """The end of a span; midnight is the end of its day."""
    return "24:00" if end.date() > start.date() else f"{end:%H:%M}"


@require_POST
@ADMINISTRATORS
def day_new(request: HttpRequest, pk: int) -> HttpResponse:
    """Enter a holiday, a make-up day, other hours, or a range of closed days."""
    calendar = get_object_or_404(Calendar, pk=pk)
    form = DayForm(request.POST, auto_id="day_%s", instance=CalendarDay(calendar=calendar))
    if not form.is_valid():
        return _show(request, calendar, day_form=form)
    calendars.add_day(form, actor_of(request))
    messages.success(request, _("Added."))
    return go(request, f"{reverse('home:calendar', args=[pk])}?year={form.instance.date.year}#days")


@require_POST
@ADMINISTRATORS
def day_remove(request: HttpRequest, pk: int, day: int) -> HttpResponse:
    found = get_object_or_404(CalendarDay, pk=day, calendar_id=pk)
    back = f"{reverse('home:calendar', args=[pk])}?year={year_asked(request)}#days"
    calendars.remove_day(found, actor_of(request))
    messages.success(request, _("Removed."))
    return go(request, back)


@require_POST
@ADMINISTRATORS
def put_away(request: HttpRequest, pk: int) -> HttpResponse:
    """Retire, resume or remove."""
    calendar, act = get_object_or_404(Calendar, pk=pk), request.POST.get("act", "")
    said = {"retire": _("Retired."), "resume": _("Resumed."), "remove": _("Removed.")}
    if act not in said:
        raise Http404
    try:
        calendars.put_away(calendar, act, actor_of(request))
    except Refused as refused:
        messages.error(request, " ".join(refused.missing))
        return go(request, reverse("home:calendar", args=[pk]))
    messages.success(request, said[act])
    return go(request, reverse("home:calendars") if act == "remove" else reverse("home:calendar", args=[pk]))


@ADMINISTRATORS
def fill(request: HttpRequest, pk: int) -> HttpResponse:
    """Choose whose holidays and which years, see what would be added, then add it."""
    calendar, today = get_object_or_404(Calendar, pk=pk), timezone.localdate()
    start = {"country": calendar.country, "subdivision": calendar.subdivision, "years": [today.year, today.year + 1]}
    asked = request.POST or (request.GET if "country" in request.GET else None)
    form = FillForm(asked, today=today, initial=start)
    context: dict[str, Any] = {"calendar": calendar, "form": form}
    if form.is_bound and form.is_valid():
        try:
            if request.method == "POST":
                added = calendars.fill(calendar, form, actor_of(request))
                messages.success(request, ngettext("%(n)d day added.", "%(n)d days added.", added) % {"n": added})
                return go(request, f"{reverse('home:calendar', args=[pk])}?year={min(form.cleaned_data['years'])}#days")
            found = calendars.for_country(calendar, form)
            context["found"] = [(day, *calendars.KINDS[day.kind], calendars.spelled(day.spans)) for day in found]
        except ValidationError as error:
            form.add_error(None, error.messages)
    return render(request, "home/settings/fill.html", context, status=422 if form.errors else 200)
