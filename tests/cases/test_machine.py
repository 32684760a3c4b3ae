"""Random people take random steps at random times: whatever happens, what must hold of a case holds."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from comity.cases.models import Case, Escalation, timing
from comity.cases.operations.workflow import case_life
from comity.cases.rules.deadlines import waiting_used
from comity.records import write
from comity.records.models import Entry
from tests.cases.conftest import ENDING, FOUND, RATED, RESULT, Desk

ROLES = (
    "service_desk", "complaint_handler", "relationship_manager", "process_manager", "operations_director",
    "customer_contact", "senior_manager", "auditor",
)  # fmt: skip
REFUSALS = (write.Refused, write.NotAllowed, write.NotReadable, ValidationError)
steps = st.sampled_from([row.name for row in case_life.moves])
roles = st.sampled_from(ROLES)


def plausible(desk: Desk, case: Any, name: str, severity: str) -> dict[str, Any]:
    """What somebody who wants this step would fill in."""
    handler = desk.world.email("complaint_handler")
    later = (timezone.now() + timedelta(days=200)).isoformat()
    first = {"action": "Call", "action_owner": handler, "action_due_on": timezone.localdate()}
    values: dict[str, dict[str, Any]] = {
        "assess": {**RATED, "severity": severity, "handler": handler},
        "investigate": {"investigator": handler},
        "act": {**FOUND, **first},
        "resolve": RESULT,
        "resolve_without_action": {**FOUND, **RESULT, "no_action_reason": "Nothing to mend."},
        "resolve_improved": RESULT,
        "ask_customer": {"text": "Which line?"},
        "answer": {"text": "We found it."},
        "tell_progress": {"text": "We are on it."},
        "await_improvement": {
            "level_analysis": "x", "promised_at": later, "text": "In spring.", "improvement": "Second line",
        },
        "close_without_agreement": {"outside_body": "Board"},
        "withdraw": ENDING,
        "merge": {**ENDING, "case": "CMP-00001"},
        "reclassify": ENDING,
        "finish": {"outcome": "Here you are."},
        "assign": {"handler": handler},
        "change_severity": {"severity": severity},
        "extend": {"promised_at": later, "extension_reason": "Parts.", "outside_body": "Board"},
        "propose_reclassification": {"proposed_classification": "enquiry"},
        "record_wish": {"events": ["closed"]},
    }  # fmt: skip
    return values.get(name, {})


def machine(desk: Desk) -> type[RuleBasedStateMachine]:
    """The machine over one desk; each run is rolled back."""

    class Life(RuleBasedStateMachine):
        def __init__(self) -> None:
            super().__init__()
            self.began = timezone.now()
            self.undo = transaction.atomic()
            self.undo.__enter__()
            self.breaches, self.level, self.broken = 0, 0, False

        def teardown(self) -> None:
            transaction.set_rollback(True)
            self.undo.__exit__(None, None, None)
            transaction.set_rollback(False)
            desk.clock.move_to(self.began)

        @initialize(classification=st.sampled_from(["complaint", "complaint", "enquiry"]))
        def register(self, classification: str) -> None:
            desk.register()
            self.pk = desk.register(classification=classification).pk

        @property
        def case(self) -> Any:
            return Case.objects.get(pk=self.pk)

        @precondition(lambda self: self.case.is_open and self.case.is_complaint)
        @rule()
        def follow_the_path(self) -> None:
            if self.case.status in ("awaiting_customer", "awaiting_improvement"):
                return
            try:
                desk.step(self.case)
            except REFUSALS:
                pass

        @rule(
            name=steps,
            role=roles,
            severity=st.sampled_from(["minor", "normal", "major", "critical"]),
            proven=st.booleans(),
        )
        def somebody_tries(self, name: str, role: str, severity: str, proven: bool) -> None:
            case = self.case
            data = plausible(desk, case, name, severity)
            form = case_life[name].form
            if proven and form is not None and "communication" in form.base_fields:
                data = {**data, "communication": desk.heard(case)}
            before, lines = Case.objects.filter(pk=self.pk).values().get(), Entry.objects.count()
            try:
                desk.move(case, name, role, "Because.", **data)
            except REFUSALS:
                assert Case.objects.filter(pk=self.pk).values().get() == before
                assert Entry.objects.count() == lines

        @rule(hours=st.integers(1, 400))
        def time_passes(self, hours: int) -> None:
            desk.later(hours=hours)
            desk.sweep()

        @invariant()
        def closing_has_its_answers(self) -> None:
            case = self.case
            assert case.is_open == (case.closed_at is None) == (not case.close_ground)
            if not case.is_open and case.is_complaint:
                assert case.cause_area
                assert case.outcome_reasons
                assert case.improvement_need is not None

        @invariant()
        def no_breach_is_lost(self) -> None:
            case = self.case
            assert len(case.breaches) >= self.breaches
            assert case.breached or not self.broken
            assert case.breached == bool(case.breaches)
            self.breaches, self.broken = len(case.breaches), case.breached

        @invariant()
        def escalation_never_sinks(self) -> None:
            assert self.level <= self.case.escalation_level <= 3
            self.level = self.case.escalation_level

        @invariant()
        def numbers_have_no_holes(self) -> None:
            for model, prefix in ((Case, "CMP"), (Escalation, "ESC")):
                refs = list(model.objects.order_by("pk").values_list("ref", flat=True))
                assert refs == [f"{prefix}-{number:05d}" for number in range(1, len(refs) + 1)]

        @invariant()
        def clocks_fit_the_state(self) -> None:
            case = self.case
            assert (case.resolve_due_at is not None) == case.is_complaint
            assert (case.paused_from is not None) == (case.status == "awaiting_customer")
            assert case.status != "resolved" or (case.result_notice_id and case.resolved_at and case.confirm_due_at)
            assert waiting_used(timing.calendar_of(case), case.ended_pauses) <= 10 * 12 * 3600 + 1
            assert case.next_due_at is None or case.is_open

    return Life


@pytest.mark.slow
def test_a_case_lives_through_anything(desk: Desk) -> None:
    run_state_machine_as_test(
        machine(desk),
        settings=settings(
            max_examples=8,
            stateful_step_count=20,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            derandomize=True,
        ),
    )
