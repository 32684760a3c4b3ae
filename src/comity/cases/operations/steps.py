"""What the steps of a case set on the case itself. Each is the `apply` of a move: (case, actor, data, happened at)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from comity.cases.models import Case, timing
from comity.cases.models.entrusted import may_hold
from comity.cases.operations import telling
from comity.cases.rules import deadlines as clock_rules
from comity.cases.rules import risk
from comity.cases.rules.closing import on_next_analysis
from comity.cases.rules.intake import ONLY_OF
from comity.cases.rules.words import Classification, Ground, Likelihood, Severity, Status
from comity.clocks.parameters import limit
from comity.clocks.rules import due
from comity.parties import operations as parties
from comity.records.access import readable
from comity.records.kind import kind_of
from comity.records.trail import Actor

Data = Mapping[str, Any]
Apply = Callable[[Case, Actor, Data, datetime], None]


def both(*applies: Apply) -> Apply:
    """One apply out of several, in order."""

    def all_of(case: Case, actor: Actor, data: Data, at: datetime) -> None:
        for apply in applies:
            apply(case, actor, data, at)

    return all_of


def told_then(apply: Apply, substantive: bool = False) -> Apply:
    """A step by which the customer is told something: now, or as the communication shows that it names."""

    def proven(case: Case, actor: Actor, data: Data, at: datetime) -> None:
        ref = str(data.get("communication") or "")
        case.__dict__["_told_in"] = telling.told_in(case, ref, at, substantive)
        apply(case, actor, data, at)

    return proven


def acknowledge(case: Case, actor: Actor, data: Data, at: datetime) -> None:
    """The notice stops the clock; the one that goes out now names the day of the result."""
    if case.__dict__.get("_told_in") is None:
        case.told_due_at = case.resolve_due_at
    case.acknowledged_at = at
    if not actor.rule:
        case.classified_at = case.classified_at or at
    timing.told_again(case, at)


def correct_times(case: Case, actor: Actor, data: Data, at: datetime) -> None:
    """Every deadline is reckoned anew from the times as they are now known."""
    timing.from_receipt(case)
    timing.reckon(case)
    begun = case.before("first_dissatisfied_at") or case.before("received_at")
    case.__dict__["_taken_back"] = timing.take_back(case, begun, at) if begun != case.clock_from else []


def place(case: Case, actor: Actor, data: Data, at: datetime) -> None:
    """A case that is given to somebody who is away goes to the stand-in, if that one may have it."""
    handler = case.handler
    if handler is None or handler.stand_in is None or not may_hold(handler.stand_in, case.unit_id):
        return
    if parties.away(handler, timezone.localdate(at)):
        case.handler, case.__dict__["_absent"] = handler.stand_in, str(handler)


def rate(case: Case, actor: Actor, data: Data, at: datetime) -> None:
    """Score the case on the risk matrix; danger and the high path raise the severity, and with it the clocks."""
    rating = risk.rate(
        Severity(case.severity), Severity(case.consequence or case.severity), Likelihood(case.likelihood),
        safety=case.safety, immediate=case.immediate, complex_case=case.intricate,
    )  # fmt: skip
    case.risk_score, case.path, case.severity = rating.score, rating.path, rating.severity
    timing.reckon(case)


def assess(case: Case, actor: Actor, data: Data, at: datetime) -> None:
    case.assessed_at, case.classified_at = at, case.classified_at or at
    rate(case, actor, data, at)


def investigate(case: Case, actor: Actor, data: Data, at: datetime) -> None:
    case.investigating_at = case.investigating_at or at


def act(case: Case, actor: Actor, data: Data, at: datetime) -> None:
    case.left_investigating_at = at


def resolve(case: Case, actor: Actor, data: Data, at: datetime) -> None:
    """The result is told: the resolution clock stops, the customer's time to confirm begins."""
    timing.keep_breach(case, at)
    case.resolved_at = at
    case.left_investigating_at = case.left_investigating_at or at
    case.answered_at = case.answered_at or at
    case.result_notice = case.confirmation = None
    timing.start_confirming(case, at)


def ask(case: Case, actor: Actor, data: Data, at: datetime) -> None:
    """The question stops the resolution clock, for what is left of the waiting time."""
    case.resume_status = case.status
    case.paused_from = at
    calendar = timing.calendar_of(case)
    case.pause_ends_at = clock_rules.waiting_ends(calendar, at, case.ended_pauses, limit("complaint_wait_days"))
    timing.reckon(case)
    timing.told_again(case, at)


def resume(case: Case, actor: Actor, data: Data, at: datetime) -> None:
    """The clock goes on where it stood; it never begins again."""
    if case.paused_from:
        end = min(at, case.pause_ends_at) if case.pause_ends_at else at
        case.pauses = [*case.pauses, [case.paused_from.isoformat(), end.isoformat()]]
    case.paused_from = case.pause_ends_at = None
    timing.reckon(case)


def await_improvement(case: Case, actor: Actor, data: Data, at: datetime) -> None:
    timing.keep_breach(case, at)
    case.resume_status = case.status
    case.not_solvable_within_level = True
    case.flagged_at, case.explained_at = case.flagged_at or at, at
    timing.told_again(case, at)


def answer(case: Case, actor: Actor, data: Data, at: datetime) -> None:
    """A substantive answer stops the second clock; saying that we are working on it does not."""
    case.answered_at = case.answered_at or at
    timing.told_again(case, at)


def told(case: Case, actor: Actor, data: Data, at: datetime) -> None:
    timing.told_again(case, at)


def close(ground: Ground) -> Apply:
    """The end of a case on this ground; what was late stays late."""

    def closed(case: Case, actor: Actor, data: Data, at: datetime) -> None:
        if case.resolved_at is None:
            timing.keep_breach(case, at)
        case.resume_status = case.status
        case.closed_at, case.close_ground = at, ground
        case.paused_from = case.pause_ends_at = None
        late = case.breached
        case.for_analysis = case.for_analysis or on_next_analysis(
            ground, case.reopen_count, Severity(case.severity), late=late
        )

    return closed


def reject(case: Case, actor: Actor, data: Data, at: datetime) -> None:
    case.reject_count += 1
    timing.start_resolving_anew(case, at)


def reopen(case: Case, actor: Actor, data: Data, at: datetime) -> None:
    case.reopen_count += 1
    case.for_analysis = True
    case.closed_at, case.close_ground = None, ""
    timing.start_resolving_anew(case, at)
    timing.told_again(case, at)


def classify(case: Case, actor: Actor, data: Data, at: datetime) -> None:
    """A person says what it is; clocks that do not belong to that stop, those that do run from the receipt."""
    case.classified_at = at
    timing.reckon(case)


def propose(case: Case, actor: Actor, data: Data, at: datetime) -> None:
    case.proposed_by, case.proposal_reason = actor.person, data["note"]


def decline(case: Case, actor: Actor, data: Data, at: datetime) -> None:
    case.proposed_by, case.proposal_reason, case.proposed_classification = None, "", ""


def reclassify(case: Case, actor: Actor, data: Data, at: datetime) -> None:
    """It leaves the figures from this day; its number and history stay, and the customer may object for a while."""
    close(Ground.RECLASSIFIED)(case, actor, data, at)
    case.approver, case.reclassified_at = actor.person, at
    case.confirm_due_at = due(timing.calendar_of(case), at, limit("complaint_confirm_days"))


def restore(case: Case, actor: Actor, data: Data, at: datetime) -> None:
    """The objection makes it a complaint again, in the state it was in, on the clocks it had."""
    decline(case, actor, data, at)
    case.closed_at, case.close_ground, case.reclassified_at, case.confirm_due_at = None, "", None, None
    case.for_analysis = True


def make_complaint(case: Case, actor: Actor, data: Data, at: datetime) -> None:
    """The clocks begin when dissatisfaction was first expressed, which may be long ago."""
    case.__dict__["_was"] = case.subtype if case.subtype in ONLY_OF else case.classification
    case.classification, case.classified_at = Classification.COMPLAINT, at
    case.dissatisfaction_expressed = True
    case.first_dissatisfied_at = case.first_dissatisfied_at or at
    case.topic_checked_at = None
    timing.reckon(case)
    timing.told_again(case, at)


def ask_to_withdraw(case: Case, actor: Actor, data: Data, at: datetime) -> None:
    case.withdrawal_asked_at = at


def ask_news(case: Case, actor: Actor, data: Data, at: datetime) -> None:
    """A direct request for news is answered within its own time."""
    if case.news_due_at is None:
        case.news_due_at = due(timing.calendar_of(case), at, limit("complaint_notify_days"))


def record_wish(case: Case, actor: Actor, data: Data, at: datetime) -> None:
    chosen = {
        "events": data.get("events") or [],
        "result_only": bool(data.get("result_only")),
        "every_days": data.get("every_days") or 0,
        "channel": data.get("wish_channel") or "",
    }
    case.notification_wish = {name: value for name, value in chosen.items() if value}
    timing.told_again(case, at)


def find_survivor(case: Case, actor: Actor, data: Data, at: datetime) -> None:
    """The case that this one is merged into."""
    rows = readable(kind_of(Case), actor.person)
    case.successor = rows.filter(ref=str(data["case"]).strip().upper()).first()
    if case.successor is None:
        raise ValidationError({"case": _("There is no such case, or you may not read it.")})


def heard(column: str) -> Apply:
    """Put the logged exchange that proves what the customer said into this column."""

    def found(case: Case, actor: Actor, data: Data, at: datetime) -> None:
        setattr(case, column, telling.heard_in(case, str(data.get("communication") or ""), actor))

    return found


def passes_states(case: Case) -> set[Status]:
    """The states this case has been in."""
    return {Status(state) for state in case.states_passed}
