"""Assessments as a kind: what may be entered, and by whom; their life from plan to closing (process 7.1)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from comity.accounts.models import Person
from comity.accounts.rights import Rights
from comity.accounts.roles import Role
from comity.compliance.forms.assessment import AssessmentForm, PostponeForm
from comity.compliance.models import Assessment
from comity.compliance.operations import assessing
from comity.compliance.operations.assessing import ASSESSOR, REVIEWER, STATERS
from comity.compliance.operations.scope import scope_of
from comity.parties.separation import apart
from comity.records.files import files_of
from comity.records.kind import Kind, May, register
from comity.records.workflow import Lack, Workflow, move
from comity.records.write import Actor

IA, PR, SM = Role.INTERNAL_ASSESSOR, Role.PROCESS_MANAGER, Role.SUPPLIER_MANAGER
OD, SN = Role.OPERATIONS_DIRECTOR, Role.SENIOR_MANAGER
T, S = Assessment.Type, Assessment.Status
Words = Iterator[str | Promise | Lack]


def _people(assessment: Assessment) -> list[Any]:
    first = [assessment.assessor] if assessment.assessor else []
    return first + (list(assessment.assessors.all()) if assessment.pk else [])


def _not_apart(assessment: Any, actor: Actor) -> bool:
    found = assessing.standing_in_the_way(assessment, _people(assessment), timezone.now())
    return next(iter(found), None) is not None


def _of(kind: str, assessment: Assessment) -> Words:
    if assessment.type != kind:
        yield _("This is no step of this type.")


def _may_start(assessment: Assessment, actor: Actor) -> Words:
    yield from _of(T.INTERNAL, assessment)
    if not assessment.standard:
        yield Lack(_("Name the standard."), "standard")
    if not assessment.assessor_id:
        yield Lack(_("Name the assessor."), "assessor")
    for name in ("organisation", "location"):
        if not getattr(assessment, name):
            yield Lack(_("Say which organisation is assessed, and at which place."), name)
    if ASSESSOR.kept:
        yield from assessing.standing_in_the_way(assessment, _people(assessment), timezone.now())


def _start(assessment: Assessment, actor: Actor, data: Mapping[str, Any], at: datetime) -> None:
    assessment.as_of = timezone.now()


def _snapshot(assessment: Assessment, actor: Actor, data: Mapping[str, Any]) -> None:
    from comity.compliance.worksheet.lines import draw_up

    draw_up(assessment)


def _postpone(assessment: Assessment, actor: Actor, data: Mapping[str, Any], at: datetime) -> None:
    assessment.short_of_resources = assessment.short_of_resources or data["cause"] == "resources"


def _may_complete(assessment: Assessment, actor: Actor) -> Words:
    if assessment.type == T.ATTESTATION:
        yield _("This is no step of this type.")
    if assessment.type == T.INTERNAL:
        from comity.compliance.worksheet.lines import lacking

        yield from lacking(assessment)
    elif not assessment.result:
        yield Lack(_("Name the result."), "result")


def _complete(assessment: Assessment, actor: Actor, data: Mapping[str, Any], at: datetime) -> None:
    assessment.completed_by, assessment.concluded_at = actor.person, at


def _completed_it(assessment: Any, actor: Actor) -> bool:
    return bool(assessment.completed_by_id == actor.person.pk)


def _review(assessment: Assessment, actor: Actor, data: Mapping[str, Any], at: datetime) -> None:
    assessment.reviewed_by, assessment.reviewed_at = actor.person, at


def _report(assessment: Assessment, actor: Actor, data: Mapping[str, Any], at: datetime) -> None:
    assessment.reported_at = at


def _open_findings(assessment: Assessment, actor: Actor, data: Mapping[str, Any]) -> None:
    from comity.compliance.worksheet.findings import open_for

    open_for(assessment, actor)


def _may_close(assessment: Assessment, actor: Actor) -> Words:
    from comity.compliance.worksheet.findings import unanswered

    if refs := unanswered(assessment):
        yield _("These findings have neither improvement, waiver nor rejection: %(refs)s") % {"refs": ", ".join(refs)}


def _may_state(assessment: Assessment, actor: Actor) -> Words:
    """Only the named person states it, with what the requirement asks of the statement."""
    yield from _of(T.ATTESTATION, assessment)
    if not actor.rule and assessment.assessor_id != actor.person.pk:
        yield _("This is for %(person)s to state.") % {"person": assessment.assessor or "–"}
    if not (assessment.subject_ref or assessment.subject_person_id):
        yield _("Say what or whom it is about.")
    for name in assessing.fields_asked(assessment.statement):
        if not getattr(assessment, name):
            label = Assessment._meta.get_field(name).verbose_name  # type: ignore[union-attr]
            yield Lack(_("Still missing: %(field)s") % {"field": label}, name)


def _state(assessment: Assessment, actor: Actor, data: Mapping[str, Any], at: datetime) -> None:
    assessment.completed_by, assessment.concluded_at = actor.person, at
    assessment.lapses_at = assessing.lapses(assessment.statement, at)
    if not assessment.evidence:
        assessment.evidence = ", ".join(file.name for file in files_of(assessment))


MARKS = ("rating", "dialogue", "understanding", "atmosphere")

assessment_life = Workflow(
    S.PLANNED,
    (
        apart(ASSESSOR, _not_apart, move(
            "start", S.PLANNED, S.IN_PROGRESS, by=(IA,), asks=("standard", "assessor", "organisation", "location"),
            guard=_may_start, apply=_start, effect=_snapshot, label=_("Start with today's evidence"), primary=True,
        )),
        move(
            "postpone", S.PLANNED, S.PLANNED, by=(IA, PR), requires=("planned_on",), form=PostponeForm,
            apply=_postpone, note=True, label=_("Postpone"),
        ),
        move(
            "state", S.PLANNED, S.CLOSED, by=STATERS, requires=("reason",), asks=(*MARKS, "evidence"),
            guard=_may_state, apply=_state, label=_("I state this"), primary=True,
        ),
        move(
            "complete", S.IN_PROGRESS, S.COMPLETED, by=(IA,), guard=_may_complete, apply=_complete,
            label=_("Complete"), primary=True,
        ),
        move(
            "conclude", S.PLANNED, S.COMPLETED, by=(IA, SM), requires=("result",),
            asks=("decision", "grade", "performance_basis", "sampled_records", "result_per_requirement"),
            guard=lambda one, actor: () if one.type in (T.VERIFICATION, T.QUALIFICATION) else _of("", one),
            apply=_complete, label=_("Conclude"),
        ),
        apart(REVIEWER, _completed_it, move(
            "review", S.COMPLETED, S.REVIEWED, by=(IA, PR, OD, SN), apply=_review, label=_("Reviewed"), primary=True,
        )),
        move(
            "send_back", S.COMPLETED, S.IN_PROGRESS, by=(IA, PR, OD, SN), note=True,
            guard=lambda one, actor: _of(T.INTERNAL, one), label=_("Back to work"),
        ),
        move(
            "report", S.REVIEWED, S.REPORTED, by=(IA,), asks=("decision",), apply=_report, effect=_open_findings,
            label=_("Report"), primary=True,
        ),
        move("close", S.REPORTED, S.CLOSED, by=(PR,), guard=_may_close, label=_("Close"), primary=True),
        move("cancel", (S.PLANNED, S.IN_PROGRESS), S.CANCELLED, by=(IA, PR), note=True, label=_("Cancel")),
    ),
    stages=(S.PLANNED, S.IN_PROGRESS, S.COMPLETED, S.REVIEWED, S.REPORTED, S.CLOSED),
)  # fmt: skip


def _in_scope(rows: QuerySet[Any], person: Person, rights: Rights) -> QuerySet[Any]:
    """An auditor from outside sees the assessments of the standards that he was invited for, and attestations."""
    scope = scope_of(person)
    return rows if scope is None else rows.filter(standard__in=("", *scope))


assessment = register(
    Kind(
        model=Assessment,
        ref="ASM",
        may=May(create="case_register", handle="assessment"),  # all of ours may attest; the form says who plans
        workflow=assessment_life,
        form=AssessmentForm,
        narrow=_in_scope,
        fields=(
            "type", "title", "standard", "edition", "area", "process", "function", "risk_level", "planned_on",
            "assessor", "assessors", "allotted_hours", "organisation", "location", "scoring", "topics", "statement",
            "subject_ref", "subject_person", "rating", "dialogue", "understanding", "atmosphere", "reason", "evidence",
            "criteria_ref", "result_per_requirement", "procedure_version", "sampled_records", "performance_basis",
            "grade", "decision", "result", "supplier_relation", "owner",
        ),
        columns=("ref", "title", "type", "standard", "area", "risk_level", "planned_on", "assessor", "status"),
        filters=("status", "type", "standard", "area", "statement", "risk_level", "assessor", "planned_on"),
        search=("ref", "title", "reason", "decision"),
        own=("owner", "assessor"),
        due="next_due",
        icon="clipboard-list",
        group=_("Compliance"),
    )
)  # fmt: skip
