"""The index of a pack for people: one HTML file without script, the same as PDF, and the worksheet to be filled."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, BinaryIO

from django.utils import formats, timezone
from django.utils.html import escape
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from comity.compliance.models.answers import EXCLUDED
from comity.compliance.names import loosened
from comity.compliance.oscal.documents import token
from comity.compliance.pack.frozen import Frozen
from comity.compliance.stated import Line, Stated, every, summary
from comity.compliance.worksheet.workbook import COLUMNS
from comity.reports.blocks import Heading, Report, Table, Text
from comity.reports.models import Letterhead
from comity.reports.sheets import Sheet, workbook

Row = dict[str, Any]
STYLE = Path(__file__).with_name("index.css")


def title(frozen: Frozen) -> str:
    return _("Evidence of %(names)s") % {"names": ", ".join(str(one) for one in frozen.standards)}


def moment(frozen: Frozen) -> str:
    return formats.date_format(timezone.localtime(frozen.as_of), "DATETIME_FORMAT")


def _local(row: Row, name: str) -> str:
    return str(row[f"{name}_zh" if (get_language() or "").startswith("zh") else name])


def stated(frozen: Frozen, decisions: Sequence[Row], documents: Sequence[Any]) -> Stated:
    """What was frozen, as a report tells it."""
    lines = {
        one["id"]: Line(
            one["id"], one["clause"], _local(one, "text"), EXCLUDED if one["excluded"] else one["verdict"],
            _local(one, "reason"), one["population"], one["gaps"],
            loosened(one["loosened"]),
        )
        for one in frozen.verdicts
    }  # fmt: skip
    told = [(one["ref"], one["requirement"], one["reason"], str(one.get("ends_on") or "")) for one in decisions]
    held = [(one.ref, str(one.document), str(one.version_no), str(one.effective_on or "")) for one in documents]
    return Stated(frozen.standards, lines, told, documents=held)


def report(frozen: Frozen, decisions: Sequence[Row], documents: Sequence[Any]) -> Report:
    """The index as blocks, for the press."""
    told = stated(frozen, decisions, documents)
    blocks = [*summary(told), *every(told)]
    facts = [(_("Evidence as of"), moment(frozen)), (_("Organisation"), Letterhead.current().name or "–")]
    words = {"page": _("Page # of #")}
    on = timezone.localtime(frozen.as_of).date()
    return Report(title(frozen), "", "index", get_language() or "en", blocks, facts, words, on)


def page(made: Report, frozen: Frozen, entries: Sequence[dict[str, Any]]) -> str:
    """The same as one HTML file that leads to the files beside it."""
    known = {one["path"] for one in entries}
    parts = [f"<h1>{escape(made.title)}</h1><dl>"]
    parts += [f"<dt>{escape(label)}</dt><dd>{escape(value)}</dd>" for label, value in made.facts]
    words = _("Check this pack with: %(command)s. The list with the SHA-256 of every file is manifest.json.")
    command = "<code>python verify.py PACK.zip</code>"
    parts.append(f"</dl><p>{escape(words).replace('%(command)s', command)}</p>")
    for block in made.blocks:
        if isinstance(block, Heading):
            parts.append(f"<h2>{escape(block.text)}</h2>")
        elif isinstance(block, Text):
            parts.append(f"<p>{escape(block.text)}</p>")
        elif isinstance(block, Table):
            parts.append(_table(block, known))
    files = "".join(f"<li><a href='{escape(name)}'>{escape(name)}</a></li>" for name in sorted(known))
    parts.append(f"<h2>{escape(_('Files'))}</h2><ul>{files}</ul>")
    lang = "zh-Hans" if made.language.startswith("zh") else "en"
    style = STYLE.read_text(encoding="utf-8")
    head = "<meta charset='utf-8'><meta name='viewport' content='width=device-width'>"
    return (
        f"<!doctype html>\n<html lang='{lang}'><head>{head}<title>{escape(made.title)}</title>"
        f"<style>{style}</style></head><body>{''.join(parts)}</body></html>\n"
    )


def _table(block: Table, known: set[str]) -> str:
    if not block.rows:
        return f"<h2>{escape(block.title)}</h2><p>{escape(block.empty)}</p>"
    heads = "".join(f"<th scope='col'>{escape(one)}</th>" for one in block.heads)
    lines = []
    for row in block.rows:
        first, *rest = (str(getattr(cell, "value", cell)) for cell in row)
        names = (f"populations/{token(first)}.csv", f"documents/{first}.md")
        target = next((name for name in names if name in known), "")
        start = f"<a href='{target}'>{escape(first)}</a>" if target else escape(first)
        named = zip(block.heads[1:], rest, strict=True)
        cells = "".join(f"<td data-l='{escape(head)}'>{escape(cell)}</td>" for head, cell in named)
        lines.append(f"<tr><th scope='row'>{start}</th>{cells}</tr>")
    title = f"<h2>{escape(block.title)}</h2>" if block.title else ""
    return f"{title}<table><thead><tr>{heads}</tr></thead><tbody>{''.join(lines)}</tbody></table>"


def worksheet(frozen: Frozen) -> BinaryIO:
    """The tasks with their verdicts as a workbook, whose filled lines an assessment can load."""
    rows = [
        (one["id"], one["clause"], _local(one, "text"), one["verdict"], _local(one, "reason"), "", "", "", None, 1, "")
        for one in frozen.verdicts
    ]
    return workbook([Sheet(_("Worksheet"), COLUMNS, rows)], created=frozen.as_of)
