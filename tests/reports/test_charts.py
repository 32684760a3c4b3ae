"""Charts: what they tell holds without colour, without a mouse, and under the content policy; paper has the same."""

import re
import xml.etree.ElementTree as xml
import zipfile
from io import BytesIO

import pytest

from comity.reports.blocks import Report, Table, for_workbook
from comity.reports.charts import HATCHES, TONES, WIDTH, Mark, Series, cells, line, ranked, scale, short, stacked
from comity.reports.sheets import Sheet, workbook

ROWS = [("Billing & <script>", Mark(12, "/x/?a=1&b=2")), ("Delay", Mark(3, "/x/?a=2")), ("Nothing", Mark(0))]
SERIES = [Series(f"Series {n}", n) for n in range(5)]


def charts():
    yield ranked("Topics", "The most frequent first.", ("Topic", "n", "so far"), ROWS, shares=True)
    yield stacked("By month", "How they stand.", "Month", SERIES, [("26-01", [Mark(n, "/y/") for n in range(5)])])
    yield line("By week", "Each week.", ("Week", "n"), [(str(n), Mark(n * n, "/z/")) for n in range(20)])
    yield line("One", "A single point.", ("Week", "n"), [("1", Mark(4))])
    yield stacked("None", "Nothing.", "Month", SERIES[:1], [])


@pytest.mark.parametrize("chart", list(charts()), ids=lambda chart: chart.title)
def test_a_chart_is_well_formed_described_and_free_of_styles(chart):
    root = xml.fromstring(chart.svg)
    assert root.get("role") == "img" and root.find("{*}title").text == chart.title and root.find("{*}desc").text
    assert " style=" not in chart.svg and "<style" not in chart.svg and "<script" not in chart.svg
    assert all(one.get("tabindex") == "-1" for one in root.iter("{http://www.w3.org/2000/svg}a"))
    assert chart.svg == next(one for one in charts() if one.title == chart.title).svg


def test_each_series_has_a_pattern_of_its_own():
    assert len(set(HATCHES)) == len(HATCHES) == len(TONES) == len(set(TONES))
    chart = [*charts()][1]
    assert len(re.findall("<pattern ", chart.svg)) == 4 and len(chart.legend) == 5


def test_shares_add_up_to_all():
    chart = next(charts())
    assert [marks[1] for _label, marks in chart.rows] == ["80 %", "100 %", "100 %"]


@pytest.mark.parametrize("most", [0, 1, 3, 9, 10, 99, 101, 12345])
def test_an_axis_is_round_and_long_enough(most):
    top, ticks = scale(most)
    assert top >= most and ticks[0] == 0 and ticks[-1] == top and len(ticks) <= 6


def test_wide_letters_count_twice():
    assert short("abcdefghij", 10) == "abcdefghij" and short("投诉处理流程说明", 8) == "投诉处…"


@pytest.mark.parametrize("last", ["2026-Q3", "2026年第三季度"])
def test_the_last_label_of_a_line_is_not_cut(last):
    drawn = line("Score", "By quarter.", ("Period", "n"), [(f"Q{n}", Mark(n)) for n in range(6)] + [(last, Mark(7))])
    at = float(re.search(rf'x="([\d.]+)"[^>]*>{last}<', drawn.svg)[1])
    assert at + cells(last) * 3 <= WIDTH and at > WIDTH - 60


def test_nothing_in_a_workbook_is_a_formula():
    report = Report("=1+1", "", "x", "en", [Table("=cmd|' /C calc'!A0", ("a",), [["=1+1"], [7]])])
    book = zipfile.ZipFile(BytesIO(workbook(for_workbook(report)).read()))
    sheets = b"".join(book.read(name) for name in book.namelist() if "worksheets" in name)
    assert b"<f>" not in sheets and b"=1+1" in sheets + b"".join(
        book.read(name) for name in book.namelist() if "sharedStrings" in name
    )


def test_sheets_get_names_that_are_allowed_and_differ():
    book = zipfile.ZipFile(BytesIO(workbook([Sheet("a/b:c*?[x]" * 9, ("a",), [])] * 3).read()))
    names = re.findall('<sheet name="([^"]+)"', book.read("xl/workbook.xml").decode())
    assert len({name.lower() for name in names}) == 3 and all(len(name) <= 31 for name in names)
