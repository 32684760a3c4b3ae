"""A morning at the service desk: a shared view, triage by keys, why a date, duplicates, twelve at once, a stand-in."""

from __future__ import annotations

import re
from collections.abc import Callable
from email.message import EmailMessage
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from comity.accounts.models import Person
from comity.cases.models import Case
from comity.clocks.models import CalendarDay
from comity.improvement.models import Finding
from comity.intake.mail.taking import take
from comity.records.models import Entry, Link
from tests.journeys.conftest import Seat
from tests.worlds import World, days_ago, moment

pytestmark = [pytest.mark.browser, pytest.mark.slow]
RATED = {
    "severity": "normal", "consequence": "normal", "target_clear": True, "content_clear": True, "demand_clear": True,
}  # fmt: skip


def received(world: World, **more: Any) -> Any:
    """A case that somebody wrote down."""
    values = {
        "customer": world.customer.ref, "contact": world.contact.ref, "service": world.service.ref, "channel": "phone",
        "description": "The line was down.", "wanted_remedy": "A credit.", "topic": "availability", **more,
    }  # fmt: skip
    return world.create("case", "service_desk", **values)


def letter(text: str, **headers: str) -> EmailMessage:
    """A mail of the contact, as her program writes it."""
    made = EmailMessage()
    usual = {"From": "Ada Aster <ada@aster.example>", "To": "help@provider.example", "Subject": "The line"}
    for name, value in (usual | headers).items():
        made[name] = value
    made.set_content(text)
    return made


def run_by_palette(page: Page, words: str) -> None:
    """Ctrl-K, a few letters, Enter."""
    page.keyboard.press("Control+k")
    page.wait_for_selector("#palette[open] [role=option]")
    page.keyboard.type(words)
    expect(page.locator("#palette-list [aria-selected=true]")).to_contain_text(re.compile(words, re.I))
    with page.expect_navigation():
        page.keyboard.press("Enter")


def tab_to(page: Page, query: str) -> None:
    """Walk with the Tab key until the focus stands there."""
    for _step in range(120):
        if page.evaluate("query => document.activeElement.matches(query)", query):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"no way to {query} by keyboard")


def test_triage_without_a_mouse(provider: World, seat: Callable[..., Seat]) -> None:
    world, since = provider, moment(10).isoformat()
    first, second, _young = (
        received(world, description="It is slow.", received_at=since),
        received(world, description="The bill is wrong.", received_at=since),
        received(world),
    )

    # a view that the process manager shares stands in the side bar of the desk, with its count
    page = seat("process_manager").go("/cases/?answer_due=1")
    page.click("[popovertarget=views]")
    page.fill("#view-name", "First answer due in 1 h")
    page.check("#views [name=pinned]")
    page.check("#views [name=shared]")
    with page.expect_navigation():
        page.click("#views [name=do][value=keep]")
    desk = seat("service_desk")
    page = desk.go("/")
    pinned = page.locator(".side a", has_text="First answer due in 1 h")
    expect(pinned.locator(".n")).to_have_text("2")
    tab_to(page, ".side a[href*='view=']")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    expect(page.locator("table.rows tbody tr")).to_have_count(2)

    # the sheet of keys, then down, up, open
    page.keyboard.press("?")
    page.wait_for_selector("#shortcuts[open]")
    page.keyboard.press("Escape")
    for key in ("j", "j", "k"):
        page.keyboard.press(key)
    with page.expect_navigation():
        page.keyboard.press("Enter")
    expect(page.locator(".crumb")).to_contain_text(re.compile("CMP-0000[12]"))
    ref = page.locator(".crumb .mono").inner_text()

    # acknowledge, assign, answer from the palette
    run_by_palette(page, "Acknowledge")
    tab_to(page, "[name=next_step]")
    page.keyboard.type("We look at the exchange.")
    tab_to(page, "form.step button.primary")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    run_by_palette(page, "Assign")
    tab_to(page, "[name=handler]")
    page.keyboard.type(world.email("complaint_handler"))
    tab_to(page, "form.step button.primary")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    run_by_palette(page, "Send an answer")
    tab_to(page, "[name=text]")
    page.keyboard.type("A technician is on the way.")
    tab_to(page, "form.step button.primary")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    case = Case.objects.get(ref=ref)
    assert case.acknowledged_at and case.answered_at and case.handler == world.person("complaint_handler")
    assert case in (first, second)
    page.keyboard.press("g")
    with page.expect_navigation():
        page.keyboard.press("h")
    expect(page.locator("h1")).to_have_text("My work")
    expect(pinned.locator(".n")).to_have_text("1")  # the answered one is due no more

    # the handler looks at the own results: one answer today, which came too late, and the way to it
    page = seat("complaint_handler").go("/cases/results/")
    answered = page.locator("tr", has_text="Substantive answer").locator("td").nth(1)
    expect(answered).to_have_text(re.compile("0 in time.*1 late"))
    with page.expect_navigation():
        answered.locator("a").last.click()
    expect(page.locator("table.rows tbody")).to_contain_text(ref)


def test_a_reply_without_our_token_finds_its_case(provider: World, seat: Callable[..., Seat]) -> None:
    first = letter("The line is down.", **{"Message-ID": "<first@aster.example>"})
    case = Case.objects.get(ref=take(bytes(first), mailbox="help").ref)
    reply = letter("And now the fax, too.", References="<first@aster.example>", **{"Message-ID": "<2@aster.example>"})
    reply.replace_header("Subject", "hello")
    take(bytes(reply), mailbox="help")
    page = seat("service_desk").go(f"{case.url}?tab=said")
    expect(page.locator("main")).to_contain_text("And now the fax, too.")
    assert Case.objects.count() == 1


def test_why_this_date(provider: World, seat: Callable[..., Seat]) -> None:
    world, handler = provider, provider.email("complaint_handler")
    holiday = next(day for day in map(days_ago, (10, 9, 8)) if day.weekday() < 5)
    CalendarDay.objects.create(calendar=world.extended, date=holiday, kind="holiday", label="Founders' Day")
    case = received(world, received_at=moment(12).isoformat())
    told = world.create(
        "communication", "service_desk", direction="outbound", purpose="acknowledgement", subject_ref=case.ref,
        customer=world.customer.ref, occurred_at=moment(11).isoformat(), summary="We look at it.",
    )  # fmt: skip
    case = world.move(case, "acknowledge", "service_desk", moment(11), communication=told.ref)
    case = world.move(case, "assess", "complaint_handler", moment(11), handler=handler, **RATED)
    case = world.move(case, "investigate", "complaint_handler", moment(11), investigator=handler)
    asked = world.create(
        "communication", "complaint_handler", direction="outbound", purpose="question", subject_ref=case.ref,
        customer=world.customer.ref, occurred_at=moment(7).isoformat(), summary="Which line?",
    )  # fmt: skip
    case = world.move(case, "ask_customer", "complaint_handler", moment(7), communication=asked.ref)
    case = world.move(case, "resume", "complaint_handler", moment(4))
    page = seat("service_desk").go(case.url)
    card = page.locator(".aside .card", has=page.locator("h2", has_text="Deadlines"))
    tab_to(page, ".aside details:has([hx-get$='/resolve/']) summary")
    page.keyboard.press("Enter")
    for part in ("5 business days", "Extended", "Founders' Day", "holiday", "paused", "Hosting for Aster · v2"):
        expect(card).to_contain_text(part)


def test_duplicates_links_and_the_third_time(provider: World, seat: Callable[..., Seat]) -> None:
    world = provider
    case, twin, other = (received(world, description=text) for text in ("Down.", "Down again.", "Slow."))

    # a duplicate goes into the other after a look at both
    owner = seat("process_manager")
    page = owner.go(f"{twin.url}compare/?with={case.ref}")
    expect(page.locator("table.plain")).to_contain_text("Down again.")
    owner.fill("form.form", cause_area="service", outcome_reasons="The same outage.")
    owner.send("form.form button.primary")
    twin.refresh_from_db()
    assert (twin.status, twin.close_ground, twin.successor) == ("closed", "merged", case)

    # three are linked
    desk, third = seat("service_desk"), received(world, description="Noisy.")
    page = desk.go(case.url)
    for linked in (other, third):
        page.fill("#link-to", linked.ref)
        desk.send(".join button")
        expect(page.locator(".aside")).to_contain_text(f"{linked.ref} {linked}")
        assert Link.objects.filter(from_ref=case.ref, to_ref=linked.ref).exists()

    # the three have one cause: ticked in the register, they are put to a problem that the first of them raises
    page = desk.go("/cases/")
    for one in (case, other, third):
        page.check(f"tbody input[value={one.ref}]")
    page.select_option("#do", "problem:of")
    desk.send(".bulk button.primary")
    desk.fill("form.form", problem="The exchange drops calls")
    desk.send("form.form button.primary")
    expect(page.locator("main [role=status]")).to_contain_text("Done for 3 records")
    problem = Finding.objects.get(type="problem")
    page = desk.go(problem.url)
    expect(page.locator(".mid")).to_contain_text("3 cases.")
    page.click(f".mid a[href='{third.url}']")
    expect(page.locator(".aside")).to_contain_text(f"{problem.ref} The exchange drops calls")

    # "this is the third time" makes a complaint of a question, in one step
    question = received(world, classification="enquiry", description="When is it up? This is the third time.")
    assert question.resolve_due_at is None
    question = desk.take(question, "make_complaint", note="This is the third time.")
    assert question.classification == "complaint" and question.resolve_due_at
    expect(desk.page.locator("main")).to_contain_text("enquiry", ignore_case=True)  # what it was stays to be read

    # a remark overheard is a concern of the customer
    overheard = desk.register(
        "/cases/intake/", customer=world.customer.ref, contact=world.contact.ref, service=world.service.ref,
        channel="overheard", description="“They never call back”, he said.", wanted_remedy="unknown",
    )  # fmt: skip
    assert (overheard.channel, overheard.entered_by) == ("overheard", world.person("service_desk"))


def test_twelve_at_once(provider: World, seat: Callable[..., Seat]) -> None:
    world = provider
    cases = [received(world, description=f"Line {n} was down.") for n in range(12)]
    closed = received(world, classification="enquiry", description="When is it up?")
    closed = world.move(closed, "finish", "service_desk", outcome="It is up.")
    manager = seat("complaint_handler")
    page = manager.go("/cases/")
    page.check("thead .tick input")
    expect(page.locator("[data-ticked]")).to_have_text("13")
    page.select_option("#do", "edit:severity")
    manager.send(".bulk button.primary")
    manager.fill("form.form", severity="major")
    manager.send("form.form button.primary")
    expect(page.locator("main [role=status]")).to_contain_text("12 records")
    expect(page.locator("main table")).to_contain_text(closed.ref)
    for case in cases:
        [line] = Entry.objects.filter(kind="case", record_id=case.pk, act="update")
        assert line.changes["severity"] == ["normal", "major"]
        assert line.actor_id == world.person("complaint_handler").pk


def test_a_macro_over_the_list_after_a_look(provider: World, seat: Callable[..., Seat]) -> None:
    cases = [received(provider) for _n in range(3)]
    values = {"name": "Billing, mine", "changes": "topic = billing", "to_me": True}
    made = provider.create("macro", "process_manager", **values)
    handler = seat("complaint_handler")
    page = handler.go("/cases/")
    page.check("thead .tick input")
    page.select_option("#do", f"macro:{made.ref}")
    handler.send(".bulk button.primary")
    handler.send("form.form [name=preview]")
    expect(page.locator("main [role=status]")).to_contain_text("Billing")
    assert not Case.objects.filter(topic__code="billing").exists()
    handler.send("form.form button.primary")
    expect(page.locator("main [role=status]")).to_contain_text("3 records")
    mine = Case.objects.filter(topic__code="billing", handler=provider.person("complaint_handler"))
    assert mine.count() == len(cases)


def test_on_leave_with_a_stand_in(provider: World, seat: Callable[..., Seat]) -> None:
    world, today = provider, timezone.localdate()
    away, deputy = world.person("complaint_handler"), world.person("northerner")
    absent = seat("complaint_handler")
    absent.go("/accounts/me/")
    absent.fill("form.body", stand_in=deputy.pk, away_from=today.isoformat(), away_to=today.isoformat())
    absent.send("form.body button.primary")
    away = Person.objects.get(pk=away.pk)
    assert (away.stand_in, away.away_from) == (deputy, today)
    desk, case = seat("service_desk"), received(world, unit="North")  # which is all that the deputy reads
    case = desk.take(case, "assign", handler=away.email)
    assert case.handler == deputy
    expect(desk.page.locator(".line")).to_contain_text(f"{away.name} is away; the case goes to the stand-in.")
