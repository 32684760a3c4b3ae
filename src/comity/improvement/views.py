"""The page on which findings and improvements are seen together."""

from __future__ import annotations

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from comity.improvement.overview import Overview
from comity.improvement.pages import reads_improvements
from comity.reports.html import shown
from comity.web.gate import page, person_of


@page
def overview(request: HttpRequest) -> HttpResponse:
    """Where things stand, for those of the organisation."""
    person = person_of(request)
    if not reads_improvements(person):
        raise PermissionDenied
    return render(request, "improvement/overview.html", {"body": shown(Overview(person).blocks())})
