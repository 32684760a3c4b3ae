"""People outside: somebody unknown without scripts on a phone, and a contact in the portal from the first link on."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.core import mail
from django.core.cache import cache
from playwright.sync_api import Page, expect

from comity.accounts import links
from comity.accounts.models import Person
from comity.agreements.models import Target
from comity.cases.models import Case, Escalation
from comity.claims.models import Claim
from comity.intake.public import manners
from comity.jobs.models import Job
from comity.parties.models import Acceptance
from comity.portal.jobs import prepare
from comity.portal.models import OwnData
from comity.records import write
from comity.records.models import File
from tests.cases.conftest import FOUND, RATED, RESULT
from tests.journeys.answering import answer_by_link
from tests.journeys.conftest import Seat
from tests.journeys.test_accessibility import LANGUAGES, faults
from tests.journeys.test_busy_morning import tab_to
from tests.reviews.test_meetings import PM, met, planned, whole_agenda
from tests.satisfaction.conftest import made_questionnaire, opened
from tests.worlds import World, days_ago, person

pytestmark = [pytest.mark.browser, pytest.mark.slow]
PNG = b"\x89PNG\r\n\x1a\n" + b"\x00" * 64
PHOTO = {"name": "pump.png", "mimeType": "image/png", "buffer": PNG}
CLOSING = {**FOUND, **RESULT, "no_action_reason": "It was a single night."}


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch, transactional_db: None) -> Iterator[None]:
    """A browser that is driven fills in a form faster than people do."""
    monkeypatch.setattr(manners, "QUICKEST", 0)
    cache.clear()
    yield
    cache.clear()


def work(world: World, case: Any, to: str = "resolved", **result: Any) -> Any:
    """What the desk does meanwhile."""
    handler = world.email("complaint_handler")
    case = Case.objects.get(pk=case.pk)
    if case.status == "received":
        case = world.move(case, "acknowledge", "service_desk")
    if case.status == "acknowledged":
        case = world.move(case, "assess", "complaint_handler", handler=handler, **RATED)
        case = world.move(case, "investigate", "complaint_handler", investigator=handler)
    if to == "resolved":
        case = world.move(case, "resolve_without_action", "complaint_handler", **{**CLOSING, **result})
    return case


def test_without_scripts_on_a_phone_in_chinese(provider: World, seat: Callable[..., Seat]) -> None:
    somebody = seat(width=360, scheme="dark", locale="zh-CN", java_script_enabled=False, has_touch=True)
    page = somebody.go("/complain/")
    assert page.locator("html").get_attribute("lang") == "zh-hans"
    wide = "() => document.documentElement.scrollWidth"

    # an error keeps what was typed, and names the file to choose again
    page.fill("#id_description", "泵停了三个小时。")
    page.fill("#id_conduct", "夜班")
    page.set_input_files("#files", PHOTO)
    somebody.send("button.primary")
    expect(page.locator("[role=alert]")).to_contain_text("pump.png")
    expect(page.locator("#id_description")).to_have_value("泵停了三个小时。")

    # what belongs to another choice shows only with that choice
    expect(page.locator("#id_complainant")).to_be_hidden()
    page.check("[name=who][value=other]")
    expect(page.locator("#id_complainant")).to_be_visible()
    page.check("[name=who][value=anonymous]")
    expect(page.locator("#id_name")).to_be_hidden()
    page.check("[name=who][value=myself]")

    page.fill("#id_name", "王小明")
    page.fill("#id_address", "wang@unknown.example")
    page.set_input_files("#files", PHOTO)
    somebody.send("button.primary")
    case = Case.objects.get()
    expect(page.locator(".lead")).to_contain_text(case.ref)
    expect(page.locator(".dates").first).to_contain_text(re.compile(r"\d{4}-\d\d-\d\d"))
    assert (case.complainant, case.language, File.objects.get().name) == ("王小明", "zh-hans", "pump.png")

    # follow it, add something, have it escalated
    somebody.send(".secret a")
    expect(page.locator("h1")).to_contain_text("泵停了三个小时。")
    page.fill("#note", "又停了。")
    somebody.send("form[action$='/message/'] button")
    expect(page.locator(".story")).to_contain_text("又停了。")
    page.click("details:has(form[action$='/escalate/']) > summary")
    page.fill("#note-escalate", "没有人回电话。")
    somebody.send("form[action$='/escalate/'] button")
    raised = Escalation.objects.get(case=case)
    assert raised.person is not None
    expect(page.locator("[aria-labelledby=c-people]")).to_contain_text(raised.person.name)
    assert page.evaluate(wide) == 360


def test_a_contact_from_the_first_link_to_the_second_answer(provider: World, seat: Callable[..., Seat]) -> None:
    world, somebody = provider, seat(width=360, has_touch=True)

    survey = opened(world, made_questionnaire(world))

    # a single-use link; opening it is not using it
    page = somebody.go("/portal/")
    page.fill("#id_email", world.email("customer_contact"))
    somebody.send("form button.primary")
    for job in Job.objects.filter(name__endswith="send_link"):
        links.send_link.func(*job.args, **job.kwargs)
    path = re.search(r"(/accounts/link/\S+/)\n", mail.outbox[-1].body)[1]  # type: ignore[index]
    page = somebody.go(path)
    page.reload()
    somebody.send("form button.primary")
    expect(page).to_have_url(re.compile("/portal/$"))
    again = seat()
    expect(again.go(path).locator("h1")).to_contain_text("does not work any more")

    # raise a complaint with a photo: number, next steps, contact
    page.click(".headrow .primary")
    page.fill("#id_description", "The pump stood still for three hours.")
    page.select_option("#id_service", world.service.ref)
    page.set_input_files("#files", PHOTO)
    somebody.send(".send button")
    case = Case.objects.get()
    expect(page.locator(".lead")).to_contain_text(case.ref)
    expect(page.locator(".rail")).to_contain_text("You have the result by")
    expect(page.locator(".rail")).to_contain_text("pump.png")

    # its stages; escalate: a named person
    assert page.locator(".way [aria-current=step]").inner_text() == "Looked at"
    work(world, case, "investigating")
    page.reload()
    assert page.locator(".way [aria-current=step]").inner_text() == "Worked on"
    expect(page.locator("[aria-labelledby=c-people]")).to_contain_text(world.person("complaint_handler").name)
    page.click("details:has(form[action$='/escalate/']) > summary")
    expect(page.locator("form[action$='/escalate/'] b")).to_have_text(world.person("process_manager").name)
    page.fill("#note-escalate", "Nobody calls back.")
    somebody.send("form[action$='/escalate/'] button")
    raised = Escalation.objects.get(case=case, trigger="customer")
    assert raised.person == world.person("process_manager") and raised.due_at
    people = page.locator("[aria-labelledby=c-people]")
    expect(people).to_contain_text(world.person("process_manager").name)
    expect(people).to_contain_text(f"answers by {raised.due_at:%Y-%m-%d}")

    # a question is answered, and the case goes on
    world.move(Case.objects.get(pk=case.pk), "ask_customer", "complaint_handler", text="Which pump?")
    somebody.go("/portal/")
    expect(page.locator(".tile.urgent .many")).to_have_text("1")
    somebody.send(".cases a")
    expect(page.locator(".story")).to_contain_text("Which pump?")
    page.fill("#note", "The left one.")
    somebody.send("form[action$='/message/'] button")
    assert Case.objects.get().status == "investigating"

    # the first response is rejected with a reason, the second accepted
    work(world, case, outcome="It was nothing.")
    page.reload()
    expect(page.locator(".asks")).to_contain_text("It was nothing.")
    page.click(".asks summary")
    expect(page.locator(".asks details form")).to_contain_text("Somebody higher up")
    page.fill("#note-reject", "It stood still!")
    somebody.send("form[action$='/reject/'] button")
    assert (Case.objects.get().status, Case.objects.get().reject_count) == ("investigating", 1)
    work(world, case, outcome="You get a new pump.")
    page.reload()
    somebody.send("form[action$='/confirm/'] button")
    case = Case.objects.get()
    assert (case.status, case.close_ground, case.confirmation) == ("closed", "confirmed", None)
    expect(page.locator(".state")).to_contain_text("closed")
    assert page.evaluate("document.documentElement.scrollWidth") == 360
    answer_by_link(world, seat(width=360, scheme="dark", java_script_enabled=False, has_touch=True), survey)


def test_power_over_what_is_below(provider: World, chair: Callable[..., Seat]) -> None:
    """A contact of the organisation above sees the cases of the one below, and brings up a matter of it."""
    world, values = provider, {"channel": "phone", "description": "Labs wait.", "wanted_remedy": "An end."}
    power = person("power", world.root, "customer_contact")
    world.create("contact", "relationship_manager", name="Pia Power", customer=world.customer.ref, person=power.email,
                 sees_children=True)  # fmt: skip
    below = world.create("case", "service_desk", customer=world.child.ref, contact=world.child_contact.ref,
                         service=world.service.ref, **values)  # fmt: skip
    somebody = chair(power, width=360)
    page = somebody.go("/portal/cases/")
    expect(page.locator(".cases")).to_contain_text(below.ref)
    expect(page.locator(".cases")).to_contain_text("Aster Labs")
    page.click(".headrow .primary")
    page.select_option("#id_customer", label="Aster Labs")
    page.fill("#id_description", "The labs have no light.")
    page.select_option("#id_service", world.service.ref)
    somebody.send(".send button")
    made = Case.objects.latest("pk")
    assert (made.customer, made.contact) == (world.child, power.contacts.get())
    expect(page.locator(".lead")).to_contain_text(made.ref)


def reported(world: World) -> Any:
    """A review with the customer whose minutes are approved."""
    review = met(world, planned(world))
    whole_agenda(world, review)
    return world.move(world.move(review, "minute", PM, minutes="1. Nothing changes."), "report", PM)


def press(page: Page, query: str) -> None:
    """Walk there by keyboard, and go where it leads."""
    tab_to(page, query)
    with page.expect_navigation():
        page.keyboard.press("Enter")


def heard(page: Page, role: Any, words: str) -> None:
    """The focus stands on this message, so that it is read out, and it is the only thing that wants it."""
    said = page.get_by_role(role).first
    expect(said).to_contain_text(words)
    expect(said).to_be_focused()
    assert page.locator("[autofocus]").count() == 1


def unfold(page: Page, case: Any, deed: str) -> None:
    """Open what one can do with the case."""
    tab_to(page, f"details:has(form[action='/portal/cases/{case.ref}/{deed}/']) > summary")
    page.keyboard.press("Enter")


def test_by_keyboard_alone_and_by_ear(provider: World, seat: Callable[..., Seat]) -> None:
    """From the link to the end without a mouse; names, roles and messages are what a screen reader tells."""
    world, somebody = provider, seat()
    values = {"customer": world.customer.ref, "contact": world.contact.ref, "service": world.service.ref,
              "channel": "portal", "description": "It is slow.", "wanted_remedy": "Faster."}  # fmt: skip
    case = work(world, world.create("case", "customer_contact", **values), "investigating")
    page = somebody.go("/portal/")
    tab_to(page, "#id_email")
    page.keyboard.type(world.email("customer_contact"))
    with page.expect_navigation():
        page.keyboard.press("Enter")
    for job in Job.objects.filter(name__endswith="send_link"):
        links.send_link.func(*job.args, **job.kwargs)
    path = re.search(r"(/accounts/link/\S+/)\n", mail.outbox[-1].body)[1]  # type: ignore[index]
    page = somebody.go(path)
    press(page, "main form button.primary")

    # the first key leads past the head; each part has a name
    page = somebody.go("/portal/")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to content")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("main")).to_be_focused()
    expect(page.get_by_role("navigation", name="Parts of the portal")).to_be_visible()
    expect(page.get_by_role("search")).to_be_visible()
    press(page, f"[href='/portal/cases/{case.ref}/'], .tile[href='/portal/cases/']")
    if not page.url.endswith(f"{case.ref}/"):
        press(page, f"[href='/portal/cases/{case.ref}/']")
    expect(page.get_by_role("heading", level=1)).to_have_text("It is slow.")
    stages = page.get_by_role("list", name="Stages")
    expect(stages.locator("[aria-current=step]")).to_have_text("Worked on")
    for part in ("Whom to turn to", "What was said", "What you can do", "What comes next"):
        expect(page.get_by_role("region", name=part)).to_be_visible()

    # escalate; answer a question; say what to hear of, by the space bar
    unfold(page, case, "escalate")
    tab_to(page, "#note-escalate")
    page.keyboard.type("Nobody calls back.")
    press(page, "[action$='/escalate/'] button")
    heard(page, "status", "Thank you. We have it.")
    assert Escalation.objects.get(case=case, trigger="customer")
    world.move(Case.objects.get(pk=case.pk), "ask_customer", "complaint_handler", text="Which line?")
    page.reload()
    tab_to(page, "#note")
    assert page.get_by_role("textbox", name="Your message").evaluate("one => one === document.activeElement")
    page.keyboard.type("The left one.")
    press(page, "[action$='/message/'] button")
    assert Case.objects.get(pk=case.pk).status == "investigating"
    unfold(page, case, "record_wish")
    tab_to(page, "[action$='/record_wish/'] [name=tell]")
    page.keyboard.press("Space")
    press(page, "[action$='/record_wish/'] button")
    heard(page, "status", "Thank you. We have it.")
    assert Case.objects.get(pk=case.pk).notification_wish

    # reject, then confirm
    work(world, case, outcome="It was nothing.")
    page.reload()
    tab_to(page, ".asks summary")
    page.keyboard.press("Enter")
    tab_to(page, "#note-reject")
    page.keyboard.type("It is slow again.")
    press(page, "[action$='/reject/'] button")
    work(world, case, outcome="You get a faster one.")
    page.reload()
    press(page, "[action$='/confirm/'] button")
    assert Case.objects.get().close_ground == "confirmed"

    # a promise was not kept: a claim beside it; the minutes of a review: objected to, corrected, confirmed
    promise = Target.objects.get(agreement_version=world.second, metric="acknowledge")
    press(page, "[href='/portal/']")
    press(page, ".tile[href='/portal/agreements/']")
    press(page, f"[href='/portal/agreements/{promise.ref}/claim/']")
    tab_to(page, "#id_happened_on")
    page.locator("#id_happened_on").fill(f"{days_ago(2)}")
    tab_to(page, "#id_description")
    page.keyboard.type("Nobody answered for a day.")
    press(page, ".send button")
    claim = Claim.objects.get()
    heard(page, "status", claim.ref)
    expect(page.get_by_role("region", name="Dates")).to_contain_text(f"{claim.due_on}")
    review = reported(world)
    press(page, "[href='/portal/']")
    press(page, ".tile.urgent[href='/portal/reviews/']")
    press(page, f"[href='/portal/reviews/{review.ref}/']")
    tab_to(page, ".asks summary")
    page.keyboard.press("Enter")
    tab_to(page, "#note-object")
    page.keyboard.type("Two things change.")
    press(page, "[action$='/object/'] button")
    heard(page, "status", "Thank you. We have it.")
    world.move(review, "correct", PM, minutes="1. Two things change.", note="They are right.")
    page.reload()
    press(page, "[action$='/confirm/'] button")
    assert Acceptance.objects.get(version_ref=review.ref).version_no == 2

    # a copy of one's own data, prepared meanwhile
    press(page, "[href='/portal/me/']")
    press(page, "[action='/portal/me/data/'] button")
    prepare.func(OwnData.objects.get().pk)
    page.reload()
    tab_to(page, "[href^='/portal/me/data/']")
    with page.expect_download() as fetched:
        page.keyboard.press("Enter")
    assert fetched.value.suggested_filename.endswith(".zip")

    # tell something new: what lacks is said at once, with a way to it; a choice by arrow, a service by its letters
    press(page, "[href='/portal/']")
    press(page, ".headrow [href='/portal/cases/new/']")
    press(page, ".send button")
    heard(page, "alert", "This was not sent yet.")
    tab_to(page, "[role=alert] a[href='#id_description']")
    page.keyboard.press("Enter")
    field = page.locator("#id_description")
    expect(field).to_have_attribute("aria-invalid", "true")
    assert "id_description_error" in (field.get_attribute("aria-describedby") or "")
    tab_to(page, "[name=classification]")
    page.keyboard.press("ArrowDown")
    tab_to(page, "#id_description")
    page.keyboard.type("We need a second line.")
    tab_to(page, "#id_service")
    page.keyboard.type("Host")
    press(page, ".send button")
    asked = Case.objects.get(classification="service_request")
    assert (asked.service, asked.description) == (world.service, "We need a second line.")
    heard(page, "status", asked.ref)


def test_every_page_outside_can_be_used_by_everybody(provider: World, seat: Callable[..., Seat]) -> None:
    world = provider
    values = {"customer": world.customer.ref, "contact": world.contact.ref, "service": world.service.ref,
              "channel": "portal", "description": "It is slow.", "wanted_remedy": "Faster."}  # fmt: skip
    open_case = world.create("case", "customer_contact", **values)
    case = work(world, world.create("case", "customer_contact", **values))
    write.post(case, "We look forward to your answer.", actor=world.actor("complaint_handler"), public=True)
    target = Target.objects.get(agreement_version=world.second, metric="acknowledge")
    claim = world.create("claim", "customer_contact", target=target.ref, customer=world.customer.ref,
                         contact=world.contact.ref, happened_on=days_ago(2), description="Silence.")  # fmt: skip
    review = reported(world)
    contact, somebody = seat("customer_contact"), seat()
    page = somebody.go("/complain/")
    for field, said in (("description", "No"), ("conduct", "x"), ("name", "Uma"), ("address", "u@unknown.example")):
        page.fill(f"#id_{field}", said)
    somebody.send("button.primary")
    track = page.locator(".secret a").get_attribute("href") or ""
    track = track[track.index("/complain") :]
    inside = [f"/portal/{rest}" for rest in (
        "", "cases/?show=all", "cases/?show=closed", f"cases/{case.ref}/", f"cases/{open_case.ref}/", "cases/new/",
        "agreements/", "contacts/", "me/", f"agreements/{target.ref}/claim/", f"claims/{claim.ref}/", "reviews/",
        f"reviews/{review.ref}/",
    )]  # fmt: skip
    wrong: list[str] = []
    for language in LANGUAGES:
        Person.objects.filter(pk=world.person("customer_contact").pk).update(language=language)
        anybody = seat(locale="zh-CN" if language == "zh-hans" else "en-GB")
        visits = [(anybody, path) for path in ("/complain/", track, "/accounts/link/", "/complain/track/nothing/")]
        for who, path in [*visits, *((contact, path) for path in inside)]:
            page = who.go(path)
            assert page.locator("html").get_attribute("lang") == language, path
            page.evaluate("document.querySelectorAll('details').forEach(one => { one.open = true })")
            wrong += faults(page)
        page = anybody.go("/complain/")
        anybody.send("button.primary")
        wrong += faults(page)
    assert not wrong, "\n".join(wrong)
