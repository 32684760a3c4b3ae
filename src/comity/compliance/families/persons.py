"""Acts that one person may not do both of: separated."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.db.models import F, Q
from django.utils.translation import gettext as _

from comity.compliance.columns import asked
from comity.compliance.compiler import knows
from comity.compliance.families import Arguments, family, many, over
from comity.compliance.families.people import holders
from comity.compliance.inquiry import Inquiry
from comity.compliance.names import called
from comity.compliance.outcome import Fault, Lot, Outcome, judged
from comity.compliance.ties import Members
from comity.records import facts
from comity.records.facts import Unrecorded, spoken

ACTORS = {
    "review_frequency_acceptance": "frequency_accepter",
    "review_frequency_proposal": "frequency_proposer",
    "document_approval": "approver",
    "document_authoring": "author",
    "case_handling": "handler",
    "case_investigation": "investigator",
    "person_complained_about": "about",
    "change_decision": "approver",
    "change_origination": "originator",
    "complaint_analysis_lead": "leader",
    "assessment": "assessor",
}  # fmt: skip  (by which name a record tells who did the act, unless it has a fact of the act's name)


@family("act not_by population by_role other_role")
def separated(inquiry: Inquiry, arguments: Arguments) -> Outcome:
    """Two acts on a record were not done by the same person."""
    return over(inquiry, arguments["population"], lambda part: _apart(inquiry, part, arguments))


def _apart(inquiry: Inquiry, part: Members, arguments: Arguments) -> Lot:
    actor = _actor(part, arguments["act"])
    done = part.where(Q(**{f"{actor}__isnull": False}))
    others = many(arguments["not_by"])
    faults = [Fault(_same(inquiry, part, actor, other), _same_person(other)) for other in others]
    if role := arguments.get("by_role"):
        faults.append(_without_role(inquiry, actor, role))
    if role := arguments.get("other_role"):
        faults += [_without_role(inquiry, _actor(part, other), role) for other in others]
    return judged(part.kind, done.rows, faults)


def _same_person(act: str) -> Callable[[Any], str]:
    return lambda row: _("the same person: %(act)s") % {"act": called(act)}


def _actor(part: Members, act: str) -> str:
    """The column with the person of the act. Raises Unrecorded."""
    name = act if knows(part.vocabulary, act) else ACTORS.get(act, "")
    if not name or not knows(part.vocabulary, name):
        raise Unrecorded(f"{act} of {part.kind}")
    return part.vocabulary.fact(name).path


def _without_role(inquiry: Inquiry, path: str, role: str) -> Fault:
    outside = ~Q(**{f"{path}__in": holders(inquiry, role)}) & Q(**{f"{path}__isnull": False})
    return Fault(outside, lambda row: _("done by nobody who holds the role %(role)s") % {"role": called(role)})


def _same(inquiry: Inquiry, part: Members, actor: str, other: str) -> Q:
    """That the person of the act is the one of the other: on the record, or on a case of the period it looks at."""
    if part.kind == "review" and other == "case_handling":
        return _handled(inquiry, part, actor)
    if facts.knows("predicate", name := other.replace("_", " ")):
        _scope, wrong = facts.code("predicate", name)(inquiry.as_of, part.rows)
        return Q(pk__in=wrong.order_by().values("pk"))
    return asked(part.vocabulary, _actor(part, other), {"exact": F(actor)})


def _handled(inquiry: Inquiry, part: Members, actor: str) -> Q:
    """Reviews whose leader handled one of the complaints that they look at."""
    cases, wrong = spoken("case"), []
    handler, received = cases.fact("handler").path, cases.fact("received_at").path
    names = [part.vocabulary.fact(name).path for name in ("period_from", "period_to")]
    for pk, leader, first, last in part.rows.order_by().values_list("pk", actor, *names):
        if first is None or last is None:
            raise Unrecorded("review.period_from")
        period = {f"{received}__gte": inquiry.start_of(first), f"{received}__lte": inquiry.end_of(last)}
        if cases.rows.filter(classification="complaint", **{handler: leader}, **period).exists():
            wrong.append(pk)
    return Q(pk__in=wrong)
