"""An empty installation: an administrator sets it up, a handler works the first complaint of the first customer."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.core import mail
from django.core.management import call_command
from django.utils import timezone
from playwright.sync_api import Page, expect

from comity.accounts.models import Person
from comity.cases.models import Case
from comity.cases.terms import seed as seed_cases
from comity.clocks.models import Calendar
from comity.parties.terms import seed as seed_parties
from comity.records.models import Term
from tests.journeys.conftest import Seat
from tests.journeys.test_letter_to_closing import FOUND, RESULT
from tests.worlds import PASSWORD

pytestmark = [pytest.mark.browser, pytest.mark.slow]

PEOPLE = {
    "hanna": ("complaint_handler", "service_desk", "relationship_manager"),
    "petra": ("process_manager",),
    "dora": ("operations_director",),
}
RATED = {
    "severity": "normal", "consequence": "normal", "target_clear": True, "content_clear": True, "demand_clear": True,
}  # fmt: skip


@pytest.fixture
def administrator(transactional_db: None, monkeypatch: pytest.MonkeyPatch) -> str:
    """What migrations leave behind, and the one command of an installation that has nobody yet."""
    seed_cases(Term)
    seed_parties(Term)
    monkeypatch.setenv("COMITY_ADMIN_PASSWORD", PASSWORD)
    call_command("createadmin", "root@firm.example", name="Root Admin", verbosity=0)
    return "root@firm.example"


def sign_in(seat: Seat, email: str) -> Page:
    page = seat.go("/")
    page.fill("[name=login]", email)
    page.fill("[name=password]", PASSWORD)
    seat.send("main button.primary")
    return page


def register(seat: Seat, path: str, **values: Any) -> str:
    """Fill in the form of any kind; the reference of the new record."""
    seat.go(path)
    seat.fill("form.form", **values)
    seat.send("form.form .actions button.primary")
    found = re.search(r"[A-Z]{3}-\d{5}", seat.page.url)
    assert found, seat.page.locator("main").inner_text()
    return found[0]


def step(seat: Seat, path: str, name: str, **values: Any) -> None:
    page = seat.go(path)
    page.click(f".steps a[href$='/{name}/']")
    page.wait_for_selector("#sheet[open] form")
    seat.fill("#sheet", **values)
    page.click("#sheet button.primary")
    page.wait_for_selector("main .note.success")


def set_up(seat: Seat, email: str) -> None:
    """The administrator adds people with their roles, and the calendar."""
    page = sign_in(seat, email)
    todo = page.locator("main [aria-labelledby=steps-h]")
    expect(todo).to_contain_text("Add people and grant them roles")
    expect(page.locator("a[href='/cases/intake/']")).to_have_count(0)
    for name, roles in PEOPLE.items():
        todo_page = seat.go("/accounts/people/new/")
        seat.fill("main form", email=f"{name}@firm.example", name=name.title())
        seat.send("main form button.primary")
        for role in roles:
            todo_page.select_option("#grant_role", role)
            todo_page.select_option("#grant_unit", index=1)
            seat.send("form:has(#grant_role) button")
        assert [grant.role for grant in Person.objects.get(name=name.title()).grants.order_by("pk")] == list(roles)
    page = seat.go("/")
    page.get_by_role("link", name="Set up the calendar").click()
    page.locator("main a[href$='/calendars/new/']").first.click()
    page.fill("[name=name]", "Office")
    page.check("[name=is_default]")
    seat.send("main form button.primary")
    assert Calendar.objects.get(is_default=True).name == "Office"
    seat.go("/")
    expect(page.locator("main")).not_to_contain_text("Still to be set up")


def invited(seat: Seat, email: str) -> Page:
    """The mail's link leads to a password, and that to the first page."""
    [letter] = [one for one in mail.outbox if one.to == [email]]
    link = re.search(r"/accounts/password/reset/key/\S+", str(letter.body))
    assert link
    page = seat.go(link[0])
    page.fill("[name=password1]", PASSWORD)
    page.fill("[name=password2]", PASSWORD)
    seat.send("main button.primary")
    return sign_in(seat, email)


def work_it(seat: Seat, case: Case) -> Case:
    """From receipt to the customer's word."""
    hanna = "hanna@firm.example"
    case = seat.take(case, "acknowledge")
    case = seat.take(case, "assess", **RATED, handler=hanna)
    case = seat.take(case, "investigate", investigator=hanna)
    case = seat.take(case, "resolve_without_action", **{**FOUND, **RESULT}, no_action_reason="It runs again.")
    said = register(
        seat, "/communications/new/", direction="inbound", purpose="confirmation", customer="CUS-00001",
        subject_ref=case.ref, summary="Carl is content.",
    )  # fmt: skip
    return seat.take(case, "confirm", communication=said)  # type: ignore[no-any-return]


def test_from_nothing_to_a_closed_complaint(administrator: str, chair: Callable[..., Seat]) -> None:
    set_up(chair(), administrator)
    seat = chair()
    page = invited(seat, "hanna@firm.example")
    expect(page.locator("[aria-labelledby=steps-h]")).to_contain_text("Register the first customer")
    page = seat.go("/cases/intake/")
    expect(page.locator("main")).to_contain_text("There is no customer yet")
    expect(page.locator("main")).to_contain_text("No definition of a complaint is in force")
    customer = register(seat, "/customers/new/", name="First Customer")
    contact = register(seat, "/contacts/new/", name="Carl Contact", customer=customer, email="carl@first.example")
    service = register(seat, "/services/new/", name="Hosting")
    page = seat.go("/cases/intake/")
    expect(page.locator("main")).not_to_contain_text("There is no")
    values = {"description": "The line is down.", "wanted_remedy": "Get it up."}
    case = seat.register("/cases/intake/", customer=customer, contact=contact, service=service, **values)
    expect(page.locator(".aside")).to_contain_text("Next level: 2")
    case = work_it(seat, case)
    assert (case.status, case.close_ground) == ("closed", "confirmed")
    seat.go(case.url)
    expect(page.locator("main .head")).to_contain_text("Closed")


def test_what_else_the_rules_need_is_set_up_by_two(administrator: str, chair: Callable[..., Seat]) -> None:
    """The process manager names the complaint owner and writes the definition, the director approves both."""
    set_up(chair(), administrator)
    petra, dora = (chair(Person.objects.get(name=name)) for name in ("Petra", "Dora"))
    page = petra.go("/")
    todo = page.locator("[aria-labelledby=steps-h]")
    expect(todo).to_contain_text("Name who answers for complaints")
    duty = register(petra, "/responsibilities/new/?role=complaint_owner", person="petra@firm.example")
    step(dora, f"/responsibilities/{duty}/", "approve")
    document = register(petra, "/documents/new/?type=complaint_definition", title="What a complaint is")
    text = {"document": document, "body": "Any dissatisfaction.", "author": "petra@firm.example"}
    version = register(petra, "/document-versions/new/", **text, change_reason="First issue.")
    step(petra, f"/document-versions/{version}/", "submit")
    step(dora, f"/document-versions/{version}/", "approve", effective_on=timezone.localdate().isoformat())
    petra.go("/")
    for words in ("Name who answers", "what counts as a complaint"):
        expect(page.locator("main")).not_to_contain_text(words)
    petra.go("/cases/intake/")
    expect(page.locator("main")).to_contain_text("Any dissatisfaction.")
