"""What the people of the sample organisation have learned: each knows the obligations and what customers require; one
assessor's course holds, another's has lapsed."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.utils import timezone

from comity.accounts.rights import own_people
from comity.accounts.roles import Role
from comity.home.demonstration import Organisation

PR, OD = Role.PROCESS_MANAGER, Role.OPERATIONS_DIRECTOR
COURSES: tuple[tuple[dict[str, Any], int, tuple[Role, ...] | None], ...] = (
    # what, how many days ago, for whom (everybody)
    ({"title": "What the standard asks of each of us", "type": "briefing", "topic": "standard_obligations",
      "theme": "service_excellence", "hours": 2, "result": "18 of 20 questions", "passed": True}, 140, None),
    ({"title": "What our customers require this year", "type": "briefing", "topic": "customer_requirements",
      "theme": "service_excellence", "hours": 1, "passed": True}, 60, None),
    ({"title": "Five whys, and then a plan", "topic": "improvement_skills", "theme": "process_improvement",
      "hours": 7, "result": "Own case worked through", "passed": True}, 120,
     (PR, OD, Role.RELATIONSHIP_MANAGER, Role.PROJECT_MANAGER, Role.COMPLAINT_HANDLER)),
    ({"title": "Answering with a language model", "theme": "system_innovation", "hours": 3.5, "result": "Attended",
      "passed": True}, 45, (Role.SERVICE_DESK, Role.COMPLAINT_HANDLER)),
    ({"title": "Internal assessor", "topic": "internal_assessment", "hours": 16, "result": "Certificate",
      "passed": True, "lasts": 730}, 300, (Role.INTERNAL_ASSESSOR,)),
    ({"title": "Internal assessor", "topic": "internal_assessment", "hours": 16, "result": "Certificate",
      "passed": True, "lasts": 730}, 750, (OD,)),
)  # fmt: skip
JUDGED = {"effectiveness_evaluation": "Asked again after a month, everybody knew it.", "evidence": "Sheet of answers"}


def learn(organisation: Organisation) -> None:
    """Enter the trainings; those of more than a quarter ago are judged by what came of them."""
    today = timezone.localdate()
    for told, ago, roles in COURSES:
        day = today - timedelta(days=ago)
        values = {name: value for name, value in told.items() if name != "lasts"}
        if "lasts" in told:
            values["valid_until"] = day + timedelta(days=told["lasts"])
        if ago > 90:
            values |= JUDGED | {"evaluator": organisation.email(OD), "evaluated_on": day + timedelta(days=40)}
        for person in own_people() if roles is None else [organisation.people[role] for role in roles]:
            when = {"planned_on": day, "completed_on": day, "issued_by": organisation.email(OD)}
            organisation.make("training", PR, staff=person.email, **values, **when)
    organisation.make(
        "training", PR, title="Internal assessor, once more", topic="internal_assessment", hours=8,
        staff=organisation.email(OD), planned_on=today + timedelta(days=50),
    )  # fmt: skip
