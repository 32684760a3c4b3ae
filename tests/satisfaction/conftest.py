"""A standing survey on the handling of complaints, and a desk whose closings are heard."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone, translation

from comity.records import seal
from comity.satisfaction import letters
from comity.satisfaction.models import Invitation, Questionnaire, Survey
from tests.cases.conftest import Desk, desk, world
from tests.worlds import World

__all__ = ["Desk", "desk", "world"]

QUESTIONS: tuple[dict[str, Any], ...] = (
    {"type": "score_1_5", "tag": "overall", "text": "How satisfied are you?", "text_zh": "您满意吗？",
     "required": True},
    {"type": "effort_1_7", "tag": "complaint", "text": "How easy was it to be heard?"},
    {"type": "choice", "tag": "knows_complaint_process", "text": "Did you know how to complain?",
     "options": "Yes | 是\nNo | 否"},
    {"type": "text", "tag": "open", "text": "What should we do better?"},
)  # fmt: skip


def made_questionnaire(world: World, **values: Any) -> Questionnaire:
    """Written by the process manager, approved by the operations director."""
    by = "process_manager"
    found = world.create("questionnaire", by, **{"title": "Handling", "title_zh": "投诉处理", **values})
    for question in QUESTIONS:
        world.create("survey_question", by, questionnaire=found.ref, **question)
    found = world.move(found, "hand_in", by)
    approved: Questionnaire = world.move(found, "approve", "operations_director")
    return approved


def opened(world: World, questionnaire: Questionnaire, **values: Any) -> Survey:
    """A survey that asks after each closing, open from today."""
    today = timezone.localdate()
    given = {
        "title": "Handling", "raised_by": "case_closed", "topic": "handling", "questionnaire": questionnaire.ref,
        "population": "Customers with a closed complaint", "planned_on": today,
        "closes_on": today + timedelta(days=60), **values,
    }  # fmt: skip
    survey = world.create("survey", "process_manager", **given)
    found: Survey = world.move(survey, "open", "process_manager")
    return found


@pytest.fixture
def questionnaire(desk: Desk) -> Questionnaire:
    return made_questionnaire(desk.world)


@pytest.fixture
def survey(desk: Desk, questionnaire: Questionnaire) -> Survey:
    return opened(desk.world, questionnaire)


def heard() -> None:
    """Let everything that stands in the outbox be heard, as the worker does."""
    while seal.drain():
        pass


@pytest.fixture
def asked(desk: Desk, survey: Survey) -> Callable[..., Invitation]:
    """A complaint is closed, and somebody is asked about it."""

    def ask(**changed: Any) -> Invitation:
        case = desk.at("closed", **changed)
        heard()
        return Invitation.objects.select_related("survey", "case", "contact").get(case=case)

    return ask


class Visitor:
    """Somebody with the link of an invitation, in a browser of their own."""

    def __init__(self, invitation: Invitation) -> None:
        self.client, self.invitation = Client(), invitation
        self.path = f"/answer/{letters.secret_of(invitation)}/"

    def named(self, tag: str) -> str:
        """The field of the question with this tag."""
        found = self.invitation.survey.questionnaire
        assert found is not None
        return f"q{found.questions.get(tag=tag).pk}"

    def send(self, **said: Any) -> Any:
        fields = {name if name == "wants_answer" else self.named(name): value for name, value in said.items()}
        return self.client.post(self.path, fields)


@pytest.fixture(autouse=True)
def _in_english() -> Any:
    yield
    translation.activate("en")
