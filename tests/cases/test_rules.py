"""What the complaint desk decides, without a database: rating, intake, escalation, topics, notices, closing."""

from datetime import UTC, datetime, timedelta
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.cases.rules import closing, escalation, intake, notices, reclassification, risk, topics
from comity.cases.rules.escalation import LEVEL, Ages, Trigger, addressee, age_triggers, level_for, strongest
from comity.cases.rules.notices import Event, Notice, Why, Wish, notice, progress_days
from comity.cases.rules.words import Classification, Ground, Likelihood, Origin, Severity, Status

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
severities = st.sampled_from(list(Severity))


# --- the risk rating ---------------------------------------------------------------------------------------------


def test_safety_makes_it_critical_and_puts_it_on_the_high_path() -> None:
    rating = risk.rate(Severity.MINOR, Severity.MINOR, Likelihood.LOW, safety=True)
    assert (rating.path, rating.severity, rating.score) == (risk.Path.HIGH, Severity.CRITICAL, 1)
    assert rating.why == ("safety",)


def test_immediate_action_gives_the_clocks_of_a_major_complaint() -> None:
    rating = risk.rate(Severity.NORMAL, Severity.MINOR, immediate=True)
    assert (rating.path, rating.severity) == (risk.Path.HIGH, Severity.MAJOR)


def test_an_annoyance_is_simple_unless_it_is_complex() -> None:
    assert risk.rate(Severity.MINOR, Severity.MINOR).path == risk.Path.SIMPLE
    assert risk.rate(Severity.MINOR, Severity.MINOR, complex_case=True).path == risk.Path.STANDARD


def test_score_alone_can_make_it_high() -> None:
    rating = risk.rate(Severity.MAJOR, Severity.MAJOR, Likelihood.MEDIUM)
    assert (rating.score, rating.path, rating.why) == (18, risk.Path.HIGH, ("score",))
    assert risk.rate(Severity.NORMAL, Severity.NORMAL).path == risk.Path.STANDARD


@given(severities, severities, st.sampled_from(list(Likelihood)), st.booleans(), st.booleans())
def test_a_rating_never_lowers_and_grows_with_each_part(
    severity: Severity, consequence: Severity, likelihood: Likelihood, safety: bool, immediate: bool
) -> None:
    rating = risk.rate(severity, consequence, likelihood, safety=safety, immediate=immediate)
    assert rating.severity.rank >= severity.rank
    worse = risk.rate(Severity.CRITICAL, consequence, likelihood, safety=safety, immediate=immediate)
    assert worse.score >= rating.score
    assert (rating.path == risk.Path.HIGH) == bool(rating.why)
    if rating.path == risk.Path.HIGH:
        assert rating.severity.grave


# --- intake ------------------------------------------------------------------------------------------------------

WHOLE = {
    "classification": Classification.COMPLAINT,
    "origin": Origin.CUSTOMER,
    "customer": "CUS-00001",
    "contact": "CON-00001",
    "service": "SRV-00001",
    "channel": "phone",
    "received_at": NOON,
    "description": "The line was down.",
    "wanted_remedy": "A credit.",
}


def test_a_whole_intake_lacks_nothing() -> None:
    assert intake.missing_at_intake(WHOLE) == []


@pytest.mark.parametrize(
    "name", ["customer", "contact", "service", "channel", "received_at", "description", "wanted_remedy"]
)
def test_each_mandatory_field_is_asked_for(name: str) -> None:
    assert intake.missing_at_intake({**WHOLE, name: ""}) == [name]


def test_conduct_may_stand_for_the_service_and_anonymous_for_the_contact() -> None:
    assert intake.missing_at_intake({**WHOLE, "service": "", "conduct": "Rude on the phone."}) == []
    assert intake.missing_at_intake({**WHOLE, "contact": "", "anonymous": True}) == []


def test_an_internal_complaint_has_no_customer_and_an_enquiry_wants_no_remedy() -> None:
    assert intake.missing_at_intake({**WHOLE, "origin": Origin.INTERNAL, "customer": "", "contact": ""}) == []
    enquiry = {**WHOLE, "classification": Classification.ENQUIRY, "service": "", "wanted_remedy": ""}
    assert intake.missing_at_intake(enquiry) == []


def test_dissatisfaction_with_an_answer_expected_outranks_everything() -> None:
    for wants, idea, question in product((True, False), repeat=3):
        asked = {"wants_service": wants, "idea": idea, "question": question}
        assert intake.classify(dissatisfied=True, answer_expected=True, **asked) == Classification.COMPLAINT
        assert intake.classify(dissatisfied=False, answer_expected=True, **asked) != Classification.COMPLAINT
    nothing = {"wants_service": False, "idea": False, "question": False}
    assert intake.classify(dissatisfied=False, answer_expected=False, **nothing) == Classification.PRAISE


def test_one_unclear_mark_is_enough_to_ask_back() -> None:
    assert intake.unclear(True, True, True) == []
    assert intake.unclear(True, False, True) == ["content_clear"]


def test_clocks_run_on_complaints_and_hardly_on_the_rest() -> None:
    assert [c for c in Classification if intake.has_clocks(c)] == [Classification.COMPLAINT]
    assert not intake.has_answer_clock(Classification.PRAISE)
    assert not intake.has_acknowledge_clock(Classification.SUGGESTION)


def test_an_agent_hears_only_with_a_proven_mandate() -> None:
    assert intake.told_to("mother", "son", anonymous=False, mandate_proven=True) == "son"
    assert intake.told_to("mother", "son", anonymous=False, mandate_proven=False) == "mother"
    assert intake.told_to("mother", "son", anonymous=True, mandate_proven=True) == ""


def test_a_confidential_complainant_is_known_to_the_case_workers_alone() -> None:
    workers, named = frozenset({1, 2}), frozenset({2})
    known = {
        p: intake.may_know_complainant(p, confidential=True, named=named, case_workers=workers, auditor=False)
        for p in (1, 2, 3)
    }
    assert known == {1: True, 2: False, 3: False}
    assert not intake.may_know_complainant(1, confidential=True, named=named, case_workers=workers, auditor=True)
    assert intake.may_know_complainant(3, confidential=False, named=named, case_workers=workers, auditor=True)


def test_late_entry_is_a_flag() -> None:
    assert intake.entered_late(NOON, NOON - timedelta(seconds=1))
    assert not intake.entered_late(NOON, NOON)


# --- escalation --------------------------------------------------------------------------------------------------


def test_every_trigger_has_a_level() -> None:
    assert set(LEVEL) == set(Trigger)


@pytest.mark.parametrize(
    ("trigger", "level"),
    [
        (Trigger.AGE_80, 1), (Trigger.ANSWER_MISSED, 1), (Trigger.SEVERITY_MAJOR, 1), (Trigger.CUSTOMER, 1),
        (Trigger.REOPENED, 1), (Trigger.RESOLVE_MISSED, 2), (Trigger.SEVERITY_CRITICAL, 2), (Trigger.REJECTED, 2),
        (Trigger.OWNERS_LINE, 2), (Trigger.AGE_150, 3), (Trigger.CRITICAL_OVERDUE, 3), (Trigger.REPETITION, 3),
        (Trigger.REJECTED_AGAIN, 3),
    ],
)  # fmt: skip
def test_a_fresh_case_goes_to_the_level_named(trigger: Trigger, level: int) -> None:
    assert level_for(trigger, 0) == level


def test_a_level_reached_is_not_asked_again_by_age() -> None:
    assert level_for(Trigger.AGE_80, 1) is None
    assert level_for(Trigger.RESOLVE_MISSED, 3) is None


def test_rejection_and_the_customers_wish_climb_from_wherever_the_case_stands() -> None:
    assert [level_for(Trigger.REJECTED, level) for level in range(4)] == [2, 2, 3, 3]
    assert [level_for(Trigger.CUSTOMER, level) for level in range(4)] == [1, 2, 3, 3]
    assert [level_for(Trigger.OBJECTION, level) for level in range(4)] == [1, 2, 3, 3]


def test_silence_climbs_until_the_top() -> None:
    assert [level_for(Trigger.SILENCE, level) for level in (1, 2, 3)] == [2, 3, None]


def test_severity_sets_off_its_own_trigger() -> None:
    found = {severity: escalation.severity_trigger(severity) for severity in Severity}
    assert found == {
        Severity.MINOR: None, Severity.NORMAL: None,
        Severity.MAJOR: Trigger.SEVERITY_MAJOR, Severity.CRITICAL: Trigger.SEVERITY_CRITICAL,
    }  # fmt: skip


def test_second_rejection_or_reopening_goes_to_the_top() -> None:
    assert escalation.rejection_trigger(0) == Trigger.REJECTED
    assert escalation.rejection_trigger(1) == Trigger.REJECTED_AGAIN
    assert escalation.rejection_trigger(0, reopenings=1) == Trigger.REJECTED_AGAIN
    assert escalation.reopening_trigger(0) == Trigger.REOPENED
    assert escalation.reopening_trigger(1) == Trigger.REJECTED_AGAIN


def test_age_triggers_in_order() -> None:
    hours = [NOON - timedelta(hours=h) for h in (4, 3, 2, 1)]
    ages = Ages(answer_due_at=hours[0], warn_at=hours[1], resolve_due_at=hours[2], far_over_at=hours[3])
    assert age_triggers(ages, NOON, Severity.NORMAL) == [
        Trigger.AGE_80, Trigger.ANSWER_MISSED, Trigger.RESOLVE_MISSED, Trigger.AGE_150,
    ]  # fmt: skip
    assert Trigger.CRITICAL_OVERDUE in age_triggers(ages, NOON, Severity.CRITICAL)
    assert age_triggers(Ages(), NOON, Severity.CRITICAL) == []
    assert age_triggers(ages, NOON - timedelta(hours=5), Severity.CRITICAL) == []


def test_the_highest_level_wins_when_several_triggers_meet() -> None:
    assert strongest([Trigger.AGE_80, Trigger.RESOLVE_MISSED], 0) == (Trigger.RESOLVE_MISSED, 2)
    assert strongest([Trigger.AGE_80], 1) is None
    assert strongest([], 0) is None


CHAIN = {1: (10,), 2: (20,), 3: (30, 31)}


def test_the_chain_skips_whom_the_complaint_is_about() -> None:
    assert addressee(CHAIN, 1, frozenset(), None) == escalation.Addressee(1, 10)
    assert addressee(CHAIN, 1, frozenset({10}), None) == escalation.Addressee(2, 20, (10,))
    assert addressee(CHAIN, 2, frozenset({20, 30}), None) == escalation.Addressee(3, 31, (20, 30))
    assert addressee(CHAIN, 1, frozenset(), handler=10).person == 20


def test_a_chain_that_is_all_named_stays_at_the_top_without_a_person() -> None:
    found = addressee(CHAIN, 1, frozenset({10, 20, 30, 31}), None)
    assert (found.level, found.person) == (3, None)
    assert addressee({}, 1, frozenset(), None).person is None


@given(
    st.dictionaries(st.sampled_from([1, 2, 3]), st.lists(st.integers(1, 9), max_size=4)),
    st.sampled_from([1, 2, 3]), st.frozensets(st.integers(1, 9)), st.none() | st.integers(1, 9),
)  # fmt: skip
def test_nobody_named_in_a_complaint_ever_receives_its_escalation(
    chain: dict[int, list[int]], level: int, about: frozenset[int], handler: int | None
) -> None:
    found = addressee(chain, level, about, handler)
    assert found.level >= level
    assert found.person is None or (found.person not in about and found.person != handler)


# --- repetition --------------------------------------------------------------------------------------------------


def counted(
    days_ago: float, classification: Classification = Classification.COMPLAINT, ground: str = ""
) -> topics.Counted:
    return topics.Counted(f"CMP-{days_ago}", NOON - timedelta(days=days_ago), classification, ground)


def test_closed_and_merged_ones_count_and_reclassified_ones_do_not() -> None:
    cases = [
        counted(10, ground=Ground.MERGED),
        counted(20, ground=Ground.CONFIRMED),
        counted(30, ground=Ground.RECLASSIFIED),
        counted(40, Classification.ENQUIRY),
        counted(179.9),
        counted(181),
    ]
    assert [case.ref for case in topics.within(cases, NOON, 180)] == ["CMP-179.9", "CMP-20", "CMP-10"]


def test_the_third_opens_a_bundle_and_the_fourth_joins_it() -> None:
    assert topics.bundling(2, 3, bundle_open=False) == topics.Bundling.NOTHING
    assert topics.bundling(3, 3, bundle_open=False) == topics.Bundling.OPEN
    assert topics.bundling(4, 3, bundle_open=True) == topics.Bundling.JOIN
    assert topics.bundling(1, 3, bundle_open=True) == topics.Bundling.JOIN


@given(st.lists(st.integers(0, 400), max_size=30), st.integers(31, 365))
def test_densest_span_agrees_with_trying_every_window(days: list[int], span: int) -> None:
    times = [NOON + timedelta(days=day) for day in days]
    tried = max((sum(0 <= other - day <= span for other in days) for day in days), default=0)
    assert topics.densest(times, span) == tried


# --- notices -----------------------------------------------------------------------------------------------------


def test_until_asked_three_notices_and_progress_are_due() -> None:
    due = {event for event in notices.WISHABLE if notice(event, Wish()).due}
    assert due == {Event.ACKNOWLEDGED, Event.FIRST_ANSWER, Event.RESOLVED}
    assert progress_days(Wish(), 5) == 5


def test_result_only_still_hears_the_result_the_delay_and_the_acknowledgement() -> None:
    wish = Wish.of({"result_only": True})
    assert {event for event in Event if notice(event, wish).due} == notices.ALWAYS
    assert progress_days(wish, 5) == 0


def test_a_recorded_wish_decides_events_and_cadence() -> None:
    wish = Wish.of({"events": ["escalated", "action"], "every_days": 3})
    assert notice(Event.ESCALATED, wish) == Notice(True, Why.WISHED)
    assert notice(Event.FIRST_ANSWER, wish) == Notice(False, Why.NOT_WISHED)
    assert progress_days(wish, 5) == 3
    assert progress_days(Wish.of({"events": ["closed"]}), 5) == 0


@given(st.sets(st.sampled_from(list(notices.WISHABLE))), st.booleans(), st.integers(0, 20))
def test_result_and_delay_are_always_told_except_to_nobody(events: set[Event], result_only: bool, every: int) -> None:
    wish = Wish.of({"events": sorted(events), "result_only": result_only, "every_days": every})
    for event in (Event.RESOLVED, Event.DELAY):
        assert notice(event, wish).due
    for event in Event:
        assert notice(event, wish, anonymous=True) == Notice(False, Why.ANONYMOUS)
    assert progress_days(wish, 5, anonymous=True) == 0


# --- closing -----------------------------------------------------------------------------------------------------

PASSED = frozenset({Status.RECEIVED, Status.ACKNOWLEDGED, Status.ASSESSED, Status.INVESTIGATING, Status.RESOLVED})


def facts(**changed: object) -> closing.Facts:
    given_facts: dict[str, object] = {
        "cause_area": "service", "improvement_need": False, "outcome_reasons": "The log shows it.",
        "states_passed": PASSED, "result_notice": True, "confirmation_logged": True, "confirm_period_over": True,
        "reminder_sent": True, "top_level_answered": True, "recourse_told": True, "same_customer": True,
        "survivor": True,
    }  # fmt: skip
    return closing.Facts(**{**given_facts, **changed})  # type: ignore[arg-type]


@pytest.mark.parametrize("ground", list(Ground))
def test_everything_given_closes_on_any_ground(ground: Ground) -> None:
    assert closing.missing_to_close(facts(), ground) == []


@pytest.mark.parametrize("ground", [ground for ground in Ground if ground != Ground.ANSWERED])
@pytest.mark.parametrize(("name", "empty"), [("cause_area", ""), ("improvement_need", None), ("outcome_reasons", "  ")])
def test_no_ground_closes_without_area_question_and_reasons(ground: Ground, name: str, empty: object) -> None:
    assert closing.missing_to_close(facts(**{name: empty}), ground) == [name]


@pytest.mark.parametrize(
    ("ground", "lacking", "code"),
    [
        (Ground.CONFIRMED, {"confirmation_logged": False}, "confirmation"),
        (Ground.WITHDRAWN, {"confirmation_logged": False}, "confirmation"),
        (Ground.CONFIRMED, {"result_notice": False}, "result_notice"),
        (Ground.CONFIRMED, {"states_passed": PASSED - {Status.ASSESSED}}, "mandatory_path"),
        (Ground.CONFIRMATION_EXPIRED, {"confirm_period_over": False}, "confirm_period"),
        (Ground.CONFIRMATION_EXPIRED, {"reminder_sent": False}, "reminder"),
        (Ground.NO_AGREEMENT, {"top_level_answered": False}, "top_level_answer"),
        (Ground.NO_AGREEMENT, {"recourse_told": False}, "recourse"),
        (Ground.MERGED, {"same_customer": False}, "same_customer"),
        (Ground.MERGED, {"survivor": False}, "survivor"),
    ],
)
def test_each_ground_has_its_own_proof(ground: Ground, lacking: dict[str, object], code: str) -> None:
    assert closing.missing_to_close(facts(**lacking), ground) == [code]


def test_the_customers_own_click_needs_no_logged_call_and_anonymous_cases_no_reminder() -> None:
    assert (
        closing.missing_to_close(facts(confirmation_logged=False, confirmed_by_customer=True), Ground.CONFIRMED) == []
    )
    nobody = facts(anonymous=True, reminder_sent=False, result_notice=False)
    assert closing.missing_to_close(nobody, Ground.CONFIRMATION_EXPIRED) == []


def test_grave_ones_are_investigated_though_withdrawn_and_listed_for_analysis() -> None:
    assert [s for s in Severity if closing.investigated_anyway(s)] == [Severity.MAJOR, Severity.CRITICAL]
    assert closing.on_next_analysis(Ground.NO_AGREEMENT, 0, Severity.MINOR, late=False)
    assert closing.on_next_analysis(Ground.CONFIRMED, 1, Severity.MINOR, late=False)
    assert closing.on_next_analysis(None, 0, Severity.MINOR, late=True)
    assert not closing.on_next_analysis(Ground.CONFIRMED, 0, Severity.NORMAL, late=False)


# --- reclassification --------------------------------------------------------------------------------------------


def test_leaving_the_complaints_costs_approval_notice_and_objection() -> None:
    for after in reclassification.AWAY_FROM_COMPLAINT:
        change = reclassification.change(Classification.COMPLAINT, after)
        assert change.allowed and change.approval and change.notice and change.objection and change.leaves_figures
        assert change.clocks == reclassification.Start.STOPPED


def test_becoming_a_complaint_is_easy_and_starts_where_it_was_first_said() -> None:
    for before in reclassification.AWAY_FROM_COMPLAINT:
        change = reclassification.change(before, Classification.COMPLAINT)
        assert change.allowed and not change.approval
        assert change.clocks == reclassification.Start.FIRST_DISSATISFACTION


def test_frozen_after_closing_and_never_into_praise() -> None:
    for before, after in product(Classification, repeat=2):
        assert not reclassification.change(before, after, closed=True).allowed
    assert not reclassification.change(Classification.COMPLAINT, Classification.PRAISE).allowed
    assert not reclassification.change(Classification.ENQUIRY, Classification.ENQUIRY).allowed


@given(severities, severities)
def test_only_lowering_needs_the_owner(before: Severity, after: Severity) -> None:
    assert reclassification.severity_needs_approval(before, after) == (after.rank < before.rank)
