"""What the steps of a case do to the world around it, in the same transaction. Each is the `effect` of a move."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop, override

from comity.cases.models import Case, privacy
from comity.cases.models.choices import Classification, Origin, Path, Subtype
from comity.cases.operations import dangers, escalating, other_matters, outside, people, promises, telling, wording
from comity.cases.rules import escalation as rules
from comity.cases.rules.closing import investigated_anyway
from comity.cases.rules.escalation import Trigger
from comity.cases.rules.notices import Event
from comity.cases.rules.words import Severity
from comity.parties.duties import Duty
from comity.records import write
from comity.records.kind import kind_of
from comity.records.trail import Actor

Data = Mapping[str, Any]
Effect = Callable[[Case, Actor, Data], None]
COPIED = (
    "origin", "customer", "contact", "anonymous", "confidential", "complainant", "agent", "mandate_proven", "address",
    "reach", "language", "service", "topic", "channel", "received_at",
)  # fmt: skip


def both(*effects: Effect) -> Effect:
    """One effect out of several, in order."""

    def all_of(case: Case, actor: Actor, data: Data) -> None:
        for effect in effects:
            effect(case, actor, data)
            case.refresh_from_db()  # an effect may have written to the case

    return all_of


def escalate(choose: Trigger | Callable[[Case], Trigger | None], note: bool = False) -> Effect:
    """Send the case up by this trigger."""

    def raised(case: Case, actor: Actor, data: Data) -> None:
        trigger = choose(case) if callable(choose) else choose
        if trigger is not None:
            escalating.raise_for(case, trigger, case.moved_at, actor.via, data.get("note", "") if note else "")

    return raised


def acknowledged(case: Case, actor: Actor, data: Data) -> None:
    """The notice names a contact (ISO 10002)."""
    named = people.named_contact(case, actor) or actor.person
    telling.tell(case, Event.ACKNOWLEDGED, actor, at=case.acknowledged_at, named=named, next_step=data.get("next_step"))


def placed(case: Case, actor: Actor, data: Data) -> None:
    """Say so where the case went to a stand-in."""
    if absent := case.__dict__.pop("_absent", ""):
        rule = Actor.system("stand_in", actor.via)
        write.note_auto(case, gettext_noop("%(who)s is away; the case goes to the stand-in."), rule, who=absent)


def classified(case: Case, actor: Actor, data: Data) -> None:
    if case.subtype == Subtype.PRIVACY:
        privacy.logged(case, actor)


def made_complaint(case: Case, actor: Actor, data: Data) -> None:
    """What it was until then stays to be read (BRM-3.3-8)."""
    rule, labels = Actor.system("BRM-3.3-8", actor.via), dict([*Classification.choices, *Subtype.choices])
    was = telling.english(labels[case.__dict__.pop("_was")])
    write.note_auto(case, gettext_noop("Until now it was: %(what)s."), rule, what=was)


def times_corrected(case: Case, actor: Actor, data: Data) -> None:
    """A missed deadline that rested on a wrong time is taken back in the open: the line of its miss stays, too."""
    for due_at in case.__dict__.pop("_taken_back", ()):
        rule = Actor.system("ISO20000-7.1-25", actor.via)
        words = gettext_noop("Missing the deadline %(due)s rested on a wrong time and counts no more.")
        write.note_auto(case, words, rule, due=f"{datetime.fromisoformat(due_at):%Y-%m-%d %H:%M}Z")


def assessed(case: Case, actor: Actor, data: Data) -> None:
    """The rating may send it up at once; so does a complaint about the complaint owner's own line."""
    actor_of_rule = Actor.system("CSMS-10.2-c", actor.via)
    write.note_auto(
        case, gettext_noop("Risk score %(score)s, path %(path)s, severity %(severity)s."), actor_of_rule,
        score=case.risk_score, path=telling.english(Path(case.path).label),
        severity=telling.english(case.Severity(case.severity).label),
    )  # fmt: skip
    dangers.rated(case, actor)
    triggers = [rules.severity_trigger(Severity(case.severity))]
    if any(person.pk in people.about(case) for person in people.on_duty(case)[Duty.COMPLAINT_OWNER]):
        triggers.append(Trigger.OWNERS_LINE)
    escalating.strongest_of(case, [trigger for trigger in triggers if trigger], case.moved_at)


def first_action(case: Case, actor: Actor, data: Data) -> None:
    promises.action(case, data["action"], data["action_owner"], data["action_due_on"], actor)
    what, until = data["action"], data["action_due_on"]
    telling.tell(case, Event.ACTION, actor, at=case.moved_at, what=what, until=until)


def carried_on(case: Case, actor: Actor, data: Data) -> None:
    """What is not done before the answer goes on as an improvement, and the customer is told so."""
    action = promises.find_action(case, data["open_action"])
    promises.move_to_improvement(case, action, actor=actor, reason=data["note"])


def resolved(case: Case, actor: Actor, data: Data) -> None:
    """The result is told whatever the wish says; the notice is the proof that closing asks for."""
    notice = telling.tell(case, Event.RESOLVED, actor, at=case.resolved_at, substantive=True)
    if notice is not None:
        write.assign(case, {"result_notice": notice}, actor=actor, act="tell")


def asked(case: Case, actor: Actor, data: Data) -> None:
    """The question to the complainant is itself the logged reason of the pause."""
    telling.tell(case, Event.QUESTION, actor, at=case.paused_from, text=data["text"])


def explained(case: Case, actor: Actor, data: Data) -> None:
    """Why the service level cannot solve it, until when, and the improvement that would (BRM-3.3-14, BRM-3.3-15)."""
    telling.tell(case, Event.DELAY, actor, at=case.explained_at, text=data["text"])
    promises.improvement(case, data["improvement"], case.level_analysis, actor)


def recourse(case: Case, actor: Actor, data: Data) -> None:
    """When the improvement was rejected the customer learns where else to turn."""
    if any(promises.rejected(one) for one in promises.improvements(case)):
        tell_recourse(case, actor, data)


def tell_recourse(case: Case, actor: Actor, data: Data) -> None:
    telling.tell(case, Event.RECOURSE, actor, at=case.moved_at)


def extended(case: Case, actor: Actor, data: Data) -> None:
    telling.tell(case, Event.DELAY, actor, at=case.moved_at)


def answered(case: Case, actor: Actor, data: Data) -> None:
    telling.tell(case, Event.FIRST_ANSWER, actor, at=case.moved_at, substantive=True, asked=True, text=data["text"])


def progress_told(case: Case, actor: Actor, data: Data) -> None:
    telling.tell(case, Event.PROGRESS, actor, at=case.moved_at, asked=True, text=data["text"])


def closed(case: Case, actor: Actor, data: Data) -> None:
    telling.tell(case, Event.CLOSED, actor, at=case.closed_at)


def withdrawn(case: Case, actor: Actor, data: Data) -> None:
    """A grave one is looked into though nobody asks for it any more (ISO 10002)."""
    closed(case, actor, data)
    if investigated_anyway(Severity(case.severity)):
        promises.internal_investigation(case, Actor.system("ISO10002-withdrawn", actor.via))


def merged(case: Case, actor: Actor, data: Data) -> None:
    if case.successor is None:
        return
    write.link(case, "merged_into", case.successor, actor=Actor.system("BRM-3.3-23", actor.via))
    telling.tell(case, Event.MERGED, actor, at=case.closed_at)


def reclassified(case: Case, actor: Actor, data: Data) -> None:
    """A successor of the new classification takes the matter over; the customer is told and may object."""
    rule = Actor.system("BRM-3.3-8", actor.via)
    values = {name: getattr(case, name) for name in COPIED} | {
        "classification": case.proposed_classification,
        "title": case.title,
        "description": case.description,
        "wanted_remedy": case.wanted_remedy,
    }
    successor = write.create(kind_of(Case), values, actor=rule, unit=case.unit)
    asked = {"public_form": case.public_form, "answers": case.answers}
    successor = outside.say_besides(successor, asked, rule)
    write.link(case, "continued_as", successor, actor=rule)
    notice = telling.tell(case, Event.RECLASSIFIED, actor, at=case.closed_at, successor=successor.ref)
    write.assign(case, {"successor": successor, "customer_notice": notice}, actor=rule, act="continue")


def restored(case: Case, actor: Actor, data: Data) -> None:
    """The successor ends, because the matter is a complaint again."""
    successor = case.successor
    rule = Actor.system("BRM-3.3-8", actor.via)
    if successor is not None and successor.is_open and not successor.is_complaint:
        write.assign(case, {"successor": None}, actor=rule, act="restore")
        with override(wording.language_of(case)):
            values = {"outcome": _("Goes on as the complaint %(ref)s.") % {"ref": case.ref}}
        write.transition(successor, "finish", values, actor=rule)


def finished(case: Case, actor: Actor, data: Data) -> None:
    """What was no complaint ends with its answer."""
    notice = telling.tell(
        case, Event.FIRST_ANSWER, actor, at=case.closed_at, substantive=True, asked=True, text=case.outcome
    )
    other_matters.tell_decision(case, actor, notice)


def escalate_for(case: Case, actor: Actor, data: Data) -> None:
    """Staff escalate on their own account, or because the customer asked for it in a logged exchange."""
    asked_for = telling.heard_in(case, str(data.get("communication") or ""), actor)
    escalating.raise_for(case, Trigger.CUSTOMER if asked_for else Trigger.STAFF, case.moved_at, actor.via, data["note"])


def raised_or_lowered(case: Case, actor: Actor, data: Data) -> None:
    dangers.rated(case, actor)
    trigger = rules.severity_trigger(Severity(case.severity)) if case.assessed_at else None
    escalating.strongest_of(case, [trigger] if trigger else [], case.moved_at)


def on_rejection(case: Case) -> Trigger:
    return rules.rejection_trigger(case.reject_count - 1, case.reopen_count)


def on_reopening(case: Case) -> Trigger:
    return rules.reopening_trigger(case.reopen_count - 1, case.reject_count)


def is_internal(case: Case) -> bool:
    """Left out of the figures that customers see."""
    return case.origin == Origin.INTERNAL
