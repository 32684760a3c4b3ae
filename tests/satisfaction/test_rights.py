"""Who sees what was answered: never who works on the case, and a contact only their own."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from comity.accounts.roles import Role
from comity.records import write
from comity.records.access import NotAllowed, NotReadable, may, readable
from comity.records.kind import kind_named
from comity.records.trail import Refused
from comity.satisfaction.models import Invitation, Questionnaire, SurveyResponse
from tests.cases.conftest import Desk
from tests.satisfaction.conftest import QUESTIONS, Visitor
from tests.web.visitors import visitor

ALL = {"process_manager", "operations_director", "internal_assessor", "senior_manager", "auditor"}
OWN = {"relationship_manager", "customer_contact"}


def test_answers_are_read_by_whom_they_are_for(asked: Callable[..., Invitation], desk: Desk) -> None:
    invitation, world = asked(), desk.world
    Visitor(invitation).send(overall="2", open="Too slow.")
    kind, response = kind_named("survey_response"), SurveyResponse.objects.get()
    seen = {role for role in Role if readable(kind, world.person(role)).exists()}
    assert seen == ALL | OWN
    assert not any(may(world.person(role), kind, "create") for role in Role)
    for role in ("process_manager", "relationship_manager"):
        with pytest.raises(NotAllowed):
            write.update(response, {"stratum": "mine"}, actor=world.actor(role))
    with pytest.raises(NotReadable):
        write.update(response, {"stratum": "mine"}, actor=world.actor("complaint_handler"))
    response.refresh_from_db()
    assert (response.version, response.stratum) == (1, "")

    case = f"/cases/{invitation.case.ref}/" if invitation.case else ""
    handler = visitor(world.person("complaint_handler")).get(case).content.decode()
    assert "Asked how it was handled" in handler and response.ref not in handler and "/surveys/" not in handler
    director = visitor(world.person("operations_director")).get(case).content.decode()
    assert response.url in director and invitation.survey.url in director
    page = visitor(world.person("operations_director")).get(response.url).content.decode()
    assert "Too slow." in page and "How satisfied are you?" in page


def test_what_a_survey_without_names_asks_with_stays_so(desk: Desk) -> None:
    world, by, day = desk.world, "process_manager", timezone.localdate()
    made = world.create("questionnaire", by, title="How", anonymous_allowed=True)
    world.create("survey", by, title="How", anonymous=True, questionnaire=made.ref, planned_on=day, closes_on=day)
    with pytest.raises(ValidationError, match="without names"):
        write.update(made, {"anonymous_allowed": False}, actor=world.actor(by))
    assert Questionnaire.objects.get(pk=made.pk).anonymous_allowed


def test_who_wrote_a_questionnaire_does_not_approve_it_and_it_stays_as_it_was(desk: Desk) -> None:
    world, by = desk.world, "process_manager"
    made = world.create("questionnaire", by, title="Handling")
    with pytest.raises(Refused, match="whole"):
        world.move(made, "hand_in", by)
    for question in QUESTIONS:
        world.create("survey_question", by, questionnaire=made.ref, **question)
    made = world.move(made, "hand_in", by)
    for role in (by, "auditor"):
        with pytest.raises(NotAllowed):
            world.move(made, "approve", role)
    with pytest.raises(ValidationError):
        world.create("survey_question", by, questionnaire=made.ref, text="One more?")
    with pytest.raises(NotAllowed):
        write.archive(made.questions.first(), actor=world.actor(by), note="Too hard.")
    assert Questionnaire.objects.get().status == "review" and len(made.asked()) == len(QUESTIONS)
    made = world.move(made, "approve", "operations_director")
    version = made.document_version
    assert (made.status, version.status, version.document.type) == ("in_force", "effective", "questionnaire")
    shown = visitor(world.person("operations_director")).get(made.url).content.decode()
    assert version.url in shown and "How satisfied are you?" in shown
    assert "overall" in version.sections and version.approver == world.person("operations_director")
    with pytest.raises(ValidationError):
        write.update(made, {"title": "Other"}, actor=world.actor(by))
    successor = world.create("questionnaire", by, title="Handling, new", replaces=made.ref)
    world.create("survey_question", by, questionnaire=successor.ref, **QUESTIONS[0])
    world.create("survey_question", by, questionnaire=successor.ref, **QUESTIONS[3])
    successor = world.move(world.move(successor, "hand_in", by), "approve", "operations_director")
    version.refresh_from_db()
    assert version.status == "superseded" and Questionnaire.objects.get(pk=made.pk).status == "superseded"
    assert successor.document_version.document == version.document and successor.document_version.version_no == 2
