"""Macros on a case and on many; linking, merging and splitting from the list, and who else is at a record."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from comity.accounts.models import Person
from comity.accounts.rights import rights_of
from comity.cases.forms import OfProblem
from comity.cases.models.choices import CauseArea
from comity.desk import checklists, operations
from comity.desk.models import Checklist, Macro
from comity.records import write
from comity.records.access import may, may_note, readable_record
from comity.records.kind import Kind, kind_named, kind_of
from comity.records.trail import Actor
from comity.web import bulk
from comity.web.finding import by_ref
from comity.web.gate import actor_of, go, page, person_of
from comity.web.panels import panel


class Other(forms.Form):
    """The other end."""

    to = forms.CharField(label=_("Reference of the other record"), max_length=20)


class Merge(forms.Form):
    """Into which, and what every closing needs."""

    case = forms.CharField(label=_("The case that goes on"), max_length=20)
    cause_area = forms.ChoiceField(label=_("Area of the cause"), choices=CauseArea.choices)
    improvement_need = forms.ChoiceField(
        label=_("Improvement needed?"), choices=(("false", _("no")), ("true", _("yes")))
    )
    outcome_reasons = forms.CharField(label=_("Reasons"), widget=forms.Textarea(attrs={"rows": 3}))


def _macros(kind: Kind, person: Person) -> dict[str, str]:
    return {one.ref: one.name for one in operations.offered(person)} if kind.name == "case" and may_note(person) else {}


def _apply(record: Any, name: str, values: Mapping[str, Any], note: str, actor: Actor) -> None:
    macro: Macro = readable_record(kind_of(Macro), actor.person, name)
    operations.apply(macro, record, actor)
    if note.strip():
        write.post(record, note, actor=actor)


def _links(kind: Kind, person: Person) -> dict[str, str]:
    return {"with": str(_("Link with…"))} if may_note(person) else {}


def _merges(kind: Kind, person: Person) -> dict[str, str]:
    flow = kind_named("case").workflow
    allowed = kind.name == "case" and flow and rights_of(person).roles & set(flow["merge"].by)
    return {"into": str(_("Merge into…"))} if allowed else {}


def _problems(kind: Kind, person: Person) -> dict[str, str]:
    flow = kind_named("case").workflow
    allowed = kind.name == "case" and flow and rights_of(person).roles & set(flow["join_problem"].by)
    return {"of": str(_("Put to a problem…"))} if allowed else {}


def _splits(kind: Kind, person: Person) -> dict[str, str]:
    return {"off": str(_("Split off another demand"))} if kind.name == "case" and may(person, kind, "create") else {}


bulk.act(bulk.Act("macro", _("Macro"), _macros, _apply))
bulk.act(
    bulk.Act(
        "link", _("Link"), _links, form=Other,
        do=lambda record, name, values, note, actor: operations.tie(
            record, by_ref(actor.person, str(values.get("to", ""))), note, actor
        ),
    )
)  # fmt: skip
bulk.act(
    bulk.Act(
        "merge", _("Merge"), _merges, form=Merge,
        do=lambda record, name, values, note, actor: operations.merge(record, values, note, actor),
    )
)  # fmt: skip
bulk.act(
    bulk.Act(
        "problem", _("Problem"), _problems, form=OfProblem,
        do=lambda record, name, values, note, actor: write.transition(
            record, "join_problem", values, actor=actor, note=note
        ),
    )
)  # fmt: skip
bulk.act(bulk.Act("split", _("Split"), _splits, page=lambda record: f"{record.url}split/"))


@panel("case", "desk/macros.html", place="side", order=27, label=_("Macros"))
def macros(record: Any, request: HttpRequest) -> dict[str, Any] | None:
    """What is often done in one go; a preview comes first."""
    person = person_of(request)
    found = operations.offered(person) if may_note(person) and not record.hidden else []
    return {"macros": found} if found else None


@panel("case", "desk/checklist.html", place="main", order=12, label=_("Checklist"))
def checklist(record: Any, request: HttpRequest) -> dict[str, Any] | None:
    """The points of this case, checked by whom and when; and what can be added."""
    person, points = person_of(request), checklists.points_of(record)
    writes = may_note(person) and not record.hidden and record.is_open
    lists = checklists.offered(person) if writes else []
    return {"points": points, "lists": lists, "writes": writes} if points or lists else None


@require_POST
@page
def points(request: HttpRequest, record: Any) -> HttpResponse:
    """Put a checklist or a point of one's own on the case, check a point, or open it again."""
    actor, sent = actor_of(request), request.POST
    if record.kind.name != "case" or record.hidden:
        raise Http404
    try:
        if sent.get("list"):
            chosen = readable_record(kind_of(Checklist), actor.person, sent["list"][:20])
            checklists.put_on(record, chosen.points.splitlines(), chosen.holds, actor)
        elif sent.get("text"):
            checklists.put_on(record, [sent["text"]], False, actor)
        elif re.fullmatch("[0-9]{1,18}", sent.get("point", "")):
            checklists.check(record, int(sent["point"]), sent.get("on") == "1", actor)
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    return go(request, record.url)


@require_POST
@page
def here(request: HttpRequest, record: Any) -> HttpResponse:
    """One beat of somebody who has the record before him: who else is here."""
    others = operations.beat(record, person_of(request), request.POST.get("editing") == "1")
    return render(request, "desk/here.html", {"others": others})
