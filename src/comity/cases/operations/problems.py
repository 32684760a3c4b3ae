"""Problems behind cases: what several have in common is looked into once, and each says where (CSMS:2003 11.1)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from comity.accounts.models import Person
from comity.cases.models import Case, Escalation
from comity.improvement.models import Finding
from comity.records import write
from comity.records.access import may, readable
from comity.records.kind import kind_of
from comity.records.models import Link
from comity.records.trail import Actor

SAME_CAUSE = "same_cause"
ASKED_FOR = "CSMS-11.1-s1"
Data = Mapping[str, Any]


def find(case: Case, actor: Actor, data: Data, at: datetime) -> None:
    """The problem that is named by reference or title, as far as the actor reads it. Raises ValidationError."""
    kind, named = kind_of(Finding), str(data["problem"]).strip()
    rows = readable(kind, actor.person).filter(type=Finding.Type.PROBLEM, archived_at=None)
    found = rows.filter(ref=named.split(" · ")[0].upper()).first()
    found = found or rows.filter(title=named, status__in=Finding.OPEN).order_by("pk").first()
    if found is None and (named.upper().startswith(f"{kind.ref}-") or not may(actor, kind, "create")):
        raise ValidationError({"problem": _("There is no such problem that you may read.")})
    if found is not None and found.status not in Finding.OPEN:
        raise ValidationError({"problem": _("This problem is closed. Open it again, or raise another.")})
    if found is not None and tied(found).filter(from_id=case.pk).exists():
        raise ValidationError({"problem": _("The case is with this problem already.")})
    case.__dict__["_problem"] = found


def join(case: Case, actor: Actor, data: Data) -> None:
    """Tie the case to the problem, which is raised from it where none of that name is open."""
    found = case.__dict__.pop("_problem") or _raised(case, str(data["problem"]).strip(), actor)
    write.link(case, SAME_CAUSE, found, actor=actor)


def _raised(case: Case, title: str, actor: Actor) -> Finding:
    values = {
        "title": title, "type": Finding.Type.PROBLEM, "nature": Finding.Nature.CORRECTIVE, "source_ref": case.ref,
        "owner": actor.person,
    }  # fmt: skip
    return write.create(kind_of(Finding), values, actor=actor, unit=case.unit)  # type: ignore[no-any-return]


def of_bundle(escalation: Escalation, actor: Actor, data: Data) -> None:
    """Raise the problem behind a topic bundle, and tie the cases of the bundle to it (CSMS:2003 11.1).

    Whoever leads the process may, though others register findings: the bundle is what asks for it.
    """
    about = escalation.service or escalation.customer
    title = f"{escalation.topic}: {about}"[:200]
    values = {
        "title": title, "type": Finding.Type.PROBLEM, "nature": Finding.Nature.CORRECTIVE, "category": "complaints",
        "source_ref": escalation.ref, "subject_ref": about.ref if about else "", "topic": str(escalation.topic)[:100],
        "owner": actor.person,
    }  # fmt: skip
    rule = actor.by(ASKED_FOR)
    made = write.create(kind_of(Finding), values, actor=rule, unit=escalation.unit)
    for case in escalation.bundled.order_by("pk"):
        write.link(case, SAME_CAUSE, made, actor=rule)


def may_raise(escalation: Escalation, actor: Actor) -> Iterator[str | Promise]:
    """One problem for each bundle."""
    if not escalation.is_bundle:
        yield _("Only a bundle on one topic leads to a problem; a case joins one by a step of its own.")
    elif raised := Finding.objects.filter(source_ref=escalation.ref).first():
        yield _("%(ref)s was raised from it already.") % {"ref": raised.ref}


def tied(problem: Finding) -> QuerySet[Link]:
    """The ties of cases to this problem."""
    return Link.objects.filter(from_kind="case", verb=SAME_CAUSE, to_kind="finding", to_id=problem.pk)


def cases_of(problem: Finding, person: Person) -> QuerySet[Case]:
    """The cases of a problem that the person may read, newest first."""
    return (
        readable(kind_of(Case), person).filter(pk__in=tied(problem).values("from_id")).order_by("-received_at", "-pk")
    )
