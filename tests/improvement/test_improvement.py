"""Actions and improvements: owners do, others judge."""

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from comity.improvement.jobs import take_up_again
from comity.improvement.models import Improvement
from comity.improvement.operations import actions_of, improvements_of, open_actions_of
from comity.records import reading, write
from comity.records.access import NotAllowed
from comity.records.kind import kind_named
from comity.records.models import writing
from comity.records.trail import Refused
from tests.compliance.proofs.cases import complaint, escalation
from tests.improvement.steps import PLAN, action, approved, implemented, improvement, planned

TODAY = timezone.localdate


class TestAction:
    def test_is_done_by_its_owner_and_verified_by_another(self, world):
        row = action(world)
        with pytest.raises(Refused):
            world.move(row, "complete", "assistant", completion_report="Done.")
        row = world.move(row, "start", "complaint_handler")
        with pytest.raises(ValidationError):
            world.move(row, "complete", "complaint_handler")
        row = world.move(row, "complete", "complaint_handler", completion_report="Called, all well.")
        assert row.completed_at
        assert row.started_on == TODAY()
        with pytest.raises(Refused):
            world.move(row, "verify", "complaint_handler")
        assert world.move(row, "verify", "relationship_manager").verified_by == world.person("relationship_manager")

    def test_points_at_its_source(self, world):
        row, other = action(world), action(world, due_on=TODAY() - timedelta(days=1))
        assert row.source_kind == "service"
        assert list(actions_of(world.service)) == [other, row]
        world.move(other, "cancel", "process_manager", note="Doubled.")
        assert list(open_actions_of(world.service)) == [row]
        with pytest.raises(ValidationError):
            action(world, source_ref="SVC-99999")

    def test_is_late_only_while_open(self, world):
        row = action(world, due_on=TODAY() - timedelta(days=1))
        late = {"late": "yes"}
        assert row.overdue
        assert reading.register(kind_named("action"), world.person("process_manager"), late).rows == [row]
        row = world.move(row, "complete", "complaint_handler", completion_report="Done.")
        assert not row.overdue
        assert reading.register(kind_named("action"), world.person("process_manager"), late).rows == []

    def test_is_approved_by_another_once_it_has_a_date(self, world):
        row = action(world, "relationship_manager", due_on=None)
        with pytest.raises(Refused):
            world.move(row, "approve", "process_manager")
        row = write.update(row, {"due_on": TODAY()}, actor=world.actor("relationship_manager"))
        with pytest.raises(Refused):
            world.move(row, "approve", "relationship_manager")
        row.refresh_from_db()
        assert row.approved_at is None
        row = world.move(row, "approve", "process_manager")
        assert (row.status, row.approved_by) == ("open", world.person("process_manager"))

    def test_not_done_after_all(self, world):
        row = world.move(action(world), "complete", "complaint_handler", completion_report="Done.")
        row = world.move(row, "reopen", "process_manager", note="Nobody called.")
        assert (row.status, row.completed_at) == ("in_progress", None)


class TestImprovement:
    def test_says_where_it_comes_from_unless_the_leadership_begins_it(self, world):
        with pytest.raises(ValidationError, match="where it comes from"):
            improvement(world, source_ref="")
        assert not Improvement.objects.exists()
        row = improvement(world, source_ref="", type="strategic_initiative")
        with pytest.raises(ValidationError, match="where it comes from"):
            write.update(improvement(world), {"source_ref": ""}, actor=world.actor("relationship_manager"))
        assert write.update(row, {"title": "Quicker"}, actor=world.actor("relationship_manager")).title == "Quicker"

    def test_goes_from_idea_to_effect(self, world, time_machine):
        row = approved(world)
        assert row.approved_at
        assert row.decided_by == world.person("process_manager")
        with pytest.raises(Refused):
            world.move(row, "plan", "relationship_manager", **PLAN)
        row, task = planned(world, row)
        row = world.move(row, "start", "relationship_manager")
        with pytest.raises(Refused):
            world.move(row, "implement", "relationship_manager")
        row.refresh_from_db()
        assert row.status == "in_progress"
        world.move(task, "complete", "complaint_handler", completion_report="Hired.")
        row = world.move(row, "implement", "relationship_manager", value_now="3.6")
        assert row.effect_from == TODAY() + timedelta(days=14)
        time_machine.move_to(timezone.now() + timedelta(days=14))
        row = world.move(
            row, "effective", "process_manager", effect_conclusion="3 minutes.", count_before=9, count_after=2
        )
        row = world.move(row, "close", "process_manager")
        assert (row.status, row.rounds) == ("closed", 1)
        assert row.gained == pytest.approx(0.9)
        assert list(improvements_of(world.service)) == [row]

    def test_no_effect_is_judged_before_its_time(self, world, time_machine):
        row = approved(world)
        with pytest.raises(ValidationError, match="needs time to show"):
            implemented(world, row, effect_from=TODAY() + timedelta(days=13))
        row.refresh_from_db()
        assert (row.status, row.implemented_on) == ("in_progress", None)
        row = world.move(row, "implement", "relationship_manager", effect_from=TODAY() + timedelta(days=40))
        time_machine.move_to(timezone.now() + timedelta(days=20))
        with pytest.raises(Refused, match="can be judged from"):
            world.move(row, "effective", "process_manager", value_now="3", effect_conclusion="Fine.")
        row.refresh_from_db()
        assert (row.status, row.judged_by) == ("implemented", None)
        assert row.next_due == row.implemented_on + timedelta(days=90)

    def test_the_owner_does_not_judge_the_effect(self, world):
        row = improvement(world, owner="process_manager")
        row = world.move(row, "analyse", "process_manager", analysis="x")
        row = world.move(row, "approve", "assistant")
        row = implemented(world, row, "process_manager")
        for step in ("effective", "ineffective"):
            with pytest.raises(Refused):
                world.move(row, step, "process_manager", value_now="3", effect_conclusion="Fine.")
        row.refresh_from_db()
        assert (row.status, row.judged_by) == ("implemented", None)
        row = world.move(row, "ineffective", "assistant", effect_conclusion="No change.", analysis="Another cause.")
        assert (row.status, row.rounds, row.approved_at) == ("analysed", 2, None)
        assert row.judged_by == world.person("assistant")

    def test_another_round_begins_at_the_value_that_was_reached(self, world):
        row = implemented(world, approved(world), value_now="7")
        told = {"effect_conclusion": "Too little.", "value_now": "6", "count_before": 9, "count_after": 8}
        for same in ({}, {"analysis": row.analysis}):
            with pytest.raises(Refused, match="what the cause is now"):
                world.move(row, "ineffective", "process_manager", **told, **same)
        row.refresh_from_db()
        assert (row.status, row.rounds) == ("implemented", 1)
        told["analysis"] = "Too few know of it."
        row = world.move(row, "ineffective", "process_manager", **told)
        assert (row.baseline, row.value_now, row.wanted_value, row.count_after) == ("6", "", "3", 8)
        row = implemented(world, world.move(row, "approve", "process_manager"))
        assert (row.count_before, row.count_after, row.judged_by) == (None, None, None)

    def test_the_customer_is_asked_for_a_wish_before_planning(self, world):
        row = approved(world, customer=world.customer.ref)
        action(world, by="relationship_manager", source_ref=row.ref)
        with pytest.raises(Refused):
            world.move(row, "plan", "relationship_manager", **PLAN)
        row.refresh_from_db()
        assert row.status == "approved"
        assert world.move(row, "plan", "relationship_manager", reporting="result", **PLAN).status == "planned"

    def test_a_planned_date_moves_by_a_step_that_asks_why(self, world):
        row, _task = planned(world, approved(world))
        later = {"due_on": "2031-01-01"}
        with pytest.raises(ValidationError):
            write.update(row, later, actor=world.actor("relationship_manager"))
        with pytest.raises(NotAllowed):
            world.move(row, "postpone", "relationship_manager", note="Later.", **later)
        with pytest.raises(ValidationError):
            world.move(row, "postpone", "process_manager", **later)
        row.refresh_from_db()
        assert row.due_on.year == 2030
        assert world.move(row, "postpone", "process_manager", note="Hiring took longer.", **later).due_on.year == 2031

    def test_progress_is_reported_with_words(self, world):
        row, _task = planned(world, approved(world))
        row = world.move(row, "start", "relationship_manager")
        with pytest.raises(ValidationError):
            world.move(row, "progress", "relationship_manager", progress=40)
        with pytest.raises(ValidationError):
            world.move(row, "progress", "relationship_manager", progress=140, note="Nearly.")
        row.refresh_from_db()
        assert (row.progress, row.progressed_at) == (0, None)
        row = world.move(row, "progress", "relationship_manager", progress=40, value_now="6", note="Two are hired.")
        assert (row.progress, row.gained) == (40, pytest.approx(0.5))
        assert row.progressed_at

    def test_what_waits_for_resources_does_not_start(self, world):
        row, _task = planned(world, approved(world))
        row = world.move(row, "hold", "relationship_manager", note="No money before spring.")
        assert (row.status, row.on_hold) == ("planned", True)
        with pytest.raises(Refused):
            world.move(row, "start", "relationship_manager")
        row.refresh_from_db()
        assert row.status == "planned"
        row = world.move(row, "release", "relationship_manager")
        assert (row.on_hold, row.held_since) == (False, None)
        assert world.move(row, "start", "relationship_manager").status == "in_progress"

    def test_large_ones_go_to_the_director(self, world):
        row = world.move(improvement(world, large=True), "analyse", "relationship_manager", analysis="x")
        with pytest.raises(Refused):
            world.move(row, "approve", "process_manager")
        assert world.move(row, "approve", "operations_director").status == "approved"

    def test_what_is_asked_for_again_and_again_goes_to_the_director(self, world):
        with writing():
            asked = escalation(world, complaint(world), 2, timezone.now())
            type(asked).objects.filter(pk=asked.pk).update(type="recurring_request")
        row = write.assign(improvement(world), {"source_ref": asked.ref}, actor=world.actor("process_manager"))
        for step in ("reject", "approve"):
            with pytest.raises(Refused, match="again and again"):
                world.move(row, step, "process_manager", decision_reason="Mine.")
            row.refresh_from_db()
            assert row.decided_at is None
            row = world.move(row, "analyse", "relationship_manager", analysis="x") if step == "reject" else row
        assert world.move(row, "approve", "operations_director").status == "approved"

    def test_closes_once_the_customer_has_heard_what_came_of_it(self, world, time_machine):
        row = approved(world, customer=world.customer.ref)
        write.update(row, {"reporting": "result"}, actor=world.actor("relationship_manager"))
        row = implemented(world, row)
        time_machine.move_to(timezone.now() + timedelta(days=14))
        with pytest.raises(ValidationError):
            world.move(row, "effective", "process_manager", effect_conclusion="Fine.")
        row.refresh_from_db()
        assert row.judged_at is None
        row = world.move(row, "effective", "process_manager", effect_conclusion="Fine.", value_now="3")
        with pytest.raises(Refused, match="not been told"):
            world.move(row, "close", "process_manager")
        row.refresh_from_db()
        assert row.status == "effective"
        told = {"direction": "outbound", "purpose": "improvement_result", "customer": world.customer.ref}
        world.create("communication", "relationship_manager", summary="It works.", subject_ref=row.ref, **told)
        assert world.move(row, "close", "process_manager").closed_at

    def test_waits_for_its_decision_until_a_day(self, world):
        with pytest.raises(ValidationError):
            improvement(world, proposed_at=timezone.now() + timedelta(days=1))
        row = improvement(world, due_on="2030-01-01")
        assert row.next_due == TODAY() + timedelta(days=30)
        assert approved(world, due_on="2030-01-01").next_due.year == 2030

    def test_is_not_done_when_all_its_actions_were_cancelled(self, world):
        row, task = planned(world, approved(world))
        row = world.move(row, "start", "relationship_manager")
        world.move(task, "cancel", "process_manager", note="No.")
        with pytest.raises(Refused, match="None of its actions"):
            world.move(row, "implement", "relationship_manager")
        row.refresh_from_db()
        assert row.status == "in_progress"

    def test_is_not_decided_by_its_manager(self, world):
        row = world.move(improvement(world), "analyse", "relationship_manager", analysis="x")
        with pytest.raises(NotAllowed):
            world.move(row, "approve", "relationship_manager")

    def test_who_waits_for_the_result_hears_that_there_will_be_none(self, world):
        row = approved(world, customer=world.customer.ref)
        said = {"direction": "outbound", "purpose": "decision", "customer": world.customer.ref, "subject_ref": row.ref}
        with pytest.raises(Refused, match="Tell the customer first"):
            world.move(row, "cancel", "process_manager", note="Too dear.")
        row.refresh_from_db()
        assert row.status == "approved"
        world.create("communication", "relationship_manager", summary="We give it up.", **said)
        assert world.move(row, "cancel", "process_manager", note="Too dear.").status == "cancelled"
        assert world.move(approved(world), "cancel", "process_manager", note="Too dear.").status == "cancelled"

    def test_what_prevents_complaints_compares_how_many_there_were(self, world, time_machine):
        row = implemented(world, approved(world, type="preventive"))
        with writing():
            Improvement.objects.filter(pk=row.pk).update(source_kind="review_point")
        time_machine.move_to(timezone.now() + timedelta(days=20))
        judged = {"value_now": "3", "effect_conclusion": "Fewer."}
        for counts in ({}, {"count_before": 9}):
            with pytest.raises(Refused, match="Count the cases"):
                world.move(row, "effective", "process_manager", **judged, **counts)
        assert Improvement.objects.get(pk=row.pk).status == "implemented"
        counts = {"count_before": 9, "count_after": 4}
        assert world.move(row, "effective", "process_manager", **judged, **counts).status == "effective"

    def test_a_rejection_has_a_reason_and_is_told(self, world):
        row = improvement(world, customer=world.customer.ref)
        with pytest.raises(ValidationError):
            world.move(row, "reject", "process_manager")
        row = world.move(row, "reject", "process_manager", decision_reason="Too dear.")
        assert row.decided_at
        with pytest.raises(ValidationError):
            world.move(row, "tell", "relationship_manager")
        mail = world.create(
            "communication", "relationship_manager", direction="outbound", purpose="decision", summary="Not now.",
            customer=world.customer.ref, subject_ref=row.ref,
        )  # fmt: skip
        row = world.move(row, "tell", "relationship_manager", told_ref=mail.ref)
        assert row.told_at
        assert row.status == "rejected"

    def test_what_was_decided_on_stays(self, world):
        row = approved(world)
        with pytest.raises(ValidationError):
            write.update(row, {"objective": "Something else"}, actor=world.actor("relationship_manager"))

    def test_a_deferred_one_returns_on_its_date(self, world, time_machine):
        row = world.move(improvement(world), "analyse", "relationship_manager", analysis="x")
        day = TODAY() + timedelta(days=30)
        row = world.move(row, "defer", "process_manager", decision_reason="Next quarter.", deferred_to=day)
        assert row.next_due == day
        assert take_up_again.call() == 0
        time_machine.move_to(timezone.now() + timedelta(days=30))
        assert take_up_again.call() == 1
        row.refresh_from_db()
        assert (row.status, row.decided_at) == ("analysed", None)
        assert world.move(row, "approve", "process_manager").status == "approved"
