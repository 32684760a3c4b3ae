"""The scorecard: what it counts, what it leaves out, who reads it, and that every figure opens exactly its records."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from html import unescape
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.test import Client
from django.utils import timezone

from comity.cases.models import Case
from comity.records.models import writing
from comity.supply.models import ScorecardLine
from comity.supply.reading import Scorecard
from comity.supply.rules import Length, Period
from tests.cases.conftest import Desk
from tests.reports.paper import text_of
from tests.worlds import World

SM, CH = "supplier_manager", "complaint_handler"


def at_fault(desk: Desk, supplier: Any, **columns: Any) -> Case:
    """A complaint in which the supplier is at fault, with these columns."""
    case: Case = desk.register()
    with writing():
        Case.objects.filter(pk=case.pk).update(at_fault=supplier, **columns)
    return case


def measured(world: World, supplier: Any, kpi: Any, end: date, value: float, **more: Any) -> Any:
    return world.create(
        "measurement", "process_manager", kpi=kpi.ref, supplier=supplier.ref, value=value, period_end=end,
        source="Monthly report", **more,
    )  # fmt: skip


@pytest.fixture
def netco(desk: Desk) -> Any:
    """A supplier of ours, weighed by two lines: an indicator and complaints."""
    world = desk.world
    supplier = world.create("supplier", SM, name="NetCo", tier="tactical", owner=world.email(SM))
    kpi = world.create(
        "kpi", "process_manager", title="Restored in time", category="supply_chain", target=95, unit_of_value="%",
        scoring_bands="good from 95, fair from 90", owner=world.email(SM),
    )  # fmt: skip
    world.create("scorecard_line", SM, measure="indicator", kpi=kpi.ref, weight=60)
    world.create("scorecard_line", SM, measure="complaints", weight=40, good=0, fair=1)
    supplier.kpi = kpi
    return supplier


def quarter(n: int = 0) -> Period:
    return Period.of(Length.QUARTER, timezone.localdate()).back(n)


def followed(client: Client, page: str, label: str) -> int:
    """How many records the figure of that label leads to."""
    hit = re.search(rf"<dt>{label}</dt><dd class='large'><a href='([^']+)'>", page)
    assert hit, f"{label} leads nowhere"
    rows = client.get(unescape(hit[1])).content.decode()
    return len(set(re.findall(r"CMP-\d+", rows)))


def test_complaints_and_values_make_the_score_of_their_period(desk: Desk, netco: Any, client: Client) -> None:
    world, last = desk.world, quarter(1)
    within = datetime.combine(last.first + timedelta(days=40), datetime.min.time(), tzinfo=UTC)
    mine = [at_fault(desk, netco, received_at=within, upheld="upheld"), at_fault(desk, netco, received_at=within)]
    at_fault(desk, netco, received_at=within, restricted=True, upheld="upheld")  # inside: not in any figure
    at_fault(desk, netco, received_at=within, close_ground="reclassified", upheld="upheld")
    measured(world, netco, netco.kpi, last.first + timedelta(days=30), 88)
    old = measured(world, netco, netco.kpi, last.last, 80)
    measured(world, netco, netco.kpi, last.last, 96, corrects=old.ref, correction_reason="Typed wrongly.")
    measured(world, netco, netco.kpi, quarter(3).last, 97)

    card = Scorecard(netco, last)
    now = card.now
    assert (now.counts.received, now.counts.upheld, now.counts.open) == (2, 1, 2)
    assert [(line.value, line.points, line.weight) for line in now.lines] == [(92.0, 50, 60), (1, 50, 40)]
    assert (now.score, now.formula, now.standing) == (50, "(60 × 50 + 40 × 50) ÷ 100", "poor")
    at_fault(desk, netco, received_at=datetime.combine(quarter(2).first, datetime.min.time(), tzinfo=UTC))
    card = Scorecard(netco, last)  # one that nobody decided yet speaks neither for nor against
    # three quarters before: no complaint beside a value is good; between them nothing, hence no score
    assert [one.score for one in card.trend] == [None, None, None, None, None, 100, None, 50]
    assert card.trend[-2].standing is None and not card.trend[-2].formula

    address = f"{netco.url}scorecard/?period=quarter&at={last.first:%Y-%m}"
    client.force_login(world.person("operations_director"))
    page = client.get(address).content.decode()
    assert followed(client, page, "Complaints received") == 2 and followed(client, page, "Upheld") == 1
    assert "(60 × 50 + 40 × 50) ÷ 100" in page and "Stands badly" in page and "nothing measured" in page
    assert all(case.ref in page for case in mine)
    values = re.search(r"<a href='(/measurements/[^']+)'>Restored in time", page)
    assert values and len(set(re.findall(r"MSR-\d+", client.get(unescape(values[1])).content.decode()))) == 2
    paper = client.get(address.replace("/?", "/paper/?"))
    assert "Score50(60×50+40×50)÷100" in (told := text_of(paper.content)) and "1Lines" in told and "0.1" not in told
    book = client.get(address.replace("/?", "/workbook/?"))
    assert b"".join(book)[:2] == b"PK"  # type: ignore[arg-type]


def test_a_period_in_which_nothing_was_measured_has_no_score(netco: Any, world: World, client: Client) -> None:
    card = Scorecard(netco, quarter())
    assert {one.score for one in card.trend} == {None} == {one.standing for one in card.trend}
    client.force_login(world.person(SM))
    page = client.get(f"{netco.url}scorecard/").content.decode()
    assert "nothing measured" in page and "<dd class='large'>–</dd>" in page
    assert "nothing measured" in client.get(netco.url).content.decode()


def test_lines_of_its_own_replace_those_for_all(netco: Any, world: World) -> None:
    world.create("scorecard_line", SM, supplier=netco.ref, measure="complaints", weight=10, good=3, fair=5)
    assert [(line.weight, line.good) for line in Scorecard(netco, quarter()).lines] == [(10, 3)]
    other = world.create("supplier", SM, name="Other")
    assert [line.weight for line in Scorecard(other, quarter()).lines] == [60, 40]
    for wrong in (
        {"measure": "complaints"}, {"measure": "indicator"}, {"measure": "complaints", "kpi": netco.kpi.ref},
        {"measure": "complaints", "supplier": other.ref, "good": 3, "fair": 1},
    ):  # fmt: skip
        with pytest.raises(ValidationError):
            world.create("scorecard_line", SM, weight=5, **wrong)
    assert ScorecardLine.objects.count() == 3


def test_who_reads_what_of_it(desk: Desk, netco: Any, client: Client) -> None:
    world = desk.world
    case = at_fault(desk, netco, upheld="upheld")
    measured(world, netco, netco.kpi, timezone.localdate(), 97)
    seen = {}
    for name in (SM, CH, "auditor", "supplier_contact", "customer_contact"):
        client.force_login(world.person(name))
        answer = client.get(f"{netco.url}scorecard/")
        page = answer.content.decode()
        seen[name] = (answer.status_code, "Restored in time" in page, case.ref in page)
    assert seen[SM] == (200, True, False), "the manager reads the values and how many complaints, not the complaints"
    assert seen[CH] == (200, False, True), "the desk reads the complaints, not the values"
    assert seen["auditor"] == (200, True, True)
    assert {seen[name][0] for name in ("supplier_contact", "customer_contact")} <= {302, 403, 404}
    client.force_login(world.person(SM))
    assert "Complaints received</dt><dd class='large'>1</dd>" in client.get(f"{netco.url}scorecard/").content.decode()
    other = world.create("supplier", "process_manager", name="Other", owner=world.email("assistant"))
    assert client.get(f"{other.url}scorecard/").status_code == 404
