"""Who must not know who complains, and where it must not show: on the case, and on what was said about it.

Who complains in a confidential case is for those who work on it, in a restricted one not for auditors (PG-004-24),
and never for whom it is about, nor for the supplier at fault (BRM-3.3-4).
"""

from __future__ import annotations

from functools import reduce
from operator import or_
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet

from comity.accounts.models import Person
from comity.accounts.rights import Rights
from comity.accounts.roles import Role
from comity.cases.models import Case, Escalation, Referral
from comity.cases.models.entrusted import against, trust_of
from comity.cases.models.seen import CaseRows
from comity.communications.seen import keeps_back
from comity.improvement.models import Action, Improvement

DESK = frozenset({Role.SERVICE_DESK, Role.COMPLAINT_HANDLER, Role.PROCESS_MANAGER, Role.OPERATIONS_DIRECTOR})
PROOFS = ("result_notice", "clarification", "confirmation", "customer_notice")


def kept_from(person: Person, rights: Rights) -> Q | None:
    """The cases in which this person must not see who complains; None for those from whom nothing is kept."""
    kept, trust = list[Q](), trust_of(person, rights)
    if not (rights.roles & DESK or trust.owner):
        part = Q(handler=person) | Q(investigator=person) | Q(owner=person) | Q(entered_by=person)
        kept.append(Q(confidential=True) & ~(part | Q(contact__person=person)))
    if Role.AUDITOR in rights.roles:
        kept.append(Q(restricted=True))
    if (theirs := against(person, rights)) is not None:
        kept.append(theirs)
    if trust.named:
        kept.append(Q(pk__in=Case.about.through.objects.filter(person=person).values("case")))
    return reduce(or_, kept) if kept else None


def discreet(rows: CaseRows, person: Person, rights: Rights) -> QuerySet[Any]:
    """Cases without the complainant where this person must not see who complains."""
    kept, named = kept_from(person, rights), trust_of(person, rights).named
    if kept is None:
        return rows

    def veil(found: list[Any]) -> None:
        asked = [row.pk for row in found if named or row.confidential or row.restricted]
        ids = set(Case.objects.filter(kept, pk__in=asked).values_list("pk", flat=True)) if asked else set()
        for row in found:
            if row.pk in ids:
                row.hide_complainant()

    return rows.through(veil)


def discreet_referrals(rows: Any, person: Person, rights: Rights) -> QuerySet[Any]:
    """Referrals without the customer's consent, which names who gave it."""
    kept = kept_from(person, rights)
    if kept is None:
        return rows  # type: ignore[no-any-return]

    def veil(found: list[Any]) -> None:
        ids = set(Case.objects.filter(kept, referrals__in=found).values_list("pk", flat=True))
        for row in found:
            if row.case_id in ids:
                row.hidden = frozenset({"consent"})

    return rows.through(veil)  # type: ignore[no-any-return]


@keeps_back
def _about_them(person: Person, rights: Rights) -> Q | None:
    """What was said about such a case, about what came of it, and what proves its steps."""
    kept = kept_from(person, rights)
    if kept is None:
        return None
    cases = Case.objects.filter(kept)

    def named(column: str) -> Q:
        return Q(Exists(cases.filter(ref=OuterRef(column))))

    def pointed(rows: QuerySet[Any], column: str = "subject_ref") -> Q:
        return Q(Exists(rows.filter(ref=OuterRef(column))))

    actions = Action.objects.filter(named("source_ref"))
    improvements = Improvement.objects.filter(named("source_ref") | pointed(actions, "source_ref"))
    about = named("subject_ref") | pointed(actions) | pointed(improvements)
    for model in (Escalation, Referral):
        about |= pointed(model._default_manager.filter(Exists(cases.filter(pk=OuterRef("case")))))
    for proof in PROOFS:
        about |= Q(Exists(cases.filter(**{proof: OuterRef("pk")})))
    return about
