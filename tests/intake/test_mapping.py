"""From rows to plain values: what the rules of a mapping make of a cell."""

from datetime import UTC, datetime
from typing import Any

import pytest

from comity.intake.drafts import Draft, Reader
from comity.intake.mapping import WrongMapping, read, shipped
from comity.intake.tables import Unclosed

HEAD = '[source]\nname = "t"\nkind = "case"\nzone = "America/New_York"\ndates = ["iso", "%m/%d/%Y", "%m/%d/%y"]\n'


def drafts(text: str, columns: str, *rows: str) -> list[Draft]:
    plan = read(HEAD + text).typed({"at": "datetime", "day": "date"})
    cells = ((n, row.split("|")) for n, row in enumerate(rows, 2))
    return list(Reader(plan, columns.split("|")).drafts(cells))


def value(rule: str, cell: str = "x", other: str = "") -> Any:
    (draft,) = drafts(f'[fields]\nw = "A"\nv = {rule}\n', "A|B", f"{cell}|{other}")
    return draft.errors.get("v", [draft.values.get("v")])[0]


@pytest.mark.parametrize(
    ("rule", "cell", "other", "found"),
    [
        ('"A"', " text ", "", "text"),
        ('{ value = "fixed" }', "x", "", "fixed"),
        ("true", "x", "", True),
        ('{ template = "{A} - {B}" }', "Issue", "Sub", "Issue - Sub"),
        ('{ template = "{A} - {B}" }', "Issue", "", "Issue"),
        ('{ template = "{A} - {B}" }', "", "", None),
        ('{ column = "A", map = { Web = "web_form" } }', "Web", "", "web_form"),
        ('{ column = "A", map = { Web = "web_form" }, otherwise = "other" }', "Fax", "", "other"),
        ('{ column = "A", contains = [["投诉", "complaint"]], otherwise = "enquiry" }', "我要投诉", "", "complaint"),
        ('{ column = "A", default = { column = "B" } }', "", "b", "b"),
        ('{ column = "A", most = 5 }', "abcdefgh", "", "abcd…"),
        ('{ column = "Z", default = "none" }', "x", "", "none"),
    ],
)
def test_a_rule(rule: str, cell: str, other: str, found: Any) -> None:
    assert value(rule, cell, other) == found


@pytest.mark.parametrize(
    ("words", "cell", "found"),
    [
        ("^web|fax", "By FAX", True),
        ("^web|fax", "Web form", True),
        ("^web|fax", "the web", False),
        ("a.c", "abc", False),
        ("a.c", "xA.Cx", True),
        ("?|？", "怎么办？", True),
    ],
)
def test_contains_looks_for_plain_words(words: str, cell: str, found: bool) -> None:
    assert value(f'{{ column = "A", contains = [["{words}", true]], otherwise = false }}', cell) is found


def test_no_expression_of_a_mapping_is_ever_run() -> None:
    """Such a one would try for longer than anybody waits, and nothing else could run meanwhile."""
    rule = '{ column = "A", contains = [["(a|a)*$", "critical"]], otherwise = "normal" }'
    assert value(rule, "a" * 60 + "!") == "normal"


def test_steps_look_for_words_that_must_be_there_or_must_not() -> None:
    text = """
[fields]
v = "A"
[[steps]]
at = "B"
when = { A = "^done|over" }
unless = { A = ["Done by mistake"] }
set = { status = "closed" }
"""
    cells = ("Done", "All over", "Not done", "Done by mistake")
    found = drafts(text, "A|B", *(f"{cell}|2016-01-0{n}" for n, cell in enumerate(cells, 1)))
    assert [bool(draft.past) for draft in found] == [True, True, False, False]


def test_a_word_that_no_map_knows_is_an_error_with_the_word() -> None:
    assert "“Fax”" in value('{ column = "A", map = { Web = "web_form" } }', "Fax")


@pytest.mark.parametrize("text", ["2016-09-12", "09/12/2016", "9/12/2016", "09/12/16", "2016-09-12T00:00:00-04:00"])
def test_dates_in_many_forms_are_times_in_the_zone(text: str) -> None:
    (draft,) = drafts('[fields]\nat = "A"\n', "A", text)
    assert draft.values["at"] == datetime(2016, 9, 12, 4, tzinfo=UTC)


@pytest.mark.parametrize("text", ["Date Not Captured", "31/31/2016", "2016-13-01", "0000-00-00"])
def test_what_is_no_date_is_an_error(text: str) -> None:
    (draft,) = drafts('[fields]\nat = "A"\n', "A", text)
    assert "is no date" in draft.errors["at"][0]


def test_words_for_nothing_are_empty() -> None:
    head = '[source]\nname = "t"\nkind = "case"\nempty = ["None", "?", "N/A"]\n[fields]\nv = "A"\n'
    plan = read(head)
    found = list(Reader(plan, ["A"]).drafts(iter([(2, ["None"]), (3, ["?"]), (4, ["N/A"]), (5, ["No"])])))
    assert [draft.values for draft in found] == [{}, {}, {}, {"v": "No"}]


def test_equal_rows_have_keys_of_their_own() -> None:
    found = drafts('[fields]\nv = "A"\n', "A", "x", "x", "y")
    assert len({draft.key for draft in found}) == 3


def test_a_row_with_more_cells_than_the_heading_is_refused() -> None:
    (draft,) = drafts('[fields]\nv = "A"\n', "A|B", "1|2|3")
    assert "3 cells" in draft.errors[""][0]


def test_each_line_behind_an_open_quote_is_refused_with_the_line_where_it_opens() -> None:
    cells = [(2, ["x"]), (3, Unclosed.since(3)), (4, Unclosed.since(3))]
    found = list(Reader(read(HEAD + '[fields]\nv = "A"\n'), ["A"]).drafts(iter(cells)))
    assert [draft.errors for draft in found] == [{}, *[{"": ["A quote that opens in line 3 is not closed."]}] * 2]


def test_events_of_one_record_become_its_past_in_order_of_time() -> None:
    text = """
[fields]
v = "State"
[[steps]]
at = "At"
watch = ["Group"]
note = "by {Group}"
set = { status = { column = "State", map = { New = "received", Done = "closed" } }, closed_at = "@at" }
"""
    head = HEAD.replace("zone", 'group = "Id"\nzone')
    plan = read(head + text)
    rows = [["1", "Done", "2016-01-03", "b"], ["2", "New", "2016-01-01", "a"], ["1", "New", "2016-01-02", "a"]]
    one, two = Reader(plan, ["Id", "State", "At", "Group"]).drafts(iter(enumerate(rows, 2)))
    assert (one.key, one.rows, one.values) == ("1", 2, {"v": "Done"})
    assert [step.values["status"] for step in one.past] == ["received", "closed"]
    assert one.past[1].noted == {"Group": ["a", "b"]} and one.past[1].note == "by b"
    assert one.past[1].values["closed_at"] == one.past[1].at
    assert (two.key, len(two.past)) == ("2", 1)


@pytest.mark.parametrize(
    "text",
    [
        "no toml at all =",
        '[source]\nkind = "case"\n',
        '[source]\nkind = "case"\nspeed = 3\n[fields]\nv = "A"\n',
        '[source]\nkind = "case"\nzone = "Mars/Base"\n[fields]\nv = "A"\n',
        '[source]\nkind = "case"\n[fields]\nv = { column = "A", value = 1 }\n',
        '[source]\nkind = "case"\n[fields]\nv = { column = "A", lookup = "customer" }\n',
        '[source]\nkind = "case"\n[fields]\nv = { column = "A", contains = [["a||b", 1]] }\n',
        '[source]\nkind = "case"\n[fields]\nv = { column = "A", contains = [["^", 1]] }\n',
        '[source]\nkind = "case"\n[fields]\nv = { column = "A", contains = [[[1], 1, 2]] }\n',
        '[source]\nkind = "case"\ndates = ["%d %d"]\n[fields]\nv = "A"\n',
        '[source]\nkind = "case"\ndates = [1]\n[fields]\nv = "A"\n',
        '[source]\nkind = "case"\n[fields]\nv = "A"\n[[steps]]\nat = "A"\nwhen = { A = "" }\n',
        '[source]\nkind = "case"\n[fields]\nv = "A"\n[[steps]]\nnote = "x"\n',
        '[source]\nkind = "case"\n[fields]\nv = "A"\n[[flags]]\nearlier = "A"\n',
    ],
)
def test_a_wrong_mapping_is_refused_in_words(text: str) -> None:
    with pytest.raises(WrongMapping) as refused:
        read(text)
    assert str(refused.value)


@pytest.mark.parametrize("path", shipped(), ids=lambda path: path.stem)
def test_shipped_mappings_fit_their_kind(path: Any) -> None:
    from comity.intake.run import bound

    plan = read(path.read_text("utf-8"), path.stem)
    assert plan.match and bound(plan).fields
