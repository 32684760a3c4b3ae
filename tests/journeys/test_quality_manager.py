"""Four weeks to the audit: the quality manager looks, repairs, decides, plans, and lets the auditor in."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable
from datetime import timedelta
from hashlib import sha256
from typing import Any

import pytest
from django.db.models import F
from django.utils import timezone
from playwright.sync_api import expect
from python_calamine import CalamineWorkbook

from comity.accounts.models import Grant, Person
from comity.compliance import catalogue
from comity.compliance.inquiry import Inquiry
from comity.compliance.models import Answer, Assessment, Exclusion
from comity.compliance.operations import computing, silences
from comity.compliance.pack.verifying import MANIFEST
from comity.improvement.models import Action, Finding, Improvement
from comity.jobs.worker import Worker
from comity.people.models import Training
from comity.records import write
from tests.journeys.conftest import Seat
from tests.journeys.test_accessibility import check, check_by_turns
from tests.worlds import LONG_AGO, World, days_ago

pytestmark = [pytest.mark.browser, pytest.mark.slow]

STANDARD, NAME = "iso20000-1-2018-8.3", "ISO20000-2018-8.3.1-01"
ABOUT = f"/compliance/{STANDARD}/{NAME}/"
Sit = Callable[..., Seat]


@pytest.fixture
def manager(provider: World, seat: Sit) -> Seat:
    """The quality manager keeps the services, too; the worker has looked at everything."""
    person = provider.person("relationship_manager")
    Grant.objects.create(person=person, unit=provider.root, role="process_manager", starts_on=LONG_AGO)
    computing.compute_and_keep(Inquiry())
    return seat("relationship_manager")


def test_a_red_line_is_put_right_and_turns(provider: World, manager: Seat) -> None:
    Answer.objects.update(since=F("since") - timedelta(days=2))
    page = manager.go("/compliance/")
    page.get_by_role("link", name="ISO/IEC 20000-1:2018", exact=False).first.click()
    expect(page.locator("h1")).to_contain_text("2018")
    assert page.locator("main form[method=post]").count() == 0, "nobody sets a verdict by hand"
    page.locator(f"a[href='{ABOUT}']").first.click()
    expect(page.locator("#now-h")).to_have_text("Gap")
    page.get_by_role("link", name="2 fall short").click()
    expect(page.locator("main .note")).to_contain_text(NAME)
    expect(page.locator("tbody tr")).to_have_count(2)
    page.locator("main .note a").first.click()
    for left in ("1 falls short", ""):
        page.locator("#found .gaps .btn").first.click()
        manager.fill("form.form", provider="Ourselves")
        manager.send("form.form .actions button.primary")
        manager.go(ABOUT)
        if left:
            expect(page.locator("#found")).to_contain_text(left)
    expect(page.locator("#now-h")).not_to_have_text("Gap")
    expect(page.locator("#found")).not_to_contain_text("short")
    manager.go("/compliance/")
    page.get_by_role("button", name="Compute now").click()
    expect(page.locator("#computation")).to_contain_text("Waits for the worker")
    Worker().run(drain=True)
    assert computing.latest()[NAME].own != "gap"
    manager.go(f"/compliance/{STANDARD}/?verdict=gap")
    expect(page.locator("tbody tr").first).to_be_visible()
    expect(page.locator(f"a[href='{ABOUT}']")).to_have_count(0)
    manager.go(f"/compliance/changes/?since={days_ago(1)}")
    expect(page.locator("tbody")).to_contain_text(NAME)


def test_what_does_not_apply_is_left_out_but_privacy_never(provider: World, manager: Seat, seat: Sit) -> None:
    entries = [one for one in catalogue.standards()["csms-2003"].requirements if one.scored]
    one = next(one for one in entries if not catalogue.exclusion_barred(one))
    private = next(one for one in entries if catalogue.exclusion_barred(one))
    director = seat("senior_manager")
    page = director.go(f"/compliance/csms-2003/{private.id}/")
    expect(page.locator(".aside")).to_contain_text("can never be left out")
    assert page.locator(".aside a[href^='/exclusions/new/']").count() == 0
    director.go(f"/exclusions/new/?requirement={private.id}")
    director.fill("form.form", requirement=private.id, reason="We have no customers.")
    director.page.click("form.form .actions button.primary")
    expect(page.locator("main [role=alert]").first).to_be_visible()
    assert not Exclusion.objects.exists()
    director.go(f"/compliance/csms-2003/{one.id}/")
    page.locator(".aside a[href^='/exclusions/new/']").click()
    director.fill("form.form", reason="We sell nothing over the counter.")
    director.send("form.form .actions button.primary")
    assert Exclusion.objects.get().requirement == one.id
    computing.compute_and_keep(Inquiry())
    manager.go("/compliance/csms-2003/?verdict=excluded")
    expect(manager.page.locator("tbody tr")).to_have_count(1)
    expect(manager.page.locator(".top-figures")).to_contain_text("Excluded 1")
    manager.go("/compliance/csms-2003/")
    with manager.page.expect_download() as file:
        manager.page.locator("main a[href$='/report/?format=xlsx']").click()
    book = CalamineWorkbook.from_path(file.value.path())
    cells = {str(cell) for name in book.sheet_names for row in book.get_sheet_by_name(name).to_python() for cell in row}
    assert {one.id, "We sell nothing over the counter."} <= cells, "the report lists what was left out, and why"


def test_an_assessor_of_ones_own_work_or_without_training_is_refused(provider: World, manager: Seat) -> None:
    course = {"title": "Assessing", "staff": provider.email("internal_assessor"), "topic": "internal_assessment"}
    manager.go("/trainings/new/")
    manager.fill("form.form", **course, completed_on=days_ago(800), valid_until=days_ago(70))
    manager.send("form.form .actions button.primary")
    lapsed = Training.objects.get()
    plan = {"type": "internal", "title": "Complaints", "standard": STANDARD, "function": provider.root.name}
    page = manager.go("/assessments/new/")
    for person, why in (("process_manager", "belongs to what is assessed"), ("internal_assessor", lapsed.ref)):
        manager.fill("form.form", **plan, assessor=provider.email(person))
        page.click("form.form .actions button.primary")
        expect(page.locator("main [role=alert]").first).to_contain_text(why)
        assert not Assessment.objects.exists()
    expect(page.locator("main [role=alert]").first).to_contain_text("lapsed on")
    provider.create("training", "process_manager", **course, completed_on=days_ago(1), valid_until=days_ago(-700))
    manager.send("form.form .actions button.primary")
    assert Assessment.objects.get().assessor == provider.person("internal_assessor")


def held_back(who: Seat, record: Any, why: str) -> None:
    """The page says why a step cannot be taken yet, and has no button for it."""
    page = who.go(record.url)
    expect(page.locator(".stepmiss").filter(has_text=why).first).to_be_attached()
    name = page.locator(".stepmiss").filter(has_text=why).first.locator("b").inner_text()
    assert page.locator(".steps a.btn").get_by_text(name, exact=True).count() == 0


def test_a_finding_goes_from_the_verdict_to_its_effect(provider: World, manager: Seat, seat: Sit) -> None:
    """Raised against a requirement, open beside its verdict, asked why five times, weighed, acted upon; what was made
    better is not closed before somebody else has judged it, in sixty days."""
    assessor, owner = seat("internal_assessor"), provider.email("relationship_manager")
    page = assessor.go(ABOUT)
    page.locator(".aside a[href^='/findings/new/']").click()
    said = {"type": "problem", "nature": "corrective", "description": "Nobody knows who operates the backup."}
    assessor.fill("form.form", **said, owner=owner)
    assessor.send("form.form .actions button.primary")
    found: Any = Finding.objects.get()
    assert found.requirement == NAME
    page = manager.go(ABOUT)
    expect(page.locator("main .head")).to_contain_text(f"Finding open {found.ref}")
    expect(page.locator(".aside")).to_contain_text(found.ref)
    manager.go(f"/compliance/{STANDARD}/")
    row = page.locator("tr", has=page.locator(f"a[href='{ABOUT}']"))
    expect(row).to_contain_text(f"Finding open {found.ref}")
    row.get_by_role("link", name=found.ref).click()
    why = (
        "Nobody wrote it down.",
        "Nobody was asked.",
        "It came by a purchase.",
        "Purchases skip us.",
        "No hand-over.",
    )
    rated = {"likelihood": 4, "consequence": 3}
    found = manager.take(found, "analyse", whys="\n".join(why), cause="No hand-over.", cause_category="method", **rated)
    expect(page.locator("main")).to_contain_text("5. No hand-over.")
    chosen = {"decision": "solve", "solution": "A list of operators.", "reason": "Cheapest that lasts."}
    ways = "A list of operators | two days | names at hand", "A new tool | 20,000 | names and more"
    assert "at least 2 alternatives" in manager.refused(found, "decide", alternatives=ways[0], **chosen)
    found = manager.take(found, "decide", alternatives="\n".join(ways), **chosen)
    expect(page.get_by_role("row", name="A new tool")).to_contain_text("20,000")
    page.locator("a[href^='/improvements/new/']").click()
    manager.fill("form.form", title="Every operator is known", owner=owner)
    manager.send("form.form .actions button.primary")
    better: Any = Improvement.objects.get(source_ref=found.ref)
    better = manager.take(better, "analyse", analysis="Four services have no operator.")
    better = provider.move(better, "approve", "operations_director")
    page = manager.go(better.url)
    page.locator("a[href^='/actions/new/']").click()
    manager.fill("form.form", title="Ask each purchaser", owner=owner, due_on=days_ago(-10))
    manager.send("form.form .actions button.primary")
    numbers = {"success_measure": "Services without operator", "baseline": 4, "wanted_value": 0}
    better = manager.take(better, "plan", due_on=days_ago(-20), **numbers)
    better = manager.take(better, "start")
    held_back(manager, found, f"{better.ref} is not implemented yet")
    task = Action.objects.get(source_ref=better.ref)
    provider.move(task, "complete", "relationship_manager", completion_report="All asked.")
    better = manager.take(better, "implement", value_now=0, effect_from=days_ago(-60))
    expect(page.locator("main")).to_contain_text("The effect is judged by somebody else than the owner, from")
    held_back(seat("process_manager"), better, "The effect can be judged from")
    better.refresh_from_db()
    assert (better.status, better.judged_by) == ("implemented", None)
    manager.take(found, "close")
    manager.go(ABOUT)
    expect(page.locator("main .head")).not_to_contain_text("Finding open")


def test_the_pack_is_frozen(provider: World, manager: Seat) -> None:
    """What changes afterwards changes no pack; the next one shows it. The report goes out as a document and a table."""
    page = manager.go("/compliance/packs/")

    def make(count: int) -> None:
        page.locator("main form [name=standard]").select_option(STANDARD)
        page.get_by_role("button", name="Make the pack").click()
        expect(page.locator("#packs tbody tr")).to_have_count(count)
        Worker().run(drain=True)
        manager.go("/compliance/packs/")

    def taken(place: int) -> bytes:
        with page.expect_download() as file:
            page.locator("#packs td.main a").nth(place).click()
        return file.value.path().read_bytes()

    make(1)
    first = taken(0)
    with zipfile.ZipFile(io.BytesIO(first)) as packed:
        listed = json.loads(packed.read(MANIFEST))["entries"]
        assert {one["path"] for one in listed} == {*packed.namelist()} - {MANIFEST}
        assert all(sha256(packed.read(one["path"])).hexdigest() == one["sha256"] for one in listed)
    write.update(provider.service, {"provider": "Ourselves"}, actor=provider.actor("relationship_manager"))
    make(2)
    assert taken(1) == first != taken(0)
    manager.send("main form[action$='/differences/'] button")
    changed = page.get_by_role("row", name=provider.service.ref)
    expect(changed.first).to_contain_text("provider")
    manager.go(f"/compliance/{STANDARD}/")
    for form, start in (("docx", b"PK"), ("xlsx", b"PK"), ("pdf", b"%PDF")):
        with page.expect_download() as file:
            page.locator(f"main a[href$='/report/?format={form}']").click()
        assert file.value.path().read_bytes().startswith(start), form


def test_the_auditor_reads_one_standard_and_changes_nothing(
    provider: World, manager: Seat, seat: Sit, chair: Sit
) -> None:
    keeper = seat("administrator")
    page = keeper.go("/settings/auditors/")
    keeper.fill("main form", name="Otto Outside", email="otto@audit.example", unit=provider.root.pk)
    page.locator(f"main form [name=standards][value='{STANDARD}']").check()
    page.locator("main form button.primary").first.click()
    page.wait_for_selector("main td:has-text('otto@audit.example')")
    otto = Person.objects.get(email="otto@audit.example")
    assert otto.grants.get().ends_on == timezone.localdate() + timedelta(days=14)
    guest = chair(otto)
    page = guest.go("/compliance/")
    expect(page.locator(".standings > li")).to_have_count(1)
    assert page.get_by_role("button", name="Compute now").count() == 0
    guest.go(ABOUT)
    expect(page.locator("#now-h")).to_have_text("Gap")
    assert page.locator("main form[method=post], #found .btn").count() == 0
    guest.go("/compliance/csms-2003/")
    expect(page.locator("h1")).to_have_text("There is nothing here")


def test_every_page_is_open_to_everybody(provider: World, manager: Seat, seat: Sit) -> None:
    """Axe over each page, light and dark, wide and narrow."""
    silences.listen()
    person = provider.person("relationship_manager")
    check(manager, person, ["/compliance/", f"/compliance/{STANDARD}/", "/compliance/silences/"])
    check_by_turns(manager, person, [ABOUT, "/compliance/changes/?since=2020-01-01", f"/services/?gaps={NAME}", "/"])
