"""Whether cases went the way they should: numbered, in order, clear before looked into, closed on a ground."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from itertools import pairwise
from typing import Any

from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.db.models.functions import Coalesce

from comity.cases.checks.names import IS_OPEN, NOBODY_TO_TELL, window
from comity.cases.models import Case
from comity.cases.rules.words import Classification, Ground
from comity.communications.models import Communication
from comity.improvement.models import Improvement
from comity.parties.models import Contact
from comity.parties.passed import passed
from comity.records.facts import Part, Rows, predicate, spoken
from comity.records.models import Entry

COMPLAINTS = Q(classification=Classification.COMPLAINT.value)
CLEAR = Q(target_clear=True, content_clear=True, demand_clear=True)
UNMARKED = Q(target_clear__isnull=True) | Q(content_clear__isnull=True) | Q(demand_clear__isnull=True)
NO_COMPLAINT_CLOCK = Q(ack_due_at=None, triage_due_at=None, investigate_due_at=None, resolve_due_at=None)
DISPOSED = "disposal"  # the act that leaves a number without a record


@predicate("path of case")
def path(as_of: datetime, rows: Rows, *, states: Sequence[str]) -> Part:
    """The mandatory states of a complaint, in order, told by its trail (7.1)."""
    return passed(rows, states)


@predicate("numbering_unbroken")
def numbering_unbroken(as_of: datetime, rows: Rows | None, *, kind: str) -> Part:
    """Every number from the first to the last is there; a hole is shown at the record that follows it (BRM-3.3-9)."""
    every: QuerySet[Any] = spoken(kind).model._default_manager.order_by("pk")
    refs = every.values_list("ref", flat=True)
    first, last = refs.first(), refs.last()
    if first is None or last is None or every.count() == _number(last) - _number(first) + 1:
        return every, every.none()
    there = {_number(ref): pk for pk, ref in every.values_list("pk", "ref")}
    told = Entry.objects.filter(kind=kind, act=DISPOSED, note__gt="", at__lte=as_of).values_list("ref", flat=True)
    explained = {_number(ref) for ref in told}
    numbers = sorted(there)
    after = [
        there[later]
        for earlier, later in pairwise(numbers)
        if any(one not in explained for one in range(earlier + 1, later))
    ]
    return every, every.filter(pk__in=after)


def _number(ref: str) -> int:
    return int(ref.rpartition("-")[2])


@predicate("complaint_clarified")
def complaint_clarified(as_of: datetime, rows: Rows | None) -> Part:
    """Assessed complaints are clear in all they are about, or were cleared up before anybody looked into them."""
    scope = Case.objects.filter(COMPLAINTS, window(as_of, "assessed_at"))
    begun = Q(investigating_at__isnull=False)
    cleared = Q(clarification__isnull=False) & (~begun | Q(clarification__occurred_at__lte=F("investigating_at")))
    return scope, scope.filter(~CLEAR & ~cleared & (begun | UNMARKED))


@predicate("suggestions_not_counted")
def suggestions_not_counted(as_of: datetime, rows: Rows | None) -> Part:
    """No clock of complaints runs on a suggestion, and none of them went up as a complaint (BRM-3.3-6).

    The figures count what is classified as a complaint and nothing else, so nothing of them can be in there.
    """
    scope = Case.objects.filter(IS_OPEN | window(as_of, "closed_at"), classification=Classification.SUGGESTION.value)
    return scope, scope.filter(~NO_COMPLAINT_CLOCK | Q(breached=True) | Q(escalation_level__gt=0))


@predicate("case_open_until_improvement_decided")
def case_open_until_improvement_decided(as_of: datetime, rows: Rows | None) -> Part:
    """What the service level could not solve stayed open until its improvement was decided and told (BRM-3.3-15)."""
    scope = Case.objects.filter(COMPLAINTS, window(as_of, "flagged_at"), not_solvable_within_level=True)
    ended = scope.annotate(ended=Coalesce("resolved_at", "closed_at")).filter(ended__isnull=False)
    decided = Improvement.objects.filter(source_ref=OuterRef("ref"), decided_at__lte=OuterRef("ended"))
    told = Q(result_notice__isnull=False) | NOBODY_TO_TELL | Q(Exists(decided.exclude(told_ref="")))
    return scope, ended.exclude(Q(Exists(decided)) & told)


def _said(*purposes: str) -> Exists:
    rows = Communication.objects.filter(subject_ref=OuterRef("ref"), direction="outbound", status="recorded")
    return Exists(rows.filter(purpose__in=purposes))


def _stepped(act: str) -> Exists:
    """The step was taken by the customer's own contact."""
    own = Contact.objects.filter(person__isnull=False).values("person")
    return Exists(Entry.objects.filter(kind="case", record_id=OuterRef("pk"), act=act, actor_id__in=own))


def grounded() -> Q:
    """That a closed complaint has the proof that its ground of closing asks for (7.1)."""
    decided = Q(_said("decision")) | NOBODY_TO_TELL
    heard = Q(result_notice__isnull=False) | NOBODY_TO_TELL
    named = Q(confirmation__isnull=False)
    return (
        Q(close_ground=Ground.CONFIRMED.value) & heard & (named | Q(_stepped("confirm")))
        | Q(close_ground=Ground.CONFIRMATION_EXPIRED.value, closed_at__gte=F("confirm_due_at")) & heard
        | Q(close_ground=Ground.NO_AGREEMENT.value) & heard & (Q(_said("recourse")) | NOBODY_TO_TELL)
        | Q(close_ground=Ground.WITHDRAWN.value) & (named | Q(withdrawal_asked_at__isnull=False))
        | Q(close_ground=Ground.MERGED.value, successor__isnull=False) & decided
        | Q(close_ground=Ground.RECLASSIFIED.value, successor__isnull=False) & decided
    )


@predicate("complaint_closure_grounded")
def complaint_closure_grounded(as_of: datetime, rows: Rows | None, *, complaint_confirm_days: float) -> Part:
    """Closed with reasons, with the result told, and on a ground that is proven. The time to confirm was counted from
    that notice when it went out, by the parameter of then."""
    scope = Case.objects.filter(COMPLAINTS, window(as_of, "closed_at"))
    return scope, scope.filter(Q(outcome_reasons="") | ~grounded())
