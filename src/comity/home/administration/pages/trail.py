"""The trail over everything, and its seal."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from comity.home.administration import trail
from comity.home.administration.access import TRAIL_READERS
from comity.web.gate import go, person_of


@TRAIL_READERS
def show(request: HttpRequest) -> HttpResponse:
    """Lines newest first, below the one that is named, that meet the filters."""
    form, below = trail.FilterForm(request.GET, auto_id="f_%s"), request.GET.get("before", "")
    context: dict[str, object] = {"form": form, "seal": trail.seal_state()}
    if form.is_valid():
        lines, older = trail.page(person_of(request), form, int(below) if below.isdecimal() else None)
        query = request.GET.copy()
        query["before"] = str(older)
        context |= {"lines": lines, "older": query.urlencode() if older else "", "asked": form.asked, "below": below}
    return render(request, "home/settings/trail.html", context, status=200 if form.is_valid() else 422)


@require_POST
@TRAIL_READERS
def verify(request: HttpRequest) -> HttpResponse:
    """Ask the worker to recompute the seal."""
    trail.verify()
    messages.success(request, _("The worker verifies the seal; the outcome appears here."))
    return go(request, reverse("home:trail"))
