"""A procedure from its starter to its readers: written in blocks, judged by another, read, issued anew, compared."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from comity.documents.models import DocumentVersion
from comity.parties.models import Acceptance
from comity.records import write
from tests.journeys.conftest import Seat
from tests.worlds import World

pytestmark = [pytest.mark.browser, pytest.mark.slow]
Sit = Callable[..., Seat]


def newest() -> DocumentVersion:
    return DocumentVersion.objects.latest("pk")


def test_a_procedure_from_its_starter_to_its_readers(provider: World, seat: Sit) -> None:
    writer, judge, reader = seat("process_manager"), seat("operations_director"), seat("service_desk", width=360)
    page = writer.go("/documents/starters/")
    starter = page.locator("form:has([value=dispute_procedure])")
    with page.expect_navigation():
        starter.get_by_role("button", name="English").click()
    page.fill("[name='section.notice.text']", "Say it **in writing**.")
    with page.context.expect_page() as opened:
        page.get_by_role("button", name="Preview").click()
    expect(opened.value.locator("main strong")).to_have_text("in writing")
    page.fill("[name=change_reason]", "First issue.")
    writer.send("form.form > .actions button.primary")
    first = newest()
    assert first.sections["notice"]["text"] == "Say it **in writing**."
    assert reader.go(first.url).locator("main").get_by_text("in writing").count() == 0  # not for readers yet
    first = writer.take(first, "submit")
    first = judge.take(first, "approve", effective_on=timezone.localdate().isoformat())
    assert first.status == "effective"

    values = {"readers": ["service_desk"]}
    write.update(first.document, values, actor=provider.actor("process_manager"))
    page = reader.go(first.document.url)
    expect(page.locator("main strong")).to_have_text("in writing")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.get_by_role("link", name="I have read and understood it").click()
    page.locator("form.step button.primary").click()
    expect(page.locator("main")).to_contain_text("You have confirmed it.")
    assert Acceptance.objects.get(type="read", version_ref=first.ref).person == provider.person("service_desk")

    page = writer.go(first.document.url)
    with page.expect_navigation():
        page.get_by_role("button", name="Draft the next version").click()
    page.fill("[name='section.notice.text']", "Say it **by letter**.")
    writer.send("form.form > .actions button.primary")
    page = writer.go(f"{newest().url}compare/")
    expect(page.locator("main .changed del").first).to_have_text("in writing")
    expect(page.locator("main .changed ins").first).to_have_text("by letter")
