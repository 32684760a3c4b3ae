"""What the answers say: weighted, with intervals, silent where they are few, and acted upon before it is reported."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

import pytest
from django.db.models import QuerySet
from django.test import Client
from django.utils import timezone

from comity.records import write
from comity.records.kind import kind_named, kind_of
from comity.records.models import Entry
from comity.records.trail import Actor, Refused
from comity.satisfaction import results, rules
from comity.satisfaction.models import Invitation, Survey, SurveyQuestion, SurveyResponse
from tests.satisfaction.conftest import made_questionnaire
from tests.satisfaction.test_drawing import people, planned
from tests.worlds import World


def surveyed(world: World, contented: int, discontented: int, silent: int = 0, **more: Any) -> Survey:
    """A survey of a small frame in which the first answer with 5, the next with 1, and some not at all."""
    rows: QuerySet[Any] = QuerySet(Invitation)
    found = more.pop("questionnaire", None) or made_questionnaire(world, anonymous_allowed=True)
    survey: Survey = planned(world, questionnaire=found.ref, **more)
    survey = world.move(world.move(survey, "sample", "process_manager"), "open", "process_manager")
    asked = list(Invitation.objects.filter(survey=survey).order_by("pk"))
    pk = str(found.questions.get(tag="overall").pk)
    handling = str(found.questions.get(tag="complaint").pk)
    actor = Actor.system("survey_answer")
    for n, one in enumerate(asked[: contented + discontented]):
        score = 5 if n < contented else 1
        rows.filter(pk=one.pk).update(state="answered")
        values = {
            "survey": survey, "type": "answered", "scores": {pk: score, handling: 2 * score - 3 if score > 1 else 1},
            "contact": None if survey.anonymous else one.contact, "stratum": one.stratum, "answered_at": timezone.now(),
        }  # fmt: skip
        write.create(kind_of(SurveyResponse), values, actor=actor, unit=survey.unit)
    rows.filter(survey=survey, state="drawn").update(state="sent")
    return survey


def test_the_score_is_weighted_and_tells_how_far_it_carries(world: World) -> None:
    people(world, world.customer, 24)
    survey = surveyed(world, 9, 6)
    found = results.compute(survey)
    asked = Invitation.objects.filter(survey=survey)
    assert (found["asked"], found["answered"], found["frame"]) == (asked.count(), 15, asked.count())
    assert found["rate"] == pytest.approx(15 / asked.count()) and not found["rate_low"]
    given = SurveyResponse.objects.filter(survey=survey)
    frame = {one["name"]: one["frame"] for one in found["strata"]}
    pairs = [(frame[one.stratum] / given.filter(stratum=one.stratum).count(), one.lowest) for one in given]
    overall = str(SurveyQuestion.objects.get(tag="overall").pk)
    score = sum(w * one.scores[overall] for (w, _l), one in zip(pairs, given, strict=True)) / sum(w for w, _l in pairs)
    assert found["score"]["value"] == pytest.approx(score, abs=1e-3)
    assert 1 <= found["score"]["low"] < score < found["score"]["high"] <= 5 and found["score"]["n"] == 15
    assert 0 <= found["top_two"]["low"] < found["top_two"]["value"] < found["top_two"]["high"] <= 1
    assert found["margin"] == pytest.approx(rules.achieved_margin(15, found["frame"], 0.95))
    few = [one for one in found["strata"] if one["answered"] < 5]
    assert few and all(one["score"] is None for one in few)
    assert found["weakest"] == ["complaint"] and found["previous"] is None
    assert len(results.unseen(survey)) == 6


def test_without_names_a_single_hidden_stratum_takes_another_with_it(world: World) -> None:
    strata: list[dict[str, Any]] = [
        {"answered": 3, "score": None}, {"answered": 8, "score": {"n": 8}}, {"answered": 30, "score": {"n": 30}},
    ]  # fmt: skip
    results._hide_the_one_left(strata)
    assert [bool(one["score"]) for one in strata] == [False, False, True]
    results._hide_the_one_left(strata)
    assert bool(strata[2]["score"]), "two hidden ones cannot be told apart"


def test_the_page_says_in_words_what_the_answers_do_not_carry(world: World) -> None:
    people(world, world.customer, 22)
    survey = surveyed(world, 4, 1)
    client, address = Client(), f"{survey.url}results/"
    client.force_login(world.person("process_manager"))
    page = client.get(address).content.decode()
    assert "Few of those asked have answered" in page and "too few for the margin" in page
    for stratum in results.compute(survey)["strata"]:  # the figure opens exactly its records
        asked = {"survey": survey.ref, "type": "answered", "stratum": stratum["name"]}
        listed = client.get("/survey-responses/", asked).content.decode()
        assert len(set(re.findall(r"ANS-\d{5}", listed))) == stratum["answered"]
        assert not stratum["answered"] or urlencode(asked).replace("&", "&amp;") in page
    assert f"survey={survey.ref}&amp;type=answered" in page and "Nobody was left out." in page
    answer = SurveyResponse.objects.get(survey=survey, lowest=1)
    assert answer.ref in page and "Low scores and what follows" in page
    assert client.get(f"{address}workbook/").status_code == 200
    panel = client.get(survey.url).content.decode()
    assert "Overall, of five" in panel and "Draw again and compare" in panel and "Waiting for an answer" in panel
    drawn, named = client.get(survey.sample.url).content.decode(), f"<dd>{world.customer} · "
    assert named.replace("dd", "td") in drawn and named in client.get(answer.url).content.decode()
    client.post(f"{survey.url}redraw/")
    assert "the same people" in client.get(survey.url).content.decode()
    taken: QuerySet[Any] = QuerySet(Invitation)
    taken.filter(pk=Invitation.objects.filter(survey=survey)[0].pk).delete()
    client.post(f"{survey.url}redraw/")
    assert "not the same people" in client.get(survey.url).content.decode()
    stranger = Client()
    stranger.force_login(world.person("complaint_handler"))
    assert stranger.get(address).status_code == 404 == stranger.get(f"{address}pdf/").status_code


def test_from_the_answers_to_the_report_each_step_asks_for_what_it_needs(world: World) -> None:
    by = "process_manager"
    survey = surveyed(world, 1, 1)
    survey = world.move(survey, "close", by, note="All have answered.")
    survey = world.move(survey, "analyse", by, analysis="Half are not content.")
    assert survey.figures["answered"] == 2 and survey.analysed_at
    with pytest.raises(Refused, match="Nobody sees to 1 low scores"):
        world.move(survey, "review", by, note="Looked at.")
    answer = SurveyResponse.objects.get(survey=survey, lowest=1)
    rule, talk = Actor.system("survey_low_score"), {"title": "Talk", "source_ref": answer.ref, "owner": world.email(by)}
    write.create(kind_named("action"), talk | {"due_on": timezone.localdate()}, actor=rule, unit=survey.unit)
    with pytest.raises(Refused, match="Raise an improvement"):
        world.move(survey, "review", by, note="Looked at.")
    assert Survey.objects.get(pk=survey.pk).status == "analysed"
    better = {"title": "Answer sooner", "source_ref": survey.ref}
    write.create(kind_named("improvement"), better, actor=rule, unit=survey.unit)
    survey = world.move(survey, "review", by, note="Looked at.")
    with pytest.raises(Refused, match="satisfaction report"):
        world.move(survey, "report", by, note="Told.")
    told = {"direction": "outbound", "purpose": "satisfaction_report", "subject_ref": survey.ref, "summary": "Results"}
    world.create("communication", by, customer=world.customer.ref, contact=world.contact.ref, **told)
    survey = world.move(survey, "report", by, note="Told.")
    with pytest.raises(Refused, match="next survey"):
        world.move(survey, "close_out", by, next_on=timezone.localdate())
    survey = world.move(survey, "close_out", by, next_on=timezone.localdate() + timedelta(days=300))
    assert survey.status == "closed_out"
    assert Entry.objects.filter(kind="survey", record_id=survey.pk, act="report").count() == 1
