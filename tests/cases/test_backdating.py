"""Nothing is done about a case before it was received, and a late entry does not stop a clock by itself."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from comity.cases.models import Case
from comity.records import write
from tests.cases.conftest import Desk

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


def test_one_entered_on_the_same_day_still_sends_the_notice(desk: Desk) -> None:
    case = desk.register(received_at=timezone.now() - timedelta(hours=5))
    acknowledge(desk, case, timezone.now() - timedelta(hours=4))
    assert [one.delivery for one in desk.told(case)] == ["mail"]


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
