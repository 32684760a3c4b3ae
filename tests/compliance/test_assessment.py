"""Assessments: planned by those who may, by people who stand apart, with their life and what can be attested."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile

from comity.accounts.models import Grant
from comity.accounts.roles import Role
from comity.clocks import parameters
from comity.compliance import catalogue, reasons
from comity.compliance.catalogue import standards
from comity.compliance.inquiry import Inquiry
from comity.compliance.models import Assessment
from comity.compliance.operations import assessing
from comity.compliance.operations.programme import programme
from comity.records import write
from comity.records.access import NotAllowed, NotReadable, readable
from comity.records.kind import kind_named
from comity.records.models import Entry
from comity.records.trail import Refused
from tests.compliance.proofs.assessments import held, planned
from tests.people.test_trainings import training
from tests.web.visitors import visitor
from tests.worlds import LONG_AGO, World, assign, days_ago

IA = "internal_assessor"


def attestation(world: World, by: str = "relationship_manager", **more: Any) -> Any:
    data = {"type": "attestation", "statement": "relationship_rating", "subject_ref": world.customer.ref}
    return world.create("assessment", by, **{**data, "assessor": world.email("relationship_manager"), **more})


MARKS = {"dialogue": 4, "understanding": 4, "atmosphere": 5, "rating": 4, "reason": "Weekly calls."}


@pytest.mark.parametrize(
    ("name", "value"),
    [("topics", [{}]), ("topics", "x"), ("result_per_requirement", ["x"]), ("result_per_requirement", {"a": 1})],
)
def test_lists_hold_what_they_are_for(world: World, name: str, value: Any) -> None:
    with pytest.raises(ValidationError) as caught:
        attestation(world, **{name: value})
    assert list(caught.value.message_dict) == [name] and not Assessment.objects.exists()


class TestWho:
    @pytest.mark.parametrize("who", [IA, "process_manager"])
    def test_plans_an_assessment(self, world: World, who: str) -> None:
        made = world.create("assessment", who, type="internal", standard="csms-2003", area="s10")
        assert (made.ref, made.covers, made.status) == ("ASM-00001", "csms-2003/s10/", "planned")

    @pytest.mark.parametrize(
        "who", ["relationship_manager", "complaint_handler", "supplier_manager", "customer_contact"]
    )
    def test_does_not(self, world: World, who: str) -> None:
        with pytest.raises(ValidationError):
            world.create("assessment", who, type="internal", standard="csms-2003")
        assert not Assessment.objects.exists()

    @pytest.mark.parametrize("who", ["administrator", "auditor"])
    def test_may_not_register_any(self, world: World, who: str) -> None:
        with pytest.raises(NotAllowed):
            world.create("assessment", who, type="attestation", statement="relationship_rating")
        assert not Assessment.objects.exists()

    def test_the_one_who_is_to_state_it_reads_it_and_others_do_not(self, world: World) -> None:
        made = attestation(world, by=IA)
        kind = kind_named("assessment")
        readers = {
            name for name in (IA, "auditor", "relationship_manager", "deputy", "customer_contact", "process_manager")
            if readable(kind, world.person(name)).filter(pk=made.pk).exists()
        }  # fmt: skip
        assert readers == {IA, "auditor", "relationship_manager", "process_manager"}


class TestWhatIsEntered:
    @pytest.mark.parametrize(
        ("data", "field"),
        [
            ({"standard": "none-such"}, "standard"),
            ({"standard": "csms-2003", "area": "s99"}, "area"),
            ({"area": "s10"}, "area"),
            ({"statement": "awareness"}, "statement"),
            ({"subject_ref": "CUS-99999"}, "subject_ref"),
        ],
    )
    def test_names_what_exists(self, world: World, data: dict[str, str], field: str) -> None:
        with pytest.raises(ValidationError) as refused:
            world.create("assessment", IA, type="internal", **data)
        assert field in refused.value.message_dict
        assert not Assessment.objects.exists()

    def test_every_standard_has_sections_and_each_entry_lies_in_one(self, world: World) -> None:
        found = {code: assessing.sections(code) for code in standards()}
        assert found["csms-2003"] == catalogue.words().tags["csms_sections"]
        assert found["iso20000-1-2011-7"] == ["7.1", "7.2"]
        for code, standard in standards().items():
            whole = Assessment(type="internal", standard=code)
            parts = [Assessment(type="internal", standard=code, area=name) for name in found[code]]
            assert sum(len(assessing.covered(one)) for one in parts) == len(assessing.covered(whole))
            assert len(assessing.covered(whole)) == len(standard.requirements)


class TestAssessors:
    def test_are_not_of_the_assessed_process(self, world: World) -> None:
        assign(world, "process_owner", IA, process="complaint_handling")
        with pytest.raises(ValidationError) as refused:
            planned(world, process="complaint_handling", assessor=world.email(IA))
        assert "assessor" in refused.value.message_dict
        assert not Assessment.objects.exists()
        assert planned(world, process="another", assessor=world.email(IA)).assessor == world.person(IA)

    def test_are_not_of_the_assessed_unit(self, world: World) -> None:
        with pytest.raises(ValidationError) as refused:
            planned(world, function="North", assessors=[world.email("northerner")])
        assert "assessors" in refused.value.message_dict
        assert not Assessment.objects.exists()
        assert planned(world, function="South", assessors=[world.email("northerner")]).assessors.count() == 1

    def test_who_came_to_the_function_after_planning_cannot_start(self, world: World) -> None:
        made = planned(world, function="North", assessor=world.email(IA))
        Grant.objects.create(person=world.person(IA), unit=world.north, role=Role.COMPLAINT_HANDLER, starts_on=LONG_AGO)
        with pytest.raises(ValidationError, match="belongs to what is assessed"):
            world.move(made, "start", IA)
        made.refresh_from_db()
        assert (made.status, made.lines.count()) == ("planned", 0)

    def test_a_small_provider_declares_instead(self, world: World) -> None:
        assign(world, "process_owner", IA, process="complaint_handling")
        parameters.change("separation_assessor", 0)
        made = planned(world, process="complaint_handling", assessor=world.email(IA), area="s16")
        with pytest.raises(ValidationError):
            world.move(made, "start", IA)
        made = world.move(made, "start", IA, note="We are three people.")
        assert made.status == "in_progress"
        assert Entry.objects.filter(act="auto", rule="separation_assessor").count() == 1

    def test_are_trained_for_it_once_such_trainings_are_recorded(self, world: World) -> None:
        """Of nobody: not refused. Of another: refused. Lapsed: refused by its name. Renewed: planned."""
        topic = {"topic": "internal_assessment", "completed_on": days_ago(400)}
        planned(world, area="s11", assessor=world.email(IA))
        training(world, "assistant", **topic)
        with pytest.raises(ValidationError, match="has no training in internal assessment"):
            planned(world, assessor=world.email(IA))
        lapsed = training(world, IA, **topic, valid_until=days_ago(1))
        with pytest.raises(ValidationError, match=f"{lapsed.ref}, lapsed on {reasons.on(days_ago(1))}"):
            planned(world, assessor=world.email(IA))
        assert Assessment.objects.count() == 1
        training(world, IA, topic="internal_assessment")
        assert planned(world, assessor=world.email(IA)).assessor == world.person(IA)


class TestLife:
    def answered(self, world: World) -> Any:
        made = world.move(planned(world, area="s17", assessor=world.email(IA)), "start", IA)
        assert made.as_of is not None and made.lines.exists()
        made.lines.update(task="done", remark="Seen.", verdict="met")
        return made

    def test_from_plan_to_closing(self, world: World) -> None:
        made = self.answered(world)
        assert made.title == f"Internal assessment: {standards()['csms-2003']} 17 Systems Review Management"
        made = world.move(made, "complete", IA)
        assert made.completed_by == world.person(IA)
        with pytest.raises(Refused, match="does not review"):
            world.move(made, "review", IA)
        made.refresh_from_db()
        assert (made.status, made.reviewed_by) == ("completed", None)
        made = world.move(made, "review", "senior_manager")
        made = world.move(made, "report", IA)
        made = world.move(made, "close", "process_manager")
        assert made.status == "closed"
        assert made.reviewed_at >= made.concluded_at

    def test_every_task_is_answered_before_completing(self, world: World) -> None:
        made = self.answered(world)
        line = made.lines.first()
        made.lines.filter(pk=line.pk).update(task="")
        with pytest.raises(Refused, match=f"without TODO or DONE: {line.requirement}"):
            world.move(made, "complete", IA)
        made.lines.filter(pk=line.pk).update(task="done", remark="", verdict="gap")
        with pytest.raises(Refused, match="without a remark"):
            world.move(made, "complete", IA)
        made.lines.filter(pk=line.pk).update(remark="We do.")
        with pytest.raises(Refused, match=f"no record that shows it: {line.requirement}"):
            world.move(made, "complete", IA)
        made.refresh_from_db()
        assert (made.status, made.completed_by) == ("in_progress", None)

    def test_a_concluded_one_is_repeated_not_rewritten(self, world: World) -> None:
        made = world.move(world.move(self.answered(world), "complete", IA), "review", "senior_manager")
        with pytest.raises(ValidationError, match="no longer changes"):
            write.update(made, {"standard": "iso20000-1-2011-7", "area": ""}, actor=world.actor(IA))
        made.refresh_from_db()
        assert made.standard == "csms-2003"

    @pytest.mark.parametrize("who", ["process_manager", "senior_manager", "auditor", "relationship_manager"])
    def test_others_do_not_start_it(self, world: World, who: str) -> None:
        made = planned(world, assessor=world.email(IA))
        with pytest.raises((NotAllowed, NotReadable)):
            world.move(made, "start", who)
        made.refresh_from_db()
        assert made.status == "planned"

    def test_says_what_is_assessed_and_where_before_it_starts(self, world: World) -> None:
        made = planned(world, assessor=world.email(IA), organisation="", location="")
        with pytest.raises(Refused, match="at which place"):
            world.move(made, "start", IA, organisation="Harbour")
        made.refresh_from_db()
        assert made.status == "planned"
        assert world.move(made, "start", IA, organisation="Harbour", location="Leeds").location == "Leeds"

    def test_is_postponed_with_a_reason(self, world: World) -> None:
        made = planned(world)
        later = world.move(made, "postpone", "process_manager", note="Move.", cause="other", planned_on=days_ago(-90))
        assert (later.planned_on, later.short_of_resources) == (days_ago(-90), False)
        later = world.move(later, "postpone", IA, note="Ill.", cause="resources", planned_on=days_ago(-99))
        later = world.move(later, "postpone", IA, note="Again.", cause="other", planned_on=days_ago(-100))
        assert later.short_of_resources


class TestAttestation:
    def test_is_stated_by_the_named_person_and_lapses(self, world: World) -> None:
        made = world.move(attestation(world), "state", "relationship_manager", **MARKS)
        days = parameters.number("relationship_rating_interval_days")
        assert (made.status, made.completed_by) == ("closed", world.person("relationship_manager"))
        assert made.lapses_at == made.concluded_at + timedelta(days=days)
        assert not made.lapsed

    def test_nobody_else_states_it(self, world: World) -> None:
        made = attestation(world, by=IA)
        with pytest.raises(Refused, match=r"for .* to state"):
            world.move(made, "state", IA, **MARKS)
        made.refresh_from_db()
        assert (made.status, made.concluded_at) == ("planned", None)

    @pytest.mark.parametrize("name", ["dialogue", "understanding", "atmosphere"])
    def test_says_what_the_requirement_asks(self, world: World, name: str) -> None:
        made = attestation(world)
        with pytest.raises(Refused):
            world.move(made, "state", "relationship_manager", **{**MARKS, name: None})
        made.refresh_from_db()
        assert made.status == "planned"

    def test_takes_its_files_as_evidence(self, world: World) -> None:
        made = world.create(
            "assessment", "operations_director", type="attestation", statement="awareness",
            subject_person=world.email("deputy"), assessor=world.email("operations_director"),
        )  # fmt: skip
        write.attach(made, SimpleUploadedFile("talk.txt", b"notes"), actor=world.actor("operations_director"))
        made = world.move(made, "state", "operations_director", reason="We spoke.")
        assert made.evidence == "talk.txt"

    def test_every_statement_of_the_vocabulary_can_be_made_for_a_requirement_that_only_people_answer(
        self, world: World
    ) -> None:
        assert set(Assessment.Statement.values) == set(catalogue.words().tags["statements"])
        wanted = {name for name in Assessment.Statement.values if assessing.asked_for(name)}
        assert wanted >= {"awareness", "customer_wording", "relationship_rating", "legal_compliance"}
        for name in Assessment.Statement.values:
            assert all(one.evidence == "attested" for one, _more in assessing.asked_for(name))


class TestProgramme:
    def test_tells_last_next_and_due(self, world: World) -> None:
        held(world, 100, risk_level="high")
        coming = planned(world, planned_on=days_ago(-30), risk_level="high")
        rows = {one.name: one for one in programme("csms-2003", Inquiry())}
        assert list(rows) == assessing.sections("csms-2003")
        mine = rows["s10"]
        assert (mine.risk, mine.every, mine.next) == ("high", 180, coming)
        assert mine.due == days_ago(-80) and not mine.late and not mine.unplanned
        assert rows["s11"].late and rows["s11"].unplanned and rows["s11"].due is None

    def test_of_an_unknown_standard_is_empty(self, world: World) -> None:
        assert programme("none-such", Inquiry()) == []


def test_the_programme_lists_the_sections(world: World) -> None:
    page = visitor(world.person("process_manager")).get("/compliance/assessments/?standard=csms-2003")
    assert page.status_code == 200 and "10 Customer Complaint Resolution Management" in page.content.decode()
    assert visitor(world.person("complaint_handler")).get("/compliance/assessments/").status_code == 403
    assert not Assessment.objects.exists()
