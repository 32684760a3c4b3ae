"""The worksheet: contradictions first, each line saved by itself, out as a workbook and back with its differences."""

from __future__ import annotations

import io
import zipfile
from typing import Any

import pytest
import xlsxwriter
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from comity.cases.models import Case
from comity.compliance.catalogue import standards
from comity.compliance.inquiry import Inquiry
from comity.compliance.models import Assessment, Line
from comity.compliance.operations.assessing import section_of
from comity.compliance.operations.computing import answers
from comity.compliance.pages import assessments
from comity.compliance.reasons import reason
from comity.compliance.rules.scoring import FIRST, Item, Method, Stand, needs_remark, score, stand
from comity.compliance.worksheet import findings, workbook
from comity.compliance.worksheet import lines as worksheet
from comity.intake.tables import Unreadable
from comity.records import write
from comity.records.access import NotAllowed
from comity.records.kind import kind_named
from comity.records.models import Entry, writing
from comity.records.trail import Actor, Refused
from tests.compliance.proofs.assessments import planned
from tests.compliance.test_pages_narrowed import entry_over
from tests.journeys.test_busy_morning import received
from tests.standing import layer, stood
from tests.web.visitors import visitor
from tests.worlds import World, moment

IA = "internal_assessor"


@layer
def begun_worksheet(world: World) -> Any:
    """A worksheet of section 10 of the CSMS."""
    return world.move(planned(world, assessor=world.email(IA)), "start", IA)


@pytest.fixture(name="begun_worksheet")
def _begun_worksheet(world: World) -> Any:
    return stood("begun_worksheet", world)


@pytest.fixture
def sheet(begun_worksheet: Any) -> Any:
    return begun_worksheet


def line_of(sheet: Any, verdict: str) -> Line:
    """A line that answers this; where the small world has none, one is made so."""
    line: Line = sheet.lines.order_by("-place").first()
    Line.objects.filter(pk=line.pk).update(verdict=verdict)
    line.refresh_from_db()
    return line


class TestRules:
    @pytest.mark.parametrize(
        ("task", "verdict", "found"),
        [
            ("done", "met", Stand.CONFIRMED), ("done", "gap", Stand.CONTRADICTION), ("todo", "gap", Stand.OPEN),
            ("done", "waived", Stand.CONTRADICTION), ("todo", "met", Stand.EXISTS), ("", "gap", Stand.UNANSWERED),
            ("done", "not_exercised", Stand.UNPROVEN), ("done", "not_assessed", Stand.UNPROVEN),
            ("todo", "not_exercised", Stand.WAITING),
        ],
    )  # fmt: skip
    def test_what_both_say_together(self, task: str, verdict: str, found: Stand) -> None:
        assert stand(task, verdict) == found
        assert needs_remark(task, verdict) == (found in (Stand.CONTRADICTION, Stand.UNPROVEN))

    def test_contradictions_come_first(self) -> None:
        assert FIRST[0] == Stand.CONTRADICTION and FIRST[-1] == Stand.CONFIRMED

    def test_scores(self) -> None:
        items = [
            Item("met", "high"),
            Item("gap", "low"),
            Item("waived", ""),
            Item("not_exercised"),
            Item("not_assessed"),
        ]
        share = score(Method.SHARE, items)
        assert (share.value, share.judged, share.left_out) == (pytest.approx(1 / 3), 3, 2)
        assert score(Method.WEIGHTED, items).value == pytest.approx(3 / 5)
        levels = [Item("met", level=4), Item("gap", level=3), Item("met", level=0), Item("met")]
        mature = score(Method.MATURITY, levels)
        assert (mature.value, mature.of, mature.judged, mature.left_out) == (pytest.approx(5 / 3), 4, 3, 1)

    @pytest.mark.parametrize("method", Method)
    def test_without_anything_to_judge_there_is_no_score(self, method: str) -> None:
        assert score(method, [Item("not_exercised")]).value is None


class TestLines:
    def test_are_drawn_up_with_the_verdicts_of_that_moment(self, sheet: Any) -> None:
        lines = list(sheet.lines.all())
        assert len(lines) > 10 and all(one.reason_en and one.reason_zh for one in lines)
        assert {one.task for one in lines} == {""}
        assert all(one.requirement.startswith("CSMS-10.") for one in lines)

    def test_name_no_record_that_the_assessor_may_not_read(self, world: World) -> None:
        case = received(world, received_at=moment(90))
        one = entry_over(Case)
        with writing():
            Case.objects.filter(pk=case.pk).update(restricted=True)
        assert case.ref in reason(answers(Inquiry(), [one])[0])
        area = section_of(standards()[one.standard], one)
        sheet = world.move(planned(world, standard=one.standard, area=area, assessor=world.email(IA)), "start", IA)
        lines = list(sheet.lines.all())
        assert any(line.gaps for line in lines)
        assert not [line for line in lines if case.ref in line.reason_en + line.reason_zh]

    def test_saving_one_leaves_a_line_in_the_trail_and_moves_a_contradiction_to_the_top(
        self, world: World, sheet: Any
    ) -> None:
        line = line_of(sheet, "gap")
        kept = worksheet.answer(sheet, line.pk, {"task": "done", "remark": "We do."}, 1, world.actor(IA))
        assert (kept.task, kept.version) == ("done", 2)
        assert worksheet.ordered(sheet)[0].pk == line.pk
        entry = Entry.objects.filter(kind="assessment", act="worksheet").get()
        assert entry.changes == {line.requirement: ["", "DONE We do."]}
        given = {"evidence": f"{world.service.ref.lower()}, {sheet.ref}"}
        shown = worksheet.answer(sheet, line.pk, given, 2, world.actor(IA))
        assert (shown.remark, shown.evidence) == ("We do.", f"{world.service.ref} {sheet.ref}")
        kept.refresh_from_db()
        assert kept.verdict == "gap", "what people say changes no verdict"

    def test_what_somebody_answered_meanwhile_is_not_overwritten(self, world: World, sheet: Any) -> None:
        line = line_of(sheet, "met")
        worksheet.answer(sheet, line.pk, {"task": "done"}, 1, world.actor(IA))
        with pytest.raises(worksheet.Changed):
            worksheet.answer(sheet, line.pk, {"task": "todo"}, 1, world.actor(IA))
        line.refresh_from_db()
        assert line.task == "done"

    @pytest.mark.parametrize("who", ["process_manager", "auditor", "senior_manager"])
    def test_others_answer_none(self, world: World, sheet: Any, who: str) -> None:
        line = line_of(sheet, "met")
        with pytest.raises(NotAllowed):
            worksheet.answer(sheet, line.pk, {"task": "done"}, 1, world.actor(who))
        line.refresh_from_db()
        assert (line.task, line.version) == ("", 1)

    def test_a_completed_one_stays(self, world: World, sheet: Any) -> None:
        sheet.lines.update(task="done", remark="Seen.", evidence=sheet.ref)
        sheet = world.move(sheet, "complete", IA)
        line = sheet.lines.first()
        with pytest.raises(ValidationError):
            worksheet.answer(sheet, line.pk, {"task": "todo"}, line.version, world.actor(IA))
        line.refresh_from_db()
        assert line.task == "done"

    @pytest.mark.parametrize(
        "data",
        [
            {"task": "perhaps"}, {"maturity": "5"}, {"maturity": "-1"}, {"remark": "x" * 2001},
            {"evidence": "SVC-99999"}, {"evidence": "SVC-00001 " * 11},
        ],
    )  # fmt: skip
    def test_nonsense_is_refused(self, world: World, sheet: Any, data: dict[str, str]) -> None:
        line = line_of(sheet, "met")
        with pytest.raises(ValidationError) as refused:
            worksheet.answer(sheet, line.pk, data, 1, world.actor(IA))
        assert list(refused.value.message_dict) == list(data)
        line.refresh_from_db()
        assert line.version == 1

    def test_gaps_become_findings_when_it_is_reported(self, world: World, sheet: Any) -> None:
        line = line_of(sheet, "gap")
        Line.objects.filter(pk=line.pk).update(gaps=1)
        sheet.lines.update(task="done", remark="Seen.", evidence=sheet.ref)
        for step, who in (("complete", IA), ("review", "senior_manager"), ("report", IA)):
            sheet = world.move(sheet, step, who)
        line.refresh_from_db()
        (finding,) = findings.of_requirement(line.requirement)
        assert (finding.ref, finding.source_ref) == (line.finding_ref, sheet.ref)
        with pytest.raises(Refused, match=line.finding_ref):
            world.move(sheet, "close", "process_manager")
        sheet.refresh_from_db()
        assert sheet.status == "reported"
        for ref in findings.unanswered(sheet):
            write.create(kind_named("action"), {"title": "Mend it", "source_ref": ref}, actor=Actor.system("a_test"))
        assert world.move(sheet, "close", "process_manager").status == "closed"


def filled(sheet: Any, **cells: Any) -> bytes:
    """The workbook as it went out, with other cells in the first row of tasks."""
    rows = [list(row) for row in next(workbook.sheets(sheet)).rows]
    for name, value in cells.items():
        rows[0][workbook.COLUMNS.index(name)] = value
    return book([workbook.COLUMNS, *rows])


def book(rows: list[Any]) -> bytes:
    out = io.BytesIO()
    made = xlsxwriter.Workbook(out)
    page = made.add_worksheet("Worksheet")
    for n, row in enumerate(rows):
        page.write_row(n, 0, row)
    made.close()
    return out.getvalue()


class TestWorkbook:
    def test_comes_back_unchanged_as_no_difference(self, sheet: Any) -> None:
        loaded = workbook.load(sheet, workbook.written(sheet).read())
        assert (loaded.differences, loaded.faults, loaded.same) == ((), (), sheet.lines.count())
        assert not loaded.ready

    def test_shows_what_differs_and_writes_only_when_told(self, world: World, sheet: Any) -> None:
        first = sheet.lines.order_by("place").first()
        shown = {"evidence": world.service.ref}
        loaded = workbook.load(sheet, filled(sheet, task="DONE", remark="On paper.", maturity=3, **shown))
        (one,) = loaded.differences
        said = ("task", "done"), ("remark", "On paper."), ("evidence", world.service.ref), ("maturity", "3")
        assert one.changes == tuple((name, "", value) for name, value in said)
        first.refresh_from_db()
        assert first.task == ""
        assert workbook.take_over(sheet, loaded, world.actor(IA)) == 1
        first.refresh_from_db()
        assert (first.task, first.remark, first.maturity) == ("done", "On paper.", 3)
        assert first.evidence == world.service.ref

    def test_what_was_answered_here_meanwhile_is_left_alone(self, world: World, sheet: Any) -> None:
        content = filled(sheet, task="DONE")
        first = sheet.lines.order_by("place").first()
        worksheet.answer(sheet, first.pk, {"task": "todo"}, 1, world.actor(IA))
        loaded = workbook.load(sheet, content)
        assert [one.conflict for one in loaded.differences] == [True] and not loaded.ready
        assert workbook.take_over(sheet, loaded, world.actor(IA)) == 0
        first.refresh_from_db()
        assert first.task == "todo"

    @pytest.mark.parametrize(
        ("cells", "column"),
        [
            ({"task": "yes"}, "task"),
            ({"maturity": 9}, "maturity"),
            ({"evidence": "SVC-99999"}, "evidence"),
            ({"id": "CSMS-99"}, "id"),
            ({"version": "x"}, "version"),
        ],
    )
    def test_says_which_row_and_column_is_wrong_and_writes_nothing(
        self, world: World, sheet: Any, cells: dict[str, Any], column: str
    ) -> None:
        loaded = workbook.load(sheet, filled(sheet, **cells))
        (fault,) = loaded.faults
        assert (fault.row, fault.column) == (2, column) and fault.text
        with pytest.raises(ValidationError):
            workbook.take_over(sheet, loaded, world.actor(IA))
        assert set(sheet.lines.values_list("task", "version")) == {("", 1)}

    def test_what_is_not_its_workbook_is_refused_in_words(self, world: World, sheet: Any) -> None:
        rows = [list(row) for row in next(workbook.sheets(sheet)).rows]
        alien = [[f"X-{n}", *row[1:]] for n, row in enumerate(rows)]
        macros = io.BytesIO(filled(sheet, task="DONE"))
        with zipfile.ZipFile(macros, "a") as packed:
            packed.writestr("xl/vbaProject.bin", b"x")
        wrong = {
            "worksheet of ASM-99999": filled(sheet, task="DONE", assessment="ASM-99999"),
            "another standard": book([workbook.COLUMNS, *alien]), "macros": macros.getvalue(),
            "lacks the columns": book([("Field", "Value"), *workbook.head(sheet)]),
        }  # fmt: skip
        for words, content in wrong.items():
            with pytest.raises(Unreadable, match=words):
                workbook.load(sheet, content)
        client, url = visitor(world.person(IA)), f"/compliance/assessments/{sheet.ref}/load/"
        page = client.post(url, {"file": SimpleUploadedFile("a.xlsx", wrong["macros"])})
        assert page.status_code == 422 and "macros" in page.content.decode()
        large = SimpleUploadedFile("a.xlsx", b"PK" + bytes(assessments.UPLOAD_AT_MOST))
        assert client.post(url, {"file": large}).status_code == 422
        assert set(sheet.lines.values_list("task", "version")) == {("", 1)}

    def test_rows_that_are_gone_stay_here_and_formulas_are_only_their_values(self, sheet: Any) -> None:
        rows = [list(row) for row in next(workbook.sheets(sheet)).rows]
        out = io.BytesIO()
        made = xlsxwriter.Workbook(out)
        page = made.add_worksheet("Worksheet")
        for n, row in enumerate([workbook.COLUMNS, *rows[:2]]):
            page.write_row(n, 0, row)
        page.write_formula(1, workbook.COLUMNS.index("task"), '=IF(1,"DONE")', None, "DONE")
        page.write_formula(2, workbook.COLUMNS.index("task"), "=1+1")
        made.close()
        loaded = workbook.load(sheet, out.getvalue())
        assert [one.said["task"] for one in loaded.differences] == ["done"]
        assert [(one.row, one.column) for one in loaded.faults] == [(3, "task")]
        assert loaded.absent == sheet.lines.count() - 2 and not loaded.ready

    def test_a_line_twice_is_told(self, sheet: Any) -> None:
        rows = [list(row) for row in next(workbook.sheets(sheet)).rows]
        loaded = workbook.load(sheet, book([workbook.COLUMNS, rows[0], rows[0]]))
        assert [(one.row, one.column) for one in loaded.faults] == [(3, "id")]

    @pytest.mark.parametrize("content", [b"", b"task,remark", b"PK\x03\x04 torn", "zip"])
    def test_what_is_no_workbook_is_refused(self, sheet: Any, content: bytes | str) -> None:
        if isinstance(content, str):
            out = io.BytesIO()
            with zipfile.ZipFile(out, "w") as packed:
                packed.writestr("hello.txt", "x")
            content = out.getvalue()
        with pytest.raises(Unreadable):
            workbook.load(sheet, content)

    def test_a_huge_one_is_refused_before_it_is_read(self, sheet: Any) -> None:
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
            packed.writestr("xl/worksheets/sheet1.xml", b" " * (workbook.MOST_BYTES + 1))
        with pytest.raises(Unreadable, match="larger than"):
            workbook.load(sheet, out.getvalue())

    def test_without_its_columns_is_refused(self, sheet: Any) -> None:
        with pytest.raises(Unreadable, match="remark"):
            workbook.load(sheet, book([("id", "task"), ("CSMS-10.1-s1", "DONE")]))


class TestPages:
    def test_the_page_shows_each_task_beside_its_verdict(self, world: World, sheet: Any) -> None:
        page = visitor(world.person(IA)).get(f"/compliance/assessments/{sheet.ref}/").content.decode()
        line = sheet.lines.first()
        assert line.requirement in page and f'name="task" id="todo-{line.pk}"' in page
        assert "Date reviewed" in page and "Completed by" in page

    def test_a_reader_sees_it_without_fields(self, world: World, sheet: Any) -> None:
        for who in ("auditor", "process_manager"):
            page = visitor(world.person(who)).get(f"/compliance/assessments/{sheet.ref}/")
            assert page.status_code == 200 and 'name="task"' not in page.content.decode()

    @pytest.mark.parametrize("who", ["complaint_handler", "customer_contact"])
    def test_others_do_not_find_it(self, world: World, sheet: Any, who: str) -> None:
        assert visitor(world.person(who)).get(f"/compliance/assessments/{sheet.ref}/").status_code == 404

    def said(self, client: Client, sheet: Any, line: Line, **data: Any) -> Any:
        url = f"/compliance/assessments/{sheet.ref}/lines/{line.pk}/"
        return client.post(url, {"version": 1, **data}, headers={"HX-Request": "true"})

    def test_each_line_is_saved_by_itself_and_told(self, world: World, sheet: Any) -> None:
        client, line = visitor(world.person(IA)), line_of(sheet, "gap")
        answer = self.said(client, sheet, line, task="done", remark="We do.")
        assert answer.status_code == 200 and "Contradiction" in answer.content.decode()
        assert 'name="version" value="2"' in answer.content.decode()
        late = self.said(client, sheet, line, task="todo")
        assert late.status_code == 409 and "Somebody else answered" in late.content.decode()
        wrong = self.said(client, sheet, line, task="maybe")
        assert wrong.status_code == 422
        line.refresh_from_db()
        assert (line.task, line.version) == ("done", 2)

    def test_without_scripts_a_refused_line_is_a_page_as_it_was_filled_in(self, world: World, sheet: Any) -> None:
        client, line = visitor(world.person(IA)), line_of(sheet, "gap")
        url = f"/compliance/assessments/{sheet.ref}/lines/{line.pk}/"
        with writing():
            Assessment.objects.filter(pk=sheet.pk).update(scoring="maturity")
        for status, data in ((422, {"task": "maybe", "version": 1}), (409, {"task": "done", "version": 0})):
            page = client.post(url, {**data, "remark": "We <do>.", "maturity": "3", "evidence": sheet.ref})
            text = page.content.decode()
            assert page.status_code == status and "<h1>" in text and "We &lt;do&gt;.</textarea>" in text
            assert text.count('name="remark"') == 1 and 'role="alert"' in text
            assert '<option value="3" selected>' in text and f'value="{sheet.ref}"' in text
        line.refresh_from_db()
        assert (line.task, line.remark, line.version) == ("", "", 1)

    def test_an_auditor_saves_nothing(self, world: World, sheet: Any) -> None:
        line = line_of(sheet, "gap")
        assert self.said(visitor(world.person("auditor")), sheet, line, task="done").status_code == 403
        line.refresh_from_db()
        assert line.task == ""

    def test_out_and_back_with_a_list_before_anything_is_written(self, world: World, sheet: Any) -> None:
        client, url = visitor(world.person(IA)), f"/compliance/assessments/{sheet.ref}/"
        out = client.get(f"{url}workbook/")
        assert b"".join(out.streaming_content).startswith(b"PK")
        upload = SimpleUploadedFile("back.xlsx", filled(sheet, task="DONE", remark="Ja"))
        page = client.post(f"{url}load/", {"file": upload})
        assert page.status_code == 200 and "In the workbook" in page.content.decode()
        assert not sheet.lines.exclude(task="").exists()
        confirmed = page.context["confirmed"]
        assert client.post(f"{url}load/", {"confirmed": confirmed}).status_code == 303
        assert sheet.lines.exclude(task="").get().remark == "Ja"

    @pytest.mark.parametrize("confirmed", ["x", "[1]", '[["CSMS-10.1-s1"]]', "[[1,2]]"])
    def test_a_confirmation_made_by_hand_writes_nothing(self, world: World, sheet: Any, confirmed: str) -> None:
        url = f"/compliance/assessments/{sheet.ref}/load/"
        assert visitor(world.person(IA)).post(url, {"confirmed": confirmed}).status_code == 422
        assert not sheet.lines.exclude(task="").exists()
