"""The main path of a complaint: each step, who may take it, what it asks, what it does."""

from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from comity.cases.models import Case
from comity.improvement.models import Action, Improvement
from comity.records import write
from comity.records.models import Entry
from tests.cases.conftest import ENDING, FOUND, RATED, RESULT, Desk


def refused(desk: Desk, case: Any, name: str, by: str = "complaint_handler", note: str = "", /, **data: Any) -> str:
    """The step is refused, and nothing has changed: no column, no line, no notice."""
    row = type(case).objects.filter(pk=case.pk).values()
    before, lines = row.get(), Entry.objects.count()
    with pytest.raises((write.Refused, write.NotAllowed, ValidationError, write.NotReadable)) as caught:
        desk.move(case, name, by, note, **data)
    assert row.all().get() == before
    assert Entry.objects.count() == lines
    return str(caught.value)


def test_intake_gives_number_and_due_dates(desk: Desk) -> None:
    first, second = desk.register(), desk.register()
    assert (first.ref, second.ref) == ("CMP-00001", "CMP-00002")
    assert first.status == "received"
    assert first.received_at == timezone.now()
    assert first.entered_late is False
    assert first.definition == desk.world.own_definition
    assert first.next_due_at == first.ack_due_at


@pytest.mark.parametrize("name", ["customer", "contact", "service", "channel", "description", "wanted_remedy"])
def test_intake_asks_for_each_mandatory_field(desk: Desk, name: str) -> None:
    with pytest.raises(ValidationError) as caught:
        desk.register(**{name: ""})
    assert name in caught.value.message_dict
    assert not Case.objects.exists()
    assert desk.register().ref == "CMP-00001"  # a refusal leaves no hole


def test_late_entry_is_allowed_and_flagged(desk: Desk) -> None:
    case = desk.register(received_at=(timezone.now() - timedelta(days=3)).isoformat())
    assert case.entered_late
    assert case.ack_due_at < timezone.now()


def test_intake_refuses_the_future_and_a_foreign_contact(desk: Desk) -> None:
    with pytest.raises(ValidationError):
        desk.register(received_at=(timezone.now() + timedelta(days=1)).isoformat())
    with pytest.raises(ValidationError):
        desk.register(contact=desk.world.child_contact.ref)


def test_acknowledging_sends_number_contact_and_the_way_up(desk: Desk) -> None:
    case = desk.register()
    refused(desk, case, "acknowledge", "relationship_manager")
    case = desk.move(case, "acknowledge", "service_desk", next_step="We look at the logs.")
    assert (case.status, case.acknowledged_at) == ("acknowledged", timezone.now())
    [notice] = desk.told(case, "acknowledgement")
    for word in (case.ref, "We look at the logs.", "Service Desk", "escalated"):
        assert word in notice.body
    assert case.next_due_at == case.triage_due_at


def test_assessing_confirms_rates_and_assigns(desk: Desk) -> None:
    case = desk.at("acknowledged")
    handler = desk.world.email("complaint_handler")
    for left_out in ("consequence", "handler"):
        refused(desk, case, "assess", **{k: v for k, v in {**RATED, "handler": handler}.items() if k != left_out})
    refused(desk, case, "assess", "service_desk", **RATED, handler=handler)
    refused(desk, case, "assess", severity="normal", consequence="normal", handler=handler)  # marks not set
    case = desk.step(case)
    assert (case.status, case.risk_score, case.path) == ("assessed", 8, "standard")
    assert case.assessed_at == timezone.now()
    assert "Risk score" in desk.lines(case)[-1].words


def test_one_unclear_mark_forces_a_confirming_contact(desk: Desk) -> None:
    case = desk.at("acknowledged")
    rated = {**RATED, "handler": desk.world.email("complaint_handler"), "demand_clear": False}
    assert "confirm" in refused(desk, case, "assess", **rated)
    refused(desk, case, "clarify", "service_desk")
    case = desk.move(case, "clarify", "service_desk", communication=desk.heard(case))
    assert desk.move(case, "assess", **rated).status == "assessed"


def test_the_person_complained_about_neither_handles_nor_investigates(desk: Desk) -> None:
    named = desk.world.email("complaint_handler")
    with pytest.raises(ValidationError):
        desk.register(about=[named], handler=named)
    case = desk.register(about=[named])
    case = desk.move(case, "acknowledge", "service_desk")
    assert "about you" in refused(desk, case, "assess", **RATED, handler=desk.world.email("northerner"))
    refused(desk, case, "assign", "process_manager", handler=named)
    case = desk.move(case, "assign", "process_manager", handler=desk.world.email("service_desk"))
    assert case.handler == desk.world.person("service_desk")


def test_an_investigator_who_is_complained_about_is_refused(desk: Desk) -> None:
    named = desk.world.email("process_manager")
    case = desk.at("acknowledged")
    case = desk.move(case, "assess", **RATED, handler=desk.world.email("complaint_handler"), about=[named])
    assert "investigator" in refused(desk, case, "investigate", investigator=named)
    assert desk.step(case).status == "investigating"


def test_investigating_needs_an_investigator(desk: Desk) -> None:
    case = desk.at("assessed")
    refused(desk, case, "investigate")
    case = desk.step(case)
    assert case.investigating_at == timezone.now()


def test_another_handler_does_not_move_somebody_elses_case(desk: Desk) -> None:
    case = desk.at("assessed")
    desk.world.person("service_desk")
    from comity.accounts.models import Grant

    other = desk.world.person("northerner")
    Grant.objects.filter(person=other).update(unit=desk.world.root)
    assert "Another person" in refused(desk, case, "investigate", "northerner", investigator=other.email)


@pytest.mark.parametrize("left_out", FOUND)
def test_acting_needs_facts_views_and_cause(desk: Desk, left_out: str) -> None:
    case = desk.at("investigating")
    first = {
        "action": "Call",
        "action_owner": desk.world.email("complaint_handler"),
        "action_due_on": timezone.localdate(),
    }
    refused(desk, case, "act", **{k: v for k, v in {**FOUND, **first}.items() if k != left_out})
    assert not Action.objects.filter(source_ref=case.ref).exists()


def test_acting_begins_with_an_action_that_has_owner_and_date(desk: Desk) -> None:
    case = desk.at("investigating")
    refused(desk, case, "act", **FOUND)
    case = desk.step(case)
    [action] = Action.objects.filter(source_ref=case.ref)
    assert (action.owner, action.due_on) == (desk.world.person("complaint_handler"), timezone.localdate())
    assert (case.status, case.left_investigating_at) == ("acting", timezone.now())


def test_resolving_waits_for_every_action(desk: Desk) -> None:
    case = desk.at("acting")
    assert "ACT-00001" in refused(desk, case, "resolve", **RESULT)
    case = desk.step(case)
    assert case.status == "resolved"
    [notice] = desk.told(case, "result")
    assert case.result_notice == notice
    assert "We credit one month." in notice.body
    assert case.confirm_due_at > timezone.now()
    assert case.next_due_at == case.confirm_due_at
    assert case.answered_at == timezone.now()


def test_cancelling_an_action_does_not_settle_it(desk: Desk) -> None:
    case = desk.at("acting")
    [action] = Action.objects.filter(source_ref=case.ref)
    desk.world.move(action, "cancel", "complaint_handler", note="Not wanted")
    refused(desk, case, "resolve", **RESULT)


def test_an_action_may_go_on_as_an_improvement_that_the_customer_is_told_of(desk: Desk) -> None:
    from comity.cases.operations import promises

    case = desk.at("acting")
    [action] = Action.objects.filter(source_ref=case.ref)
    moved = promises.move_to_improvement(
        case, action, actor=desk.world.actor("complaint_handler"), reason="It takes a year."
    )
    assert moved.source_ref == action.ref
    assert any(moved.ref in notice.body for notice in desk.told(case))
    assert desk.move(case, "resolve", **RESULT).status == "resolved"


@pytest.mark.parametrize("left_out", ["no_action_reason", "facts", "outcome", "outcome_reasons", "cause_area"])
def test_no_action_is_a_reasoned_decision(desk: Desk, left_out: str) -> None:
    case = desk.at("investigating")
    whole = {**FOUND, **RESULT, "no_action_reason": "Nothing to mend."}
    refused(desk, case, "resolve_without_action", **{k: v for k, v in whole.items() if k != left_out})
    case = desk.move(case, "resolve_without_action", **whole)
    assert (case.status, case.result_notice_id is not None) == ("resolved", True)


def test_the_improvement_question_is_asked_before_the_result(desk: Desk) -> None:
    case = desk.at("acting")
    desk.world.move(Action.objects.get(source_ref=case.ref), "complete", "complaint_handler", completion_report="Done.")
    assert "improvement" in refused(desk, case, "resolve", **{**RESULT, "improvement_need": None})


# --- waiting -------------------------------------------------------------------------------------------------------


def test_asking_stops_the_resolution_clock_only(desk: Desk) -> None:
    case = desk.at("investigating")
    due, answer = case.resolve_due_at, case.answer_due_at
    case = desk.move(case, "ask_customer", text="Which line?")
    assert (case.status, case.resume_status) == ("awaiting_customer", "investigating")
    assert desk.told(case, "question")
    desk.later(days=1)
    case = desk.move(case, "reply", "customer_contact", note="Line 3.")
    assert case.status == "investigating"
    assert case.resolve_due_at > due
    assert case.answer_due_at == answer
    assert len(case.pauses) == 1


def test_asking_needs_somebody_to_ask_and_a_text(desk: Desk) -> None:
    case = desk.at("investigating", anonymous=True, contact="")
    assert "nobody" in refused(desk, case, "ask_customer", text="Which line?")
    other = desk.at("investigating")
    refused(desk, other, "ask_customer")


def test_the_wait_ends_by_itself_after_ten_business_days(desk: Desk) -> None:
    case = desk.at("acting")
    case = desk.move(case, "ask_customer", text="Which line?")
    desk.until(case.pause_ends_at)
    case = desk.sweep(case)
    assert case.status == "acting"
    assert any("waiting" in line.words for line in desk.lines(case))
    assert "waiting is used up" in refused(desk, case, "ask_customer", text="Still there?")


def test_not_solvable_explains_and_proposes_an_improvement(desk: Desk) -> None:
    case = desk.at("investigating")
    told = {
        "level_analysis": "One line only.", "promised_at": (timezone.now() + timedelta(days=90)).isoformat(),
        "text": "A second line comes in spring.", "improvement": "Second line",
    }  # fmt: skip
    refused(desk, case, "await_improvement", **told)  # a handler who does not own complaint handling
    case = desk.move(case, "await_improvement", "process_manager", **told)
    assert case.waits_for_improvement
    assert case.next_due_at != case.resolve_due_at
    [improvement] = Improvement.objects.filter(source_ref=case.ref)
    assert [notice.body for notice in desk.told(case, "explanation")] == ["A second line comes in spring."]
    refused(desk, case, "resolve_improved", **RESULT)
    improvement = desk.world.move(improvement, "reject", "process_manager", decision_reason="Too dear.")
    case = desk.move(case, "resolve_improved", **RESULT, outside_body="Arbitration board")
    assert case.status == "resolved"
    assert "Arbitration board" in desk.told(case, "recourse")[0].body


def test_every_step_leaves_its_line(desk: Desk) -> None:
    case = desk.at("closed")
    acts = list(Entry.objects.filter(kind="case", record_id=case.pk).exclude(act="auto").values_list("act", flat=True))
    for act in ("create", "acknowledge", "assess", "investigate", "act", "resolve", "confirm"):
        assert act in acts
    assert case.states_passed == [
        "received",
        "acknowledged",
        "assessed",
        "investigating",
        "acting",
        "resolved",
        "closed",
    ]


def test_ending_words_are_complete() -> None:
    assert set(ENDING) < set(RESULT)
