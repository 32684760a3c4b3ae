"""Four weeks to the audit: the quality manager looks, repairs, decides, plans, and lets the auditor in."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db.models import F
from playwright.sync_api import expect

from comity.accounts.models import Grant, Person
from comity.compliance import catalogue
from comity.compliance.inquiry import Inquiry
from comity.compliance.models import Answer, Assessment, Exclusion
from comity.compliance.operations import computing, silences
from comity.improvement.models import Finding
from comity.jobs.worker import Worker
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


def test_an_assessor_of_ones_own_work_is_refused(provider: World, manager: Seat) -> None:
    plan = {"type": "internal", "title": "Complaints", "standard": STANDARD, "function": provider.root.name}
    page = manager.go("/assessments/new/")
    manager.fill("form.form", **plan, assessor=provider.email("process_manager"))
    page.click("form.form .actions button.primary")
    expect(page.locator("main [role=alert]").first).to_contain_text("belongs to what is assessed")
    assert not Assessment.objects.exists()
    manager.fill("form.form", assessor=provider.email("internal_assessor"))
    manager.send("form.form .actions button.primary")
    assert Assessment.objects.get().assessor == provider.person("internal_assessor")


def test_a_finding_stands_beside_the_verdict(provider: World, manager: Seat, seat: Sit) -> None:
    assessor = seat("internal_assessor")
    page = assessor.go(ABOUT)
    page.locator(".aside a[href^='/findings/new/']").click()
    assessor.fill("form.form", type="nonconformity", description="Nobody knows who operates the backup.")
    assessor.send("form.form .actions button.primary")
    found: Any = Finding.objects.get()
    assert found.requirement == NAME
    manager.go(ABOUT)
    expect(manager.page.locator(".aside")).to_contain_text(found.ref)


def test_the_pack_is_frozen(provider: World, manager: Seat) -> None:
    page = manager.go("/compliance/packs/")
    page.locator("main form [name=standard]").select_option(STANDARD)
    page.get_by_role("button", name="Make the pack").click()
    expect(page.locator("#packs tbody tr")).to_have_count(1)
    Worker().run(drain=True)
    manager.go("/compliance/packs/")
    with page.expect_download() as taken:
        page.locator("#packs td.main a").click()
    assert taken.value.path().read_bytes()[:2] == b"PK"


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
    assert otto.grants.get().ends_on is not None
    guest = chair(otto)
    page = guest.go("/compliance/")
    expect(page.locator(".standings > li")).to_have_count(1)
    assert page.get_by_role("button", name="Compute now").count() == 0
    guest.go(ABOUT)
    expect(page.locator("#now-h")).to_have_text("Gap")
    assert page.locator("main form[method=post], #found .btn").count() == 0
    guest.go("/compliance/csms-2003/")
    expect(page.locator(".code")).to_have_text("404")


def test_every_page_is_open_to_everybody(provider: World, manager: Seat, seat: Sit) -> None:
    """Axe over each page, light and dark, wide and narrow."""
    silences.listen()
    person = provider.person("relationship_manager")
    check(manager, person, ["/compliance/", f"/compliance/{STANDARD}/", "/compliance/silences/"])
    check_by_turns(manager, person, [ABOUT, "/compliance/changes/?since=2020-01-01", f"/services/?gaps={NAME}", "/"])
