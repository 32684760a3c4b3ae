"""Parameters: the list, and one with its history, its proposal and its form."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from comity.accounts.models import Person
from comity.clocks.parameters import DEFINITIONS
from comity.home.administration import access, parameters, trail
from comity.home.administration.access import READERS
from comity.home.administration.parameters import ChangeForm, Row
from comity.parties import separation
from comity.records.models import Entry
from comity.records.trail import Refused
from comity.web.gate import actor_of, go, person_of


@READERS
def listed(request: HttpRequest) -> HttpResponse:
    """All declared parameters with the values in force, and the proposals that wait."""
    groups = parameters.groups()
    waiting = [row for rows in groups.values() for row in rows if row.proposal]
    return render(request, "home/settings/parameters.html", {"groups": groups, "waiting": waiting})


def _row(name: str) -> Row:
    if name not in DEFINITIONS:
        raise Http404
    return parameters.row_of(name)


def _uses(name: str, person: Person) -> list[Entry]:
    """The latest uses of a declared separation, as far as the person may know of them."""
    if not separation.declarable(name):
        return []
    found = list(separation.uses(name)[:100])
    known = trail.known_to(person, found)
    return [entry for entry in found if entry.pk in known]


@READERS
def show(request: HttpRequest, name: str) -> HttpResponse:
    """One parameter: what it means, what it was; a new value for those who may propose one."""
    row, person = _row(name), person_of(request)
    may = access.proposes(person)
    form = ChangeForm(request.POST or None, row=row, initial={"value": f"{row.value:g}"})
    if request.method == "POST":
        if not may:
            raise PermissionDenied
        if form.is_valid():
            try:
                act = parameters.change(
                    name, form.cleaned_data["value"], form.cleaned_data["reason"], actor_of(request)
                )
            except Refused as refused:
                form.add_error(None, list(refused.missing))
            else:
                said = _("Changed.") if act == "update" else _("Proposed. The operations director decides.")
                messages.success(request, said)
                return go(request, reverse("home:parameter", args=[name]))
    own = bool(row.proposal and row.proposal.proposed_by(person))
    context = {
        "row": row,
        "history": parameters.history(name),
        "form": form if may and (form.is_bound or not row.proposal) else None,
        "direct": parameters.direct(person),
        "may_approve": bool(row.proposal) and access.approves(person) and (not own or parameters.alone(person)),
        "own": own,
        "uses": _uses(name, person),
        "separates": separation.declarable(name),
    }
    return render(request, "home/settings/parameter.html", context, status=422 if form.is_bound else 200)


DECISIONS = {"approve": access.approves, "reject": access.approves, "withdraw": access.proposes}


@require_POST
@READERS
def decide(request: HttpRequest, name: str) -> HttpResponse:
    """Approve, reject or withdraw the proposal that waits."""
    _row(name)
    act = request.POST.get("act", "")
    if act not in DECISIONS:
        raise Http404
    if not DECISIONS[act](person_of(request)):
        raise PermissionDenied
    try:
        parameters.decide(name, act, actor_of(request), request.POST.get("note", "")[:1000])
        said = {"approve": _("Approved; in force from now on."), "reject": _("Rejected."), "withdraw": _("Withdrawn.")}
        messages.success(request, said[act])
    except Refused as refused:
        messages.error(request, " ".join(refused.missing))
    return go(request, reverse("home:parameter", args=[name]))
