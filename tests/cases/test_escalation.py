"""Escalation by age, severity, repetition, rejection and wish; who answers; what the rules do while nobody looks."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from comity.accounts.models import Grant
from comity.cases.models import Case, Escalation, timing
from comity.records import write
from comity.records.models import Entry
from tests.cases.conftest import RATED, Desk
from tests.cases.test_path import refused


def rated(desk: Desk, severity: str, **more: Any) -> Any:
    case = desk.at("acknowledged")
    data = {**RATED, "severity": severity, "handler": desk.world.email("complaint_handler"), **more}
    return desk.move(case, "assess", **data)


# --- severity --------------------------------------------------------------------------------------------------------


def test_major_goes_to_the_complaint_owner_and_critical_to_the_process_manager(desk: Desk) -> None:
    assert desk.escalations(rated(desk, "minor")) == []
    assert desk.escalations(rated(desk, "normal")) == []
    assert desk.escalations(rated(desk, "major")) == [("severity_major", 1)]
    critical = rated(desk, "critical")
    assert desk.escalations(critical) == [("severity_critical", 2)]
    assert critical.escalation_level == 2
    assert critical.status == "assessed"  # a field, not a state


def test_danger_to_people_makes_it_critical(desk: Desk) -> None:
    case = rated(desk, "minor", safety=True)
    assert (case.severity, case.path) == ("critical", "high")
    assert desk.escalations(case) == [("severity_critical", 2)]
    assert case.resolve_due_at < desk.register().resolve_due_at


def test_raising_severity_counts_from_the_receipt_and_may_be_late_at_once(desk: Desk) -> None:
    case = rated(desk, "normal")
    desk.later(days=3)
    refused(desk, case, "change_severity", severity="critical")  # without a reason
    case = desk.move(case, "change_severity", note="It stands still.", severity="critical", consequence="normal")
    assert case.resolve_due_at < timezone.now()
    assert ("severity_critical", 2) in desk.escalations(case)
    case = desk.sweep(case)
    assert case.breached
    assert ("critical_overdue", 3) in desk.escalations(case)


def test_lowering_severity_is_the_owners_decision(desk: Desk) -> None:
    case = rated(desk, "major")
    lower = {"note": "Not so bad.", "severity": "minor", "consequence": "minor"}
    assert "complaint owner" in refused(desk, case, "change_severity", **lower)
    case = desk.move(case, "change_severity", "process_manager", **lower)
    assert case.severity == "minor"


# --- age -------------------------------------------------------------------------------------------------------------


def test_age_sends_it_up_level_by_level(desk: Desk) -> None:
    case = rated(desk, "normal")
    case = desk.move(case, "answer", text="We found the cause.")
    desk.until(case.warn_at)
    case = desk.sweep(case)
    assert desk.escalations(case) == [("age_80", 1)]
    desk.sweep()
    assert Escalation.objects.count() == 1  # nothing twice
    desk.world.move(Escalation.objects.get(), "answer", "process_manager", decision="Go on.")
    desk.until(case.resolve_due_at)
    case = desk.sweep(case)
    assert desk.escalations(case)[-1] == ("resolve_missed", 2)
    assert case.breached
    desk.world.move(case.escalations.get(level=2), "answer", "process_manager", decision="Two more people.")
    desk.until(case.far_over_at)
    case = desk.sweep(case)
    assert desk.escalations(case)[-1] == ("age_150", 3)
    assert case.status == "assessed"


def test_a_missed_answer_goes_to_level_one(desk: Desk) -> None:
    case = desk.at("acknowledged", severity="critical")
    case = desk.move(case, "assess", **{**RATED, "severity": "normal"}, handler=desk.world.email("complaint_handler"))
    desk.until(case.answer_due_at)
    assert desk.escalations(desk.sweep(case)) == [("answer_missed", 1)]


def test_an_answer_in_time_prevents_it_and_progress_news_do_not(desk: Desk) -> None:
    case = desk.at("assessed")
    case = desk.move(case, "tell_progress", text="We are working on it.")
    assert case.answered_at is None
    case = desk.move(case, "answer", text="The router broke; we exchange it.")
    assert case.answered_at == timezone.now()
    assert desk.told(case, "answer")[0].substantive
    desk.until(case.answer_due_at)
    assert desk.escalations(desk.sweep(case)) == []


def test_waiting_for_an_improvement_suspends_the_alarms(desk: Desk) -> None:
    case = desk.at("investigating")
    case = desk.move(case, "answer", text="One line only.")
    told = {
        "level_analysis": "x", "promised_at": (timezone.now() + timedelta(days=90)).isoformat(), "text": "In spring.",
        "improvement": "Second line",
    }  # fmt: skip
    case = desk.move(case, "await_improvement", "process_manager", **told)
    desk.until(case.far_over_at)
    case = desk.sweep(case)
    assert desk.escalations(case) == []
    assert not case.breached
    assert case.figure() == "waiting_for_improvement"


# --- who answers -----------------------------------------------------------------------------------------------------


def test_only_the_person_asked_answers(desk: Desk) -> None:
    case = rated(desk, "critical")
    raised = case.escalations.get()
    assert raised.person == desk.world.person("process_manager")
    actor = desk.world.actor("operations_director")
    with pytest.raises(write.Refused):
        write.transition(raised, "answer", {"decision": "x"}, actor=actor)
    raised = desk.world.move(raised, "answer", "process_manager", decision="All hands.")
    assert (raised.status, raised.answered_by) == ("answered", desk.world.person("process_manager"))
    assert any("is answered by" in line.words for line in desk.lines(case))


def test_silence_goes_up_until_the_top(desk: Desk) -> None:
    case = rated(desk, "critical")
    case = desk.move(case, "answer", text="We are on it: the disk broke.")
    first = case.escalations.get()
    desk.until(first.due_at)
    case = desk.sweep(case)
    first.refresh_from_db()
    assert first.status == "passed_on"
    assert case.escalation_level == 3
    top = case.escalations.filter(level=3).first()
    assert top is not None
    count = case.escalations.count()
    desk.later(days=30)
    desk.sweep(case)
    assert case.escalations.filter(level=3, trigger="silence").count() <= 1
    assert case.escalations.count() == count


def test_the_chain_skips_whom_it_is_about(desk: Desk) -> None:
    named = desk.world.email("process_manager")
    case = desk.register(about=[named])
    case = desk.move(case, "acknowledge", "service_desk")
    case = desk.move(case, "assess", **RATED, handler=desk.world.email("complaint_handler"))
    assert desk.escalations(case) == [("owners_line", 2)]
    raised = case.escalations.get()
    assert raised.person == desk.world.person("assistant")
    lines = Entry.objects.filter(kind="escalation", record_id=raised.pk, act="auto")
    assert any("Process Manager" in line.words for line in lines)


def test_with_all_process_managers_named_it_goes_to_the_director(desk: Desk) -> None:
    case = desk.register(about=[desk.world.email("process_manager"), desk.world.email("assistant")])
    case = desk.move(case, "acknowledge", "service_desk")
    case = desk.move(case, "assess", **RATED, handler=desk.world.email("complaint_handler"))
    raised = case.escalations.get()
    assert (raised.level, raised.person) == (3, desk.world.person("operations_director"))


def test_when_everybody_is_named_it_stays_open_without_a_person_and_shows(desk: Desk) -> None:
    named = [desk.world.email(n) for n in ("process_manager", "assistant", "operations_director", "senior_manager")]
    case = desk.register(about=named)
    case = desk.move(case, "escalate", "customer_contact", note="Nobody hears me.")
    assert (case.escalations.get().person, case.escalation_level) == (None, 3)


# --- wish of the customer, staff -----------------------------------------------------------------------------------


def test_the_customer_climbs_one_level_each_time_with_a_reason(desk: Desk) -> None:
    case = desk.register()
    refused(desk, case, "escalate", "customer_contact")
    for level in (1, 2, 3):
        case = desk.move(case, "escalate", "customer_contact", note="Too slow.")
        assert case.escalation_level == level
    assert {trigger for trigger, _level in desk.escalations(case)} == {"customer"}


def test_the_customer_sees_it_only_when_wished(desk: Desk) -> None:
    case = desk.move(desk.register(), "record_wish", "customer_contact", events=["escalated"])
    case = desk.move(case, "escalate", "customer_contact", note="Too slow.")
    assert "complaint owner" in desk.told(case, "progress")[0].body
    silent = desk.move(desk.register(), "record_wish", "customer_contact", result_only=True)
    silent = desk.move(silent, "escalate", "customer_contact", note="Too slow.")
    assert not desk.told(silent, "progress")
    assert any("result only" in line.words for line in desk.lines(silent))


def test_staff_escalate_for_themselves_or_for_the_customer_with_proof(desk: Desk) -> None:
    case = desk.move(desk.register(), "escalate_inside", note="I am stuck.")
    assert desk.escalations(case) == [("staff", 1)]
    case = desk.move(case, "escalate_inside", note="He asks.", communication=desk.heard(case))
    assert desk.escalations(case)[-1] == ("customer", 2)


# --- repetition ------------------------------------------------------------------------------------------------------


def test_the_third_complaint_opens_one_bundle_and_the_fourth_joins(desk: Desk) -> None:
    cases = [desk.register() for _ in range(2)]
    desk.sweep()
    assert not Escalation.objects.exists()
    closed = desk.at("closed")
    desk.sweep()
    bundles = Escalation.objects.filter(type="topic_bundle")
    assert bundles.count() == 2  # service + topic, customer + topic
    bundle = bundles.get(service=desk.world.service)
    assert (bundle.level, bundle.person) == (3, desk.world.person("operations_director"))
    assert all(case.ref in bundle.compiled_summary for case in (*cases, closed))
    fourth = desk.register()
    fourth = desk.sweep(fourth)
    assert fourth.bundle == bundle
    assert fourth.repeated
    assert bundles.count() == 2
    assert Case.objects.filter(repeated=True).count() == 4


def test_the_bundle_ends_with_a_decision_that_every_case_shows(desk: Desk) -> None:
    cases = [desk.register() for _ in range(3)]
    desk.sweep()
    bundle = Escalation.objects.get(type="topic_bundle", service=desk.world.service)
    with pytest.raises(Exception, match="decision"):
        desk.world.move(bundle, "answer", "operations_director")
    desk.world.move(bundle, "answer", "operations_director", decision="New router in all sites.")
    for case in cases:
        assert any(bundle.ref in line.words and "answered" in line.words for line in desk.lines(case))


def test_two_customers_count_together_on_the_service(desk: Desk) -> None:
    other = {"customer": desk.world.child.ref, "contact": desk.world.child_contact.ref}
    for changed in ({}, other, other):
        desk.register(**changed)
    desk.sweep()
    bundle = Escalation.objects.get(type="topic_bundle")
    assert (bundle.service, bundle.customer) == (desk.world.service, None)


@pytest.mark.parametrize(
    "changed",
    [{"topic": "billing"}, {"topic": ""}, {"classification": "enquiry"}, {"received_at": "2020-01-01T00:00:00Z"}],
)
def test_what_does_not_count_together(desk: Desk, changed: dict[str, Any]) -> None:
    for _ in range(2):
        desk.register()
    desk.register(**changed)
    desk.sweep()
    assert not Escalation.objects.filter(type="topic_bundle").exists()


# --- progress and the sweep ----------------------------------------------------------------------------------------


def test_an_open_complaint_does_not_stay_silent(desk: Desk) -> None:
    case = desk.at("assessed")
    case = desk.move(case, "answer", text="We exchange the router.")
    desk.until(case.tell_at)
    case = desk.sweep(case)
    assert len(desk.told(case, "progress")) == 1
    assert case.tell_at > timezone.now()


def test_a_wish_for_the_result_only_ends_the_progress_notices(desk: Desk) -> None:
    case = desk.move(desk.register(), "record_wish", "customer_contact", result_only=True)
    assert case.tell_at is None
    case = desk.move(case, "record_wish", "service_desk", events=["resolved"], every_days=2)
    assert case.tell_at is not None
    refused(desk, case, "record_wish", "customer_contact")


def test_anonymous_complaints_get_no_notices_and_say_why(desk: Desk) -> None:
    case = desk.at("resolved", anonymous=True, contact="")
    assert desk.told(case) == []
    assert case.tell_at is None
    assert any("anonymous" in line.words for line in desk.lines(case))
    desk.until(case.confirm_due_at)
    case = desk.sweep(case)
    assert (case.status, case.close_ground) == ("closed", "confirmation_expired")


def test_the_sweep_finds_nothing_to_do_twice(desk: Desk) -> None:
    for status in ("received", "acknowledged", "assessed", "investigating", "acting", "resolved"):
        desk.at(status)
    desk.later(days=45)
    for _ in range(3):
        desk.sweep()
    lines = Entry.objects.count()
    desk.sweep()
    assert Entry.objects.count() == lines
    assert not Case.objects.filter(sweep_at__lte=timezone.now()).exists()


def test_every_automatic_line_names_its_rule(desk: Desk) -> None:
    desk.at("acting")
    desk.later(days=45)
    desk.sweep()
    automatic = Entry.objects.filter(kind__in=("case", "escalation"), actor="Comity")
    assert automatic.exists()
    assert not automatic.filter(rule="").exists()


def test_a_named_new_date_needs_reason_and_outside_body(desk: Desk) -> None:
    case = desk.at("investigating")
    later = (case.resolve_due_at + timedelta(days=10)).isoformat()
    whole = {"promised_at": later, "extension_reason": "Parts are awaited.", "outside_body": "Ombudsman"}
    for name in whole:
        refused(desk, case, "extend", **{**whole, name: ""})
    refused(desk, case, "extend", **{**whole, "promised_at": timezone.now().isoformat()})
    due = case.resolve_due_at
    case = desk.move(case, "extend", **whole)
    assert case.resolve_due_at == due  # a new date does not make a breach undone
    [notice] = desk.told(case, "explanation")
    assert "Ombudsman" in notice.body
    assert "Parts are awaited." in notice.body


def test_level_one_is_empty_without_an_owner_and_the_next_level_is_asked(desk: Desk) -> None:
    Grant.objects.filter(person=desk.world.person("process_manager")).update(ends_on=timezone.localdate())
    case = rated(desk, "major")
    assert case.escalations.get().person is not None


def test_asking_for_news_starts_a_clock_that_telling_stops(desk: Desk) -> None:
    case = desk.step(desk.at("assessed"))
    refused(desk, case, "ask_news", "customer_contact")
    case = desk.move(case, "ask_news", "customer_contact", note="Well?")
    assert timing.calendar_of(case).between(timezone.now(), case.news_due_at) == 2 * 12 * 3600
    assert case.next_due_at == case.news_due_at
    case = desk.move(case, "tell_progress", text="Tomorrow.")
    assert case.news_due_at is None
