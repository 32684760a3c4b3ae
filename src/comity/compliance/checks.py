"""How the records of this room answer to the words of requirements."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.db.models import Exists, OuterRef, Q, Value
from django.db.models.functions import Coalesce, NullIf

from comity.clocks import parameters
from comity.compliance.models import Assessment, Obligation, Waiver
from comity.compliance.operations.programme import EVERY, areas, assessed_too_long_ago
from comity.parties.checks import held
from comity.parties.models import Responsibility
from comity.records.facts import Fact, Part, Rows, population, predicate, vocabulary


def where_they_are(as_of: datetime) -> Q:
    """Of the jurisdiction of the contact that is looked at: the contact's own, else its customer's."""
    own = NullIf(OuterRef("jurisdiction"), Value(""))
    return Q(jurisdiction=Coalesce(own, OuterRef("customer__jurisdiction")))


vocabulary("waiver", Waiver, record=Fact("record_ref", by_ref=True), decider=Fact("decider", to="staff"))
vocabulary("obligation", Obligation, tags="topic", every_contact=Fact(holds=where_they_are))
vocabulary(
    "assessment", Assessment,
    subject=Fact("subject_ref", by_ref=True), criteria=Fact("criteria_ref", by_ref=True),
    procedure_version=Fact("procedure_version", by_ref=True), supplier_relation=Fact("supplier_relation", by_ref=True),
    assessor=Fact("assessor", to="staff"), assessors=Fact("assessors", to="staff"), due_on="planned_on",
    subject_person=Fact("subject_person", to="staff"),
    next_due="planned_on",
)  # fmt: skip


@population("assessments_scheduled")
def assessments_scheduled(as_of: datetime, rows: Rows, **_more: Any) -> Rows:
    """Their due date is the planned day: only what has one is scheduled."""
    return rows.filter(planned_on__isnull=False)


@population("obligations_privacy_applicable")
def obligations_privacy_applicable(as_of: datetime, rows: Rows, **_more: Any) -> Rows:
    """Those that say where they apply. Where there is no national law, the European rules are entered for that place.

    CSMS:2003 8.7.2.
    """
    return rows.exclude(jurisdiction="")


@population("qualifications_valid")
def qualifications_valid(as_of: datetime, rows: Rows, **_more: Any) -> Rows:
    """Every mandatory criterion was met; where none was recorded, none was."""
    return rows.filter(mandatory_met=True)


@population("parties_rated_low")
def parties_rated_low(as_of: datetime, rows: Rows, **_more: Any) -> Rows:
    """The latest rating of each party, where that is the low one."""
    given = Assessment.objects.filter(
        type=Assessment.Type.ATTESTATION, statement=OuterRef("statement"), subject_ref=OuterRef("subject_ref"),
        concluded_at__gt=OuterRef("concluded_at"), concluded_at__lte=as_of,
    )  # fmt: skip
    return rows.filter(~Exists(given), concluded_at__lte=as_of).exclude(subject_ref="")


@predicate("no_resource_postponement")
def no_resource_postponement(as_of: datetime, rows: Rows | None, **_more: Any) -> Part:
    """Internal assessments planned in the window, none of them postponed for lack of resources (CSMS:2003 16.1)."""
    since = as_of - timedelta(days=parameters.in_force(as_of)["evidence_window_days"])
    planned = Assessment.objects.filter(type=Assessment.Type.INTERNAL, planned_on__gt=since.date())
    return planned, planned.filter(short_of_resources=True)


@predicate("assessed_by_risk_level")
def assessed_by_risk_level(as_of: datetime, rows: Rows | None, **days: float) -> Part:
    """Each area of internal assessments has a risk level, and was assessed in the time it gives (CSMS:2003 16.1)."""
    scope = areas(Assessment.objects.all())
    return scope, assessed_too_long_ago(scope, as_of, {level: days[name] for level, name in EVERY.items()})


@predicate("responsibility in area")
def responsibility_in_area(as_of: datetime, rows: Rows, **_more: Any) -> Part:
    """Assessments by somebody who holds a duty in the assessed process or over the assessed record."""
    duties = Responsibility.objects.filter(held(as_of))
    mine = Q(process=OuterRef("process")) & ~Q(process="") | Q(subject_ref=OuterRef("subject_ref")) & ~Q(subject_ref="")
    helped = Assessment.assessors.through.objects.filter(assessment=OuterRef(OuterRef("pk"))).values("person")
    wrong = Exists(duties.filter(mine, Q(person=OuterRef("assessor")) | Q(person__in=helped)))
    return rows, rows.filter(wrong)
