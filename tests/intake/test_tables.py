"""Files as people have them: any delimiter, encoding, packing; and files that want to do harm."""

import gzip
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter

from comity.intake import tables


def read(path: Path, **options: Any) -> tuple[tuple[str, ...], list[tuple[int, list[Any]]]]:
    with tables.opened(path, **options) as table:
        return table.columns, [(line, list(row)) for line, row in table.rows]


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_is_found_out(tmp_path: Path, delimiter: str) -> None:
    path = tmp_path / "a.csv"
    path.write_text(f'name{delimiter}note\r\n"Ada, Ltd; and | more"{delimiter}x\r\n', "utf-8")
    assert read(path) == (("name", "note"), [(2, ["Ada, Ltd; and | more", "x"])])


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "gb18030", "gbk"])
def test_the_encoding_is_found_out(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes("名称,说明\n客户甲,噪音扰民\n".encode(encoding))
    assert read(path) == (("名称", "说明"), [(2, ["客户甲", "噪音扰民"])])


def test_lines_count_line_ends_inside_cells(tmp_path: Path) -> None:
    path = tmp_path / "a.csv.gz"
    path.write_bytes(gzip.compress(b'a,b\n1,"two\nlines"\n\n3,4\n'))
    assert [line for line, _row in read(path)[1]] == [2, 4] or [line for line, _row in read(path)[1]] == [2, 5]


def test_a_workbook_keeps_numbers_and_times(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet("first")
        sheet.write_row(0, 0, ["name", "users"])
        sheet.write_row(2, 0, ["Ada", 12])
        book.add_worksheet("second").write_row(0, 0, ["other"])
    assert read(path) == (("name", "users"), [(3, ["Ada", 12.0])])
    assert read(path, sheet="second")[0] == ("other",)
    with pytest.raises(tables.Unreadable, match="no sheet"):
        read(path, sheet="third")


def test_packed_files_have_a_limit(tmp_path: Path) -> None:
    bomb = tmp_path / "bomb.csv.gz"
    bomb.write_bytes(gzip.compress(b"a,b\n" + b"0" * (3 << 20)))
    with pytest.raises(tables.Unreadable, match="larger than 2 MB"):
        read(bomb, most=2 << 20)
    book = tmp_path / "bomb.xlsx"
    with xlsxwriter.Workbook(book) as workbook:
        sheet = workbook.add_worksheet()
        for n in range(2000):
            sheet.write_row(n, 0, ["x" * 500] * 3)
    with pytest.raises(tables.Unreadable, match="larger than 0 MB"):
        read(book, most=1000)


@pytest.mark.parametrize(
    "content", [b"", b"\n", b"a,a\n1,2\n", b"PK\x03\x04 no workbook", b"\x1f\x8b\x08 no gzip", b"\x00\x01\x02"]
)
def test_what_is_no_table_is_refused_in_words(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(content)
    try:
        columns, _rows = read(path)
    except tables.Unreadable as refused:
        assert str(refused)
    else:
        assert content == b"\x00\x01\x02" and len(columns) == 1


@pytest.mark.parametrize(
    ("text", "good", "lost", "opened"),
    [
        ('a,b\n1,x\n2,"y\n3,z\n4,w\n', [2], [3, 4, 5], 3),  # to the end of the file
        ('a,b\n1,x\n2,"y\n3,z\n4,"w"\n5,v\n', [2, 6], [3, 4, 5], 3),  # to the next quote
        ('a,b\n1,x\n2,"y', [2], [3], 3),  # the file was cut off
        ('a,b\n1,"x\n2,y\n"\n5" pipe,z\n6,"say ""x"" and\nso on"\n', [2, 5, 6], [], 0),  # nothing is wrong
        ('a,b\n1,"x" sic\n2,"two\nlines" sic\n', [2, 3], [], 0),
        ('a,b\n1,"two\nlines"\n2,"y\n3,z\n4,w\n', [2], [4, 5, 6], 4),  # after a row that holds a line end
        ('a,b,c\n1,"say ""two""\nlines","y\n3,z,w\n4,v,u\n', [], [2, 3, 4, 5], 3),  # after a cell that does
        ('a,b,c\n1,"two\nlines","y\n3,z,"w"\n4,v,u\n', [5], [2, 3, 4], 3),
    ],
)
def test_a_quote_that_is_not_closed_is_told_with_its_line_and_all_that_went_into_it(
    tmp_path: Path, text: str, good: list[int], lost: list[int], opened: int
) -> None:
    path = tmp_path / "a.csv"
    path.write_text(text)
    with tables.opened(path) as table:
        rows = list(table.rows)
    broken = {line: row.opened for line, row in rows if isinstance(row, tables.Unclosed)}
    assert [line for line, _row in rows if line not in broken] == good
    assert broken == dict.fromkeys(lost, opened)


def test_an_open_quote_in_the_heading_is_said(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text('a,"b\n1,x\n2,y\n')
    with pytest.raises(tables.Unreadable, match="line 1 is not closed"):
        read(path)
