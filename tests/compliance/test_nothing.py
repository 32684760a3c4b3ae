"""Saying with a reason that there is nothing to record (explicit none), from the page to the verdict."""

from typing import Any

import pytest

from comity.compliance.catalogue import Use
from comity.compliance.families.together import answer
from comity.compliance.inquiry import Inquiry
from comity.compliance.operations import nothing
from comity.compliance.rules.verdicts import Verdict
from comity.records.kind import kind_named
from comity.records.models import Entry
from tests.worlds import World

USE = Use("linked", {"population": "process_stages_delivery", "to": "controls_active", "none_allowed": True})


@pytest.fixture
def step(world: World) -> Any:
    """A stage of a process of delivery, without a control of its own."""
    process = world.create("process", "process_manager", name="Repair", type="delivery")
    return world.create("process_step", "process_manager", process=process.ref, name="Look")


def verdict() -> Verdict:
    return answer(Inquiry(), USE).verdict


def say(client: Any, record: Any, **told: str) -> Any:
    return client.post(f"/compliance/none/{record.kind.path}/{record.ref}/", {"name": "links", **told})


def test_a_statement_on_the_page_closes_the_gap(as_: Any, step: Any) -> None:
    client = as_("process_manager")
    assert verdict() == Verdict.GAP
    page = client.get(step.url).content.decode()
    assert f'action="/compliance/none/process-steps/{step.ref}/"' in page
    assert "CSMS-8.4.2-e" in page
    assert say(client, step, reason="Nothing can go wrong here.").status_code == 303
    assert verdict() == Verdict.MET
    assert "Nothing can go wrong here." in client.get(step.url).content.decode()


def test_a_statement_stands_in_the_trail_with_its_author(as_: Any, step: Any, world: World) -> None:
    say(as_("process_manager"), step, reason="Nothing can go\x00 wrong here.")
    line = Entry.objects.get(kind="process_step", record_id=step.pk, act="none")
    assert (line.changes, line.note) == ({"links": [None, "none"]}, "Nothing can go wrong here.")
    assert line.actor_id == world.person("process_manager").pk


@pytest.mark.parametrize("told", [{"reason": " "}, {"reason": "So it is.", "name": "operator"}])
def test_a_statement_without_reason_or_where_an_entry_is_asked_for_is_refused(
    as_: Any, step: Any, told: dict[str, str]
) -> None:
    assert say(as_("process_manager"), step, **told).status_code == 303
    assert not nothing.stated(step)
    assert verdict() == Verdict.GAP


@pytest.mark.parametrize(("role", "status"), [("operations_director", 403), ("complaint_handler", 404)])
def test_only_who_may_change_the_record_says_it(as_: Any, step: Any, role: str, status: int) -> None:
    client = as_(role)
    assert say(client, step, reason="Because.").status_code == status
    assert not nothing.stated(step)
    assert "/compliance/none/" not in client.get(step.url).content.decode()


def test_the_catalogue_says_where_it_is_allowed(world: World) -> None:
    assert "BRM-3.3-11" in nothing.allowed(kind_named("case"))["links"]
    assert not nothing.allowed(kind_named("segment"))
