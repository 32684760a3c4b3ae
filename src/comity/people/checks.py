"""How trainings answer to the words of requirements."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.db.models import Q, Sum
from django.utils import timezone

from comity.clocks.parameters import number
from comity.people.models import Training, valid
from comity.records.facts import Fact, Part, Rows, population, predicate, vocabulary

vocabulary(
    "training", Training,
    staff=Fact("staff", to="staff"), issued_by=Fact("issued_by", to="staff"), evaluator=Fact("evaluator", to="staff"),
    valid=Fact(holds=valid), passed_or_accepted=Fact("passed", filled=Q(passed=True)),
)  # fmt: skip


@population("trainings_evaluated_retained")
def trainings_evaluated_retained(as_of: datetime, rows: Rows, **_more: Any) -> Rows:
    """All that are there: nothing is disposed of before its time, and what was leaves no row."""
    return rows


@predicate("training_focus")
def training_focus(as_of: datetime, rows: Rows | None, training_focus_share: float) -> Part:
    """Most hours of the window serve one of the three aims, and each aim has a training (CSMS:2003 9.1).

    Where not, the trainings without an aim fall short; where all have one, the year as a whole.
    """
    today = timezone.localdate(as_of)
    since = today - timedelta(days=number("evidence_window_days", as_of))
    scope = Training.objects.filter(completed_on__gt=since, completed_on__lte=today)
    of_aim = dict(scope.order_by().values_list("theme").annotate(hours=Sum("hours")))
    aimed = sum(hours for theme, hours in of_aim.items() if theme)
    if set(Training.Theme.values) <= set(of_aim) and aimed >= training_focus_share * sum(of_aim.values()):
        return scope, scope.none()
    return scope, scope.filter(theme="") if "" in of_aim else scope
