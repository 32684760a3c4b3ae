"""What follows from an answer with a name: a talk about a low score, a complaint where one is made (BRM-3.3-9)."""

from __future__ import annotations

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import override

from comity.accounts.models import Person
from comity.accounts.roles import Role
from comity.cases.models import Case
from comity.clocks.models import standard
from comity.clocks.parameters import limit, number
from comity.clocks.rules import due
from comity.improvement.models import Action
from comity.parties.operations import acting
from comity.records import write
from comity.records.kind import kind_of
from comity.records.trail import Actor
from comity.satisfaction.models import SurveyResponse

RULE = "survey_low_score"
DISSATISFIED = "BRM-3.3-9"


def follow(response: SurveyResponse) -> None:
    """Whoever gave a low score is talked to; whoever is dissatisfied and wants an answer has complained."""
    if response.wants_answer:
        _complaint(response)
    elif response.lowest is not None and response.lowest <= number("low_score"):
        _talk(response)


def owner_of(response: SurveyResponse) -> Person | None:
    """Who talks to them: who answers for the relationship, else for the survey, else for the process."""
    customer = response.contact.customer if response.contact else None
    found = acting(Role.RELATIONSHIP_MANAGER, customer) or response.survey.owner
    return found or acting(Role.PROCESS_MANAGER)


def words_of(response: SurveyResponse) -> str:
    """What they wrote, question by question."""
    return "\n\n".join(text for text in response.answers.values() if text.strip())


def _talk(response: SurveyResponse) -> None:
    owner, days = owner_of(response), limit("low_score_followup_days")
    with override(owner.language if owner else None):
        values = {
            "title": _("Talk to %(contact)s about a low score") % {"contact": response.contact},
            "description": words_of(response), "source_ref": response.ref, "owner": owner,
            "customer": response.contact.customer if response.contact else None,
            "due_on": due(standard(), timezone.now(), days).astimezone(standard().zone).date(),
        }  # fmt: skip
    write.create(kind_of(Action), values, actor=Actor.system(RULE, "form"), unit=response.unit)


def _complaint(response: SurveyResponse) -> None:
    """Dissatisfaction that is said in a survey is a complaint like any other, and says where it came from."""
    contact, before, actor = response.contact, response.case, Actor.system(DISSATISFIED, "form")
    if contact is None or contact.customer is None:
        return
    values = {
        "classification": "complaint", "channel": "web_form", "customer": contact.customer, "contact": contact,
        "description": words_of(response) or str(response.survey), "wanted_remedy": _("Not said."),
        "conduct": str(before or response.survey)[:300], "service": before.service if before else None,
        "confidential": bool(before and before.confidential), "language": contact.language,
    }  # fmt: skip
    case: Case = write.create(kind_of(Case), values, actor=actor, unit=contact.customer.unit)
    write.link(response, "led_to", case, actor=actor)
