"""What claims add to pages: the promise that a claim is held against, and what was claimed against a promise."""

from __future__ import annotations

from typing import Any

from django.db.models import Count, Q, QuerySet, Sum
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from comity.agreements.clauses import Topic
from comity.claims.models import Claim, of_version
from comity.claims.telling import compensation
from comity.records.access import may, readable
from comity.records.hanging import has
from comity.records.kind import kind_named
from comity.web.gate import person_of
from comity.web.panels import panel

Context = dict[str, Any] | None
WEIGHED = (Topic.GUARANTEES_CLAIMS, Topic.EXCEPTIONS, Topic.EXCEPTION_HANDLING)
GIVEN = (Claim.Status.GRANTED, Claim.Status.SETTLED)
SHOWN = 10


@panel("claim", "claims/promise.html", place="main", order=10, label=_("The promise"))
def promise(record: Any, request: HttpRequest) -> Context:
    """What was promised, since when, and under which conditions and exclusions."""
    version = record.promise.agreement_version
    clauses = list(version.clauses.filter(topic__in=WEIGHED).order_by("topic", "pk"))
    return {"target": record.target, "clause": record.clause, "version": version, "clauses": clauses}


@panel("claim", "claims/decision.html", place="main", order=12, label=_("The decision"))
def decision(record: Any, request: HttpRequest) -> Context:
    """What was weighed, decided by whom, and given."""
    if not (record.conditions or record.decided_at):
        return None
    return {"compensation": compensation(record) if record.remedy else ""}


@panel("target", "claims/against.html", place="main", order=30, label=_("Claims"))
def against_promise(record: Any, request: HttpRequest) -> Context:
    """What was claimed against this promise: kept or not, and what it cost."""
    return _against(record, request, Q(target=record), "target")


@panel("clause", "claims/against.html", place="main", order=30, label=_("Claims"))
def against_clause(record: Any, request: HttpRequest) -> Context:
    """The same of a promise that no target measures."""
    return _against(record, request, Q(clause=record), "clause")


@panel("agreement_version", "claims/against.html", place="main", order=30, label=_("Claims"))
def against_version(record: Any, request: HttpRequest) -> Context:
    """The same of all its promises."""
    return _against(record, request, of_version(record))


@panel("case", "claims/of_case.html", place="side", order=24, label=_("Claims"))
def of_case(record: Any, request: HttpRequest) -> Context:
    """What was claimed because of this case."""
    if not has(record, "claims"):
        return None
    rows = readable(kind_named("claim"), person_of(request)).filter(case=record)
    found = list(rows.select_related("target", "clause", "customer").order_by("pk")[:SHOWN])
    return {"claims": found} if found else None


def _against(record: Any, request: HttpRequest, these: Q, name: str = "") -> Context:
    person, kind = person_of(request), kind_named("claim")
    more = bool(name) and may(person, kind, "create")
    if not has(record, "claims"):
        return None
    rows = readable(kind, person).filter(these)
    newest = list(rows.select_related("target", "clause", "customer").order_by("-received_at", "-pk")[:SHOWN])
    return {"claims": newest, "more": more, "asked": name, **counted(rows)} if newest else None


def counted(rows: QuerySet[Any]) -> dict[str, Any]:
    """How many claims found the promise kept and not kept, and what they cost, by currency."""
    rows = rows.order_by()
    counts = rows.aggregate(
        total=Count("pk"), found_kept=Count("pk", filter=Q(kept=True)), broken=Count("pk", filter=Q(kept=False))
    )
    given = rows.filter(status__in=GIVEN, amount__gt=0)
    return {"counts": counts, "costs": list(given.values_list("currency").annotate(Sum("amount")).order_by("currency"))}
