"""Every way a case ends, what it asks for, and what comes back: rejection, objection, reopening, follow-up."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from comity.cases.models import Case
from comity.cases.operations import joining
from comity.improvement.models import Action, Improvement
from comity.records import write
from comity.records.models import Link
from tests.cases.conftest import ENDING, RESULT, Desk
from tests.cases.test_path import refused


def test_the_customer_confirms_alone(desk: Desk) -> None:
    case = desk.at("resolved")
    case = desk.move(case, "confirm", "customer_contact")
    assert (case.status, case.close_ground, case.closed_at) == ("closed", "confirmed", timezone.now())
    assert case.next_due_at is None
    assert desk.sweep(case).sweep_at is None


def test_staff_confirm_only_with_the_logged_call(desk: Desk) -> None:
    case = desk.at("resolved")
    assert "logged communication" in refused(desk, case, "confirm")
    refused(desk, case, "confirm", communication="COM-99999")
    ours = desk.told(case)[0].ref
    refused(desk, case, "confirm", communication=ours)  # what we said ourselves proves nothing
    desk.later(hours=1)
    heard = desk.heard(case)
    case = desk.move(case, "confirm", communication=heard)
    assert (case.close_ground, case.confirmation.ref) == ("confirmed", heard)


def test_what_was_said_before_the_result_confirms_nothing(desk: Desk) -> None:
    case = desk.at("acting")
    early = desk.heard(case)
    desk.later(hours=1)
    case = desk.step(case)
    refused(desk, case, "confirm", communication=early)


def test_another_customers_word_confirms_nothing(desk: Desk) -> None:
    case = desk.at("resolved")
    other = desk.heard(case, customer=desk.world.child.ref, contact=desk.world.child_contact.ref, subject_ref="")
    refused(desk, case, "confirm", communication=other)


def test_nobody_else_confirms(desk: Desk) -> None:
    case = desk.at("resolved")
    for role in ("service_desk", "process_manager", "operations_director", "auditor", "senior_manager"):
        refused(desk, case, "confirm", role)


def test_one_reminder_then_the_time_to_confirm_passes(desk: Desk) -> None:
    case = desk.at("resolved")
    refused(desk, case, "expire")
    desk.until(case.remind_at)
    case = desk.sweep(case)
    assert len(desk.told(case, "reminder")) == 1
    assert desk.sweep(case).status == "resolved"
    desk.until(case.confirm_due_at)
    case = desk.sweep(case)
    assert (case.status, case.close_ground) == ("closed", "confirmation_expired")
    assert len(desk.told(case, "reminder")) == 1


def test_rejection_needs_a_reason_restarts_the_clock_and_goes_up(desk: Desk) -> None:
    case = desk.at("resolved")
    due = case.resolve_due_at
    refused(desk, case, "reject", "customer_contact")
    desk.later(days=1)
    case = desk.move(case, "reject", "customer_contact", note="Too little.")
    assert (case.status, case.reject_count, case.resolved_at) == ("investigating", 1, None)
    assert case.resolve_from == timezone.now()
    assert case.resolve_due_at > due
    assert desk.escalations(case) == [("rejected", 2)]
    case = desk.step(desk.step(case))
    case = desk.move(case, "reject", "customer_contact", note="Again.")
    assert desk.escalations(case)[-1] == ("rejected_again", 3)


def test_staff_reject_only_with_the_logged_call(desk: Desk) -> None:
    case = desk.at("resolved")
    refused(desk, case, "reject", note="He is not content.")
    case = desk.move(case, "reject", note="He is not content.", communication=desk.heard(case, purpose="rejection"))
    assert case.reject_count == 1


def test_an_old_breach_survives_the_new_clock(desk: Desk) -> None:
    case = desk.at("acting")
    desk.until(case.resolve_due_at)
    case = desk.sweep(case)
    assert case.breached
    case = desk.step(case)
    case = desk.move(case, "reject", "customer_contact", note="No.")
    assert case.breached
    assert len(case.breaches) == 1
    assert case.resolve_due_at > timezone.now()
    desk.until(case.resolve_due_at)
    case = desk.sweep(desk.sweep(case))
    assert len(case.breaches) == 2, "the new clock is missed once, too"
    case = desk.step(desk.step(case))
    assert (case.figure(), len(case.breaches)) == ("late", 2)


def test_what_was_explained_covers_no_clock_that_begins_after_it(desk: Desk) -> None:
    case, later = desk.at("investigating"), timezone.now() + timedelta(days=90)
    told = {"level_analysis": "One line.", "promised_at": later.isoformat(), "text": "In spring.", "improvement": "Two"}
    case = desk.move(case, "await_improvement", "process_manager", **told)
    [improvement] = Improvement.objects.filter(source_ref=case.ref)
    desk.world.move(improvement, "reject", "process_manager", decision_reason="Too dear.")
    case = desk.move(case, "resolve_improved", **RESULT, outside_body="Arbitration board")
    assert (case.waits_for_improvement, case.figure()) == (True, "waiting_for_improvement")
    desk.later(hours=1)
    case = desk.move(case, "reject", "customer_contact", note="No.")
    assert not case.waits_for_improvement and case.resolve_due_at < later
    desk.until(case.resolve_due_at)
    case = desk.sweep(case)
    assert (case.breached, case.figure()) == (True, "open_late")
    assert ("resolve_missed", 2) in desk.escalations(case) or case.escalation_level == 3


def test_a_late_reminder_leaves_time_to_confirm(desk: Desk) -> None:
    case = desk.at("resolved")
    desk.until(case.confirm_due_at)
    after = desk.sweep(case)
    [reminder] = desk.told(case, "reminder")
    assert after.status == "resolved" and after.confirm_due_at > timezone.now()
    assert f"{after.confirm_due_at:%Y-%m-%d}" in reminder.body
    desk.until(after.confirm_due_at)
    assert (desk.sweep(case).close_ground, len(desk.told(case, "reminder"))) == ("confirmation_expired", 1)


def test_no_agreement_is_the_operations_directors_alone(desk: Desk) -> None:
    case = desk.at("resolved")
    for number in range(2):
        case = desk.move(case, "reject", "customer_contact", note=f"No {number}.")
        case = desk.step(desk.step(case))
    given = {"outside_body": "Arbitration board"}
    refused(desk, case, "close_without_agreement", "process_manager", note="x", **given)
    assert "operations director has not answered" in refused(
        desk, case, "close_without_agreement", "operations_director", note="x", **given
    )
    top = case.escalations.get(level=3)
    desk.world.move(top, "answer", "operations_director", decision="We stay with it.")
    refused(desk, case, "close_without_agreement", "operations_director", note="x")
    case = desk.move(case, "close_without_agreement", "operations_director", "We differ.", **given)
    assert (case.close_ground, case.for_analysis) == ("no_agreement", True)
    assert "Arbitration board" in desk.told(case, "recourse")[0].body


def test_withdrawing_takes_the_customers_word_and_the_answers(desk: Desk) -> None:
    case = desk.at("investigating")
    refused(desk, case, "withdraw", note="Called.", **ENDING)
    refused(desk, case, "withdraw", note="Called.", communication=desk.heard(case))
    case = desk.move(case, "ask_to_withdraw", "customer_contact", note="Settled.")
    assert case.status == "investigating"
    case = desk.move(case, "withdraw", note="As asked.", **ENDING)
    assert (case.status, case.close_ground) == ("closed", "withdrawn")
    assert not Action.objects.exists()


def test_a_grave_one_is_investigated_though_withdrawn(desk: Desk) -> None:
    case = desk.step(desk.at("acknowledged"), severity="major")
    case = desk.move(case, "withdraw", note="Called.", communication=desk.heard(case), **ENDING)
    [action] = Action.objects.filter(source_ref=case.ref)
    assert "Investigate internally" in action.title
    assert any("still investigated" in line.words for line in desk.lines(case))


# --- merging -------------------------------------------------------------------------------------------------------


def test_merging_links_to_the_survivor_and_still_counts(desk: Desk) -> None:
    survivor, case = desk.register(), desk.register()
    refused(desk, case, "merge", "complaint_handler", case=survivor.ref, **ENDING)  # not the complaint owner
    refused(desk, case, "merge", "process_manager", case=case.ref, **ENDING)
    refused(desk, case, "merge", "process_manager", case="CMP-99999", **ENDING)
    case = desk.move(case, "merge", "process_manager", case=survivor.ref, **ENDING)
    assert (case.close_ground, case.successor) == ("merged", survivor)
    assert Link.objects.filter(from_ref=case.ref, verb="merged_into", to_ref=survivor.ref).exists()
    assert survivor.ref in desk.told(case, "decision")[0].body
    from comity.cases.operations.repetition import counted

    assert case in counted(survivor, "service")


def test_cases_of_two_customers_are_not_merged(desk: Desk) -> None:
    other = desk.register(customer=desk.world.child.ref, contact=desk.world.child_contact.ref)
    case = desk.register()
    assert "another customer" in refused(desk, case, "merge", "process_manager", case=other.ref, **ENDING)


def test_splitting_makes_a_linked_case_of_the_other_demand(desk: Desk) -> None:
    case = desk.register(description="It was down. Also I want a new phone.")
    actor = desk.world.actor("service_desk")
    part = joining.split(case, {"classification": "service_request", "description": "A new phone."}, actor=actor)
    assert (part.classification, part.customer, part.contact) == ("service_request", case.customer, case.contact)
    assert part.received_at == case.received_at
    assert Link.objects.filter(from_ref=part.ref, verb="split_from", to_ref=case.ref).exists()
    case.refresh_from_db()
    assert case.is_complaint


# --- reclassifying ---------------------------------------------------------------------------------------------------


def proposed(desk: Desk, status: str = "investigating", wanted: str = "service_request") -> Any:
    case = desk.at(status)
    return desk.move(case, "propose_reclassification", note="He wants a device.", proposed_classification=wanted)


def test_reclassifying_takes_a_proposal_and_the_owners_approval(desk: Desk) -> None:
    case = desk.at("investigating")
    assert "Nobody has proposed" in refused(desk, case, "reclassify", "process_manager", **ENDING)
    refused(desk, case, "propose_reclassification", note="x", proposed_classification="praise")
    refused(desk, case, "propose_reclassification", "process_manager", note="x", proposed_classification="enquiry")
    case = desk.move(
        case, "propose_reclassification", note="He wants a device.", proposed_classification="service_request"
    )
    assert case.status == "investigating"
    refused(desk, case, "reclassify", "complaint_handler", **ENDING)
    refused(desk, case, "reclassify", "operations_director", **ENDING)  # the owner is there
    case = desk.move(case, "reclassify", "process_manager", **ENDING)
    assert (case.status, case.close_ground, case.reclassified_at) == ("closed", "reclassified", timezone.now())
    assert case.classification == "complaint"
    assert case.successor.classification == "service_request"
    assert case.approver == desk.world.person("process_manager")
    assert case.customer_notice in desk.told(case, "decision")
    assert case.figure() is None


def test_a_proposal_can_be_declined(desk: Desk) -> None:
    case = desk.move(proposed(desk), "keep_classification", "process_manager", note="It is one.")
    assert case.proposed_classification == ""
    assert desk.step(case).status == "acting"


def test_the_customer_may_object_for_some_days(desk: Desk) -> None:
    case = desk.move(proposed(desk), "reclassify", "process_manager", **ENDING)
    due = case.resolve_due_at
    refused(desk, case, "object", "complaint_handler", note="He objects.")
    case = desk.move(case, "object", "customer_contact", note="It is a complaint.")
    assert (case.status, case.close_ground, case.reclassified_at) == ("investigating", "", None)
    assert case.resolve_due_at == due  # the clock it had
    assert desk.escalations(case) == [("objection", 1)]
    [successor] = Case.objects.filter(classification="service_request")
    assert successor.status == "closed"


def test_too_late_to_object(desk: Desk) -> None:
    case = desk.move(proposed(desk), "reclassify", "process_manager", **ENDING)
    desk.until(case.confirm_due_at)
    assert "passed" in refused(desk, case, "object", "customer_contact", note="It is one.")


def test_other_closings_are_not_objected_to(desk: Desk) -> None:
    refused(desk, desk.at("closed"), "object", "customer_contact", note="No.")


def test_an_enquiry_becomes_a_complaint_on_the_clock_of_the_first_word(desk: Desk) -> None:
    said = timezone.now() - timedelta(days=7)
    case = desk.register(classification="enquiry", received_at=(said - timedelta(days=1)).isoformat())
    assert case.resolve_due_at is None
    refused(desk, case, "make_complaint", "service_desk")
    case = desk.move(case, "make_complaint", "service_desk", "Third time.", first_dissatisfied_at=said.isoformat())
    assert (case.ref, case.classification, case.clock_from) == ("CMP-00001", "complaint", said)
    assert case.resolve_due_at < timezone.now() + timedelta(days=1)
    refused(desk, case, "finish", "service_desk", outcome="Here you are.")


@pytest.mark.parametrize("classification", ["enquiry", "suggestion", "praise", "service_request"])
def test_what_is_no_complaint_is_answered_and_closed(desk: Desk, classification: str) -> None:
    case = desk.register(classification=classification)
    assert case.resolve_due_at is None
    refused(desk, case, "finish", "service_desk")
    case = desk.move(case, "finish", "service_desk", outcome="Thank you.")
    assert (case.status, case.close_ground, case.figure()) == ("closed", "answered", None)
    refused(desk, case, "reopen", "customer_contact", note="No.")


def test_only_complaints_are_assessed(desk: Desk) -> None:
    case = desk.move(desk.register(classification="enquiry"), "acknowledge", "service_desk")
    from tests.cases.conftest import RATED

    assert "Only complaints" in refused(desk, case, "assess", **RATED, handler=desk.world.email("complaint_handler"))


# --- coming back -----------------------------------------------------------------------------------------------------


def test_reopening_counts_goes_up_and_starts_a_new_clock(desk: Desk) -> None:
    case = desk.at("closed")
    refused(desk, case, "reopen", "customer_contact")
    refused(desk, case, "reopen", "service_desk", note="Again.")
    desk.later(days=7)
    case = desk.move(case, "reopen", "customer_contact", note="It is down again.")
    assert (case.status, case.reopen_count, case.close_ground) == ("investigating", 1, "")
    assert case.resolve_from == timezone.now()
    assert case.for_analysis
    assert case.escalation_level >= 1
    assert desk.escalations(case) == [("reopened", 1)]
    case = desk.step(desk.step(desk.step(case)))
    case = desk.move(case, "reopen", "process_manager", note="Once more.")
    assert desk.escalations(case)[-1] == ("rejected_again", 3)


def test_after_thirty_days_it_is_a_new_case_linked_as_follow_up(desk: Desk) -> None:
    case = desk.at("closed")
    desk.later(days=31)
    assert "follow-up" in refused(desk, case, "reopen", "customer_contact", note="Again.")
    actor = desk.world.actor("service_desk")
    follow = joining.follow_up(case, {"description": "It is down again.", "channel": "phone"}, actor=actor)
    assert follow.ref != case.ref
    assert follow.customer == case.customer
    assert Link.objects.filter(from_ref=follow.ref, verb="follow_up_of", to_ref=case.ref).exists()


def test_two_people_at_once(desk: Desk) -> None:
    case = desk.register()
    actor = desk.world.actor("service_desk")
    write.transition(case, "acknowledge", {}, actor=actor, version=case.version)
    with pytest.raises(write.Stale):
        write.transition(case, "acknowledge", {}, actor=actor, version=case.version)


def test_no_step_skips_the_path(desk: Desk) -> None:
    case = desk.register()
    for name in ("assess", "investigate", "act", "resolve", "confirm", "reopen", "close_without_agreement"):
        with pytest.raises((write.Refused, write.NotAllowed)):
            desk.move(case, name, **RESULT) if name == "resolve" else desk.move(case, name, note="x")


def test_a_fact_before_the_last_step_is_refused(desk: Desk) -> None:
    case = desk.at("acknowledged")
    from django.core.exceptions import ValidationError

    with pytest.raises(ValidationError):
        desk.world.move(
            case,
            "assign",
            "service_desk",
            timezone.now() - timedelta(days=1),
            handler=desk.world.email("complaint_handler"),
        )


def unknown(desk: Desk, **known: Any) -> Any:
    """A case of a customer that nobody knows yet."""
    values = {"customer": None, "contact": None, **known}
    return write.assign(desk.register(), values, actor=desk.rule())


@pytest.mark.parametrize("column", ["contact", "address"])
def test_without_a_customer_only_cases_of_one_sender_are_merged(desk: Desk, column: str) -> None:
    """Two strangers have in common that nobody knows them; that makes them no one customer."""
    first, second = (unknown(desk) for _ in range(2))
    refused(desk, first, "merge", "process_manager", **ENDING, case=second.ref)
    there = {"contact": desk.world.child_contact, "address": "bea@stranger.example"}[column]
    here = {"contact": desk.world.contact, "address": "ada@stranger.example"}[column]
    first, second = unknown(desk, **{column: here}), unknown(desk, **{column: there})
    refused(desk, first, "merge", "process_manager", **ENDING, case=second.ref)
    second = unknown(desk, **{column: here})
    assert desk.move(first, "merge", "process_manager", **ENDING, case=second.ref).successor == second
