"""The analysis: every number opens exactly its records; few stay counts; who may not read all sees none."""

from __future__ import annotations

import html
import re
import zipfile
from collections.abc import Iterator
from io import BytesIO
from urllib.parse import parse_qs, urlsplit

import pytest
from django.http import QueryDict
from django.utils import timezone

from comity.cases.models import Case
from comity.cases.rules import figures as rules
from comity.records import reading, write
from comity.records.kind import kind_named
from comity.records.models import Entry
from comity.records.trail import Actor
from comity.reports import pdf
from comity.reports.blocks import Fact, Facts, Report, Table, for_press
from comity.reports.charts import Chart, Mark
from comity.reviews import analysis
from comity.reviews.analysis import Analysis
from comity.reviews.asking import Question
from comity.reviews.words import share, span
from tests.cases.conftest import staffed
from tests.cases.test_figures import settle
from tests.reports.paper import pages, text_of
from tests.standing import layer, stood
from tests.web.visitors import visitor


def numbers(report: Report) -> Iterator[tuple[str, int, str]]:
    """Every number of a report with its name and address."""
    for block in report.blocks:
        if isinstance(block, Facts):
            yield from ((one.label, one.value, one.url) for one in block.items if isinstance(one.value, int))
        elif isinstance(block, Chart):
            for label, marks in block.rows:
                yield from ((f"{block.title}: {label}", m.value, m.url) for m in marks if isinstance(m, Mark))
        elif isinstance(block, Table):
            for row in block.rows:
                yield from ((block.title, cell.value, cell.url) for cell in row if isinstance(cell, Mark))


def made(desk, by="process_manager", **asked) -> Report:
    person = desk.world.person(by)
    person._rights = None
    return Analysis(Question.of(person, asked), person).report()


def found(desk, url: str, by="process_manager") -> int:
    """How many records the register has at this address, for this person."""
    page = urlsplit(url)
    assert page.path == "/cases/"
    register = reading.register(kind_named("case"), desk.world.person(by), QueryDict(page.query))
    known = {one.name for one in register.filters}
    assert set(parse_qs(page.query)) <= known, "the register does not know such a filter"
    return register.count


@layer
def busy_month(world):
    """A month at the desk: every standing, several topics, services, channels, outcomes, and what is left out."""
    with staffed(world) as desk:
        here = desk.world
        first = desk.at("investigating", topic="billing")
        desk.step(desk.step(desk.step(first, upheld="upheld")))
        late = desk.at("investigating", severity="normal", topic="billing")
        desk.later(days=20)
        desk.sweep()
        case = Case.objects.get(pk=late.pk)
        while case.status != "resolved":
            case = desk.step(case)
        desk.register(channel="email", topic="billing", service=here.other_service.ref)
        desk.register(topic="billing", customer=here.child.ref, contact=here.child_contact.ref)
        desk.register(topic="", service="", conduct="A rude word.", channel="letter")
        form = here.create("public_form", "process_manager", title="Bills", classification="complaint")
        write.assign(desk.register(channel="web_form"), {"public_form": form}, actor=Actor.system("form"))
        desk.register(origin="internal")
        desk.register(classification="suggestion")
        old = desk.register(severity="normal")
        desk.later(days=40)
        desk.sweep()
        desk.register()
        again = desk.at("closed")
        desk.move(again, "reopen", "process_manager", "It came back.")
        wrong = desk.at("acknowledged")
        desk.move(wrong, "propose_reclassification", note="A request.", proposed_classification="service_request")
        values = {"outcome_reasons": "It is a request.", "cause_area": "customer_side", "improvement_need": False}
        desk.move(Case.objects.get(pk=wrong.pk), "reclassify", "process_manager", **values)
        settle()
        assert old
        return timezone.now()


@pytest.fixture(name="busy_month")
def _busy_month(world):
    return stood("busy_month", world)


@pytest.fixture
def busy(desk, busy_month):
    desk.clock.move_to(busy_month)
    return desk


def checked(desk, report: Report, by="process_manager") -> dict[str, int]:
    """The numbers of the report that are addresses; each has opened exactly its records, every other is zero."""
    known = {}
    for label, value, url in numbers(report):
        assert (found(desk, url, by) if url else 0) == value, (label, url, by)
        known |= {label: value} if url else {}
    return known


def test_every_number_opens_exactly_its_records(busy, monkeypatch):
    for top in (1, 2, 12):
        monkeypatch.setattr(analysis, "TOP", top)
        known = checked(busy, made(busy))
        assert len(known) >= 40 and sum(known.values()) > 60
        assert known["Reclassified"] == 1 and known["Reopened"] == 1 and known["Late"] >= 1
        assert known["Public forms: Bills"] == 1


def test_the_same_holds_for_one_customer_service_and_month(busy):
    last, total = f"{timezone.now():%Y-%m}", "Complaints received"
    customer, service = {"customer": busy.world.customer.ref}, {"service": busy.world.service.ref}
    whole = checked(busy, made(busy))[total]
    for asked in (customer, service, customer | service, {"from": last, "to": last}):
        assert 0 < checked(busy, made(busy, **asked))[total] < whole, asked


def test_marks_and_table_are_the_same_and_lead_there_in_few_queries(busy, django_assert_max_num_queries):
    client = visitor(busy.world.person("process_manager"))
    client.get("/analysis/")
    with django_assert_max_num_queries(22):
        page = client.get("/analysis/").content.decode()
    drawn = re.findall(r"<svg.*?</svg>", page, re.S)
    in_marks = {html.unescape(url) for svg in drawn for url in re.findall(r'<a [^>]*href="([^"]+)"', svg)}
    outside = re.sub(r"<svg.*?</svg>", "", page, flags=re.S)
    in_tables = {html.unescape(url) for url in re.findall(r"href='([^']+)'", outside)}
    assert in_marks and in_marks <= in_tables
    assert all('role="img"' in svg and "<title" in svg and "<desc" in svg for svg in drawn if 'viewBox="0 0 460' in svg)
    assert " style=" not in page and "<style" not in page and 'tabindex="-1"' in drawn[-1] + "".join(drawn)


READERS = ("process_manager", "operations_director", "internal_assessor", "senior_manager", "auditor")


OTHERS = (
    "relationship_manager", "complaint_handler", "service_desk", "project_manager", "supplier_manager", "administrator",
)  # fmt: skip


def test_who_reads_all_sees_the_figures_and_nobody_else(busy):
    before = Entry.objects.count()
    for name in OTHERS:
        client = visitor(busy.world.person(name))
        answers = [client.get(f"/analysis/{end}") for end in ("", "pdf/", "workbook/")]
        assert [answer.status_code for answer in answers] == [403, 403, 403], name
        assert "/analysis/" not in client.get("/").content.decode(), name
    assert Entry.objects.count() == before
    assert visitor(busy.world.person("customer_contact")).get("/analysis/").status_code == 404
    for name in READERS:
        answer = visitor(busy.world.person(name)).get("/analysis/")
        assert answer.status_code == 200 and "in_figures=yes" in answer.content.decode(), name
        assert checked(busy, made(busy, by=name), name), name


def test_few_are_told_as_counts_without_direction_and_end_where_the_grant_ends(busy):
    report = made(busy)
    facts = {one.label: one for block in report.blocks if isinstance(block, Facts) for one in block.items}
    assert isinstance(facts["Upheld"], Fact) and "%" not in str(facts["Upheld"].value)
    assert facts["Complaints received"].note == "0 in the period before"
    assert not any(cell.endswith("%") for b in report.blocks if isinstance(b, Chart) for _l, m in b.rows
                   for cell in m if isinstance(cell, str))  # fmt: skip
    assert share(7, rules.SMALL) == "35 %" and share(7, rules.SMALL - 1) == "7 of 19" and share(0, 0) == "–"
    grant = busy.world.person("process_manager").grants.get()
    grant.unit = busy.world.north
    grant.save()
    assert not [value for _l, value, _u in numbers(made(busy)) if value]


def test_times_are_said_as_people_say_them():
    assert [span(one) for one in (None, 12.4, 60 * 7, 1440 * 3)] == ["–", "12 min", "7 h", "3 days"]


def test_a_question_without_sense_is_said(desk):
    client = visitor(desk.world.person("process_manager"))
    for asked in ("from=2026-13", "to=nonsense", "customer=CUS-99999", "from=2026-05&to=2026-01", "from=<script>"):
        answer = client.get(f"/analysis/?{asked}")
        assert answer.status_code == 400 and 'role="alert"' in answer.content.decode(), asked
    assert client.get("/analysis/?from=1900-01").status_code == 200


def test_nothing_received_is_said_and_proves_no_more(desk):
    page = visitor(desk.world.person("auditor")).get("/analysis/").content.decode()
    assert "No complaint was received in this period" in page


def test_the_report_goes_onto_paper_and_into_a_workbook(busy):
    client = visitor(busy.world.person("process_manager"))
    paper = client.get("/analysis/pdf/")
    assert (paper.status_code, paper["Content-Type"]) == (200, "application/pdf")
    text = text_of(paper.content)
    assert pages(paper.content) > 1 and all(word in text for word in ("Receivedbymonth", "Recurringpoints", "Billing"))
    order = pdf.json.dumps({"template": "report", "data": for_press(made(busy))}).encode()
    assert pdf.run(order)[1] == [] and pdf.run(order)[0] == pdf.run(order)[0]
    book = client.get("/analysis/workbook/")
    names = zipfile.ZipFile(BytesIO(b"".join(book.streaming_content))).read("xl/workbook.xml").decode()
    assert "Received by month" in names and "Time to each stage" in names
