"""The first page after sign-in."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _

from comity.compliance.pages import silent
from comity.home import first_steps, work
from comity.web import cells, navigation
from comity.web.gate import page, person_of

navigation.place(_("My work"), "/", icon="inbox", order=1)


def _rows(tasks: Iterable[work.Task]) -> list[dict[str, Any]]:
    return [{"task": task, "status": cells.status(task.record), "deadline": cells.deadline(task.due)} for task in tasks]


@page
def my_work(request: HttpRequest) -> HttpResponse:
    """Everything that waits for me, overdue first, then what nobody has taken yet."""
    person = person_of(request)
    tasks = work.mine(person)
    silences, silent_count = silent.of(person)
    untaken, more = work.untaken(person)
    return render(
        request,
        "home/my_work.html",
        {
            "groups": [(group, _rows(group.tasks)) for group in work.grouped(tasks)],
            "untaken": _rows(untaken),
            "more": more,
            "steps": first_steps.open_for(person),
            "silences": silences,
            "silent_count": silent_count,
        },
    )
