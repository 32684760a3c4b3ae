"""What a step of a case lacks, in words. Each guard judges the case as it would become."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime

from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from comity.cases.models import Case, Escalation
from comity.cases.operations import people, promises
from comity.cases.rules import closing, intake, reclassification
from comity.cases.rules.deadlines import extension_missing, reopenable_until
from comity.cases.rules.escalation import TOP
from comity.cases.rules.words import Classification, Ground, Severity, Status
from comity.clocks.parameters import limit
from comity.records.trail import Actor
from comity.records.workflow import Lack

Missing = Iterator[str | Promise | Lack]
Guard = Callable[[Case, Actor], Missing]

FIELDS = {
    "confirmation": "communication",
    "survivor": "case",
    "same_customer": "case",
    "new_due_at": "promised_at",
    "reason": "extension_reason",
    "recourse": "outside_body",
}
"""The input that supplies what a code names, where it is not called the same."""

WORDS = {
    "cause_area": _("Say where the cause lies: service, internal management, policy, supplier or customer's side."),
    "improvement_need": _("Answer the question whether an improvement is needed."),
    "outcome_reasons": _("Give the reasons of the outcome."),
    "mandatory_path": _("The complaint has not been acknowledged, assessed, investigated and resolved in this order."),
    "result_notice": _("The customer has not been told the result."),
    "confirmation": _("Name the logged communication in which the customer said so."),
    "confirm_period": _("The customer's time to confirm has not passed."),
    "reminder": _("The customer has not been reminded."),
    "top_level_answer": _("The operations director has not answered the escalation."),
    "recourse": _("The customer has not been told where else to turn, inside and outside."),
    "same_customer": _("The other case belongs to another customer."),
    "survivor": _("Name the case that goes on."),
    "reason": _("Say why."),
    "new_due_at": _("Name a date later than the present deadline."),
    "outside_body": _("Name the outside body that the customer may turn to."),
}


def lack(code: str) -> Lack:
    """A missing point in words, with the input that could supply it."""
    return Lack(WORDS[code], FIELDS.get(code, code))


_further: list[Guard] = []


def before_result(guard: Guard) -> Guard:
    """Let a room above say what else is missing before the customer is told a result."""
    _further.append(guard)
    return guard


def further(case: Case, actor: Actor) -> Missing:
    """What rooms above miss before the customer is told a result."""
    for guard in _further:
        yield from guard(case, actor)


def together(*guards: Guard) -> Guard:
    """One guard out of several."""

    def all_of(case: Case, actor: Actor) -> Missing:
        for guard in guards:
            yield from guard(case, actor)

    return all_of


def impartial(case: Case, actor: Actor) -> Missing:
    """Nobody works on a complaint about themselves; handler and investigator are not among those complained about."""
    named = people.about(case)
    if not named:
        return
    if not actor.rule and actor.person.pk in named:
        yield _("This complaint is about you; somebody else must act.")
    if case.handler_id in named:
        yield Lack(_("The handler is a person complained about. Name somebody else."), "handler")
    if case.investigator_id in named:
        yield Lack(_("The investigator is a person complained about. Name somebody else."), "investigator")


def impartial_staff(case: Case, actor: Actor) -> Missing:
    """The same for steps that the customer may take, too."""
    if actor.rule or not people.is_outside(actor.person):
        yield from impartial(case, actor)


def contact_named(case: Case, actor: Actor) -> Missing:
    """A receipt that a rule sends acknowledges only when it can name a person."""
    if people.named_contact(case, actor) is None:
        yield _("There is nobody to name as contact; assign a handler first.")


def complaint(case: Case, actor: Actor) -> Missing:
    if case.before("classification") != Classification.COMPLAINT:
        yield _("Only complaints take this step; make it a complaint first.")


def no_complaint(case: Case, actor: Actor) -> Missing:
    if case.before("classification") == Classification.COMPLAINT:
        yield _("A complaint is not closed like this; it is investigated and resolved.")


def sorted_anew(case: Case, actor: Actor) -> Missing:
    """What is no complaint becomes another thing that is none; the way into the complaints has its own clocks."""
    if case.is_complaint:
        yield Lack(
            _("Make it a complaint by its own step, so that its clocks begin when they have to."), "classification"
        )
    elif case.classification == case.before("classification") and case.subtype == case.before("subtype"):
        yield Lack(_("It is classified so already."), "classification")


def held(case: Case, actor: Actor) -> Missing:
    """The handler or the stand-in decides who investigates."""
    if not actor.rule and not people.holds_case(actor.person, case):
        yield _("Another person handles this case.")


def own(case: Case, actor: Actor) -> Missing:
    """The handler, the investigator or their stand-in moves a case on."""
    if not actor.rule and not people.works_on(actor.person, case):
        yield _("Another person handles this case.")


def owner(case: Case, actor: Actor) -> Missing:
    if not actor.rule and not people.owns_complaints(actor.person, case):
        yield _("Only the complaint owner decides this.")


def identified(case: Case, actor: Actor) -> Missing:
    """Who wrote from outside is found out before the assessment, unless they want to stay unnamed."""
    if case.customer_id is None and not (case.anonymous or case.restricted):
        yield _("Find out which customer this is, and enter customer and contact.")


def rated(case: Case, actor: Actor) -> Missing:
    if not case.severity or not case.consequence:
        yield Lack(_("Set severity and consequence."), "severity")
    if case.handler_id is None:
        yield Lack(_("Name a handler."), "handler")


def marked(case: Case, actor: Actor) -> Missing:
    """Every mark is set, and what was unclear is confirmed with the complainant (BRM-3.3-7)."""
    marks = (case.target_clear, case.content_clear, case.demand_clear)
    if None in marks:
        yield Lack(_("Mark whether object, content and demand are clear."), "target_clear")
    elif intake.unclear(*(bool(mark) for mark in marks)) and case.clarification_id is None and not case.anonymous:
        yield _("Something is unclear: confirm it with the complainant first, and name that communication.")


def investigated(case: Case, actor: Actor) -> Missing:
    if not case.facts.strip():
        yield Lack(_("Enter the facts."), "facts")
    if not case.views_of_parties.strip():
        yield Lack(_("Enter the view of each party."), "views_of_parties")
    if case.cause_category_id is None:
        yield Lack(_("Choose the cause category."), "cause_category")


def grounded(case: Case, actor: Actor) -> Missing:
    """What every closing asks for is asked when the result is told, so that the customer alone can confirm."""
    for code in closing.always_missing(facts(case, actor)):
        yield lack(code)


def actions_settled(case: Case, actor: Actor) -> Missing:
    for action in promises.unsettled(case):
        yield _("The action %(ref)s is neither done nor moved to an improvement.") % {"ref": action.ref}


def may_wait(case: Case, actor: Actor) -> Missing:
    if case.anonymous or not (case.contact_id or case.address or case.reach):
        yield _("There is nobody to ask.")
    if case.paused_from and case.pause_ends_at is None:
        yield _("The time for waiting is used up; ask without stopping the clock.")


def improvement_decided(case: Case, actor: Actor) -> Missing:
    found = promises.improvements(case)
    if not found:
        yield _("No improvement is linked.")
    for improvement in found:
        if not promises.decided(improvement):
            yield _("The improvement %(ref)s is not decided.") % {"ref": improvement.ref}


def _at_present(case: Case) -> datetime:
    """The deadline that a new date must be later than; where it has passed, this moment."""
    now = timezone.now()
    return max(case.resolve_due_at or now, now)


def later(case: Case, actor: Actor) -> Missing:
    """Who explains a delay names a date that is still to come (BRM-3.3-14)."""
    if case.promised_at is None or case.promised_at <= _at_present(case):
        yield lack("new_due_at")


def extended(case: Case, actor: Actor) -> Missing:
    for code in extension_missing(case.extension_reason, case.promised_at, _at_present(case), case.outside_body):
        yield lack(code)


def facts(case: Case, actor: Actor) -> closing.Facts:
    """What is known about a case that somebody wants to close."""
    other = case.successor
    now = timezone.now()
    return closing.Facts(
        cause_area=case.cause_area,
        improvement_need=case.improvement_need,
        outcome_reasons=case.outcome_reasons,
        states_passed=frozenset(Status(state) for state in case.states_passed) | {Status(case.status)},
        result_notice=case.result_notice_id is not None,
        confirmation_logged=case.confirmation_id is not None,
        confirmed_by_customer=not actor.rule and people.is_outside(actor.person),
        confirm_period_over=bool(case.confirm_due_at and case.confirm_due_at < now),
        reminder_sent=case.reminded_at is not None,
        anonymous=case.anonymous or case.contact_id is None,
        top_level_answered=_top_answered(case),
        recourse_told=bool(case.outside_body.strip()),
        same_customer=other is not None and _of_one(case, other),
        survivor=other is not None and other.pk != case.pk and other.is_open,
    )


def _of_one(case: Case, other: Case) -> bool:
    """Do both come from one customer; where none is known, from one contact or one address?"""
    if case.customer_id or other.customer_id:
        return case.customer_id == other.customer_id
    if case.contact_id or other.contact_id:
        return case.contact_id == other.contact_id
    return bool(case.address) and case.address.casefold() == other.address.casefold()


def _top_answered(case: Case) -> bool:
    return (
        case.escalation_level >= TOP
        and case.escalations.filter(level=TOP, answered_at__isnull=False, status=Escalation.Status.ANSWERED).exists()
    )


def closing_on(ground: Ground) -> Guard:
    """The guard of one way to close."""

    def closes(case: Case, actor: Actor) -> Missing:
        for code in closing.missing_to_close(facts(case, actor), ground):
            yield lack(code)

    return closes


def said_by_customer(case: Case, actor: Actor) -> Missing:
    """Staff speak for a customer only with the logged communication that proves it (separation of duties)."""
    known = facts(case, actor)
    if not (known.confirmed_by_customer or known.confirmation_logged or actor.rule):
        yield lack("confirmation")


def withdrawable(case: Case, actor: Actor) -> Missing:
    """Closed as withdrawn on the customer's word: asked for in the portal, or logged."""
    for code in closing.missing_to_close(facts(case, actor), Ground.WITHDRAWN):
        if code != "confirmation" or case.withdrawal_asked_at is None:
            yield lack(code)


def clarified(case: Case, actor: Actor) -> Missing:
    if case.clarification_id is None:
        yield lack("confirmation")


def reopenable(case: Case, actor: Actor) -> Missing:
    if case.before("close_ground") in (Ground.MERGED, Ground.RECLASSIFIED, Ground.ANSWERED):
        yield _("A case closed as merged, reclassified or answered is not reopened.")
    days = round(limit("complaint_reopen_days").value)
    closed_at = case.before("closed_at")
    if closed_at and timezone.now() > reopenable_until(closed_at, days):
        yield _("The time to reopen has passed; register a new case as follow-up.")


def proposable(case: Case, actor: Actor) -> Missing:
    wanted = case.proposed_classification
    if not wanted:
        yield Lack(_("Say what it is instead."), "proposed_classification")
    elif not reclassification.change(Classification(case.classification), Classification(wanted)).allowed:
        yield _("A complaint can become a service request, a suggestion or an enquiry.")


def proposed(case: Case, actor: Actor) -> Missing:
    if not case.before("proposed_classification"):
        yield _("Nobody has proposed to reclassify it.")
    if case.before("proposed_by_id") == actor.person.pk and not actor.rule:
        yield _("You proposed it yourself; somebody else decides.")


def objectionable(case: Case, actor: Actor) -> Missing:
    until = case.before("confirm_due_at")
    if case.before("close_ground") != Ground.RECLASSIFIED:
        yield _("The case was not reclassified.")
    elif until and timezone.now() > until:
        yield _("The time to object has passed.")


def not_begun_later(case: Case, actor: Actor) -> Missing:
    """Whoever lets the clocks begin later gains time: that is the complaint owner's decision."""
    if case.clock_from > (case.before("first_dissatisfied_at") or case.before("received_at")):
        yield from owner(case, actor)


def not_lowered(case: Case, actor: Actor) -> Missing:
    """Lowering severity is the complaint owner's decision."""
    if reclassification.severity_needs_approval(Severity(case.before("severity")), Severity(case.severity)):
        yield from owner(case, actor)
