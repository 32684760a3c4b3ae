"""The table of states row by row: from, to and who, as it is written; and each guard and effect that a row names."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from comity.accounts.models import Grant
from comity.accounts.roles import CONTACTS, Role
from comity.cases.models.choices import Status
from comity.cases.models.timing import calendar_of
from comity.cases.operations.workflow import case_life
from comity.clocks.rules import elapsed
from comity.improvement.models import Improvement
from comity.records import write
from comity.records.access import may
from tests.cases.conftest import ENDING, FOUND, RATED, RESULT, Desk
from tests.cases.test_path import refused

pytestmark = pytest.mark.django_db
CH, SD, RM, PM = Role.COMPLAINT_HANDLER, Role.SERVICE_DESK, Role.RELATIONSHIP_MANAGER, Role.PROJECT_MANAGER
PR, OD, CC = Role.PROCESS_MANAGER, Role.OPERATIONS_DIRECTOR, Role.CUSTOMER_CONTACT
OWNERS = {CH, PM, PR, OD}  # the duty decides which of them
OPEN = set(Status) - {Status.CLOSED}
EARLY = {Status.RECEIVED, Status.ACKNOWLEDGED, Status.ASSESSED, Status.INVESTIGATING}
BACK = "where it was"
ROWS: dict[str, tuple[set[Any], str, set[Role]]] = {
    "acknowledge": ({"received"}, "acknowledged", {SD, CH}),
    "assess": ({"acknowledged"}, "assessed", {CH}),
    "investigate": ({"assessed"}, "investigating", {CH}),
    "act": ({"investigating"}, "acting", {CH}),
    "resolve_without_action": ({"investigating"}, "resolved", {CH}),
    "resolve": ({"acting"}, "resolved", {CH}),
    "ask_customer": ({"investigating", "acting"}, "awaiting_customer", {CH}),
    "resume": ({"awaiting_customer"}, BACK, {CH}),
    "reply": ({"awaiting_customer"}, BACK, {CC}),
    "await_improvement": ({"investigating", "acting"}, "awaiting_improvement", OWNERS),
    "resolve_improved": ({"awaiting_improvement"}, "resolved", {CH}),
    "confirm": ({"resolved"}, "closed", {CC, RM, CH}),
    "expire": ({"resolved"}, "closed", set()),
    "reject": ({"resolved"}, "investigating", {CC, RM, CH}),
    "close_without_agreement": ({"resolved"}, "closed", {OD}),
    "ask_to_withdraw": (OPEN, BACK, {CC}),
    "withdraw": (OPEN, "closed", {RM, CH}),
    "merge": (OPEN, "closed", OWNERS),
    "reclassify": (EARLY, "closed", OWNERS),
    "reopen": ({"closed"}, "investigating", {CC, CH, PR}),
}
AGAINST_ONESELF = {  # what even the person complained about may do: it moves nothing in that person's favour
    "escalate_inside", "keep_classification", "make_complaint", "object", "pass_on_praise", "ask_news", "record_wish",
}  # fmt: skip


def promise(days: int = 90, **changed: Any) -> dict[str, Any]:
    """An explanation why the service level cannot solve it."""
    return {
        "level_analysis": "One line only.", "promised_at": (timezone.now() + timedelta(days=days)).isoformat(),
        "text": "A second line comes in spring.", "improvement": "Second line", **changed,
    }  # fmt: skip


@pytest.mark.parametrize("name", ROWS)
def test_from_to_and_who(name: str) -> None:
    row, (sources, target, roles) = case_life[name], ROWS[name]
    assert ({*row.sources}, {*row.by}) == (sources, roles)
    assert callable(row.target) if target == BACK else row.target == target
    assert row.system == (name == "expire")


def test_every_other_step_stays_where_it_is_or_is_named_here() -> None:
    ways = {row.name for row in case_life.moves if not callable(row.target)}
    assert ways == {name for name, (_from, to, _who) in ROWS.items() if to != BACK} | {"finish"}


def test_people_may_take_the_steps_of_their_roles_and_no_others(desk: Desk) -> None:
    case = desk.at("acknowledged")
    for name, (_sources, _target, roles) in ROWS.items():
        allowed = {role for role in Role if may(desk.world.person(role.value), case, name)}
        assert allowed == roles, name


def test_whoever_is_complained_about_takes_no_step_of_it(desk: Desk) -> None:
    case = desk.register(about=[desk.world.email("complaint_handler")])
    actor = desk.world.actor("complaint_handler")
    steps = [row for row in case_life.moves if CH in row.by and row.name not in AGAINST_ONESELF]
    open_to_them = [row.name for row in steps if not any("about you" in str(one) for one in row.missing(case, actor))]
    assert len(steps) > 20 and open_to_them == []
    refused(desk, case, "acknowledge", next_step="I look at it.")
    refused(desk, case, "clarify", communication=desk.heard(case, "relationship_manager"))
    wanted = {"proposed_classification": "enquiry", "note": "It was nothing."}
    assert "about you" in refused(desk, case, "propose_reclassification", **wanted)


def lacking(case: Any, actor: Any, words: str) -> set[str]:
    """The steps that tell this person so."""
    return {row.name for row in case_life.moves if any(words in str(one) for one in row.missing(case, actor))}


def test_another_handler_moves_nothing_on(desk: Desk) -> None:
    case = desk.at("assessed")
    found = lacking(case, desk.world.actor("northerner"), "Another person handles this case")
    assert found == {
        "investigate", "act", "resolve_without_action", "resolve", "ask_customer", "resolve_improved", "write_up",
        "extend", "promise", "carry_on",
    }  # fmt: skip
    assert not lacking(case, desk.world.actor("complaint_handler"), "Another person handles this case")


def test_what_the_complaint_owner_decides_nobody_else_does(desk: Desk) -> None:
    case = desk.at("assessed")
    for name in ("complaint_handler", "operations_director", "project_manager"):
        found = lacking(case, desk.world.actor(name), "Only the complaint owner")
        assert found == {"await_improvement", "merge", "reclassify", "keep_classification"}
    assert not lacking(case, desk.world.actor("process_manager"), "Only the complaint owner")


def test_what_is_no_complaint_takes_no_step_of_one(desk: Desk) -> None:
    case = desk.register(classification="enquiry")
    found = lacking(case, desk.world.actor("complaint_handler"), "Only complaints take this step")
    assert found >= {"assess", "investigate", "reclassify", "reopen", "propose_reclassification", "escalate", "extend"}


def test_the_assessment_names_a_handler_who_is_not_complained_about(desk: Desk) -> None:
    case, named = desk.at("acknowledged"), desk.world.email("process_manager")
    assert "handler" in refused(desk, case, "assess", **RATED, handler=named, about=[named])


def test_the_assessment_needs_to_know_the_customer(desk: Desk) -> None:
    case = desk.at("acknowledged")
    case = write.assign(case, {"customer": None, "contact": None}, actor=desk.rule())
    handler = desk.world.email("complaint_handler")
    assert "which customer" in refused(desk, case, "assess", **RATED, handler=handler)


@pytest.mark.parametrize(("severity", "hours"), [("minor", (60, 60)), ("major", (12, 60)), ("critical", (4, 12))])
def test_the_assessment_reckons_from_the_receipt_with_the_clocks_of_the_severity(
    desk: Desk, severity: str, hours: tuple[int, int]
) -> None:
    case = desk.at("acknowledged")
    received = case.received_at
    desk.later(hours=1)
    case = desk.step(case, severity=severity, consequence=severity)
    assert case.received_at == received
    spent = [calendar_of(case).between(received, due) / 3600 for due in (case.answer_due_at, case.resolve_due_at)]
    assert spent == [*hours]  # to answer as the table says, in days of twelve hours; to resolve as the agreement says


@pytest.mark.parametrize("left_out", ["views_of_parties", "cause_category", "improvement_need"])
def test_no_action_asks_for_what_acting_asks_for(desk: Desk, left_out: str) -> None:
    whole = {**FOUND, **RESULT, "no_action_reason": "Nothing to mend.", left_out: None}
    refused(desk, desk.at("investigating"), "resolve_without_action", **whole)


@pytest.mark.parametrize("by_acting", [True, False])
def test_the_result_stops_the_clock_is_told_and_starts_the_time_to_confirm(desk: Desk, by_acting: bool) -> None:
    case = desk.at("acting" if by_acting else "investigating")
    now = desk.later(hours=1)
    whole = {**FOUND, **RESULT, "no_action_reason": "Nothing to mend."}
    case = desk.step(case) if by_acting else desk.move(case, "resolve_without_action", **whole)
    assert case.resolved_at == now and [case.result_notice] == desk.told(case, "result")
    assert now < case.remind_at < case.confirm_due_at == case.next_due_at
    due = case.resolve_due_at
    desk.until(due)
    case = desk.sweep(case)
    assert (case.breached, case.resolve_due_at) == (False, due)


def test_the_desk_asks_nothing_in_the_handlers_name(desk: Desk) -> None:
    case = desk.at("investigating")
    refused(desk, case, "ask_customer", "service_desk", text="Which line?")
    refused(desk, desk.move(case, "ask_customer", text="Which line?"), "resume", "service_desk")


def test_the_handler_goes_on_and_the_clock_has_lost_the_waiting_alone(desk: Desk) -> None:
    case = desk.at("acting")
    due = case.resolve_due_at
    asked = desk.later(hours=1)
    case = desk.move(case, "ask_customer", text="Which line?")
    went_on = desk.later(hours=3)
    case = desk.move(case, "resume")
    calendar = calendar_of(case)
    assert case.status == "acting" and case.resolve_from is None
    assert elapsed(calendar, due, case.resolve_due_at) == elapsed(calendar, asked, went_on) == 3 * 3600


@pytest.mark.parametrize("left_out", ["level_analysis", "promised_at", "text", "improvement"])
def test_not_solvable_asks_for_analysis_reason_date_and_improvement(desk: Desk, left_out: str) -> None:
    case = desk.at("investigating")
    refused(desk, case, "await_improvement", "process_manager", **promise(**{left_out: ""}))
    assert not Improvement.objects.exists() and not desk.told(case, "explanation")


def test_not_solvable_names_a_date_later_than_the_deadline(desk: Desk) -> None:
    case = desk.at("acting")
    assert "later" in refused(desk, case, "await_improvement", "process_manager", **promise(days=1))
    desk.until(case.resolve_due_at)
    desk.later(days=5)
    yesterday = promise(days=-1)
    assert "later" in refused(desk, case, "await_improvement", "process_manager", **yesterday)
    given = {"promised_at": yesterday["promised_at"], "extension_reason": "Parts.", "outside_body": "Board"}
    assert "later" in refused(desk, case, "extend", **given)


def test_an_explanation_after_the_clock_has_ended_does_not_make_it_in_time(desk: Desk) -> None:
    case = desk.at("acting")
    desk.until(case.resolve_due_at)
    case = desk.move(case, "await_improvement", "process_manager", **promise())
    assert case.breached and len(case.breaches) == 1 and case.figure() == "open_late"


def test_an_approved_improvement_is_told_without_the_way_to_others(desk: Desk) -> None:
    case = desk.move(desk.at("investigating"), "await_improvement", "process_manager", **promise())
    [one] = Improvement.objects.filter(source_ref=case.ref)
    assert one.ref in refused(desk, case, "resolve_improved", **RESULT)
    one = desk.world.move(one, "analyse", "complaint_handler", analysis="One line only.")
    desk.world.move(one, "approve", "operations_director", decision_reason="It pays.")
    case = desk.move(case, "resolve_improved", **RESULT)
    assert case.status == "resolved" and desk.told(case, "result") and not desk.told(case, "recourse")


@pytest.mark.parametrize("status", ["received", "assessed", "acting", "resolved"])
def test_any_open_one_is_withdrawn_and_stays_in_the_figures(desk: Desk, status: str) -> None:
    case = desk.at(status)
    desk.later(hours=1)
    refused(desk, case, "withdraw", **ENDING, communication=desk.heard(case))  # without a reason
    case = desk.move(case, "withdraw", note="He called.", **ENDING, communication=desk.heard(case))
    assert (case.close_ground, case.figure()) == ("withdrawn", "in_time")


def test_nothing_is_merged_into_what_has_ended(desk: Desk) -> None:
    survivor, case = desk.at("closed"), desk.register()
    assert "goes on" in refused(desk, case, "merge", "process_manager", case=survivor.ref, **ENDING)


@pytest.mark.parametrize("left_out", ENDING)
def test_every_closing_has_its_answers(desk: Desk, left_out: str) -> None:
    survivor, case = desk.register(), desk.register()
    refused(desk, case, "merge", "process_manager", case=survivor.ref, **{**ENDING, left_out: None})
    heard = desk.heard(case)
    refused(desk, case, "withdraw", note="He called.", communication=heard, **{**ENDING, left_out: None})


def test_nobody_approves_a_reclassification_of_ones_own(desk: Desk) -> None:
    owner = desk.world.person("process_manager")
    Grant.objects.create(person=owner, unit=desk.world.root, role=CH, starts_on=timezone.localdate())
    case = desk.at("investigating")
    wanted = {"proposed_classification": "enquiry", "note": "A question."}
    case = desk.move(case, "propose_reclassification", "process_manager", **wanted)
    assert "yourself" in refused(desk, case, "reclassify", "process_manager", **ENDING)


@pytest.mark.parametrize("wanted", ["praise", "complaint", ""])
def test_a_complaint_becomes_nothing_else(desk: Desk, wanted: str) -> None:
    case = desk.at("acknowledged")
    refused(desk, case, "propose_reclassification", note="It is.", proposed_classification=wanted)


def test_what_goes_on_elsewhere_is_not_reopened(desk: Desk) -> None:
    survivor, case = desk.register(), desk.register()
    case = desk.move(case, "merge", "process_manager", case=survivor.ref, **ENDING)
    assert "not reopened" in refused(desk, case, "reopen", "process_manager", note="Again.")


def test_the_customer_speaks_for_the_own_organisation_and_no_contact_for_the_supplier() -> None:
    speakers = {row.name for row in case_life.moves if {*row.by} & CONTACTS}
    assert {row.name for row in case_life.moves if Role.SUPPLIER_CONTACT in row.by} == set()
    assert {"reply", "confirm", "reject", "reopen", "object", "escalate", "ask_to_withdraw"} <= speakers
