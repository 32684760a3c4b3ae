"""Findings: from cause to solution, and back when the cause returns."""

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from comity.improvement.models import Finding
from comity.records import write
from comity.records.models import Entry, Link
from comity.records.trail import Refused
from tests.improvement.steps import (
    CAUSE,
    RATED,
    WAYS,
    action,
    analysed,
    approved,
    closed,
    decided,
    finding,
    implemented,
)

TODAY = timezone.localdate
CHOICE = {"decision": "solve", "reason": "Cheapest.", "solution": "Plan shifts."}


def lines_of(record):
    return [one.words for one in Entry.objects.filter(ref=record.ref, act=Entry.AUTO).order_by("pk")]


class TestCause:
    def test_is_asked_for_within_its_time(self, world):
        row = finding(world)
        assert row.next_due == TODAY() + timedelta(days=30)
        row = world.move(row, "analyse", "relationship_manager", **CAUSE, **RATED)
        assert (row.status, row.next_due, row.risk_score) == ("analysed", None, 12)
        row = finding(world, opened_at=timezone.now() - timedelta(days=100))
        assert row.next_due == TODAY() - timedelta(days=70)
        row = world.move(
            world.move(row, "reject", "process_manager", note="No."), "reopen", "process_manager", note="Yes."
        )
        assert row.next_due == TODAY() + timedelta(days=30)

    def test_whys_keep_their_order(self, world):
        row = finding(world)
        text = "Nobody was there.\n\n Two were ill.\nNo shift is planned."
        row = write.update(row, {"whys": text}, actor=world.actor("relationship_manager"))
        assert row.whys == ["Nobody was there.", "Two were ill.", "No shift is planned."]
        for wrong in ([{"a": 1}], {"a": 1}, "\n".join(["x"] * 21), "x" * 501):
            with pytest.raises(ValidationError):
                write.update(row, {"whys": wrong}, actor=world.actor("relationship_manager"))
        row.refresh_from_db()
        assert len(row.whys) == 3

    def test_is_found_by_the_owner_who_rates_a_problem(self, world):
        row = finding(world)
        with pytest.raises(Refused):
            world.move(row, "analyse", "assistant", **CAUSE, **RATED)
        with pytest.raises(Refused):
            world.move(row, "analyse", "relationship_manager", **CAUSE)
        row.refresh_from_db()
        assert (row.status, row.cause) == ("open", "")

    def test_only_a_problem_has_a_nature(self, world):
        for wrong in ({"type": "problem", "nature": ""}, {"type": "observation", "nature": "corrective"}):
            with pytest.raises(ValidationError):
                finding(world, **wrong)
        assert not Finding.objects.exists()


def test_it_says_where_it_was_found(world):
    nowhere = {"source_ref": "", "subject_ref": "", "requirement": ""}
    with pytest.raises(ValidationError, match="where it comes from"):
        finding(world, **nowhere)
    assert not Finding.objects.exists()
    row = finding(world, **nowhere | {"subject_ref": world.service.ref})
    with pytest.raises(ValidationError, match="where it comes from"):
        write.update(row, {"subject_ref": ""}, actor=world.actor("relationship_manager"))
    row.refresh_from_db()
    assert row.subject_ref == world.service.ref


class TestSolution:
    def test_is_chosen_among_weighed_alternatives(self, world):
        row = analysed(world)
        for lines in ([], WAYS[:1], ["Hire", "Wait"]):
            with pytest.raises(ValidationError):
                world.move(row, "decide", "process_manager", alternatives=lines, **CHOICE)
        row.refresh_from_db()
        assert (row.status, row.decider) == ("analysed", None)
        row = world.move(row, "decide", "process_manager", alternatives=WAYS, **CHOICE)
        assert (row.status, row.decider) == ("decided", world.person("process_manager"))

    def test_may_be_the_only_one_if_somebody_says_so(self, world):
        row = world.move(analysed(world), "decide", "process_manager", no_alternative="on", **CHOICE)
        assert row.status == "decided"
        said = Entry.objects.get(ref=row.ref, act="none")
        assert (said.note, "alternatives" in said.changes) == ("Cheapest.", True)

    def test_is_in_place_before_the_finding_closes(self, world):
        row = decided(world)
        with pytest.raises(Refused, match="Nothing was done"):
            world.move(row, "close", "process_manager")
        task = action(world, by="relationship_manager", source_ref=row.ref)
        with pytest.raises(Refused, match="still open"):
            world.move(row, "close", "process_manager")
        row.refresh_from_db()
        assert row.status == "decided"
        world.move(task, "complete", "complaint_handler", completion_report="Planned.")
        assert world.move(row, "close", "process_manager").closed_at

    def test_what_was_decided_on_stays(self, world):
        row = decided(world)
        with pytest.raises(ValidationError):
            write.update(row, {"cause": "Something else"}, actor=world.actor("relationship_manager"))
        row.refresh_from_db()
        assert row.cause == CAUSE["cause"]

    def test_its_effect_is_judged_by_another_after_some_time(self, world, time_machine):
        row = closed(world, owner="process_manager")
        with pytest.raises(Refused, match="can be judged from"):
            world.move(row, "judge", "assistant", effect_result="All well.")
        time_machine.move_to(timezone.now() + timedelta(days=14))
        with pytest.raises(Refused):
            world.move(row, "judge", "process_manager", effect_result="All well.")
        row.refresh_from_db()
        assert row.effect_reviewer is None
        row = world.move(row, "judge", "assistant", effect_result="All well.")
        assert (row.status, row.effect_reviewer, row.effect_date) == ("closed", world.person("assistant"), TODAY())


def improved(world, row, **more):
    """An improvement out of the finding, implemented."""
    data = {"title": "Plan shifts", "type": "corrective", "owner": world.email("relationship_manager")}
    made = world.create("improvement", "relationship_manager", source_ref=row.ref, **data)
    made = world.move(made, "analyse", "relationship_manager", analysis="No plan.")
    return implemented(world, world.move(made, "approve", "process_manager"), value_now="3", **more)


def test_what_corrects_it_waits_for_its_cause_and_for_the_owner_of_the_process(world):
    row = finding(world, process_owner_participant=None)
    data = {"title": "Plan shifts", "type": "corrective", "owner": world.email("relationship_manager")}
    made = world.create("improvement", "relationship_manager", source_ref=row.ref, **data)
    with pytest.raises(Refused, match="not found yet"):
        world.move(made, "analyse", "relationship_manager", analysis="No plan.")
    row = world.move(row, "analyse", "relationship_manager", **CAUSE, **RATED)
    with pytest.raises(Refused, match="took part"):
        world.move(made, "analyse", "relationship_manager", analysis="No plan.")
    made.refresh_from_db()
    assert made.status == "proposed"
    person = {"process_owner_participant": world.email("process_manager")}
    write.update(row, person, actor=world.actor("relationship_manager"))
    assert world.move(made, "analyse", "relationship_manager", analysis="No plan.").status == "analysed"


class TestReturn:
    def test_the_same_cause_within_the_window_opens_both_again(self, world):
        old = decided(world)
        done = improved(world, old)
        old = world.move(old, "close", "process_manager")
        other = analysed(world, subject_ref=world.other_service.ref)
        old.refresh_from_db()
        assert old.status == "closed"
        new = analysed(world, title="Again nobody")
        old.refresh_from_db()
        done.refresh_from_db()
        assert (old.status, old.returns, old.decided_at) == ("open", 1, None)
        assert (done.status, done.rounds) == ("analysed", 2)
        for record in (old, done):
            assert lines_of(record)[-1] == f"The same cause or topic was found again: {new.ref}."
        assert Link.objects.filter(from_ref=new.ref, verb="repeats", to_ref=old.ref).exists()
        other.refresh_from_db()
        assert other.status == "analysed"

    def test_after_the_window_it_is_a_new_matter(self, world, time_machine):
        old = closed(world)
        time_machine.move_to(timezone.now() + timedelta(days=181))
        analysed(world, title="Years later")
        old.refresh_from_db()
        assert (old.status, old.returns) == ("closed", 0)

    def test_no_improvement_is_effective_whose_cause_came_back(self, world, time_machine):
        old = decided(world)
        done = improved(world, old)
        time_machine.move_to(timezone.now() + timedelta(days=20))
        new = analysed(world, title="Again nobody")
        with pytest.raises(Refused, match=new.ref):
            world.move(done, "effective", "process_manager", effect_conclusion="Fine.")
        done.refresh_from_db()
        assert done.status == "implemented"
        said = {"effect_conclusion": "No.", "analysis": "The plan is not read."}
        assert world.move(done, "ineffective", "process_manager", **said).status == "analysed"
        old.refresh_from_db()
        assert (old.cause, old.effect_result) == ("The plan is not read.", "No.")

    def test_the_same_topic_within_the_window_opens_both_again(self, world):
        old = decided(world, topic="Noon")
        done = improved(world, old)
        aside = implemented(world, approved(world, topic="noon"))
        world.move(old, "close", "process_manager")
        finding(world, topic="noon", subject_ref=world.other_service.ref)
        finding(world, topic="Evening")
        assert Finding.objects.get(pk=old.pk).status == "closed"
        new = finding(world, topic="noon")
        for record, state in ((old, "open"), (done, "analysed"), (aside, "analysed")):
            record.refresh_from_db()
            said = f"The same cause or topic was found again: {new.ref}."
            assert (record.status, lines_of(record)[-1]) == (state, said)

    def test_no_improvement_is_effective_whose_topic_came_back(self, world, time_machine):
        done = implemented(world, approved(world, topic="Noon"))
        time_machine.move_to(timezone.now() + timedelta(days=200))
        new = finding(world, topic="NOON")
        with pytest.raises(Refused, match=new.ref):
            world.move(done, "effective", "process_manager", effect_conclusion="Fine.", value_now="3")
        done.refresh_from_db()
        assert (done.status, done.judged_by) == ("implemented", None)

    def test_the_effect_is_taken_over_from_the_improvement(self, world, time_machine):
        row = decided(world)
        done = improved(world, row)
        time_machine.move_to(timezone.now() + timedelta(days=14))
        world.move(done, "effective", "process_manager", effect_conclusion="Three minutes.")
        row.refresh_from_db()
        assert (row.effect_result, row.effect_reviewer) == ("Three minutes.", world.person("process_manager"))
        assert done.ref in lines_of(row)[-1]
