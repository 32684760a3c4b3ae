"""Nothing is done about a case before it was received, and a late entry does not stop a clock by itself."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from comity.cases.models import Case
from comity.improvement.models import Action
from comity.records import write
from tests.cases.conftest import FOUND, RESULT, Desk

DAYS = timedelta(days=1)


def acknowledge(desk: Desk, case: Any, at: Any, **data: Any) -> Any:
    return write.transition(case, "acknowledge", data, actor=desk.world.actor("service_desk"), happened_at=at)


def refused(desk: Desk, case: Any, at: Any, field: str, **data: Any) -> None:
    with pytest.raises(ValidationError) as found:
        acknowledge(desk, case, at, **data)
    assert list(found.value.message_dict) == [field]
    after = Case.objects.get(pk=case.pk)
    assert (after.status, after.acknowledged_at, len(desk.told(case))) == ("received", None, len(desk.told(case)))


def test_no_step_lies_before_the_receipt(desk: Desk) -> None:
    desk.later(hours=20 / 3600)
    case = desk.register()
    refused(desk, case, timezone.now() - timedelta(minutes=2), "happened_at")
    minute = timezone.now().replace(second=0, microsecond=0)  # people enter minutes
    assert acknowledge(desk, case, minute).acknowledged_at == case.received_at


def test_an_escalation_is_not_answered_before_it_was_raised(desk: Desk) -> None:
    case = desk.move(desk.register(), "escalate", "customer_contact", note="Slow.")
    raised, actor = case.escalations.get(), desk.world.actor("process_manager")
    with pytest.raises(ValidationError):
        early = raised.raised_at - timedelta(minutes=2)
        write.transition(raised, "answer", {"decision": "Go on."}, actor=actor, happened_at=early)
    raised.refresh_from_db()
    assert raised.status == "open"


def test_an_acknowledgement_entered_days_later_needs_what_proves_it(desk: Desk) -> None:
    now = timezone.now()
    case, then = desk.register(received_at=now - 5 * DAYS), now - 4 * DAYS
    refused(desk, case, then, "communication")
    inbound = desk.heard(case, occurred_at=then.isoformat())
    late = desk.heard(case, direction="outbound", occurred_at=(then + DAYS).isoformat())
    other = desk.heard(case, direction="outbound", occurred_at=then.isoformat(), subject_ref="")
    for proof in (inbound, late, other):
        refused(desk, case, then, "communication", communication=proof)
    told = desk.heard(case, direction="outbound", occurred_at=then.isoformat())
    case = acknowledge(desk, case, then, communication=told)
    assert (case.status, case.acknowledged_at) == ("acknowledged", then)
    assert {one.ref for one in desk.told(case)} == {late, told}, "nothing is sent, and nothing is put on record, twice"


def test_one_entered_minutes_later_still_sends_the_notice_and_one_entered_hours_later_is_proven(desk: Desk) -> None:
    case = desk.register(received_at=timezone.now() - timedelta(hours=5))
    refused(desk, case, timezone.now() - timedelta(hours=4), "communication")
    acknowledge(desk, case, timezone.now() - timedelta(minutes=4))
    assert [one.delivery for one in desk.told(case)] == ["mail"]


TOLD = {
    "answer": ("assessed", {"text": "The router broke."}, "answered_at"),
    "resolve_without_action": ("investigating", {**FOUND, **RESULT, "no_action_reason": "None."}, "resolved_at"),
    "resolve": ("acting", RESULT, "resolved_at"),
    "ask_customer": ("investigating", {"text": "Which night?"}, "paused_from"),
}


@pytest.mark.parametrize("step", TOLD)
def test_what_stops_a_clock_is_told_now_or_proven_by_what_was_told_then(desk: Desk, step: str) -> None:
    state, data, column = TOLD[step]
    case, actor = desk.at(state), desk.world.actor("complaint_handler")
    for action in Action.objects.filter(source_ref=case.ref):
        write.transition(action, "complete", {"completion_report": "Sent."}, actor=actor)
    then = desk.later(hours=1)
    now = desk.later(days=60)
    known = len(desk.told(case))
    about = {"direction": "outbound", "occurred_at": iso(then), "substantive": step != "ask_customer"}
    supplier = desk.heard(case, **about, customer="")
    assert Case.objects.get(pk=case.pk).answered_at == case.answered_at, "an answer is one to the customer"
    later = desk.heard(case, **about | {"occurred_at": iso(then + DAYS), "substantive": False})
    bare = {name: value for name, value in data.items() if name != "text"}
    for given in (data, bare | {"communication": supplier}, bare | {"communication": later}):
        with pytest.raises(ValidationError) as found:
            write.transition(case, step, given, actor=actor, happened_at=then)
        assert "communication" in found.value.message_dict
        after = Case.objects.get(pk=case.pk)
        assert (after.status, len(desk.told(case))) == (case.status, known + 2)
    proof = desk.heard(case, **about)
    done = write.transition(case, step, bare | {"communication": proof}, actor=actor, happened_at=then)
    assert getattr(done, column) == then and len(desk.told(case)) == known + 3, "nothing is told twice"
    assert step != "resolve" or (done.result_notice.ref, done.breached) == (proof, False)
    other = write.transition(desk.at(state), step, data, actor=actor) if state == "assessed" else None
    assert other is None or other.answered_at == now


def test_a_mail_that_we_carry_counts_from_when_it_goes_out(desk: Desk) -> None:
    case, then = desk.at("assessed"), timezone.now()
    now = desk.later(days=9)
    told = {"direction": "outbound", "purpose": "answer", "occurred_at": iso(then), "substantive": True}
    desk.heard(case, **told, contact=desk.world.contact.ref, delivery="mail")
    assert Case.objects.get(pk=case.pk).answered_at == now
    desk.heard(case, **told)
    assert Case.objects.get(pk=case.pk).answered_at == then, "what was told elsewhere, when it was"


# --- the times from which the clocks run ------------------------------------------------------------------------------


def iso(moment: Any) -> str:
    return str(moment.isoformat())


@pytest.mark.parametrize("column", ["received_at", "first_dissatisfied_at"])
def test_the_clocks_begin_within_living_memory(desk: Desk, column: str) -> None:
    now = timezone.now()
    for wrong in (now + DAYS, now - 26 * 366 * DAYS):
        with pytest.raises(ValidationError) as found:
            desk.register(**{column: iso(wrong)})
        assert column in found.value.message_dict
    assert not Case.objects.exists()


@pytest.mark.parametrize("column", ["received_at", "first_dissatisfied_at"])
@pytest.mark.parametrize("status", ["received", "acknowledged"])
def test_no_clock_moves_by_a_plain_edit(desk: Desk, column: str, status: str) -> None:
    case = desk.at(status)
    with pytest.raises(ValidationError) as found:
        write.update(case, {column: iso(timezone.now() - DAYS)}, actor=desk.world.actor("complaint_handler"))
    assert list(found.value.message_dict) == [column]
    after = Case.objects.get(pk=case.pk)
    assert (after.version, after.ack_due_at) == (case.version, case.ack_due_at)


def test_a_correction_has_its_reason_and_reckons_anew(desk: Desk) -> None:
    case, then = desk.at("acknowledged"), timezone.now() - 3 * DAYS
    with pytest.raises(ValidationError, match="why"):
        desk.move(case, "correct_times", first_dissatisfied_at=iso(then))
    moved = desk.move(case, "correct_times", note="He rang on Friday.", first_dissatisfied_at=iso(then))
    assert moved.resolve_due_at < case.resolve_due_at and moved.received_at == case.received_at
    line = desk.lines(case, "correct_times")[-1]
    assert (line.note, [*line.fields_changed]) == ("He rang on Friday.", ["first_dissatisfied_at"])
    with pytest.raises(write.Refused, match="complaint owner"):
        desk.move(moved, "correct_times", note="No.", first_dissatisfied_at="")
    back = desk.move(moved, "correct_times", "process_manager", note="It was not him.", first_dissatisfied_at="")
    assert back.resolve_due_at == case.resolve_due_at


def test_a_deadline_missed_by_a_typing_error_is_taken_back_in_the_open(desk: Desk) -> None:
    right = timezone.now()
    case = desk.register(received_at=iso(right - 60 * DAYS))
    case = desk.sweep(case)
    assert case.breached and len(case.breaches) == 1
    case = desk.move(case, "correct_times", "process_manager", note="The wrong month.", received_at=iso(right))
    assert (case.breached, case.breaches, case.figure()) == (False, [], "open")
    assert [line for line in desk.lines(case) if "wrong time" in line.words]
    assert not desk.sweep(case).breached


def test_what_is_late_on_the_right_clock_too_stays_late(desk: Desk) -> None:
    now = timezone.now()
    case = desk.sweep(desk.register(received_at=iso(now - 60 * DAYS)))
    case = desk.move(case, "correct_times", "process_manager", note="A day off.", received_at=iso(now - 59 * DAYS))
    assert case.breached and len(case.breaches) == 1
