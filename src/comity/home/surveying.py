"""How the sample's customers are asked after a complaint was closed, and what they answered in the last months."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from comity.accounts.roles import Role
from comity.cases.models import Case
from comity.home.demonstration import Organisation
from comity.parties import consents
from comity.parties.models import Contact
from comity.records import write
from comity.records.kind import kind_of
from comity.records.trail import Actor
from comity.satisfaction import answering, following
from comity.satisfaction.models import Invitation, Questionnaire, Survey, SurveyResponse

PR, OD = Role.PROCESS_MANAGER, Role.OPERATIONS_DIRECTOR
OPENED, CLOSES = 330, 35  # days ago, days ahead
QUESTIONNAIRE: dict[str, Any] = {
    "title": "How we handled your complaint", "title_zh": "我们处理您的投诉的情况",
    "introduction": "Your complaint is closed. How was it for you? A few short questions:",
    "introduction_zh": "您的投诉已经结案。请用几个简短的问题告诉我们您的感受：",
    "thanks": "Every answer is read. What we change because of it stands on our web site.",
    "thanks_zh": "每份回答我们都会阅读。因此作出的改进会公布在我们的网站上。",
}  # fmt: skip
QUESTIONS: tuple[dict[str, Any], ...] = (
    {"type": "score_1_5", "tag": "overall", "required": True,
     "text": "All in all, how satisfied are you with how we handled your complaint?",
     "text_zh": "总体而言，您对我们处理投诉的方式满意吗？"},
    {"type": "effort_1_7", "tag": "complaint", "text": "How easy was it to get an answer?",
     "text_zh": "得到答复容易吗？"},
    {"type": "nps_0_10", "tag": "trust", "text": "How likely are you to recommend us?",
     "text_zh": "您向他人推荐我们的可能性有多大？"},
    {"type": "choice", "tag": "knows_complaint_process", "text": "Did you know beforehand how to complain?",
     "text_zh": "您事先知道如何投诉吗？", "options": "Yes | 知道\nMore or less | 大致知道\nNo | 不知道"},
    {"type": "text", "tag": "open", "text": "What should we do better?", "text_zh": "我们哪些方面应当改进？"},
)  # fmt: skip
ANSWERS: tuple[tuple[int, ...] | None, ...] = (
    (4, 5, 7), (5, 7, 9), (3, 4, 6), None, (4, 6, 8), (5, 6, 10), (4, 5, 8), (3, 3, 5), (5, 7, 9), None, (4, 6, 7),
    (4, 6, 9), (5, 7, 10), (4, 4, 7), None, (3, 5, 6), (4, 6, 8), (2, 2, 3),
)  # fmt: skip
"""Overall, effort and recommendation of each who was asked; None kept silent. The last one is not content."""
SAID = {
    0: "Tell us sooner who takes care of it.", 2: "We had to ask twice how it stands.",
    5: "Thank you, that was quick.", 7: "答复有点慢，但最后解决得不错。", 12: "The person on the phone knew her job.",
    17: "The letter explained nothing. We still do not know why it happened.",
}  # fmt: skip
KNEW = ("Yes", "More or less", "Yes", "No")
EVERY, TURNS = 100, (4, 3, 1)  # days between two questions to the same contact; in between all are asked at once


def survey(organisation: Organisation) -> None:
    """One standing survey with names; each contact was asked three times, about a complaint closed shortly before."""
    standing = _opened(organisation, approved(organisation, QUESTIONNAIRE, QUESTIONS, OPENED + 5, OPENED + 5))
    rows = Contact.objects.filter(customer__status="active", type="customer", email__gt="").order_by("pk")
    contacts = list(rows[: len(ANSWERS) // len(TURNS)])
    number = 0
    for turn in TURNS:
        for place, contact in enumerate(contacts):
            at = timezone.now() - timedelta(days=turn * EVERY - EVERY + 3 + 2 * (len(contacts) - place))
            _asked(standing, contact, at, number)
            number += 1


def approved(
    organisation: Organisation, asks: dict[str, Any], questions: tuple[dict[str, Any], ...], handed_in: int, days: int
) -> Questionnaire:
    """A questionnaire with these questions, handed in and approved so many days ago."""
    made = organisation.make("questionnaire", PR, **asks)
    for question in questions:
        organisation.make("survey_question", PR, questionnaire=made.ref, **question)
    for name, by, ago in (("hand_in", PR, handed_in), ("approve", OD, days)):
        at = timezone.now() - timedelta(days=ago)
        made = write.transition(made, name, actor=organisation.actor(by), happened_at=at)
    return made  # type: ignore[no-any-return]


def _opened(organisation: Organisation, questionnaire: Questionnaire) -> Survey:
    today = timezone.localdate()
    made = organisation.make(
        "survey", PR, title="Handling of complaints", raised_by="case_closed", topic="handling",
        questionnaire=questionnaire.ref, population="Everybody whose complaint is closed", owner=organisation.email(PR),
        planned_on=today - timedelta(days=OPENED), closes_on=today + timedelta(days=CLOSES),
    )  # fmt: skip
    at = timezone.now() - timedelta(days=OPENED)
    return write.transition(made, "open", actor=organisation.actor(PR), happened_at=at)  # type: ignore[no-any-return]


def _asked(standing: Survey, contact: Contact, at: datetime, number: int) -> None:
    """Somebody was asked about the last complaint of their organisation that had been closed by then."""
    closed = Case.objects.filter(customer=contact.customer_id, status="closed", closed_at__lt=at, invitations=None)
    case = closed.order_by("-closed_at").first()
    if case is None:
        return
    write.assign(case, {"contact": contact, "anonymous": False}, actor=Actor.system("import"))  # extracts name nobody
    given = ANSWERS[number]
    answered = at + timedelta(days=1 + number % 4) if given else None
    Invitation.objects.create(
        survey=standing, contact=contact, case=case, at=at, sent_at=at, answered_at=answered,
        reminded_at=None if given else at + timedelta(days=7),
        state=Invitation.State.ANSWERED if given else Invitation.State.SENT,
    )  # fmt: skip
    consents.offer(contact, consents.Purpose.SURVEYS, Actor.system(answering.RULE), at)
    if given is None or standing.questionnaire is None:
        return
    *scored, knew, words = standing.questionnaire.asked()
    values = {
        "survey": standing, "contact": contact, "case": case, "answered_at": answered, "type": "answered",
        "scores": {str(one.pk): value for one, value in zip(scored, given, strict=True)},
        "answers": {str(knew.pk): KNEW[number % 4]} | ({str(words.pk): SAID[number]} if number in SAID else {}),
    }  # fmt: skip
    actor = Actor.system(answering.RULE, "form")
    following.follow(write.create(kind_of(SurveyResponse), values, actor=actor, unit=standing.unit))
