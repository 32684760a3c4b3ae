"""The analysis of complaints tells how satisfied customers were with the handling, by the same filters."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

from django.test import Client
from django.utils import timezone

from comity.cases.figures.facts import begin_of, day_of
from comity.records import write
from comity.records.kind import kind_of
from comity.records.trail import Actor
from comity.reports.blocks import Facts
from comity.reviews.analysis import Analysis
from comity.reviews.asking import Question
from comity.satisfaction.handling import handling
from comity.satisfaction.models import Questionnaire, Survey, SurveyResponse
from tests.cases.conftest import Desk
from tests.satisfaction.conftest import heard


def test_it_stands_in_the_analysis_by_period_customer_and_service(
    desk: Desk, survey: Survey, questionnaire: Questionnaire, django_assert_num_queries: Any
) -> None:
    world, now = desk.world, timezone.now()
    case = desk.register()
    heard()
    overall = str(questionnaire.questions.get(tag="overall").pk)
    for score in (5, 5, 4, 4, 3, 1):
        values = {
            "survey": survey, "type": "answered", "scores": {overall: score}, "contact": case.contact, "case": case,
            "answered_at": now - timedelta(hours=1),
        }  # fmt: skip
        write.create(kind_of(SurveyResponse), values, actor=Actor.system("survey_answer"), unit=survey.unit)
    ends = begin_of(day_of(now) - timedelta(days=3)), begin_of(day_of(now) + timedelta(days=1))
    with django_assert_num_queries(3):
        found = handling(*ends, customer=case.customer_id, service=case.service_id)
    assert found.answers == 6 and found.mean is not None and abs(found.mean.value - 22 / 6) < 1e-9
    assert handling(*ends, service=world.other_service.pk).answers == 0
    assert handling(*ends, units=frozenset({world.south.pk})).answers in (0, 6) and handling(*ends).answers == 6
    assert handling(ends[0] - timedelta(days=30), ends[0]).answers == 0

    person, client = world.person("process_manager"), Client()
    told = Analysis(Question.of(person, {}), person).satisfaction()
    assert isinstance(told, Facts) and [one.value for one in told.items] == [6, "3.67", "67%"]
    client.force_login(person)
    assert len(set(re.findall(r"ANS-\d{5}", client.get(told.items[0].url).content.decode()))) == 6
    other = Question.of(person, {"service": world.other_service.ref})
    told = Analysis(other, person).satisfaction()
    assert isinstance(told, Facts) and [one.value for one in told.items] == [0, "–", "–"]
