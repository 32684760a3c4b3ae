"""The letterhead: one form, and a sample to look at."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from comity.home.administration import letterhead
from comity.home.administration.access import READERS, administers
from comity.home.administration.letterhead import LetterheadForm
from comity.reports import pdf
from comity.reports.models import Letterhead
from comity.web.gate import actor_of, go, person_of


@READERS
def show(request: HttpRequest) -> HttpResponse:
    """What letters bear, for everybody who reads the settings; the form for administrators; `?sample` as PDF."""
    head, may = Letterhead.current(), administers(person_of(request))
    if "sample" in request.GET:
        return pdf.answer(pdf.printed("letter", letterhead.sample(head)), "letterhead")
    if request.method != "POST":
        form = LetterheadForm(instance=head)
        return render(request, "home/settings/letterhead.html", {"form": form if may else None, "head": head})
    if not may:
        raise PermissionDenied
    form = LetterheadForm(request.POST, request.FILES, instance=head)
    if not form.is_valid():
        return render(request, "home/settings/letterhead.html", {"form": form, "head": head}, status=422)
    letterhead.change(form, actor_of(request))
    messages.success(request, _("Saved."))
    return go(request, reverse("home:letterhead"))
