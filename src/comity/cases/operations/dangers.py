"""Risks that cases bring up: proposed with what the case says, taken up or dismissed by those who manage risks.

Where people may be in danger the system proposes one itself, once for a case (CSMS:2003 8.4.5).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from comity.cases.models import Case
from comity.cases.operations import people
from comity.cases.rules import escalation as levels
from comity.cases.rules.words import Likelihood, Severity
from comity.records import write
from comity.records.kind import kind_of
from comity.records.models import Link
from comity.records.trail import Actor
from comity.risks.models import Risk

RULE, SAME_DANGER = "CSMS-8.4.5-a", "same_danger"
LIKELIHOOD = {Likelihood.LOW: 2, Likelihood.MEDIUM: 3, Likelihood.HIGH: 4}
IMPACT = {Severity.MINOR: 1, Severity.NORMAL: 2, Severity.MAJOR: 4, Severity.CRITICAL: 5}


def rated(case: Case, actor: Actor) -> None:
    """Danger to people proposes a risk, if this case has brought up none."""
    known = Link.objects.filter(from_kind="case", from_id=case.pk, verb=SAME_DANGER)
    if case.safety and case.assessed_at and not known.exists():
        title = _("Danger to people: %(what)s") % {"what": case.service or case.conduct or case.ref}
        _propose(case, title, Actor.system(RULE, actor.via))


def proposed(case: Case, actor: Actor, data: Mapping[str, Any]) -> None:
    """Somebody sees a risk in the case."""
    _propose(case, data["risk"], actor)


def _propose(case: Case, title: str, actor: Actor) -> None:
    """What a restricted case says is not told to those who read risks."""
    subject, manager = case.service or case.customer, _manager(case)
    values = {
        "title": title[:200], "description": "" if case.restricted else case.title, "owner": manager,
        "subject_ref": subject.ref if subject else "", "likelihood": LIKELIHOOD[Likelihood(case.likelihood)],
        "business_impact": IMPACT[Severity(case.consequence or case.severity)],
    }  # fmt: skip
    risk, rule = write.create(kind_of(Risk), values, actor=actor, unit=case.unit), Actor.system(RULE, actor.via)
    write.transition(risk, "propose", actor=rule)
    write.link(case, SAME_DANGER, risk, actor=rule)
    words = gettext_noop("The risk %(ref)s is proposed; %(who)s takes it up or dismisses it.")
    write.note_auto(case, words, rule, ref=risk.ref, who=str(manager or "–"))


def _manager(case: Case) -> Any:
    """The process manager, unless complained about."""
    held = people.chain(case)[levels.PROCESS_MANAGER]
    return next((person for person in held if person.pk not in people.about(case)), None)
