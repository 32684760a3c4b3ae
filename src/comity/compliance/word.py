"""A report as a document for word processors: headings, tables whose heads return on each page, page numbers.

Each style names a font for Latin and one for East Asian letters, so that Chinese is not left to the reader's machine.
"""

from __future__ import annotations

import re
import tempfile
from collections.abc import Sequence
from datetime import UTC, datetime, time
from typing import Any, BinaryIO

from docx import Document
from docx.document import Document as Made
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Length, Mm, Pt

from comity.reports.blocks import Block, Heading, Report, Table, Text, plain

LATIN, CHINESE = "Calibri", "Microsoft YaHei"
FONTS = {"ascii": LATIN, "hAnsi": LATIN, "cs": LATIN, "eastAsia": CHINESE}
SIZE, MARGIN = (Mm(210), Mm(297)), Mm(20)
HEAD_FILL = "E6EBEE"
NO_LETTERS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


def document(report: Report, author: str) -> BinaryIO:
    """In a temporary file, which goes when it is closed. Raises TypeError for a block that is not told in words."""
    made = Document()
    _page(made, report)
    _letters(made, report.language)
    made.core_properties.title, made.core_properties.author = _clean(report.title)[:255], _clean(author)[:255]
    made.core_properties.language = report.language
    made.core_properties.created = made.core_properties.modified = datetime.combine(report.on, time.min, UTC)
    made.add_heading(_clean(report.title), 0)
    _rows(made, [], [[label, value] for label, value in report.facts], (1, 2))
    for block in report.blocks:
        _add(made, block)
    target = tempfile.TemporaryFile(suffix=".docx")  # noqa: SIM115  (closed by whoever reads it)
    made.save(target)
    target.seek(0)
    return target


def _add(made: Made, block: Block) -> None:
    match block:
        case Heading():
            made.add_heading(_clean(block.text), block.level)
        case Text():
            made.add_paragraph(_clean(block.text))
        case Table():
            if block.title:
                made.add_heading(_clean(block.title), 2)
            if block.rows:
                rows = [[plain(cell) for cell in row] for row in block.rows]
                _rows(made, block.heads, rows, block.widths or [1] * len(block.heads), block.right)
            else:
                made.add_paragraph(_clean(block.empty))
        case _:
            raise TypeError(type(block).__name__)


def _rows(
    made: Made, heads: Sequence[str], rows: Sequence[Sequence[Any]], widths: Sequence[int], right: Sequence[int] = ()
) -> None:
    """A table as wide as the page; its head is repeated, and no row is torn between two pages."""
    lines = [heads, *rows] if heads else rows
    table = made.add_table(len(lines), len(widths), style="Table Grid")
    table.autofit = False
    room = SIZE[0] - 2 * MARGIN
    broad = [Length(room * one // sum(widths)) for one in widths]
    for column, width in zip(table.columns, broad, strict=True):
        column.width = width
    for number, (row, line) in enumerate(zip(table.rows, lines, strict=True)):
        head = bool(heads) and number == 0
        _mark(row._tr.get_or_add_trPr(), "w:cantSplit", *["w:tblHeader"] * head)
        for at, (cell, value) in enumerate(zip(row.cells, line, strict=True)):
            cell.width = broad[at]
            paragraph = cell.paragraphs[0]
            paragraph.add_run(_clean(value)).bold = head or None
            if at in right:
                paragraph.alignment = WD_ALIGN_PARAGRAPH.RIGHT
            if head:
                shade = OxmlElement("w:shd", {qn("w:val"): "clear", qn("w:color"): "auto", qn("w:fill"): HEAD_FILL})
                cell._tc.get_or_add_tcPr().append(shade)
    made.add_paragraph()


def _mark(properties: Any, *names: str) -> None:
    for name in names:
        properties.append(OxmlElement(name))


def _page(made: Made, report: Report) -> None:
    """A4, the title above and the number below each page."""
    section = made.sections[0]
    section.page_width, section.page_height = SIZE
    section.left_margin = section.right_margin = section.top_margin = section.bottom_margin = MARGIN
    section.header.paragraphs[0].text = _clean(report.title)
    foot = section.footer.paragraphs[0]
    foot.alignment = WD_ALIGN_PARAGRAPH.CENTER
    first, middle, last = report.words.get("page", "# / #").split("#")
    foot.add_run(first)
    _number(foot, "PAGE")
    foot.add_run(middle)
    _number(foot, "NUMPAGES")
    foot.add_run(last)


def _number(paragraph: Any, what: str) -> None:
    field = OxmlElement("w:fldSimple", {qn("w:instr"): what})
    run = OxmlElement("w:r")
    run.text = "1"
    field.append(run)
    paragraph._p.append(field)


def _letters(made: Made, language: str) -> None:
    """The fonts and the language of every style; tables are set small."""
    made.styles["Table Grid"].font.size = Pt(8.5)
    for style in made.styles.element.iter(qn("w:rFonts")):
        style.attrib.clear()
        _set(style, FONTS)
    for style in made.styles.element.iter(qn("w:lang")):
        _set(style, {"val": "zh-CN" if language.startswith("zh") else "en-GB", "eastAsia": "zh-CN"})


def _set(element: Any, values: dict[str, str]) -> None:
    for name, value in values.items():
        element.set(qn(f"w:{name}"), value)


def _clean(value: Any) -> str:
    """Without what no XML document may hold."""
    return NO_LETTERS.sub("", "" if value is None else str(value))
