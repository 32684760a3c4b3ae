"""What the sample organisation looks at together at planned intervals, beside its customers: policies, risks,
communication, problems, operations; each with minutes, conclusions about records, and a day for the next one."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.utils import timezone

from comity.accounts.roles import Role
from comity.communications.models import Communication
from comity.documents.models import DocumentVersion
from comity.home.demonstration import Organisation
from comity.home.reviewing import ago
from comity.improvement.models import ChangeRequest
from comity.measures.models import Measurement
from comity.parties.models import Process
from comity.records import write
from comity.reviews.models import Review
from comity.risks.models import Risk

PR, OD, SN = Role.PROCESS_MANAGER, Role.OPERATIONS_DIRECTOR, Role.SENIOR_MANAGER
POLICIES = ("customer_service_policy", "privacy_policy", "security_policy")
Points = list[tuple[str, str, str, str]]  # topic, kind of entry, words, the record that it names


def sit(organisation: Organisation) -> None:
    """Hold them, the reviews of policies by the senior manager, the others by the process manager."""
    in_force = DocumentVersion.objects.filter(status=DocumentVersion.Status.EFFECTIVE, document__type__in=POLICIES)
    for days, version in enumerate(in_force.order_by("document__type"), start=40):
        _hold(organisation, SN, "policy", days, 330, _on_policy(), subject_ref=version.ref)
    risks: Points = [
        ("risk_responses", "conclusion", "Looked at again; it stays as rated.", risk.ref) for risk in Risk.objects.all()
    ]
    _hold(organisation, PR, "risk", 30, 120, risks)
    said = Communication.objects.filter(occurred_at__gte=ago(80), occurred_at__lt=ago(20)).first()
    talk: Points = [
        ("outcomes", "conclusion", "What was said was logged, and answered in time.", said.ref if said else "")
    ]
    _hold(organisation, PR, "communication", 20, 300, talk + _figures("brand_value", "customer_trust"))
    problems: Points = [
        ("trend", "conclusion", "Within the limits of chance.", ""),
        ("preventive_trend", "conclusion", "More is prevented than corrected.", ""),
    ]
    process = Process.objects.filter(tag="problem_management").first() or organisation.make(
        "process", PR, name="Problems", tag="problem_management", owner=organisation.email(PR), manual_part="Chapter 6"
    )
    _hold(organisation, PR, "process", 25, 80, problems, process=process.ref)
    operations: Points = [
        ("adequacy", "conclusion", "Enough people for the volume.", ""),
        ("effectiveness", "conclusion", "Nineteen of twenty complaints are answered in time.", ""),
        ("service_delivery", "decision", "The desk opens at eight from spring.", ""),
        ("privacy", "decision", "Old letters are disposed of in spring.", ""),
        ("security", "decision", "Access lists are looked through each quarter.", ""),
        *_figures("complaints", "delivery"),
    ]
    _hold(organisation, PR, "operational", 28, 60, operations)
    held = Review.objects.filter(type="service", held_at__isnull=False)
    demands: Points = [
        ("customer_demands", "conclusion", "Paper, and faster reversals.", ""),
        ("improvement_effects", "conclusion", "The daily run works.", ""),
        *(("customer_demands", "notes", "As said there.", review.ref) for review in held),
    ]
    _hold(organisation, PR, "brm_analysis", 15, 90, demands)
    following = timezone.localdate() + timedelta(days=350)
    organisation.make("review", SN, type="management", leader=organisation.email(SN), starts_on=following)


def _on_policy() -> Points:
    change = ChangeRequest.objects.order_by("pk").first()
    return [
        ("adoption", "conclusion", "Everybody has confirmed it; it is known at the desk.", ""),
        ("capability_impact", "conclusion", "We can do what it asks.", _figure("complaint_resolution")),
        ("technology_impact", "conclusion", "The portal makes it easier.", change.ref if change else ""),
        ("trust_growth", "conclusion", "Trust has grown.", ""),
        ("financial_impact", "conclusion", "Fewer credits than a year ago.", _figure("financial")),
        *_figures("customer_satisfaction", "complaint_resolution", "loyalty", "brand_value", "competitive_advantage"),
    ]


def _figure(category: str) -> str:
    newest = Measurement.objects.filter(kpi__category=category).order_by("-period_end").first()
    return newest.ref if newest else ""


def _figures(*categories: str) -> Points:
    """A note about the newest value of each."""
    return [("outcomes", "notes", "As measured.", ref) for category in categories if (ref := _figure(category))]


def _hold(
    organisation: Organisation, by: Role, type: str, days: int, following: int, points: Points, **more: Any
) -> None:
    """From plan to follow-up; the next one is dated by the last step."""
    people = [organisation.email(role) for role in (SN, OD, PR)]
    review = organisation.make(
        "review", by, type=type, leader=organisation.email(by), starts_on=ago(days).date(), **more
    )
    actor = organisation.actor(by)

    def step(name: str, **values: Any) -> None:
        nonlocal review
        review = write.transition(review, name, values, actor=actor, happened_at=ago(days))

    step("meet", mode="meeting", participants=people)
    for topic, nature, words, ref in points:
        entry = {"list": "agenda", "agenda": topic, "nature": nature, "conclusion": words, "subject_ref": ref}
        organisation.make("review_point", by, review=review.ref, **entry)
    step("minute", minutes="As concluded.", suitability="Each channel reaches whom it should.", changes="None needed.")
    step("report")
    step("follow_up", next_on=timezone.localdate() + timedelta(days=following))
