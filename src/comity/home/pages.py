"""The first page after sign-in."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from comity.home import work
from comity.web.gate import page, person_of


@page
def my_work(request: HttpRequest) -> HttpResponse:
    """Everything that waits for me, overdue first, then what nobody has taken yet."""
    person = person_of(request)
    tasks = work.mine(person)
    return render(
        request,
        "home/my_work.html",
        {"groups": work.grouped(tasks), "untaken": work.untaken(person), "count": len(tasks)},
    )
