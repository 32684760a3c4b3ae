"""The state of a standard as a report to take away (journey J5, F-116): what it tells, in which language, to whom."""

from __future__ import annotations

import io
import zipfile
from datetime import date, timedelta
from typing import Any

import pytest
import time_machine
from django.utils import timezone
from django.utils.translation import override
from docx import Document
from docx.oxml.ns import qn
from python_calamine import CalamineWorkbook

from comity.compliance import word
from comity.compliance.catalogue import standards
from comity.compliance.models import Answer
from comity.compliance.names import limit as limit_of
from comity.compliance.operations.scope import limit
from comity.compliance.pages.report import report, stated
from comity.compliance.stated import every, summary
from comity.records import write
from comity.records.kind import kind_named
from comity.reports.blocks import Facts, Heading, Report, Table, Text
from tests.web.visitors import visitor
from tests.worlds import World

CODE = "csms-2003"
URL = f"/compliance/{CODE}/report/"


def file(answer: Any) -> bytes:
    assert answer.status_code == 200
    return b"".join(answer.streaming_content) if answer.streaming else answer.content


def opened(content: bytes) -> Any:
    return Document(io.BytesIO(content))


def texts(made: Any) -> list[str]:
    """The cells of all tables."""
    return [cell.text for table in made.tables for row in table.rows for cell in row.cells]


def decided(computed: World) -> tuple[str, Any, Any]:
    """A gap with an open finding and a waiver, and a limit that was loosened."""
    gap = Answer.objects.filter(standard=CODE, own="gap", gaps__gt=0).first()
    assert gap
    name = gap.requirement
    actor = computed.actor("senior_manager")
    values = {"requirement": name, "reason": "Until the move.", "ends_on": timezone.localdate() + timedelta(days=9)}
    waiver = write.create(kind_named("waiver"), values, actor=actor)
    values = {"title": "Nobody answers", "type": "nonconformity", "requirement": name}
    finding = write.create(kind_named("finding"), values, actor=computed.actor("relationship_manager"))
    Answer.objects.filter(pk=gap.pk).update(loosened=[["complaint_ack", 8, 16]])
    return name, waiver, finding


class TestReport:
    def test_tells_states_counts_reasons_decisions_findings_and_what_was_loosened(self, computed: World) -> None:
        name, waiver, finding = decided(computed)
        client = visitor(computed.person("senior_manager"))
        answer = client.get(f"{URL}?format=docx")
        assert answer["Content-Disposition"].endswith('.docx"') and answer["Cache-Control"] == "private, no-store"
        made = opened(file(answer))
        found = texts(made)
        ids = set(Answer.objects.filter(standard=CODE).values_list("requirement", flat=True))
        assert ids <= set(found), "every requirement is told"
        assert {waiver.ref, "Until the move.", finding.ref, "Nobody answers", limit_of("complaint_ack")} <= set(found)
        kept = Answer.objects.get(requirement=name)
        rows = [[cell.text for cell in row.cells] for table in made.tables for row in table.rows]
        (line,) = [row for row in rows if row[0] == name and len(row) == 5]
        assert line[2:4] == ["Gap", f"{kept.gaps}/{kept.population}"] and line[4]
        headings = [one.text for one in made.paragraphs if one.style.name.startswith("Heading")]
        assert {"Verdicts", "Gaps", "Open findings", "Waivers and exclusions"} <= set(headings)

        book = CalamineWorkbook.from_filelike(io.BytesIO(file(client.get(f"{URL}?format=xlsx"))))
        assert {"Gaps", "Open findings", "Every requirement"} <= set(book.sheet_names)
        sheet = book.get_sheet_by_name("Every requirement").to_python()
        assert [row[4:7] for row in sheet if row[2] == name] == [["Gap", kept.population, kept.gaps]]
        assert {row[2] for row in sheet[1:]} == ids
        assert file(client.get(f"{URL}?format=pdf")).startswith(b"%PDF")

    def test_what_was_decided_is_told_with_its_reason_or_else_that_it_was(
        self, computed: World, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Such as on an entry that repeats one of a standard that an auditor was not invited for."""
        name, waiver, _finding = decided(computed)
        Answer.objects.filter(requirement=name).update(verdict="waived", waiver=waiver.ref)
        told = stated(computed.person("process_manager"), [standards()[CODE]])
        assert [row[:3] for row in told.decisions] == [(waiver.ref, name, waiver.reason)]
        monkeypatch.setattr(
            "comity.compliance.pages.report.readable", lambda kind, _person: kind.model._default_manager.none()
        )
        told = stated(computed.person("process_manager"), [standards()[CODE]])
        assert [row[:2] for row in told.decisions] == [("Waived", name)] and waiver.reason not in str(told.decisions)

    def test_counts_as_the_board_does(self, computed: World) -> None:
        person = computed.person("process_manager")
        client = visitor(person)
        standings = client.get("/compliance/").context["standings"]
        made = opened(file(client.get("/compliance/report/?format=docx")))
        rows = {row.cells[0].text: [cell.text for cell in row.cells] for row in made.tables[1].rows}
        for one in standings:
            counts = [one.counts.get(name, 0) for name in ("gap", "not_assessed", "waived", "met", "not_exercised")]
            assert rows[one.title][1] == f"{one.share} %" and rows[one.title][2:7] == [str(n) for n in counts]

    def test_in_chinese_with_a_font_for_it(self, computed: World) -> None:
        person = computed.person("process_manager")
        with override("zh-hans"):
            told = stated(person, [standards()[CODE]])
            made = report(told)
            made.blocks += [*summary(told), *every(told)]
            content = word.document(made, "").read()
        with zipfile.ZipFile(io.BytesIO(content)) as parts:
            styles = parts.read("word/styles.xml").decode()
        assert f'w:eastAsia="{word.CHINESE}"' in styles and "Theme=" not in styles
        assert any("\u4e00" <= letter <= "\u9fff" for letter in "".join(texts(opened(content))))

    @pytest.mark.parametrize(
        ("who", "status"), [("auditor", 200), ("complaint_handler", 403), ("customer_contact", 404)]
    )
    def test_has_the_rights_of_the_page(self, computed: World, who: str, status: int) -> None:
        client = visitor(computed.person(who))
        assert client.get(f"{URL}?format=xlsx").status_code == status
        assert client.get(f"/compliance/{CODE}/").status_code == status

    def test_an_auditor_takes_no_other_standard_than_his(self, computed: World) -> None:
        auditor = computed.person("auditor")
        limit(auditor, ["iso20000-1-2011-7"], computed.actor("process_manager"))
        client = visitor(auditor)
        assert client.get(f"{URL}?format=xlsx").status_code == 404
        book = CalamineWorkbook.from_filelike(io.BytesIO(file(client.get("/compliance/report/?format=xlsx"))))
        sheet = book.get_sheet_by_name("Every requirement").to_python()
        assert len(sheet) > 80 and not any(row[2].startswith("CSMS") for row in sheet)

    @pytest.mark.parametrize("asked", ["", "?format=doc", "?format="])
    def test_another_form_is_not_found(self, computed: World, asked: str) -> None:
        assert visitor(computed.person("process_manager")).get(f"{URL}{asked}").status_code == 404


def made_of(*blocks: Any) -> Any:
    facts, words = [("Whose", "Ours")], {"page": "Page # of #"}
    return word.document(Report("Title", "", "x", "en", list(blocks), facts, words, date(2026, 3, 31)), "We")


class TestDocument:
    def test_heads_return_rows_stay_whole_and_pages_are_numbered(self) -> None:
        rows = [["a", 1], ["b\x00\x0b", None]]
        content = made_of(Heading("One"), Table("Two", ("Name", "Number"), rows, right=(1,), widths=(3, 1))).read()
        made = opened(content)
        table = made.tables[1]
        assert [[cell.text for cell in row.cells] for row in table.rows] == [["Name", "Number"], ["a", "1"], ["b", ""]]
        marks = [[one.tag for one in row._tr.trPr] for row in table.rows]
        assert marks == [[qn("w:cantSplit"), qn("w:tblHeader")], [qn("w:cantSplit")], [qn("w:cantSplit")]]
        assert [one.text for one in made.paragraphs if one.text] == ["Title", "One", "Two"]
        fields = [one.get(qn("w:instr")) for one in made.sections[0].footer._element.iter(qn("w:fldSimple"))]
        assert fields == ["PAGE", "NUMPAGES"] and made.sections[0].footer.paragraphs[0].text.startswith("Page ")
        assert (made.core_properties.title, made.core_properties.author) == ("Title", "We")
        with time_machine.travel(timezone.now(), tick=False):  # a ZIP tells when its files were written
            assert made_of(Heading("One")).read() == made_of(Heading("One")).read(), "the same report, the same bytes"

    def test_says_what_is_empty_and_refuses_what_it_cannot_show(self) -> None:
        made = opened(made_of(Table("Gaps", ("Name",), [], empty="None."), Text("Words.")).read())
        assert [one.text for one in made.paragraphs if one.text] == ["Title", "Gaps", "None.", "Words."]
        with pytest.raises(TypeError, match="Facts"):
            made_of(Facts([]))
