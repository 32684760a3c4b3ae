"""How the sample's customers and the users of its services are asked once a year, and what became of the last time."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from comity.accounts.roles import Role
from comity.home.demonstration import Organisation
from comity.home.surveying import approved
from comity.improvement.models import Action
from comity.parties import consents
from comity.parties.models import Contact, Customer
from comity.records import write
from comity.records.kind import kind_of
from comity.records.trail import Actor
from comity.satisfaction import answering, following
from comity.satisfaction.models import Invitation, Questionnaire, Survey, SurveyResponse

RM, PR = Role.RELATIONSHIP_MANAGER, Role.PROCESS_MANAGER
OPENED, CLOSED, YEAR = 122, 98, 364  # days ago, more than the pause from the two times they are asked about a complaint
QUESTIONNAIRE: dict[str, Any] = {
    "title": "How you see us", "title_zh": "您对我们的看法",
    "introduction": "Once a year we ask everybody who works with us. It takes three minutes.",
    "introduction_zh": "我们每年向所有合作伙伴征求一次意见，大约需要三分钟。",
    "thanks": "Thank you. You hear from us what we make of it.", "thanks_zh": "谢谢您。我们会告诉您据此作出的改进。",
}  # fmt: skip
QUESTIONS: tuple[dict[str, Any], ...] = (
    {"type": "score_1_5", "tag": "overall", "required": True,
     "text": "All in all, how satisfied are you with us?", "text_zh": "总体而言，您对我们满意吗？"},
    {"type": "nps_0_10", "tag": "trust", "text": "How likely are you to recommend us?",
     "text_zh": "您向他人推荐我们的可能性有多大？"},
    {"type": "score_1_5", "tag": "support", "text": "How well does our desk help you?",
     "text_zh": "服务台对您的帮助如何？"},
    {"type": "score_1_5", "tag": "communication", "text": "How well do we keep you informed?",
     "text_zh": "我们是否及时向您通报情况？"},
    {"type": "effort_1_7", "tag": "complaint", "text": "How easy is it to complain to us?",
     "text_zh": "向我们投诉方便吗？"},
    {"type": "text", "tag": "open", "text": "What should we do better?", "text_zh": "我们哪些方面应当改进？"},
)  # fmt: skip
USERS = (
    "Amara Boateng", "Lukas Novak", "Priya Raman", "Thomas Ellison", "Chen Jing", "Sofia Marin", "Daniel Okoro",
    "Hannah Weiss", "Marco Bianchi", "Leila Haddad", "Peter Lindgren", "Zhao Min", "Grace Mwangi", "Owen Parry",
    "Ines Carvalho", "Viktor Hale", "Ruth Abrams", "Tomas Vega", "Nadia Petrova", "Samuel Ortiz", "Wu Fang",
    "Karin Holm", "Jonah Reed", "Mei Tanaka", "Paul Girard", "Alice Monroe", "Erik Dahl", "Fatima Zahra", "Liam Byrne",
    "Rosa Delgado",
)  # fmt: skip
SCORES = ((4, 8, 4, 3, 6), (5, 9, 5, 4, 6), (4, 7, 4, 4, 5), (3, 6, 4, 3, 4), (5, 10, 5, 4, 7), (4, 9, 4, 3, 6))
POOR, SAID = (2, 4, 3, 1, 3), {
    1: "Your desk answers on the first call.", 3: "We learn of changes too late.", 7: "请提前通知系统维护时间。",
    13: "Nobody told us that the forms had changed.",
}  # fmt: skip
UNHAPPY = 13  # the place of the one who scored low
MEANS = (
    "Customers and users are content on the whole. They are told too late of what changes: of all touch points "
    "communication is the weakest."
)


def poll(organisation: Organisation) -> None:
    """One planned survey from the draw to its end; one user wished not to be asked, and a third kept silent."""
    _users(organisation)
    survey = _drawn(organisation, approved(organisation, QUESTIONNAIRE, QUESTIONS, OPENED + 9, OPENED + 8))
    for place, invitation in enumerate(Invitation.objects.filter(survey=survey).order_by("pk")):
        _answered(organisation, invitation, place)
    survey = _step(organisation, survey, "close", PR, CLOSED, "The day of its end has come.")
    survey = _step(organisation, survey, "analyse", PR, CLOSED - 8, analysis=MEANS)
    _improved(organisation, survey)
    survey = _step(organisation, survey, "review", RM, CLOSED - 20, "Notices come two weeks ahead from now on.")
    for contact in Contact.objects.filter(customer__status="active", type="customer").select_related("customer"):
        organisation.make(
            "communication", PR, direction="outbound", purpose="satisfaction_report", subject_ref=survey.ref,
            summary="What you told us, and what we change", contact=contact.ref, conclusions=MEANS,
            customer=contact.customer.ref if contact.customer else "", occurred_at=_ago(CLOSED - 25),
        )  # fmt: skip
    survey = _step(organisation, survey, "report", PR, CLOSED - 25, "To a contact of each customer, by mail.")
    ahead = timezone.localdate() + timedelta(days=YEAR - CLOSED)
    _step(organisation, survey, "close_out", PR, CLOSED - 26, next_on=ahead)


def _ago(days: float) -> datetime:
    return timezone.now() - timedelta(days=days)


def _step(
    organisation: Organisation, record: Any, name: str, by: Role, days: float, note: str = "", **given: Any
) -> Any:
    return write.transition(record, name, given, actor=organisation.actor(by), note=note, happened_at=_ago(days))


def _users(organisation: Organisation) -> None:
    """People who use the services at three customers; the last of them wants no letters of this sort."""
    customers = list(Customer.objects.filter(status="active", contacts__type="customer").order_by("pk").distinct()[:3])
    for number, name in enumerate(USERS if customers else ()):
        user = organisation.make(
            "contact", RM, name=name, type="user", customer=customers[number % len(customers)].ref,
            email=f"{name.lower().replace(' ', '.')}@customer.example",
        )  # fmt: skip
    if customers:
        consents.choose(user, consents.Purpose.SURVEYS, False, Actor.system("opt_out", "mail"))


def _drawn(organisation: Organisation, questionnaire: Questionnaire) -> Survey:
    """Drawn and opened, as if it were that day."""
    day = timezone.localdate() - timedelta(days=OPENED)
    survey = organisation.make(
        "survey", PR, title="Customers and users, once a year", questionnaire=questionnaire.ref, planned_on=day,
        population="Contacts of our customers, and the users of our services", owner=organisation.email(RM),
        closes_on=timezone.localdate() + timedelta(days=1),
    )  # fmt: skip
    survey = _step(organisation, survey, "sample", PR, OPENED + 2)
    write.assign(survey.sample, {"frozen_on": day - timedelta(days=2)}, actor=Actor.system("import"))
    sent = _ago(OPENED)
    Invitation.objects.filter(survey=survey).update(at=sent, sent_at=sent, state=Invitation.State.SENT)
    survey = _step(organisation, survey, "open", PR, OPENED)
    ended = {"closes_on": timezone.localdate() - timedelta(days=CLOSED)}
    return write.update(survey, ended, actor=organisation.actor(PR))  # type: ignore[no-any-return]


def _answered(organisation: Organisation, invitation: Invitation, place: int) -> None:
    """Two of three answer within two weeks; the talk with the one who is not content was held in the same week."""
    at, actor = _ago(OPENED - 1 - place % 14), Actor.system(answering.RULE, "form")
    consents.offer(invitation.contact, consents.Purpose.SURVEYS, Actor.system(answering.RULE), invitation.at)
    if place % 3 == 2 or invitation.survey.questionnaire is None:
        return
    Invitation.objects.filter(pk=invitation.pk).update(state=Invitation.State.ANSWERED, answered_at=at)
    *scored, words = invitation.survey.questionnaire.asked()
    given = POOR if place == UNHAPPY else SCORES[place % len(SCORES)]
    values = {
        "survey": invitation.survey, "contact": invitation.contact, "stratum": invitation.stratum, "answered_at": at,
        "type": "answered", "scores": {str(one.pk): value for one, value in zip(scored, given, strict=True)},
        "answers": {str(words.pk): SAID[place]} if place in SAID else {},
    }  # fmt: skip
    response = write.create(kind_of(SurveyResponse), values, actor=actor, unit=invitation.survey.unit)
    following.follow(response)
    for talk in Action.objects.filter(source_ref=response.ref):
        _step(organisation, talk, "complete", RM, OPENED - 18, completion_report="We talked. Notices come earlier now.")


def _improved(organisation: Organisation, survey: Survey) -> None:
    """What was found weakest becomes better; whether it did, is judged later."""
    since, mail = CLOSED - 10, organisation.email(RM)
    row = organisation.make(
        "improvement", RM, title="Notices two weeks ahead of a change", type="opportunity", source_ref=survey.ref,
        owner=mail, proposed_at=_ago(since), gains="quality", scope="All customers.", resources="Two days of work.",
        objective="Nobody is surprised by a change.", customer_impact="They can plan.",
    )  # fmt: skip
    why = "Notices are written when a change is done, not when it is planned."
    row = _step(organisation, row, "analyse", RM, since - 2, analysis=why)
    row = _step(organisation, row, "approve", PR, since - 5, decision_reason="Little effort, and many asked for it.")
    task = organisation.make(
        "action", RM, title="Write notices from the calendar of changes", source_ref=row.ref, owner=mail,
        due_on=_ago(since - 30).date(),
    )  # fmt: skip
    wanted = {"baseline": "2 days", "wanted_value": "14 days", "success_measure": "Days between notice and change"}
    row = _step(organisation, row, "plan", RM, since - 8, due_on=_ago(since - 35).date(), **wanted)
    row = _step(organisation, row, "start", RM, since - 10)
    _step(organisation, task, "complete", RM, since - 29, completion_report="Tried with two changes.")
    _step(organisation, row, "implement", RM, since - 34, value_now="13 days", effect_from=_ago(since - 60).date())
