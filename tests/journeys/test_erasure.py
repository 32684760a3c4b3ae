"""A contact asks in the portal to be erased; an officer looks, confirms by the number, and no figure changes."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from comity.cases.models import Case
from comity.privacy import erasing
from comity.privacy.models import DataSubjectRequest, Erasure
from comity.reviews.analysis import Analysis
from comity.reviews.asking import Question
from tests.journeys.conftest import Seat
from tests.worlds import World

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def analysed(world: World) -> list[str]:
    """The figures of complaints as they stand."""
    manager = world.person("process_manager")
    return [str(block) for block in Analysis(Question.of(manager, {}), manager).report().blocks]


def test_asked_for_in_the_portal_and_done_at_the_desk(provider: World, seat: Callable[..., Seat]) -> None:
    world = provider
    said = {
        "customer": world.customer.ref,
        "contact": world.contact.ref,
        "service": world.service.ref,
        "channel": "phone",
    }
    case = world.create("case", "service_desk", **said, description="It is slow.", wanted_remedy="Mend.")
    contact = seat("customer_contact")
    page = contact.go("/portal/me/")
    page.get_by_label("Why, if you want to say").fill("I leave.")
    page.get_by_role("button", name="Ask to have it erased").click()
    one = DataSubjectRequest.objects.get(type="deletion")
    expect(page.get_by_role("main")).to_contain_text(f"You asked for it under {one.ref}")
    assert not contact.complaints

    officer = seat("operations_director")
    desk = officer.go(one.url)
    world.move(one, "grant", "process_manager")
    desk.reload()
    desk.get_by_role("link", name="See what would be erased").click()
    row = desk.get_by_role("row").filter(has_text="Cases")
    row.locator("summary").click()
    expect(row.get_by_role("link", name=case.ref)).to_be_visible()
    desk.get_by_label(f"Type {one.ref} to confirm").fill(one.ref)
    desk.get_by_role("button", name="Erase their data").click()
    expect(desk.get_by_role("main")).to_contain_text("The worker is at it")

    before = analysed(world)
    erasing.run(Erasure.objects.get().pk)
    assert analysed(world) == before and Case.objects.get(pk=case.pk).description == "[erased]"
    desk.reload()
    expect(desk.get_by_role("link", name="Certificate")).to_be_visible()
    assert not officer.complaints
    contact.go("/portal/me/")
    expect(contact.page).to_have_url(re.compile("/accounts/"))
