"""How satisfied customers were with the handling of their complaints: sums made by the database (BRM-3.3-16)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, Q

from comity.cases.models import Case
from comity.clocks.parameters import number
from comity.satisfaction import rules
from comity.satisfaction.models import Survey, SurveyResponse
from comity.satisfaction.rules import FEW, Estimate


@dataclass(frozen=True)
class Handling:
    """What was answered in the period to surveys that go out at the closing of a complaint."""

    surveys: tuple[str, ...]
    answers: int
    mean: Estimate | None
    contented: Estimate | None

    @property
    def few(self) -> bool:
        """Too few answers to show a score."""
        return self.answers < FEW


def handling(
    since: datetime, until: datetime, customer: int = 0, service: int = 0, units: frozenset[int] | None = None
) -> Handling:
    """Of answers in that time, perhaps of one customer or about one service, within these units (None: all).

    Answers without a name tell neither customer nor service, and count only where neither is asked for.
    """
    surveys = dict(Survey.objects.filter(raised_by=Survey.Trigger.CASE_CLOSED).values_list("pk", "ref"))
    of: dict[str, Any] = {name: pk for name, pk in (("customer", customer), ("service", service)) if pk}
    where = Q(answered_at__gte=since, answered_at__lt=until, overall__isnull=False)
    if of:  # from the cases to their answers: of one customer there are few; only these surveys ask about a case
        where &= Q(case__in=Case.objects.filter(**of).order_by().values("pk"))
    else:
        where &= Q(survey__in=list(surveys))
    if units is not None:
        where &= Q(unit__in=units)
    counts = SurveyResponse.objects.filter(where).order_by().values_list("overall").annotate(Count("pk"))
    found = {float(score): n for score, n in counts} if surveys else {}
    scores, often, n = list(found), [float(n) for n in found.values()], sum(found.values())
    confidence = number("sample_confidence")
    mean, contented = (one(scores, confidence, often, n) for one in (rules.mean, rules.top_two))
    return Handling(tuple(surveys.values()), n, mean, contented)
