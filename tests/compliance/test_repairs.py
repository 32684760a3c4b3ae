"""Each gap leads to where it is put right: whoever may finds a page that opens, everybody else reads whose it is."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from comity.accounts.models import Person
from comity.compliance.catalogue import Requirement, requirements
from comity.compliance.families.together import answer
from comity.compliance.inquiry import Inquiry
from comity.compliance.models import Answer
from comity.compliance.pages import repairs
from comity.records.kind import is_kind
from comity.records.models import Entry
from tests.worlds import World

As = Callable[[str], Any]


def gaps() -> Iterator[tuple[Requirement, str, list[repairs.Way]]]:
    """Each requirement with a gap, the first of each part of it, and the ways to close that."""
    inquiry = Inquiry()
    for name in Answer.objects.filter(own="gap").values_list("requirement", flat=True):
        one = requirements()[name]
        found = answer(inquiry, one.use)
        for lot in found.every_lot:
            row = lot.first_gap
            if row is not None and (is_kind(type(row)) or isinstance(row, (Person, Entry))):
                yield one, str(row), list(repairs.of_row(one, row))
        for single in found.every_single:
            if single.missing:
                yield one, single.label, list(repairs.of_thing(one, single))


@pytest.mark.slow
def test_somebody_can_follow_each_link_to_a_page_that_opens(computed: World, as_: As) -> None:
    stuck: list[tuple[str, str]] = []
    pages: dict[str, tuple[str, str, str]] = {}
    for one, what, ways in gaps():
        whose = [(name, way) for way in ways for name, person in computed.people.items() if way.open_to(person)]
        if not whose:
            stuck.append((one.id, what))
        for name, way in whose[:1]:
            pages.setdefault(way.url.rpartition("-")[0] or way.url, (name, way.url, one.id))
    assert not stuck, stuck
    assert len(pages) > 20
    refused = [(*told, code) for told in pages.values() if (code := as_(told[0]).get(told[1]).status_code) != 200]
    assert not refused


def test_who_cannot_close_it_reads_who_can(world: World, as_: As) -> None:
    """Process managers register documents: an assessor reads so, and gets no button."""
    path, button = "/compliance/csms-2003/CSMS-16.1-s5/", "/documents/new/"
    page, theirs = (as_(one).get(path).content.decode() for one in ("internal_assessor", "process_manager"))
    assert "To be done by: Process manager" in page and button not in page
    assert "To be done by" not in theirs and button in theirs


def test_what_somebody_has_to_read_is_confirmed_by_nobody_else(world: World) -> None:
    one, person = requirements()["CSMS-4.2-s3"], world.person("service_desk")
    names = ("service_desk", "process_manager")
    shown = {name: repairs.of_record(world.person(name), one, person, "") for name in names}
    assert "/acceptances/new/?person=" in shown["service_desk"].act
    assert (shown["process_manager"].act, shown["process_manager"].whose) == ("", str(person))


def test_a_kind_of_records_without_a_class_is_named_and_leads_to_the_form(world: World, as_: As) -> None:
    """A line of the trail stands for the kind; it is shown to those who may read its record."""
    page = as_("process_manager").get("/compliance/csms-2003/CSMS-12.1-s1/").content.decode()
    assert "Channels<br>" in page and f'href="{world.channel.url}"' in page
    assert 'href="/record-classes/new/"' in page and 'href="?gaps=' not in page


def test_who_is_missing_is_asked_for_by_the_role(world: World) -> None:
    one, kept = requirements()["CSMS-12.1-s1"], world.create("record_class", "process_manager", name="All")
    ways = [way.url for way in repairs.of_row(one, kept)]
    assert f"/responsibilities/new/?subject_ref={kept.ref}&role=record_owner" in ways


def test_what_lies_in_something_approved_is_put_right_there(world: World) -> None:
    by = "relationship_manager"
    plan = world.create("communication_plan", by, name="How it goes", customer=world.customer.ref)
    line = world.create("plan_line", by, plan=plan.ref, topic="Reports", channel=world.channel.ref)
    one = requirements()["PG-004-41"]
    assert repairs.of_record(world.person(by), one, line, "").act == f"{line.url}edit/"
    line.plan = world.move(plan, "approve", "process_manager")
    assert repairs.of_record(world.person(by), one, line, "").act == plan.url
