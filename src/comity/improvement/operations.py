"""Questions that other rooms ask of findings, actions and improvements."""

from __future__ import annotations

from typing import Any

from django.db.models import OuterRef, QuerySet

from comity.improvement.models import Action, Finding, Improvement
from comity.records.hanging import hangs

# Actions, findings and improvements that came out of a record, in whatever state.
hangs("raised", lambda _kind: Action.objects.filter(source_ref=OuterRef("ref")))
hangs("raised", lambda _kind: Finding.objects.filter(source_ref=OuterRef("ref")))
hangs("raised", lambda _kind: Improvement.objects.filter(source_ref=OuterRef("ref")))


def actions_of(record: Any) -> QuerySet[Action]:
    """What was raised from a record, cancelled ones left out, by due date."""
    return Action.objects.filter(source_ref=record.ref).exclude(status=Action.Status.CANCELLED).order_by("due_on", "pk")


def open_actions_of(record: Any) -> QuerySet[Action]:
    return actions_of(record).filter(status__in=Action.OPEN)


def improvements_of(record: Any) -> QuerySet[Improvement]:
    return Improvement.objects.filter(source_ref=record.ref).order_by("-proposed_at", "-pk")


def findings_of(record: Any) -> QuerySet[Finding]:
    return Finding.objects.filter(source_ref=record.ref).order_by("-opened_at", "-pk")


def of_requirement(requirement: str) -> list[Any]:
    """What was raised from a requirement of a standard, findings first, newest first."""
    return [
        one
        for model in (Finding, Improvement, Action)
        for one in model._default_manager.filter(requirement=requirement).order_by("-pk")
    ]
