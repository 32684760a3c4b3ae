"""The workflow of a case as a table: from, to, by whom, what is asked, what guards it, what it does (BRM-3.3, 7.1).

Escalation, restriction and repetition are fields: an escalated complaint goes on being investigated.
"""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from comity.accounts.roles import STAFF, Role
from comity.cases import forms
from comity.cases.models.choices import Status
from comity.cases.operations import dangers, effects, guards, other_matters, problems, steps
from comity.cases.operations.guards import closing_on, together
from comity.cases.rules import words
from comity.cases.rules.escalation import TOP, Trigger
from comity.cases.rules.words import Ground
from comity.records.workflow import Move, Workflow, move

CH, SD, RM = Role.COMPLAINT_HANDLER, Role.SERVICE_DESK, Role.RELATIONSHIP_MANAGER
PR, OD, CC = Role.PROCESS_MANAGER, Role.OPERATIONS_DIRECTOR, Role.CUSTOMER_CONTACT
OWNERS = (CH, Role.PROJECT_MANAGER, PR, OD)  # the duty decides which of them
ANYBODY = tuple(role for role in Role if role in STAFF and role not in (Role.ADMINISTRATOR, Role.AUDITOR))
SPEAKERS = (CC, RM, CH)  # the customer, or staff who can prove what the customer said

S = Status
OPEN = tuple(S(status.value) for status in words.OPEN)
WORKED_ON = tuple(S(status.value) for status in words.WORKED_ON)
BEFORE_RESULT = tuple(S(status.value) for status in words.BEFORE_RESULT)
AT_WORK = (S.INVESTIGATING, S.ACTING)

RATING = ("likelihood", "safety", "immediate", "intricate")
CLEAR = ("target_clear", "content_clear", "demand_clear")
FOUND = ("facts", "views_of_parties", "cause_category")
ASKED = ("outcome_reasons", "cause_area", "improvement_need")  # before any closing
RESULT = ("outcome", "outcome_reasons", "cause_area", "improvement_need")
RESOLVE = steps.told_then(steps.resolve, substantive=True)


def stay(case: object) -> str:
    """A step that leaves the state as it is."""
    return str(case.status)  # type: ignore[attr-defined]


def back(case: object) -> str:
    """The state before the pause, or before the closing."""
    return str(case.resume_status)  # type: ignore[attr-defined]


path: tuple[Move, ...] = (
    move(
        "acknowledge", S.RECEIVED, S.ACKNOWLEDGED, by=(SD, CH), form=forms.Acknowledgement,
        guard=together(guards.impartial, guards.contact_named),
        apply=steps.told_then(steps.acknowledge), effect=effects.acknowledged, label=_("Acknowledge"),
        primary=True, public=True,
        help=_("Sends number, next step, named contact and the way to escalate."),
    ),
    move(
        "assess", S.ACKNOWLEDGED, S.ASSESSED, by=(CH,), requires=("severity", "consequence", "handler"),
        asks=(*RATING, *CLEAR, "subtype", "topic", "about"),
        guard=together(guards.complaint, guards.identified, guards.rated, guards.marked, guards.impartial),
        apply=steps.both(steps.place, steps.assess), effect=effects.both(effects.placed, effects.assessed),
        label=_("Assess"), primary=True,
    ),
    move(
        "investigate", S.ASSESSED, S.INVESTIGATING, by=(CH,), requires=("investigator",), asks=("plan",),
        guard=together(guards.complaint, guards.held, guards.impartial), apply=steps.investigate,
        label=_("Investigate"), primary=True,
    ),
    move(
        "act", S.INVESTIGATING, S.ACTING, by=(CH,), requires=FOUND, asks=("upheld", "cause_area"),
        form=forms.FirstAction, guard=together(guards.own, guards.impartial, guards.investigated), apply=steps.act,
        effect=effects.first_action, label=_("Act"), primary=True,
    ),
    move(
        "resolve_without_action", S.INVESTIGATING, S.RESOLVED, by=(CH,), requires=(*FOUND, "no_action_reason", *RESULT),
        asks=("upheld", "needs"), form=forms.Told,
        guard=together(guards.own, guards.impartial, guards.investigated, guards.grounded, guards.further),
        apply=RESOLVE, effect=effects.resolved, label=_("Resolve without action"), public=True,
    ),
    move(
        "resolve", S.ACTING, S.RESOLVED, by=(CH,), requires=RESULT, asks=("upheld", "needs"), form=forms.Told,
        guard=together(guards.own, guards.impartial, guards.actions_settled, guards.grounded, guards.further),
        apply=RESOLVE, effect=effects.resolved, label=_("Tell the result"), primary=True, public=True,
    ),
    move(
        "ask_customer", AT_WORK, S.AWAITING_CUSTOMER, by=(CH,), form=forms.Said,
        apply=steps.told_then(steps.ask), guard=together(guards.own, guards.impartial, guards.may_wait),
        effect=effects.asked, label=_("Ask the customer"),
        help=_("The resolution clock stands still while we wait, ten business days at most in all."), public=True,
    ),
    move(
        "resume", S.AWAITING_CUSTOMER, back, by=(CH,), apply=steps.resume, guard=guards.impartial, label=_("Go on"),
        primary=True,
    ),
    move(
        "reply", S.AWAITING_CUSTOMER, back, by=(CC,), note=True, apply=steps.resume, label=_("Reply"), primary=True,
        public=True,
    ),
    move(
        "await_improvement", AT_WORK, S.AWAITING_IMPROVEMENT, by=OWNERS, requires=("level_analysis", "promised_at"),
        form=forms.Explanation, guard=together(guards.owner, guards.impartial, guards.later),
        apply=steps.told_then(steps.await_improvement), effect=effects.explained, public=True,
        label=_("Not solvable within the service level"),
        help=_("The customer is told why and until when, and an improvement is proposed."),
    ),
    move(
        "resolve_improved", S.AWAITING_IMPROVEMENT, S.RESOLVED, by=(CH,), requires=RESULT,
        asks=("upheld", "outside_body"), form=forms.Told,
        guard=together(guards.own, guards.impartial, guards.improvement_decided, guards.grounded, guards.further),
        apply=RESOLVE, effect=effects.both(effects.resolved, effects.recourse), label=_("Tell the decision"),
        primary=True, public=True,
    ),
)  # fmt: skip

endings: tuple[Move, ...] = (
    move(
        "confirm", S.RESOLVED, S.CLOSED, by=SPEAKERS, form=forms.Proof,
        guard=together(guards.impartial_staff, closing_on(Ground.CONFIRMED)),
        apply=steps.both(steps.heard("confirmation"), steps.close(Ground.CONFIRMED)), effect=effects.closed,
        label=_("Confirm the result"), primary=True, public=True,
    ),
    move(
        "expire", S.RESOLVED, S.CLOSED, system=True, guard=closing_on(Ground.CONFIRMATION_EXPIRED),
        apply=steps.close(Ground.CONFIRMATION_EXPIRED), effect=effects.closed, label=_("Time to confirm has passed"),
        public=True,
    ),
    move(
        "reject", S.RESOLVED, S.INVESTIGATING, by=SPEAKERS, note=True, form=forms.Proof,
        guard=together(guards.impartial_staff, guards.said_by_customer),
        apply=steps.both(steps.heard("confirmation"), steps.reject),
        effect=effects.escalate(effects.on_rejection, note=True), label=_("Reject the result"), public=True,
    ),
    move(
        "close_without_agreement", S.RESOLVED, S.CLOSED, by=(OD,), requires=("outside_body",), note=True,
        guard=together(guards.impartial, closing_on(Ground.NO_AGREEMENT)), apply=steps.close(Ground.NO_AGREEMENT),
        effect=effects.tell_recourse, label=_("Close without agreement"), public=True,
    ),
    move(
        "ask_to_withdraw", OPEN, stay, by=(CC,), note=True, apply=steps.ask_to_withdraw, label=_("Ask to withdraw"),
        public=True,
    ),
    move(
        "withdraw", OPEN, S.CLOSED, by=(RM, CH), requires=ASKED,
        note=True, form=forms.Proof, guard=together(guards.impartial, guards.withdrawable),
        apply=steps.both(steps.heard("confirmation"), steps.close(Ground.WITHDRAWN)), effect=effects.withdrawn,
        label=_("Close as withdrawn"), public=True,
    ),
    move(
        "merge", OPEN, S.CLOSED, by=OWNERS, requires=ASKED,
        form=forms.Survivor, guard=together(guards.impartial, guards.owner, closing_on(Ground.MERGED)),
        apply=steps.both(steps.find_survivor, steps.close(Ground.MERGED)), effect=effects.merged,
        label=_("Merge into another case"), public=True,
    ),
    move(
        "reclassify", WORKED_ON, S.CLOSED, by=OWNERS, requires=ASKED,
        guard=together(
            guards.complaint, guards.impartial, guards.proposed, guards.owner, closing_on(Ground.RECLASSIFIED)
        ),
        apply=steps.reclassify, effect=effects.reclassified, label=_("Approve the reclassification"), public=True,
    ),
    move(
        "object", S.CLOSED, back, by=SPEAKERS, note=True, form=forms.Proof,
        guard=together(guards.objectionable, guards.said_by_customer),
        apply=steps.both(steps.heard("confirmation"), steps.restore),
        effect=effects.both(effects.restored, effects.escalate(Trigger.OBJECTION, note=True)),
        label=_("Object to the reclassification"), public=True,
    ),
    move(
        "reopen", S.CLOSED, S.INVESTIGATING, by=(CC, CH, PR), note=True,
        guard=together(guards.complaint, guards.reopenable, guards.impartial_staff), apply=steps.reopen,
        effect=effects.escalate(effects.on_reopening, note=True), label=_("Reopen"), public=True,
    ),
    move(
        "finish", (S.RECEIVED, S.ACKNOWLEDGED), S.CLOSED, by=(SD, CH, RM), requires=("outcome",),
        form=forms.Told, guard=together(guards.no_complaint, guards.impartial, other_matters.decided, guards.further),
        apply=steps.told_then(steps.both(steps.answer, steps.close(Ground.ANSWERED)), substantive=True),
        effect=effects.finished, label=_("Answer and close"), primary=True, public=True,
        help=_("For requests, suggestions, enquiries and praise."),
    ),
)  # fmt: skip

alongside: tuple[Move, ...] = (
    move(
        "assign", BEFORE_RESULT, stay, by=(SD, CH, PR), requires=("handler",), asks=("investigator",),
        guard=guards.impartial, apply=steps.place, effect=effects.placed, label=_("Assign"),
    ),
    move(
        "write_up", (S.ASSESSED, *AT_WORK, S.AWAITING_CUSTOMER, S.AWAITING_IMPROVEMENT), stay, by=(CH,),
        asks=("plan", *FOUND, "upheld", "needs", *RESULT), guard=together(guards.own, guards.impartial),
        label=_("Write up the investigation"), help=_("Saved as you go; nothing is told to the customer."),
    ),
    move(
        "clarify", BEFORE_RESULT, stay, by=(SD, CH), form=forms.Proof, asks=CLEAR, apply=steps.heard("clarification"),
        guard=together(guards.impartial, guards.clarified), label=_("Clear up with the customer"),
        help=_("Name the communication in which the customer confirmed what was unclear."),
    ),
    move(
        "answer", BEFORE_RESULT, stay, by=(SD, CH), form=forms.Said, guard=guards.impartial,
        apply=steps.told_then(steps.answer, substantive=True), effect=effects.answered, label=_("Send an answer"),
        public=True, help=_("A substantive answer; it stops the answer clock."),
    ),
    move(
        "tell_progress", BEFORE_RESULT, stay, by=(SD, CH, RM), form=forms.Text, guard=guards.impartial,
        apply=steps.told, effect=effects.progress_told, label=_("Tell how it stands"), public=True,
    ),
    move(
        "change_severity", BEFORE_RESULT, stay, by=OWNERS, requires=("severity",), asks=("consequence", *RATING),
        note=True, guard=together(guards.impartial, guards.not_lowered), apply=steps.rate,
        effect=effects.raised_or_lowered, label=_("Change the severity"),
    ),
    move(
        "correct_times", BEFORE_RESULT, stay, by=OWNERS, requires=("received_at",), asks=("first_dissatisfied_at",),
        note=True, guard=together(guards.impartial, guards.not_begun_later), apply=steps.correct_times,
        effect=effects.times_corrected, label=_("Correct the times"),
        help=_("Every deadline is reckoned anew. Only the complaint owner lets the clocks begin later."),
    ),
    move(
        "extend", BEFORE_RESULT, stay, by=(CH,), requires=("promised_at", "extension_reason", "outside_body"),
        guard=together(guards.complaint, guards.own, guards.impartial, guards.extended), apply=steps.told,
        effect=effects.extended, label=_("Name a new date"), public=True,
        help=_("The customer is told the reason, the new date and an outside body. The deadline itself stays."),
    ),
    move(
        "escalate", BEFORE_RESULT, stay, by=(CC,), note=True, guard=guards.complaint,
        effect=effects.escalate(Trigger.CUSTOMER, note=True), label=_("Escalate"), public=True,
    ),
    move(
        "escalate_inside", BEFORE_RESULT, stay, by=ANYBODY, note=True, form=forms.OnBehalf, guard=guards.complaint,
        effect=effects.escalate_for, label=_("Escalate"),
    ),
    move(
        "propose_reclassification", WORKED_ON, stay, by=(CH,), requires=("proposed_classification",), note=True,
        guard=together(guards.complaint, guards.impartial, guards.proposable), apply=steps.propose,
        label=_("Propose to reclassify"),
    ),
    move(
        "keep_classification", WORKED_ON, stay, by=OWNERS, note=True, guard=together(guards.proposed, guards.owner),
        apply=steps.decline, label=_("Decline the reclassification"),
    ),
    move(
        "make_complaint", (S.RECEIVED, S.ACKNOWLEDGED), stay, by=(*ANYBODY, CC), asks=("first_dissatisfied_at",),
        note=True, guard=guards.no_complaint, apply=steps.make_complaint, effect=effects.made_complaint,
        label=_("Make it a complaint"), public=True,
    ),
    move(
        "classify", (S.RECEIVED, S.ACKNOWLEDGED), stay, by=(SD, CH, RM), requires=("classification",),
        asks=("subtype",), note=True, guard=together(guards.no_complaint, guards.sorted_anew, guards.impartial),
        apply=steps.classify, effect=effects.classified, label=_("Classify differently"),
        help=_("Request, order, suggestion, enquiry, query about privacy or praise. What it was stays in its history."),
    ),
    move(
        "promise", AT_WORK, stay, by=(CH,), form=forms.FirstAction, guard=together(guards.own, guards.impartial),
        effect=effects.first_action, label=_("Promise another action"), public=True,
        help=_("The customer is told what, and until when, if that was wished."),
    ),
    move(
        "carry_on", AT_WORK, stay, by=(CH,), form=forms.CarryOn, note=True,
        guard=together(guards.own, guards.impartial), effect=effects.carried_on,
        label=_("Carry an action on as an improvement"), public=True,
        help=_("The answer need not wait for it: it is tracked to its end after closing, and the customer is told."),
    ),
    move(
        "propose_improvement", (S.RECEIVED, S.ACKNOWLEDGED), stay, by=(RM, PR), form=forms.Idea,
        guard=other_matters.suggestion, effect=other_matters.propose, label=_("Make it an improvement"), primary=True,
        public=True, help=_("The customer hears of it now, and of the decision when the suggestion is answered."),
    ),
    move(
        "pass_on_praise", (S.RECEIVED, S.ACKNOWLEDGED, S.CLOSED), stay, by=(SD, CH, RM, PR), form=forms.Praised,
        guard=other_matters.praise, apply=other_matters.find_praised, effect=other_matters.pass_on,
        label=_("Pass the praise on"),
    ),
    move(
        "name_supplier", AT_WORK, stay, by=(CH,), requires=("at_fault",),
        guard=together(guards.complaint, guards.impartial), label=_("Name the supplier at fault"),
        help=_("The complaint counts on the page of the supplier; who signs in for it keeps away from the case."),
    ),
    move(
        "join_problem", tuple(S), stay, by=(SD, CH, RM, PR), form=forms.OfProblem, guard=guards.impartial,
        apply=problems.find, effect=problems.join, label=_("Put to a problem"),
        help=_("Cases with the same cause are looked into once, as a problem; each case points to it."),
    ),
    move(
        "propose_risk", OPEN, stay, by=(SD, CH, RM, PR), form=forms.Danger, guard=guards.impartial,
        effect=dangers.proposed, label=_("Propose a risk"),
        help=_("Those who manage risks take it up or dismiss it, with a reason."),
    ),
    move(
        "ask_news", BEFORE_RESULT, stay, by=(CC, SD, CH, RM), note=True, apply=steps.ask_news,
        label=_("Ask for news"), public=True, help=_("The customer wants to know how it stands; a short clock starts."),
    ),
    move(
        "record_wish", OPEN, stay, by=(CC, SD, CH, RM), form=forms.WishForm, apply=steps.record_wish,
        label=_("Record the notification wish"), public=True,
    ),
)  # fmt: skip

ON_COMPLAINTS = {"name_supplier", "escalate", "escalate_inside", "extend", "promise", "carry_on"}
COMPLAINTS_ONLY = frozenset({row.name for row in path} - {"acknowledge"} | ON_COMPLAINTS)
NO_COMPLAINTS = frozenset({"finish", "make_complaint", "classify"})
FOR_ONE = {"propose_improvement": "suggestion", "pass_on_praise": "praise"}
WITH_PROPOSAL = frozenset({"reclassify", "keep_classification"})
NOT_REOPENED = (Ground.MERGED, Ground.RECLASSIFIED, Ground.ANSWERED)


class CaseWorkflow(Workflow):
    """Shows only the steps that make sense for what the case is; the guards refuse the others as well."""

    def leaving(self, record: Any) -> list[Move]:
        hidden = set(NO_COMPLAINTS if record.is_complaint else COMPLAINTS_ONLY)
        hidden |= {"propose_reclassification"} if record.proposed_classification else WITH_PROPOSAL
        hidden |= {name for name, what in FOR_ONE.items() if record.classification != what}
        if record.close_ground != Ground.RECLASSIFIED:
            hidden.add("object")
        if record.escalation_level >= TOP:
            hidden.add("escalate")  # nobody is above to whom the customer could be sent
        if not record.is_complaint or record.close_ground in NOT_REOPENED:
            hidden.add("reopen")
        return [row for row in super().leaving(record) if row.name not in hidden]


case_life = CaseWorkflow(
    S.RECEIVED,
    (*path, *endings, *alongside),
    stages=(S.RECEIVED, S.ACKNOWLEDGED, S.ASSESSED, S.INVESTIGATING, S.ACTING, S.RESOLVED, S.CLOSED),
    bookkeeping={
        "count": _("counted with its like"), "bundle": _("put into a bundle"), "breach": _("noted as late"),
        "remind": _("reminded the customer"), "progress": _("told how it stands"), "wait": _("looks again later"),
        "tell": _("told the customer"), "continue": _("continued elsewhere"), "restore": _("taken back"),
        "refer": _("names the outside body"), "reckon": _("reckoned the deadlines anew"),
        "date": _("dated the first answer"),
    },
)  # fmt: skip
