"""What this room adds to the side bar, to its own records, and to whatever something was raised from."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from comity.accounts.models import Person
from comity.accounts.rights import rights_of
from comity.accounts.roles import CONTACTS
from comity.improvement.against import shown_to
from comity.improvement.models import Improvement
from comity.improvement.operations import actions_of, findings_of, improvements_of
from comity.improvement.rules import alternatives
from comity.parties.pages import leads
from comity.records.access import may, readable_of
from comity.records.hanging import has
from comity.records.kind import kind_named
from comity.web.gate import person_of
from comity.web.navigation import place
from comity.web.panels import panel

Context = dict[str, Any] | None
RAISED = ("finding", "improvement", "action")
OWN_PANEL = "case"  # what was raised from a case stands among its promises


def reads_improvements(person: Person) -> bool:
    """People of the organisation who may read improvements."""
    rights = rights_of(person)
    return bool(rights.may("improvement", "read") - CONTACTS)


place(
    _("Findings and improvements"), "/improvement/", icon="trending-up", group=_("Improvement"), order=45,
    visible=reads_improvements,
)  # fmt: skip


@panel("*", "improvement/raised.html", place="side", order=27, label=_("What follows from it"))
def raised(record: Any, request: HttpRequest) -> Context:
    """Findings, actions and improvements that came out of this record, and the way to raise another."""
    person, found = person_of(request), []
    if not reads_improvements(person):
        return None
    if record.kind.name != OWN_PANEL and has(record, "raised"):
        found = shown_to(person, [*findings_of(record), *improvements_of(record), *actions_of(record)])
    asked = urlencode({"source_ref": record.ref})
    ways = [
        (kind.icon, kind.label, f"{kind.url}new/?{asked}")
        for kind in map(kind_named, RAISED)
        if may(person, kind, "create")
    ]
    return {"found": found, "known": readable_of(found, person), "ways": ways} if found or ways else None


leads("finding", "source_ref", "subject_ref")
leads("improvement", "source_ref", "told_ref")
leads("action", "source_ref")
leads("change_request", "object_ref")


@panel("change_request", "improvement/decided.html", place="main", order=10, label=_("Decision"))
def decided(record: Any, request: HttpRequest) -> Context:
    """Who decided, why, and what came of it."""
    return {"who": record.approver, "result": record.result} if record.approver_id else None


@panel("improvement", "improvement/decided.html", place="main", order=10, label=_("Decision"))
def decided_on(record: Any, request: HttpRequest) -> Context:
    """Who decided, and why."""
    return {"who": record.decided_by} if record.decided_by_id else None


@panel("finding", "improvement/weighed.html", place="main", order=20, label=_("Cause and solution"))
def weighed(record: Any, request: HttpRequest) -> Context:
    """The whys down to the root, and the alternatives beside each other."""
    ways = alternatives(record.alternatives)
    return {"whys": record.whys, "ways": ways} if record.whys or ways or record.effect_result else None


@panel("improvement", "improvement/effect.html", place="main", order=20, label=_("Effect"))
def effect(record: Any, request: HttpRequest) -> Context:
    """The value before, wanted and now; whether the effect can be judged yet, and by whom it was."""
    if not (record.baseline or record.rounds > 1 or record.judged_by_id):
        return None
    share = record.gained
    waiting = record.status == Improvement.Status.IMPLEMENTED
    return {"share": None if share is None else round(share * 100), "waiting": waiting}
