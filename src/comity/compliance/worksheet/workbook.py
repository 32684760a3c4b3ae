"""The worksheet as a workbook: filled offline, loaded back, with a list of differences before anything is written.

Each row carries the version that its line had when the workbook was made: what somebody answered meanwhile is told as
a conflict and left alone.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from comity.compliance.catalogue import entry
from comity.compliance.models import Assessment, Line
from comity.compliance.worksheet import lines as worksheet
from comity.intake.tables import Row, Unreadable, opened
from comity.records.trail import Actor
from comity.reports.sheets import Sheet, workbook

ENTERED = worksheet.ANSWERED
COLUMNS = ("id", "clause", "text", "verdict", "reason", *ENTERED, "version", "assessment")
NEEDED = ("id", *ENTERED, "version")
MOST_BYTES = 64 << 20  # unpacked


@dataclass(frozen=True)
class Difference:
    """One value that the workbook says otherwise. A conflict was changed here since the workbook was made."""

    line: Line
    said: dict[str, Any]
    changes: tuple[tuple[str, str, str], ...]  # column, here, in the workbook
    conflict: bool


@dataclass(frozen=True)
class Fault:
    """What is wrong in a cell, by its row and column as the spreadsheet shows them."""

    row: int
    column: str
    text: str


@dataclass(frozen=True)
class Loaded:
    """What a workbook would change, what it cannot, how many lines it repeats, and how many it lacks."""

    differences: tuple[Difference, ...]
    faults: tuple[Fault, ...]
    same: int
    absent: int = 0

    @property
    def ready(self) -> bool:
        """Is there something to write, and nothing to mend first?"""
        return not self.faults and any(not one.conflict for one in self.differences)


def sheets(assessment: Assessment) -> Iterator[Sheet]:
    """The worksheet, and its head on a sheet of its own."""
    chinese = (get_language() or "").startswith("zh")
    yield Sheet(_("Worksheet"), COLUMNS, (_cells(one, chinese) for one in assessment.lines.order_by("place")))
    yield Sheet(_("Assessment"), (_("Field"), _("Value")), list(head(assessment)))


def _cells(line: Line, chinese: bool) -> Sequence[Any]:
    known = entry(line.requirement)
    text = (known.text_zh if chinese else known.text) if known else ""
    reason = line.reason_zh if chinese else line.reason_en
    return (
        line.requirement, known.clause if known else "", text, line.verdict, reason, line.task.upper(), line.remark,
        line.evidence, line.maturity, line.version, line.assessment.ref,
    )  # fmt: skip


def head(assessment: Assessment) -> Iterator[tuple[str, str]]:
    """The fields at the top of every worksheet; the moment of the evidence comes last."""
    day = "%Y-%m-%d"
    yield _("Assessment"), assessment.ref
    yield _("Standard"), f"{assessment.assessed} {assessment.edition}".strip()
    yield _("Organisation"), assessment.organisation
    yield _("Location"), assessment.location
    yield _("Completed by"), str(assessment.completed_by or "")
    yield _("Date completed"), assessment.concluded_at.strftime(day) if assessment.concluded_at else ""
    yield _("Reviewed by"), str(assessment.reviewed_by or "")
    yield _("Date reviewed"), assessment.reviewed_at.strftime(day) if assessment.reviewed_at else ""
    yield _("Evidence as of"), assessment.as_of.isoformat() if assessment.as_of else ""


def written(assessment: Assessment) -> BinaryIO:
    """The workbook as a file."""
    return workbook(sheets(assessment))


def load(assessment: Assessment, content: bytes) -> Loaded:
    """Compare a workbook with the worksheet. Writes nothing. Raises Unreadable for what is no such workbook.

    It names the assessment that it was made for; one from an evidence pack names none and fits any of its standard.
    """
    if not content.startswith(b"PK"):
        raise Unreadable(_("This is no workbook (XLSX)."))
    if b"vbaProject.bin" in content:
        raise Unreadable(_("The workbook holds macros. Save it without them, as XLSX."))
    with tempfile.NamedTemporaryFile(suffix=".xlsx") as kept:
        kept.write(content)
        kept.flush()
        with opened(Path(kept.name), most=MOST_BYTES) as table:
            missing = [name for name in NEEDED if name not in table.columns]
            if missing:
                raise Unreadable(_("The workbook lacks the columns: %(names)s") % {"names": ", ".join(missing)})
            found = _compared(assessment, table.columns, table.rows)
    if found.absent == assessment.lines.count():
        raise Unreadable(_("None of its tasks is on this worksheet: it is of another standard or edition, or empty."))
    return found


def _compared(assessment: Assessment, columns: Sequence[str], rows: Iterator[Row]) -> Loaded:
    known = {line.requirement: line for line in assessment.lines.all()}
    differences: list[Difference] = []
    faults: list[Fault] = []
    seen: set[str] = set()
    same = 0
    for number, row in rows:
        values = dict(zip(columns, (_text(cell) for cell in row), strict=False))
        if not any(values.values()):
            continue
        if values.get("assessment", "") not in ("", assessment.ref):
            raise Unreadable(_("This is the worksheet of %(name)s.") % {"name": values["assessment"][:20]})
        name = values.get("id", "")
        line = known.get(name)
        if line is None or name in seen:
            words = _("“%(name)s” is there twice.") if line else _("“%(name)s” is not on this worksheet.")
            faults.append(Fault(number, "id", words % {"name": name[:60]}))
            continue
        seen.add(name)
        version = values.get("version", "")
        if not version.isdecimal() or len(version) > 9:
            faults.append(Fault(number, "version", _("This column must stay as it was written.")))
            continue
        try:
            said = worksheet.checked({column: values.get(column, "") for column in ENTERED}, assessment.assessor)
        except ValidationError as error:
            faults += [Fault(number, column, " ".join(texts)) for column, texts in error.message_dict.items()]
            continue
        changes = tuple(
            (column, _text(getattr(line, column)), _text(said[column])) for column in ENTERED
            if getattr(line, column) != said[column]
        )  # fmt: skip
        if not changes:
            same += 1
        else:
            differences.append(Difference(line, said, changes, int(version) != line.version))
    return Loaded(tuple(differences), tuple(faults), same, len(known.keys() - seen))


def kept(loaded: Loaded) -> str:
    """What a person confirms: the values of the workbook that differ, as they go through the page and back."""
    return json.dumps([
        [one.line.requirement, *(_text(one.said[name]) for name in ENTERED), str(one.line.version)]
        for one in loaded.differences if not one.conflict
    ])  # fmt: skip


def again(assessment: Assessment, confirmed: str) -> Loaded:
    """The same comparison with what came back; it is judged anew. Raises Unreadable."""
    try:
        rows = json.loads(confirmed)
        if not all(isinstance(row, list) and all(isinstance(cell, str) for cell in row) for row in rows):
            raise ValueError
    except (ValueError, TypeError, RecursionError) as error:
        raise Unreadable(_("This is no workbook (XLSX).")) from error
    return _compared(assessment, NEEDED, iter(enumerate(rows, 1)))


def _text(cell: Any) -> str:
    if cell is None:
        return ""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return str(cell).strip()


@transaction.atomic
def take_over(assessment: Assessment, loaded: Loaded, actor: Actor) -> int:
    """Write the differences that are no conflicts, all or none; how many. Raises as a line does, and ValidationError
    while a fault is left."""
    worksheet.permit(assessment, actor)
    if loaded.faults:
        raise ValidationError(_("Mend the faults first; nothing was taken over."))
    ready = [one for one in loaded.differences if not one.conflict]
    for one in ready:
        data = {name: "" if one.said[name] is None else one.said[name] for name in ENTERED}
        worksheet.answer(assessment, one.line.pk, data, one.line.version, actor)
    return len(ready)
