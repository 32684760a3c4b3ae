"""What the steps of a case do to the world around it, in the same transaction. Each is the `effect` of a move."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from comity.cases.models import Case
from comity.cases.models.choices import Origin, Path
from comity.cases.operations import escalating, other_matters, people, promises, telling
from comity.cases.rules import escalation as rules
from comity.cases.rules.closing import investigated_anyway
from comity.cases.rules.escalation import Trigger
from comity.cases.rules.notices import Event
from comity.cases.rules.words import Severity
from comity.records import write
from comity.records.kind import kind_of
from comity.records.trail import Actor

Data = Mapping[str, Any]
Effect = Callable[[Case, Actor, Data], None]
COPIED = (
    "origin", "customer", "contact", "anonymous", "confidential", "complainant", "agent", "mandate_proven", "service",
    "topic", "channel", "received_at",
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
    """The notice carries the number, the next step, a named contact and the way up (ISO 10002)."""
    named = people.named_contact(case, actor) or actor.person
    lines = [
        _("We have received your message of %(date)s. Its number is %(ref)s.")
        % {"date": f"{timezone.localtime(case.received_at):%Y-%m-%d}", "ref": case.ref},
        data.get("next_step") or _("Next, we assess it and tell you what we will do."),
        _("Your contact is %(name)s (%(email)s).") % {"name": named.name, "email": named.email},
        _("If you are not content with how we handle it, ask that it be escalated: by reply, or in the portal."),
    ]
    if case.resolve_due_at:
        lines.insert(
            2, _("We want to resolve it by %(date)s.") % {"date": f"{timezone.localtime(case.resolve_due_at):%Y-%m-%d}"}
        )
    telling.tell(case, Event.ACKNOWLEDGED, "\n\n".join(lines), actor, at=case.acknowledged_at)


def placed(case: Case, actor: Actor, data: Data) -> None:
    """Say so where the case went to a stand-in."""
    if absent := case.__dict__.pop("_absent", ""):
        rule = Actor.system("stand_in", actor.via)
        write.note_auto(case, gettext_noop("%(who)s is away; the case goes to the stand-in."), rule, who=absent)


def assessed(case: Case, actor: Actor, data: Data) -> None:
    """The rating may send it up at once; so does a complaint about the complaint owner's own line."""
    actor_of_rule = Actor.system("CSMS-10.2-c", actor.via)
    write.note_auto(
        case, gettext_noop("Risk score %(score)s, path %(path)s, severity %(severity)s."), actor_of_rule,
        score=case.risk_score, path=escalating.english(Path(case.path).label),
        severity=escalating.english(case.Severity(case.severity).label),
    )  # fmt: skip
    triggers = [rules.severity_trigger(Severity(case.severity))]
    if any(person.pk in people.about(case) for person in people.chain(case)[rules.COMPLAINT_OWNER]):
        triggers.append(Trigger.OWNERS_LINE)
    escalating.strongest_of(case, [trigger for trigger in triggers if trigger], case.moved_at)


def first_action(case: Case, actor: Actor, data: Data) -> None:
    promises.action(case, data["action"], data["action_owner"], data["action_due_on"], actor)
    body = _("We will do this until %(date)s: %(what)s") % {"date": data["action_due_on"], "what": data["action"]}
    telling.tell(case, Event.ACTION, body, actor, at=case.moved_at)


def carried_on(case: Case, actor: Actor, data: Data) -> None:
    """What is not done before the answer goes on as an improvement, and the customer is told so."""
    action = promises.find_action(case, data["open_action"])
    promises.move_to_improvement(case, action, actor=actor, reason=data["note"])


def resolved(case: Case, actor: Actor, data: Data) -> None:
    """The result is told whatever the wish says; the notice is the proof that closing asks for."""
    until = f"{timezone.localtime(case.confirm_due_at):%Y-%m-%d}" if case.confirm_due_at else "–"
    body = "\n\n".join(
        (
            case.outcome,
            case.outcome_reasons,
            _("Please confirm or reject this until %(date)s. Without a word from you we close the case then.")
            % {"date": until},
        )
    )
    notice = telling.tell(case, Event.RESOLVED, body, actor, at=case.resolved_at, substantive=True)
    if notice is not None:
        write.assign(case, {"result_notice": notice}, actor=actor, act="tell")


def asked(case: Case, actor: Actor, data: Data) -> None:
    """The question to the complainant is itself the logged reason of the pause."""
    summary = _("%(ref)s: a question") % {"ref": case.ref}
    telling.log(case, telling.Purpose.QUESTION, summary, data["text"], actor, case.paused_from)


def explained(case: Case, actor: Actor, data: Data) -> None:
    """Why the service level cannot solve it, until when, and the improvement that would (BRM-3.3-14, BRM-3.3-15)."""
    telling.tell(case, Event.DELAY, data["text"], actor, at=case.explained_at)
    promises.improvement(case, data["improvement"], case.level_analysis, actor)


def recourse(case: Case, actor: Actor, data: Data) -> None:
    """When the improvement was rejected the customer learns where else to turn."""
    if any(promises.rejected(one) for one in promises.improvements(case)):
        tell_recourse(case, actor, data)


def tell_recourse(case: Case, actor: Actor, data: Data) -> None:
    inside = _("Inside, our operations director has decided; a senior manager may be asked to look again.")
    outside = _("Outside, you can turn to: %(body)s") % {"body": case.outside_body or "–"}
    for one in case.referrals.filter(status="open"):
        outside += "\n" + _("%(body)s looks at it already (%(ref)s).") % {"body": one.body, "ref": one.ref}
    telling.tell(case, Event.RECOURSE, f"{inside}\n\n{outside}", actor, at=case.moved_at)


def extended(case: Case, actor: Actor, data: Data) -> None:
    lines = (
        case.extension_reason,
        _("The new date is %(date)s.") % {"date": f"{timezone.localtime(case.promised_at):%Y-%m-%d}"}
        if case.promised_at
        else "",
        _("You can also turn to: %(body)s") % {"body": case.outside_body},
    )
    telling.tell(case, Event.DELAY, "\n\n".join(lines), actor, at=case.moved_at)


def answered(case: Case, actor: Actor, data: Data) -> None:
    telling.tell(case, Event.FIRST_ANSWER, data["text"], actor, at=case.moved_at, substantive=True, asked=True)


def progress_told(case: Case, actor: Actor, data: Data) -> None:
    telling.tell(case, Event.PROGRESS, data["text"], actor, at=case.moved_at, asked=True)


def closed(case: Case, actor: Actor, data: Data) -> None:
    body = _("Your case %(ref)s is closed: %(ground)s.") % {"ref": case.ref, "ground": case.get_close_ground_display()}
    telling.tell(case, Event.CLOSED, body, actor, at=case.closed_at)


def withdrawn(case: Case, actor: Actor, data: Data) -> None:
    """A grave one is looked into though nobody asks for it any more (ISO 10002)."""
    closed(case, actor, data)
    if investigated_anyway(Severity(case.severity)):
        promises.internal_investigation(case, Actor.system("ISO10002-withdrawn", actor.via))


def merged(case: Case, actor: Actor, data: Data) -> None:
    if case.successor is None:
        return
    write.link(case, "merged_into", case.successor, actor=Actor.system("BRM-3.3-23", actor.via))
    body = _("We go on with your case %(ref)s under the number %(other)s.") % {
        "ref": case.ref,
        "other": case.successor.ref,
    }
    telling.tell(case, Event.MERGED, body, actor, at=case.closed_at)


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
    write.link(case, "continued_as", successor, actor=rule)
    until = f"{timezone.localtime(case.confirm_due_at):%Y-%m-%d}" if case.confirm_due_at else "–"
    body = _("We treat %(ref)s as: %(what)s (%(other)s). Reason: %(why)s You may object until %(date)s.") % {
        "ref": case.ref, "what": case.get_proposed_classification_display(), "other": successor.ref,
        "why": case.proposal_reason, "date": until,
    }  # fmt: skip
    notice = telling.tell(case, Event.RECLASSIFIED, body, actor, at=case.closed_at)
    write.assign(case, {"successor": successor, "customer_notice": notice}, actor=rule, act="continue")


def restored(case: Case, actor: Actor, data: Data) -> None:
    """The successor ends, because the matter is a complaint again."""
    successor = case.successor
    rule = Actor.system("BRM-3.3-8", actor.via)
    if successor is not None and successor.is_open and not successor.is_complaint:
        write.assign(case, {"successor": None}, actor=rule, act="restore")
        values = {"outcome": _("Goes on as the complaint %(ref)s.") % {"ref": case.ref}}
        write.transition(successor, "finish", values, actor=rule)


def finished(case: Case, actor: Actor, data: Data) -> None:
    """What was no complaint ends with its answer."""
    notice = telling.tell(
        case, Event.FIRST_ANSWER, case.outcome, actor, at=case.closed_at, substantive=True, asked=True
    )
    other_matters.tell_decision(case, actor, notice)


def escalate_for(case: Case, actor: Actor, data: Data) -> None:
    """Staff escalate on their own account, or because the customer asked for it in a logged exchange."""
    asked_for = telling.heard_in(case, str(data.get("communication") or ""))
    escalating.raise_for(case, Trigger.CUSTOMER if asked_for else Trigger.STAFF, case.moved_at, actor.via, data["note"])


def raised_or_lowered(case: Case, actor: Actor, data: Data) -> None:
    trigger = rules.severity_trigger(Severity(case.severity)) if case.assessed_at else None
    escalating.strongest_of(case, [trigger] if trigger else [], case.moved_at)


def on_rejection(case: Case) -> Trigger:
    return rules.rejection_trigger(case.reject_count - 1, case.reopen_count)


def on_reopening(case: Case) -> Trigger:
    return rules.reopening_trigger(case.reopen_count - 1, case.reject_count)


def is_internal(case: Case) -> bool:
    """Left out of the figures that customers see."""
    return case.origin == Origin.INTERNAL
