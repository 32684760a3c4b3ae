"""The settings in a real browser: nothing overflows on a phone, nothing breaks the content policy, all by keyboard."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.test import Client

from comity.clocks.models import CalendarDay, fill_holidays
from comity.jobs.models import Job
from comity.records.models import Entry
from tests.worlds import build

pytestmark = [pytest.mark.browser, pytest.mark.slow]
RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}


def visitor(person):
    client = Client()
    client.force_login(person, backend="comity.accounts.sign_in.CurrentPeople")
    return client


@pytest.fixture
def provider(transactional_db):
    """The world where the server's thread sees it."""
    return build()


@pytest.fixture
def paths(provider):
    """Every page, with something on it."""
    office = provider.office
    office.country = "CN"
    office.save()
    fill_holidays(office, [2026])
    CalendarDay.objects.create(
        calendar=office, date="2026-12-24", until="2026-12-31", kind="holiday", label="Company closed between the years"
    )
    Job.objects.create(
        name="comity.records.jobs.index_range", state="failed", error="Traceback\nValueError: no", attempts=5
    )
    Job.objects.create(name="comity.intake.jobs.run", state="running", done=420, total=5600)
    visitor(provider.person("process_manager")).post(
        "/settings/parameters/complaint_ack_hours/", {"value": "6", "reason": "Customers asked for it."}
    )
    one = f"calendars/{office.pk}/"
    return (
        "", "calendars/", "calendars/new/", f"{one}?year=2026&start=2026-02-13T16:00&value=3&unit=bd", f"{one}edit/",
        f"{one}fill/?country=CN&years=2025&years=2026", "parameters/", "parameters/complaint_ack_hours/",
        "parameters/repeat_count/", "lists/", "lists/contact_role/", "jobs/", "trail/",
    )  # fmt: skip


def enter(context, live_server, person):
    """Carry a session of the person into the browser."""
    session = visitor(person).cookies["sessionid"].value
    context.add_cookies([{"name": "sessionid", "value": session, "url": live_server.url}])


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_pages_fit_a_phone_and_break_no_rule(live_server, browser, provider, paths, scheme):
    wrong = []
    context = browser.new_context(color_scheme=scheme)
    enter(context, live_server, provider.person("administrator"))
    page = context.new_page()
    page.on("console", lambda line: wrong.append(line.text) if line.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: wrong.append(str(error)))
    for path in paths:
        for width in (1280, 360):
            page.set_viewport_size({"width": width, "height": 800})
            page.goto(f"{live_server.url}/settings/{path}")
            assert page.evaluate("document.documentElement.scrollWidth") <= width, (path, width)
            found = Axe().run(page, options=RULES)
            assert not found.violations_count, f"{path} {width}: {found.generate_report()}"
    context.close()
    assert wrong == []


def test_a_day_is_added_and_removed_without_scripts(live_server, browser, provider):
    context = browser.new_context(java_script_enabled=False)
    enter(context, live_server, provider.person("administrator"))
    page = context.new_page()
    page.goto(f"{live_server.url}/settings/calendars/{provider.office.pk}/?year=2026")
    page.get_by_label("Date *").fill("2026-05-01")
    page.get_by_label("Kind *").select_option("holiday")
    page.get_by_label("Label").fill("Labour Day")
    page.get_by_role("button", name="Add", exact=True).click()
    page.get_by_role("button", name="Remove 2026-05-01").click()
    context.close()
    assert [entry.act for entry in Entry.objects.filter(kind="calendar").order_by("pk")] == ["update", "remove"]
    assert not CalendarDay.objects.exists()
