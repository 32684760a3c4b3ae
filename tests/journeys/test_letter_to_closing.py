"""A paper letter becomes a complaint and goes all the way: refusals, rejection, a new date, the second result."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.utils import timezone
from playwright.sync_api import expect

from comity.cases.jobs import sweep_cases
from comity.cases.models import Case, Escalation
from comity.communications.models import Communication
from comity.improvement.models import Action
from comity.jobs.worker import Worker
from comity.risks.models import Risk
from tests.journeys.answering import link
from tests.journeys.conftest import Seat
from tests.satisfaction.conftest import made_questionnaire, opened
from tests.worlds import World, days_ago, person

pytestmark = [pytest.mark.browser, pytest.mark.slow]

SCAN = {"name": "letter.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.4 a letter"}
FOUND = {
    "facts": "The pump stood still for three hours.",
    "views_of_parties": "The family was not told; the desk wrote to an old address.",
    "cause_category": "process",
    "upheld": "upheld",
}
RESULT = {
    "outcome": "We credit one month.",
    "outcome_reasons": "The target was missed.",
    "cause_area": "service",
    "improvement_need": False,
}
RATED = {
    "severity": "normal", "consequence": "major", "likelihood": "high", "safety": True, "target_clear": True,
    "content_clear": True, "demand_clear": True,
}  # fmt: skip


def letter(world: World, desk: Seat, days: int = 20, **more: Any) -> Case:
    """Take in a letter that came so many days ago."""
    values = {
        "customer": world.customer.ref, "contact": world.contact.ref, "service": world.service.ref, "topic": "support",
        "channel": "letter", "received_at": f"{days_ago(days)}T10:00", "description": "Nobody came for my mother.",
        "wanted_remedy": "An apology and a working pump.", **more,
    }  # fmt: skip
    case = desk.register("/cases/intake/", SCAN, **values)
    assert isinstance(case, Case)
    return case


def heard(world: World, case: Case, by: str = "complaint_handler") -> str:
    """The reference of a logged call of the customer about the case."""
    return str(
        world.create(
            "communication", by, direction="inbound", purpose="confirmation", topic="complaint",
            customer=case.customer.ref, subject_ref=case.ref, summary="He called.",
        ).ref
    )  # fmt: skip


def test_from_a_letter_to_closing(provider: World, seat: Callable[..., Seat], chair: Callable[..., Seat]) -> None:
    world, desk, work = provider, seat("service_desk"), seat("complaint_handler")

    # a letter with a scan; the son acts for his mother, and complains of a person
    page = desk.go("/cases/intake/")
    page.fill("#id_customer", world.customer.ref)
    page.locator("#id_customer").blur()
    expect(page.locator(".aside")).to_contain_text("Dissatisfaction, or a missed target.")
    expect(page.locator(".aside")).to_contain_text("agreed by Ada Aster")
    case = letter(world, desk, agent="Ben Aster", about=world.email("assistant"))
    expect(desk.page.locator(".crumb")).to_contain_text("CMP-00001")
    expect(desk.page.locator(".aside")).to_contain_text("Substantive answer")
    expect(desk.page.locator(".aside")).to_contain_text("Dissatisfaction, or a missed target.")
    expect(desk.page.locator(".aside")).to_contain_text("letter.pdf")
    expect(desk.page.locator(".facts")).to_contain_text("Ben Aster")

    # the receipt, and the rating with danger to people: high path, shorter clocks
    case = desk.take(case, "acknowledge", next_step="We ask the technician.")
    [receipt] = Communication.objects.filter(subject_ref=case.ref, purpose="acknowledgement")
    assert case.ref in receipt.body and "We ask the technician." in receipt.body
    before = case.resolve_due_at
    case = work.take(case, "assess", handler=world.email("complaint_handler"), **RATED)
    assert (case.path, case.severity, case.escalation_level) == ("high", "critical", 2)
    assert before and case.resolve_due_at and case.resolve_due_at < before
    expect(work.page.locator("main")).to_contain_text("People may be in danger")

    # danger proposes a risk, which waits for whoever manages risks and is taken up with what the case says
    expect(work.page.locator(".line")).to_contain_text("The risk … is proposed")  # who may not read risks
    manager = seat("process_manager")
    expect(manager.go("/").locator("main")).to_contain_text("Danger to people: Hosting")
    risk = manager.take(Risk.objects.get(), "take_up", delivery_impact=4)
    assert (risk.status, risk.likelihood, risk.business_impact, risk.score) == ("identified", 4, 4, 16)
    expect(manager.page.locator(".aside")).to_contain_text(case.ref)

    # the person complained about does not investigate
    assert "complained about" in work.refused(case, "investigate", investigator=world.email("assistant"))
    case = work.take(case, "investigate", investigator=world.email("complaint_handler"))

    # the supplier at fault: it counts on its page
    supplier = world.create("supplier", "supplier_manager", name="NetCo", type="external", tier="tactical")
    case = work.take(case, "name_supplier", at_fault=supplier.ref)
    work.go(supplier.url)
    expect(work.page.locator(".mid")).to_contain_text(case.ref)

    # evidence, findings, cause; two promised actions
    due = f"{timezone.localdate() + timedelta(days=3)}"
    handler = world.email("complaint_handler")
    case = work.take(case, "act", action="Replace the pump", action_owner=handler, action_due_on=due, **FOUND)
    work.go(f"/actions/new/?source_ref={case.ref}")
    work.fill("form.form", title="Correct the address", owner=handler, due_on=due)
    work.send("form.form .actions button.primary")
    work.go(case.url)
    for promised in ("Replace the pump", "Correct the address"):
        expect(work.page.locator(".mid")).to_contain_text(promised)
        row = work.page.locator(".mid li", has_text=promised)
        expect(row).to_contain_text(world.person("complaint_handler").name)
        expect(row.locator("time, .due")).to_have_count(1)
    expect(work.page.locator(".steps")).to_contain_text("ACT-00001")  # neither is done yet
    for action in Action.objects.filter(source_ref=case.ref):
        work.take(action, "complete", completion_report="Done and looked at.")

    # the first result comes late, and the customer rejects it in the portal: one level up, whose person he is shown,
    # a new clock, a new handler; the old breach stays
    case = work.take(case, "resolve", **RESULT)
    assert "communication" in work.refused(case, "reject", note="The pump still stands still.")
    late = case.resolve_due_at
    customer = seat("customer_contact", width=360)
    customer.go(f"/portal/cases/{case.ref}/")
    customer.page.click(".asks summary")
    customer.page.fill("#note-reject", "The pump still stands still.")
    customer.send("form[action$='/reject/'] button")
    expect(customer.page.locator("[aria-labelledby=c-people]")).to_contain_text(
        world.person("operations_director").name
    )
    case = Case.objects.get(pk=case.pk)
    assert (case.status, len(case.breaches)) == ("investigating", 1)
    rejected = Escalation.objects.get(case=case, trigger="rejected")
    assert (rejected.level, rejected.person) == (3, world.person("operations_director"))
    assert case.resolve_due_at and late and case.resolve_due_at > timezone.now() > late
    fresh = person("second_handler", world.root, "complaint_handler")
    case = work.take(case, "assign", handler=fresh.email, investigator=fresh.email)
    work = chair(fresh)
    work.go(case.url)
    expect(work.page.locator(".aside")).to_contain_text("Missed 1 time; that stays on record.")
    expect(work.page.locator(".mid")).to_contain_text(world.person("process_manager").name)

    # a new date, with its reason and an outside body
    promised_at = (timezone.localtime(case.resolve_due_at) + timedelta(days=4)).strftime("%Y-%m-%dT%H:%M")
    missing = work.refused(case, "extend", promised_at=promised_at, extension_reason="A part is on its way.")
    assert missing
    body = "Ombudsman for medical devices"
    case = work.take(
        case, "extend", promised_at=promised_at, extension_reason="A part is on its way.", outside_body=body
    )
    said = Communication.objects.filter(subject_ref=case.ref, direction="outbound").order_by("-pk")[0]
    assert body in said.body
    page = work.go(f"{case.url}letter/{said.ref}/")
    expect(page.locator("article")).to_contain_text(body)

    # the second result is accepted, and the customer is asked how it was handled
    opened(world, made_questionnaire(world))
    again = {key: value for key, value in FOUND.items() if key != "upheld"}
    case = work.take(case, "resolve_without_action", no_action_reason="Replaced meanwhile.", **again, **RESULT)
    customer.go(f"/portal/cases/{case.ref}/")
    customer.send("form[action$='/confirm/'] button")
    case = Case.objects.get(pk=case.pk)
    assert (case.status, case.close_ground) == ("closed", "confirmed")
    assert link()
    work.go(case.url)
    expect(work.page.locator("body")).to_contain_text("Asked how it was handled")
    expect(work.page.locator(".head .st.good")).to_contain_text("Closed")
    expect(work.page.locator(".line")).not_to_contain_text("@provider.example")

    # the scorecard of the supplier shows it, and its figure leads to it
    page = work.go(f"{supplier.url}scorecard/?period=month")
    expect(page.locator(".figure").last).to_contain_text(case.ref)
    page.locator(".numbers div", has_text="Upheld").locator("a").click()
    expect(page.locator("main")).to_contain_text(case.ref)

    # the third on one topic is grouped and put to management
    for days in (2, 1):
        letter(world, desk, days)
    sweep_cases(timezone.now())
    [bundle] = Escalation.objects.filter(type="topic_bundle", customer=None)
    assert bundle.person == world.person("operations_director") and bundle.bundled.count() == 3
    page = seat("operations_director").go("/")
    expect(page.locator("main")).to_contain_text(bundle.ref)
    page.goto(f"{desk.url}{bundle.url}")
    expect(page.locator(".mid")).to_contain_text("CMP-00001")


def test_a_letter_of_today_is_acknowledged_in_time_and_sent(provider: World, seat: Callable[..., Seat]) -> None:
    world, desk = provider, seat("service_desk")
    case = letter(world, desk, received_at=timezone.localtime().strftime("%Y-%m-%dT00:00"))
    case = desk.take(case, "acknowledge")
    acknowledged = desk.page.locator(".aside dl.pairs > div", has_text="Acknowledge")
    expect(acknowledged.locator(".st.good")).to_contain_text("in time")
    Worker().run(drain=True)
    [sent] = [one for one in mail.outbox if case.ref in one.body or case.ref.lower() in one.subject]
    assert sent.to == [world.contact.email]
    expect(desk.go(f"{case.url}?tab=said").locator("main")).to_contain_text("Sent")


def test_what_is_no_complaint_is_reclassified_and_keeps_its_history(provider: World, seat: Callable[..., Seat]) -> None:
    world, work, owner = provider, seat("complaint_handler"), seat("process_manager")
    case = letter(world, seat("service_desk"))
    case = work.take(case, "acknowledge")
    case = work.take(case, "assess", handler=world.email("complaint_handler"), **{**RATED, "safety": False})
    case = work.take(
        case, "propose_reclassification", proposed_classification="service_request", note="He asks for a second pump."
    )
    decided = {"cause_area": "service", "outcome_reasons": "Nothing went wrong.", "improvement_need": False}
    case = owner.take(case, "reclassify", **decided)
    successor = case.successor
    assert (case.close_ground, successor.classification) == ("reclassified", "service_request")
    page = owner.go(case.url)
    for kept in ("He asks for a second pump.", "Nobody came for my mother."):
        expect(page.locator("main")).to_contain_text(kept)
    page.click(f"main a[href='{successor.url}']")
    expect(page.locator(".crumb")).to_contain_text(successor.ref)
