"""Notifications as a person reads them: the bell, the list, and what one wants to be told of."""

from __future__ import annotations

import re
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from comity.notices.models import Event, Notification, Way
from comity.notices.operations import notifying, preferences
from comity.web.cells import capital
from comity.web.gate import go, page, person_of

MOST, LINES = 100, 50


@never_cache
@page
def bell(request: HttpRequest) -> HttpResponse:
    """How many are unread: fetched after the page, so that no page waits for it."""
    return render(
        request, "web/top.html#bell", {"unread": notifying.unread(person_of(request), MOST), "most": MOST - 1}
    )


@never_cache
@page
def inbox(request: HttpRequest) -> HttpResponse:
    """The newest notifications, unread ones marked; only those not read, where that is asked."""
    person, only = person_of(request), request.GET.get("show") == "unread"
    rows = Notification.objects.filter(person=person).select_related("person", "instead_of").order_by("-pk")
    rows = rows.filter(read_at__isnull=True) if only else rows
    below = request.GET.get("before", "")
    found = list((rows.filter(pk__lt=int(below)) if re.fullmatch("[0-9]{1,18}", below) else rows)[: LINES + 1])
    lines = [(one, record, notifying.words(one)) for one, record in notifying.with_records(person, found[:LINES])]
    older = found[LINES - 1].pk if len(found) > LINES else None
    context = {"lines": lines, "older": older, "only_unread": only, "any_unread": any(not one.read_at for one in found)}
    return render(request, "notices/inbox.html", context)


@page
def opened(request: HttpRequest, pk: int) -> HttpResponse:
    """Mark one as read and lead to what it is about."""
    person = person_of(request)
    one = Notification.objects.filter(person=person, pk=pk).select_related("person").first()
    if one is None:
        return go(request, "/notifications/")
    notifying.mark_read(person, pk)
    record = notifying.record_of(one)
    return go(request, record.url if record is not None else one.url or "/notifications/")


@require_POST
@page
def read(request: HttpRequest) -> HttpResponse:
    """Mark all as read."""
    notifying.mark_read(person_of(request))
    return go(request, "/notifications/")


class Wishes(forms.Form):
    """How one wants to hear of each event."""

    def __init__(self, data: Any, now: dict[str, str]) -> None:
        super().__init__(data)
        for event in Event:
            self.fields[event.value] = forms.ChoiceField(
                label=capital(event.label), choices=Way.choices, initial=now[event.value]
            )


@page
def wishes(request: HttpRequest) -> HttpResponse:
    """What one is told, and how."""
    person = person_of(request)
    form = Wishes(request.POST or None, preferences.of(person))
    if request.method == "POST" and form.is_valid():
        preferences.choose(person, form.cleaned_data)
        messages.success(request, _("Saved."))
        return go(request, "/notifications/settings/")
    return render(request, "notices/settings.html", {"form": form}, status=422 if form.errors else 200)
