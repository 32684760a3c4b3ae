"""What somebody answers by the link of a survey: once, kept with the name or without, as was promised (PG-001-10)."""

from __future__ import annotations

import random
from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.utils import timezone

from comity.parties import consents
from comity.parties.operations import same_person
from comity.records import write
from comity.records.kind import kind_of
from comity.records.trail import Actor
from comity.satisfaction import following, letters
from comity.satisfaction.models import Ballot, Invitation, Survey, SurveyResponse

RULE = "survey_answer"
TOGETHER = 5  # answers without names become records by so many at once, so that none can be told by its time
State = Invitation.State


class Over(Exception):
    """It was answered before, or the survey has ended."""


def found(secret: str) -> Invitation | None:
    """The invitation whose link this is."""
    if len(secret) != letters.LENGTH:
        return None
    rows = Invitation.objects.select_related("survey__questionnaire", "contact__customer", "case")
    return rows.filter(digest=letters.digest(secret)).first()


def open_for(invitation: Invitation) -> bool:
    """Can it be answered now?"""
    survey = invitation.survey
    running = survey.status == Survey.Status.OPEN and survey.archived_at is None
    return invitation.waiting and running and survey.closes_on >= timezone.localdate()


def _held(invitation: Invitation) -> Invitation:
    """The row as it is now, locked until the transaction ends: of two who send at once, one comes first."""
    rows = Invitation.objects.select_related("survey__questionnaire", "contact__customer", "case")
    held: Invitation = write.locked(rows.filter(pk=invitation.pk)).get()
    return held


@transaction.atomic
def answer(
    invitation: Invitation, scores: Mapping[str, int], answers: Mapping[str, str], wants_answer: bool = False
) -> SurveyResponse | None:
    """Keep the answer, which uses the link up; None for one without a name. Raises Over, and then keeps nothing."""
    held = _held(invitation)
    if not open_for(held):
        raise Over
    held.state = State.ANSWERED
    if held.survey.anonymous:
        Ballot.objects.create(survey=held.survey, stratum=_stratum(held), scores=scores, answers=answers)
        held.save(update_fields=["state"])
        return None
    held.answered_at = timezone.now()
    held.save(update_fields=["state", "answered_at"])
    values = {
        "contact": held.contact, "case": held.case, "stratum": held.stratum, "scores": dict(scores),
        "answers": dict(answers), "wants_answer": wants_answer, "answered_at": held.answered_at,
    }  # fmt: skip
    response = _record(held.survey, SurveyResponse.Type.ANSWERED, values)
    following.follow(response)
    return response


@transaction.atomic
def stop_asking(invitation: Invitation) -> None:
    """Keep that this person does not wish to be asked again; what was not answered yet no longer has to be."""
    held = _held(invitation)
    for one in same_person(held.contact):  # they are asked for every organisation that they belong to
        if one == held.contact or one.status == one.Status.ACTIVE:
            consents.choose(one, letters.PURPOSE, False, Actor.system("opt_out", "mail"))
    if open_for(held):
        held.state = State.REFUSED
        held.save(update_fields=["state"])


def _stratum(invitation: Invitation) -> str:
    """The stratum of an answer without a name, if enough others were asked in it to hide among."""
    asked = Invitation.objects.filter(survey=invitation.survey, stratum=invitation.stratum)[:TOGETHER]
    return invitation.stratum if len(asked) == TOGETHER else ""


def _record(survey: Survey, type: str, values: Mapping[str, Any]) -> SurveyResponse:
    given = {"survey": survey, "type": type, **values}
    actor = Actor.system(RULE, "form")
    return write.create(kind_of(SurveyResponse), given, actor=actor, unit=survey.unit)  # type: ignore[no-any-return]


@transaction.atomic
def mix(survey: Survey, *, whatever: bool = False) -> int:
    """Make records of the answers without names, in an order of chance, once they are enough, or at the end."""
    write.hold(survey)
    ballots = list(Ballot.objects.filter(survey=survey))
    if not ballots or (len(ballots) < TOGETHER and not whatever):
        return 0
    random.SystemRandom().shuffle(ballots)
    for one in ballots:
        values = {"stratum": one.stratum, "scores": one.scores, "answers": one.answers, "answered_at": timezone.now()}
        _record(survey, SurveyResponse.Type.ANSWERED, values)
    Ballot.objects.filter(pk__in=[one.pk for one in ballots]).delete()
    return len(ballots)


ENDS: Mapping[str, tuple[str, str]] = {
    State.DRAWN: (State.UNREACHABLE, SurveyResponse.Type.UNREACHABLE),
    State.UNREACHABLE: (State.UNREACHABLE, SurveyResponse.Type.UNREACHABLE),
    State.SENT: (State.SILENT, SurveyResponse.Type.SILENT),
    State.REFUSED: (State.REFUSED, SurveyResponse.Type.REFUSED),
}


def settle(survey: Survey, actor: Actor, data: Any) -> None:
    """At the end everybody who was asked has answered, refused, was not reached, or kept silent."""
    mix(survey, whatever=True)
    rows = list(
        Invitation.objects.filter(survey=survey, state__in=ENDS).select_related("contact", "case").order_by("pk")
    )
    if survey.anonymous:
        random.SystemRandom().shuffle(rows)  # their order would tell who it was
    for one in rows:
        one.state, type = ENDS[one.state]
        one.save(update_fields=["state"])
        named = {} if survey.anonymous else {"contact": one.contact, "case": one.case}
        stratum = _stratum(one) if survey.anonymous else one.stratum
        _record(survey, type, {**named, "stratum": stratum})
