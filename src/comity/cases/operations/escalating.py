"""Raising and answering escalations. The system raises them, a human answers (7.1, BRM-3.3-23, CSMS:2003 10.2)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from comity.cases.models import Case, Escalation, choices, timing
from comity.cases.models.choices import EscalationType
from comity.cases.models.entrusted import may_answer
from comity.cases.operations import people, telling
from comity.cases.rules import escalation as rules
from comity.cases.rules.escalation import Trigger
from comity.cases.rules.notices import Event
from comity.clocks.parameters import limit
from comity.clocks.rules import due
from comity.records import write
from comity.records.kind import kind_of
from comity.records.trail import Actor

RULE: Mapping[Trigger, str] = {
    Trigger.REPETITION: "BRM-3.3-23",
    Trigger.REJECTED: "ISO20000-7.1-26",
    Trigger.REJECTED_AGAIN: "ISO20000-7.1-26",
    Trigger.SEVERITY_MAJOR: "CSMS-10.2-c",
    Trigger.SEVERITY_CRITICAL: "CSMS-10.2-c",
}
LEVEL_NAMES = {
    rules.COMPLAINT_OWNER: gettext_noop("complaint owner"),
    rules.PROCESS_MANAGER: gettext_noop("process manager"),
    rules.OPERATIONS_DIRECTOR: gettext_noop("operations director"),
}


def system(trigger: Trigger, via: str = "job") -> Actor:
    """The installation acting by the rule behind a trigger."""
    return Actor.system(RULE.get(trigger, "ISO20000-7.1-22"), via)


def raise_for(
    case: Case, trigger: Trigger, at: datetime | None = None, via: str = "job", note: str = ""
) -> Escalation | None:
    """Escalate the case if this trigger sends it higher than it stands; the timeline names the rule."""
    level = rules.level_for(trigger, case.escalation_level)
    if level is None:
        return None
    at = at or timezone.now()
    actor = system(trigger, via)
    found, person, skipped = people.addressee(case, level)
    values = {
        "type": EscalationType.CASE,
        "case": case,
        "customer": case.customer,
        "service": case.service,
        "topic": case.topic,
        "level": found.level,
        "trigger": trigger.value,
        "person": person,
        "raised_at": at,
        "due_at": due(timing.calendar_of(case), at, limit("escalation_silence_days")),
        "compiled_summary": note,
    }
    raised = write.create(kind_of(Escalation), values, actor=actor, unit=case.unit, happened_at=at)
    if skipped:
        write.note_auto(
            raised, gettext_noop("Passed over because it is about them: %(names)s."), actor, names=", ".join(skipped)
        )
    write.assign(case, {"escalation_level": max(found.level, case.escalation_level)}, actor=actor, act="escalate")
    case.refresh_from_db()
    write.note_auto(
        case, gettext_noop("%(ref)s: escalated to level %(level)s (%(role)s). Reason: %(trigger)s."), actor,
        ref=raised.ref, level=found.level, role=LEVEL_NAMES[found.level],
        trigger=telling.english(choices.Trigger(trigger.value).label),
    )  # fmt: skip
    telling.tell(case, Event.ESCALATED, actor, at=at, role=LEVEL_NAMES[found.level])
    return raised  # type: ignore[no-any-return]


def strongest_of(case: Case, triggers: list[Trigger], at: datetime | None = None) -> Escalation | None:
    """One escalation for all that was found at once, at the highest level asked."""
    found = rules.strongest(triggers, case.escalation_level)
    return raise_for(case, found[0], at) if found else None


def pass_on(escalation: Escalation) -> Escalation | None:
    """An unanswered escalation is itself escalated; at the top it stays and shows."""
    case = escalation.case
    if case is None or not (case.is_open or escalation.trigger == Trigger.PROMISE):
        return None
    if rules.level_for(Trigger.SILENCE, escalation.level) is None:
        return None
    actor = system(Trigger.SILENCE)
    write.transition(escalation, "pass_on", actor=actor)
    higher = max(escalation.level, case.escalation_level)
    if case.escalations.filter(level__gt=escalation.level).exists():
        return None
    if higher != case.escalation_level:
        write.assign(case, {"escalation_level": higher}, actor=actor, act="escalate")
    return raise_for(case, Trigger.SILENCE)


def answered(escalation: Escalation, actor: Actor, data: Mapping[str, Any], at: datetime) -> None:
    """Columns of an answer."""
    escalation.answered_at, escalation.answered_by, escalation.due_at = at, actor.person, None


def after_answer(escalation: Escalation, actor: Actor, data: Mapping[str, Any]) -> None:
    """The cases concerned show that there is an answer; a bundle's decision reaches every case in it."""
    cases = list(escalation.bundled.all()) if escalation.is_bundle else [escalation.case]
    rule = Actor.system(RULE[Trigger.REPETITION] if escalation.is_bundle else "ISO20000-7.1-22", actor.via)
    for case in cases:
        if case is not None:
            write.note_auto(
                case, gettext_noop("%(ref)s is answered by %(person)s."), rule, ref=escalation.ref, person=actor.name
            )


def redirectable(escalation: Escalation, actor: Actor) -> Iterator[str]:
    """Another person at the same level answers, when nobody could be named or the one named cannot."""
    if escalation.person is not None and not may_answer(escalation.person, escalation.unit_id):
        yield _("This person may not answer it; name somebody else.")
    if escalation.case is not None and escalation.person_id in people.about(escalation.case):
        yield _("The case is about this person.")
