"""Promises outlive the answer; suggestions become improvements; praise reaches whom it is for; wished channels."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from comity.cases.jobs import sweep_escalations, watch_promises
from comity.cases.models import Case
from comity.cases.operations import figures, telling
from comity.improvement.models import Action, Improvement
from comity.records.models import Entry
from tests.cases.conftest import RATED, RESULT, Desk
from tests.cases.test_path import refused


def carried(desk: Desk) -> tuple[Any, Action, Improvement]:
    """A closed case of which one promise goes on as an improvement."""
    case = desk.at("acting")
    due = timezone.localdate() + timedelta(days=30)
    case = desk.move(
        case, "promise", action="Renew the cable", action_owner=desk.world.email("complaint_handler"), action_due_on=due
    )
    action = Action.objects.get(title="Renew the cable")
    assert action.ref in refused(desk, case, "resolve", **RESULT)
    case = desk.move(case, "carry_on", note="It takes a month.", open_action=action.ref)
    while case.status != "closed":
        case = desk.step(case) if case.status != "acting" else resolve(desk, case)
    return case, action, Improvement.objects.get(source_ref=action.ref)


def resolve(desk: Desk, case: Any) -> Any:
    first = Action.objects.get(source_ref=case.ref, title="Write the credit note")
    desk.world.move(first, "complete", "complaint_handler", completion_report="Sent.")
    return desk.move(case, "resolve", **RESULT)


def test_an_action_goes_on_after_the_answer_and_the_customer_knows(desk: Desk) -> None:
    case, action, moved = carried(desk)
    assert (case.status, action.status) == ("closed", "open")
    assert any(moved.ref in one.body for one in desk.told(case, "progress"))
    client = Client()
    client.force_login(desk.world.person("complaint_handler"), backend="comity.accounts.sign_in.CurrentPeople")
    page = client.get(case.url).content.decode()
    assert "still tracked after closing" in page
    assert moved.ref in page


def test_only_an_open_action_of_the_case_is_carried_on_and_once(desk: Desk) -> None:
    case, other = desk.at("acting"), desk.at("acting")
    mine, theirs = (Action.objects.get(source_ref=one.ref) for one in (case, other))
    refused(desk, case, "carry_on", note="x", open_action=theirs.ref)
    refused(desk, case, "carry_on", open_action=mine.ref)
    case = desk.move(case, "carry_on", note="x", open_action=mine.ref)
    refused(desk, case, "carry_on", note="x", open_action=mine.ref)


def test_what_is_overdue_after_closing_goes_up_once_and_on(desk: Desk) -> None:
    case, _action, moved = carried(desk)
    assert watch_promises.call() == 0
    desk.later(days=(moved.due_on - timezone.localdate()).days + 1)
    assert watch_promises.call() == 1
    assert watch_promises.call() == 0
    assert desk.escalations(case)[-1] == ("promise", 1)
    raised = case.escalations.last()
    assert moved.ref in raised.compiled_summary
    desk.until(raised.due_at)
    sweep_escalations(timezone.now())
    assert desk.escalations(case)[-1] == ("silence", 2)
    assert Case.objects.get(pk=case.pk).status == "closed"


def test_nothing_is_promised_for_a_day_that_has_passed(desk: Desk) -> None:
    case = desk.at("acting")
    past = timezone.localdate() - timedelta(days=1)
    given = {"action": "Renew the cable", "action_owner": desk.world.email("complaint_handler")}
    refused(desk, case, "promise", **given, action_due_on=past)
    assert not Action.objects.filter(title="Renew the cable").exists()
    desk.move(case, "promise", **given, action_due_on=timezone.localdate())


def test_promises_of_open_cases_and_kept_ones_stay_quiet(desk: Desk) -> None:
    desk.at("acting")
    desk.at("closed")
    desk.later(days=90)
    assert watch_promises.call() == 0


def test_a_suggestion_becomes_an_improvement_and_its_decision_is_told(desk: Desk) -> None:
    case = desk.register(classification="suggestion")
    assert "propose_improvement" not in names(desk, desk.register())
    refused(desk, desk.register(), "propose_improvement", "relationship_manager", improvement="x")
    case = desk.move(case, "propose_improvement", "relationship_manager", improvement="Status page")
    made = Improvement.objects.get(source_ref=case.ref)
    assert made.analysis == case.description
    assert any(made.ref in one.body for one in desk.told(case))
    refused(desk, case, "propose_improvement", "process_manager", improvement="Again")
    assert made.ref in refused(desk, case, "finish", "service_desk", outcome="We do it.")
    desk.world.move(made, "reject", "process_manager", decision_reason="Not now.")
    case = desk.move(case, "finish", "service_desk", outcome="Not now, and why.")
    made.refresh_from_db()
    assert case.close_ground == "answered"
    assert made.told_ref == desk.told(case, "answer")[0].ref


def names(desk: Desk, case: Any) -> set[str]:
    return {row.name for row in case.kind.workflow.leaving(case)}


def test_praise_is_passed_on(desk: Desk) -> None:
    case = desk.register(classification="praise", description="Quick and kind.", wanted_remedy="unknown")
    person = desk.world.person("service_desk")
    refused(desk, case, "pass_on_praise", "service_desk", person="nobody@provider.example")
    case = desk.move(case, "pass_on_praise", "complaint_handler", person=person.email)
    [line] = Entry.objects.filter(kind="person", record_id=person.pk, act="praise")
    assert "Quick and kind." in line.note
    assert any(person.name in one.words for one in desk.lines(case))
    refused(desk, desk.register(), "pass_on_praise", "service_desk", person=person.email)


def test_an_enquiry_is_answered_and_closed(desk: Desk) -> None:
    case = desk.move(desk.register(classification="enquiry"), "finish", "service_desk", outcome="At nine.")
    assert (case.status, [one.body for one in desk.told(case, "answer")]) == ("closed", ["At nine."])


def test_a_channel_for_the_public_serves_who_wishes_for_it_where_customers_have_none(desk: Desk) -> None:
    case = desk.register(notification_wish={"events": ["acknowledged"], "channel": "letter"})
    values = {"type": "post", "address": "1 High Street"}
    for name, audience in (("Staff post", "staff"), ("Front desk", "public"), ("Customers' post", "customer")):
        desk.world.create("channel", "relationship_manager", name=name, audience=audience, **values)
        found = telling.wished_channel(case)
        assert (found.name if found else None) == (None if audience == "staff" else name)


@pytest.mark.parametrize(("wished", "type_of"), [("phone", "phone"), ("letter", None), ("", None)])
def test_notices_go_by_the_wished_channel(desk: Desk, wished: str, type_of: str | None) -> None:
    case = desk.register(notification_wish={"events": ["acknowledged"], "channel": wished})
    case = desk.step(case)
    [notice] = desk.told(case)
    assert (notice.channel.type if notice.channel else None) == type_of
    remarks = [line.words for line in desk.lines(case) if "no channel" in line.words]
    assert [line[-7:] for line in remarks] == (["Letter."] if wished == "letter" else [])
    assert "etter" not in notice.summary


def test_assigning_and_classifying_are_timed(desk: Desk) -> None:
    case = desk.register(unit="North")
    assert (case.assigned_at, case.classified_at) == (None, None)
    desk.later(hours=1)
    case = desk.step(case)
    assert (case.assigned_at, case.classified_at) == (None, case.acknowledged_at)
    desk.later(hours=1)
    case = desk.move(case, "assign", "service_desk", handler=desk.world.email("complaint_handler"))
    first = case.assigned_at
    assert first == timezone.now()
    desk.later(hours=1)
    case = desk.move(case, "assess", **RATED, handler=desk.world.email("northerner"))
    assert case.assigned_at == first


def test_reclassified_ones_are_counted_beside(desk: Desk) -> None:
    assert figures.reclassified(Case.objects.all()) == 0
    case = desk.at("assessed")
    case = desk.move(case, "propose_reclassification", note="A wish.", proposed_classification="suggestion")
    case = desk.move(case, "reclassify", "process_manager", outcome_reasons="x", cause_area="service",
                     improvement_need=False)  # fmt: skip
    now = timezone.now()
    assert figures.reclassified(Case.objects.all()) == 1
    assert figures.reclassified(Case.objects.all(), now, now + timedelta(days=1)) == 1
    assert figures.reclassified(Case.objects.all(), now + timedelta(days=1)) == 0
