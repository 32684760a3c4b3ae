"""The life of an escalation: open until a human at its level answers; unanswered, it goes one level up."""

from __future__ import annotations

from collections.abc import Iterator

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from comity.accounts.roles import Role
from comity.cases.models import Escalation
from comity.cases.models.choices import EscalationStatus as S
from comity.cases.models.entrusted import ANSWERERS
from comity.cases.operations import escalating, people, problems
from comity.records.trail import Actor
from comity.records.workflow import Workflow, move


def addressed(escalation: Escalation, actor: Actor) -> Iterator[str | Promise]:
    """Only the person asked answers, or the stand-in; never somebody the case is about."""
    if actor.rule:
        return
    if not people.stands_for(actor.person, escalation.person):
        yield _("This is for %(person)s to answer.") % {"person": escalation.person or "–"}
    if escalation.case is not None and actor.person.pk in people.about(escalation.case):
        yield _("The case is about you; somebody else must answer.")


escalation_life = Workflow(
    S.OPEN,
    (
        move(
            "answer", S.OPEN, S.ANSWERED, by=ANSWERERS, requires=("decision",), guard=addressed,
            apply=escalating.answered, effect=escalating.after_answer, label=_("Answer"), primary=True,
            help=_("A bundle ends with the decision how its cases are coordinated."),
        ),
        move("pass_on", S.OPEN, S.PASSED_ON, system=True, label=_("Pass on unanswered")),
        move(
            "redirect", S.OPEN, S.OPEN, by=(Role.PROCESS_MANAGER, Role.OPERATIONS_DIRECTOR),
            requires=("person",), note=True,
            guard=escalating.redirectable, label=_("Name another person"),
        ),
        move(
            "raise_problem", (S.OPEN, S.ANSWERED), lambda one: str(one.status),
            by=(Role.PROCESS_MANAGER, Role.OPERATIONS_DIRECTOR), guard=problems.may_raise, effect=problems.of_bundle,
            label=_("Raise a problem"),
            help=_("What the cases of the bundle have in common is looked into once, to its cause."),
        ),
    ),
)  # fmt: skip
