"""Two who send by one link at the same moment: one answer is kept, the other hears that it was answered."""

from __future__ import annotations

import threading

import pytest
from django.db import connection

from comity.satisfaction import inviting
from comity.satisfaction.models import Invitation, SurveyResponse
from tests.satisfaction.conftest import Visitor, heard, made_questionnaire, opened
from tests.worlds import World, build


@pytest.fixture
def alone(transactional_db: None) -> World:
    """The small provider in a database of its own, for several connections at once."""
    return build()


@pytest.mark.slow
def test_one_of_two_answers_is_kept(alone: World) -> None:
    survey = opened(alone, made_questionnaire(alone))
    invitation = Invitation.objects.create(survey=survey, contact=alone.contact, at=survey.entered_at)
    inviting.invite_drawn()
    heard()
    both = [Visitor(Invitation.objects.select_related("survey").get(pk=invitation.pk)) for _number in range(2)]
    field, start, said = both[0].named("overall"), threading.Barrier(2), list[bytes]()

    def send(visitor: Visitor, score: str) -> None:
        start.wait()
        said.append(visitor.client.post(visitor.path, {field: score}).content)
        connection.close()

    threads = [threading.Thread(target=send, args=one) for one in zip(both, ("5", "3"), strict=True)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted((b"We have your answer" in one, b"answered already" in one) for one in said) == [
        (False, True), (True, False),
    ]  # fmt: skip
    response = SurveyResponse.objects.get()
    assert list(response.scores.values()) in ([5], [3])
