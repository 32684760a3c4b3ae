"""By the link of a survey somebody answers once, without signing in (PG-001-10)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone

from comity.cases.models import Case
from comity.improvement.models import Action
from comity.parties import consents
from comity.records import write
from comity.records.models import Link
from comity.satisfaction.models import Invitation, Survey, SurveyResponse
from tests.cases.conftest import Desk
from tests.satisfaction.conftest import Visitor

Asked = Callable[..., Invitation]
pytestmark = pytest.mark.django_db


def test_a_link_takes_one_answer_and_says_so(asked: Asked, desk: Desk) -> None:
    visitor = Visitor(asked())
    for _time in range(3):  # what mail programs look at beforehand uses nothing up
        assert visitor.client.head(visitor.path).status_code == 200
        assert b"How satisfied are you?" in visitor.client.get(visitor.path).content
    kept = visitor.send(open="Call back sooner.", complaint="6")  # without the answer that must be there
    assert kept.status_code == 422 and b"Call back sooner." in kept.content and b"checked" in kept.content
    assert not SurveyResponse.objects.exists()

    thanks = visitor.send(overall="4", complaint="6", open="Call back sooner.", knows_complaint_process="No")
    assert thanks.status_code == 200 and b"Thank you. We have your answer." in thanks.content
    response = SurveyResponse.objects.get()
    assert sorted(response.scores.values()) == [4, 6] and set(response.answers.values()) == {"No", "Call back sooner."}
    assert (
        response.contact == visitor.invitation.contact
        and response.lowest == 4
        and not Action.objects.filter(source_ref=response.ref)
    )

    again = visitor.send(overall="1")
    assert again.status_code == 200 and b"This was answered already." in again.content
    seen = visitor.client.get(visitor.path).content
    assert b"10:00" in seen and b"Call back sooner." not in seen
    assert SurveyResponse.objects.get().scores == response.scores


def test_unknown_forged_and_ended_links_are_plain(asked: Asked, desk: Desk, survey: Survey) -> None:
    visitor = Visitor(asked())
    secret = visitor.path.split("/")[2]
    forged = visitor.client.get(f"/answer/{secret[:-1]}{'A' if secret[-1] != 'A' else 'B'}/")
    unknown = visitor.client.post("/answer/nothing/", {"q1": "5"})
    assert forged.status_code == unknown.status_code == 404 and forged.content == unknown.content
    desk.move(survey, "close", "process_manager", "Enough.")
    over = visitor.send(overall="5")
    assert over.status_code == 410 and b"This survey is over." in over.content
    assert [one.type for one in SurveyResponse.objects.all()] == ["silent"]
    for _time in range(31):
        last = visitor.client.get("/answer/nothing/")
    assert last.status_code == 429


def test_a_low_score_is_talked_about_and_dissatisfaction_is_a_complaint(asked: Asked, desk: Desk) -> None:
    first = Visitor(asked())
    assert first.send(overall="2", open="Too slow.").status_code == 200
    response = SurveyResponse.objects.get()
    action = Action.objects.get(source_ref=response.ref)
    assert action.owner == desk.world.person("relationship_manager") and action.description == "Too slow."
    assert action.due_on == timezone.localdate() + timedelta(days=7)  # five business days from a Monday

    Invitation.objects.update(at=timezone.now() - timedelta(days=91))
    second = Visitor(asked())
    before = Case.objects.count()
    assert second.send(overall="1", wants_answer="on").status_code == 422  # nothing is said that could be answered
    assert Case.objects.count() == before
    assert b"now a complaint" in second.send(overall="1", wants_answer="on", open="The bill is wrong.").content
    case = Case.objects.latest("pk")
    assert case.is_complaint and case.description == "The bill is wrong." and case.contact == desk.world.contact
    assert Link.objects.filter(verb="led_to", to_ref=case.ref).exists()
    assert Action.objects.filter(source_ref__startswith="ANS").count() == 1


def test_whoever_wants_no_more_is_not_asked_again(asked: Asked, desk: Desk) -> None:
    visitor = Visitor(asked())
    world, same = desk.world, visitor.invitation.contact  # who belongs to two customers says it once
    elsewhere = world.create(
        "contact", "relationship_manager", customer=world.child.ref, name=same.name, email=same.email
    )
    stopped = visitor.client.post(f"{visitor.path}stop/")
    assert stopped.status_code == 200 and b"We will not ask you again." in stopped.content
    assert consents.opted_out(visitor.invitation.contact, "surveys") and consents.opted_out(elsewhere, "surveys")
    assert visitor.send(overall="5").status_code == 410 and not SurveyResponse.objects.exists()


def test_the_page_speaks_the_language_of_whoever_was_asked(asked: Asked, desk: Desk) -> None:
    visitor = Visitor(asked())
    contact = visitor.invitation.contact
    write.update(contact, {"language": "zh-hans"}, actor=desk.world.actor("relationship_manager"))
    assert "您满意吗？" in visitor.client.get(visitor.path).content.decode()
    assert "How satisfied" in visitor.client.get(f"{visitor.path}?language=en").content.decode()
    page = visitor.client.get(f"{visitor.path}?language=zh-hans").content.decode()
    assert "您满意吗？" in page and 'lang="zh-hans"' in page
