"""The lines of a worksheet: drawn up from the verdicts of a moment, answered one by one, contradictions first.

A DONE never changes a verdict (process C10). Each change of a line leaves a line in the trail of its assessment.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, override

from comity.accounts.models import Person
from comity.compliance.inquiry import Inquiry
from comity.compliance.models import Assessment, Line
from comity.compliance.operations.assessing import covered
from comity.compliance.operations.computing import answers
from comity.compliance.pages.words import reasons
from comity.compliance.rules.scoring import FIRST, TOP, Item, Score, Stand, Task, needs_remark, score, stand
from comity.parties.pointers import pointed
from comity.records import write
from comity.records.access import NotAllowed, may
from comity.records.trail import Actor
from comity.records.workflow import Lack

NAMED = 5  # requirements named in a refusal
SHOWN = 10  # records that show one task
ANSWERED = ("task", "remark", "evidence", "maturity")
SEPARATED = re.compile(r"[\s,;]+")


class Changed(Exception):
    """Somebody answered the line meanwhile; `line` is what it says now."""

    def __init__(self, line: Line) -> None:
        super().__init__(line.requirement)
        self.line = line


def draw_up(assessment: Assessment) -> None:
    """Put a line for each task on the worksheet, with the verdict as of its snapshot; what opens a list is none.

    A record that the assessor may not read is not named.
    """
    wanted = covered(assessment)
    found = {one.requirement: one for one in answers(Inquiry(assessment.as_of), wanted)}  # type: ignore[arg-type]
    tasks = [one for one in wanted if not one.lead_in and one.id in found]
    said = {}
    for name, code in (("reason_en", "en"), ("reason_zh", "zh-hans")):
        with override(code):
            said[name] = reasons(assessment.assessor, found.values())  # type: ignore[arg-type]
    Line.objects.bulk_create(
        Line(assessment=assessment, requirement=one.id, place=place, verdict=found[one.id].verdict,
             population=found[one.id].population, gaps=found[one.id].gaps,
             **{name: told[one.id] for name, told in said.items()})
        for place, one in enumerate(tasks)
    )  # fmt: skip


def ordered(assessment: Assessment) -> list[Line]:
    """The lines, what needs a look first coming first: DONE against a live gap before all others."""
    return sorted(assessment.lines.all(), key=lambda one: (FIRST.index(standing(one)), one.place))


def standing(line: Line) -> Stand:
    """What the line says and what the records say, together."""
    return stand(line.task, line.verdict)


def scored(assessment: Assessment) -> Score:
    """The score by the method of the assessment."""
    risk = assessment.risk_level
    return score(assessment.scoring, [Item(one.verdict, risk, one.maturity) for one in assessment.lines.all()])


def counts(lines: list[Line]) -> dict[Stand, int]:
    """How many lines stand how."""
    found = dict.fromkeys(FIRST, 0)
    for one in lines:
        found[standing(one)] += 1
    return found


def lacking(assessment: Assessment) -> Iterator[str | Promise | Lack]:
    """What keeps a worksheet from being complete: every task is TODO or DONE, a DONE without proof says why."""
    lines = list(assessment.lines.all())
    if not lines:
        yield _("The worksheet is empty.")
    for rows, words in (
        ([one for one in lines if not one.task], _("%(n)s without TODO or DONE: %(names)s")),
        (
            [one for one in lines if needs_remark(one.task, one.verdict) and not one.remark.strip()],
            _("%(n)s say DONE where the records do not, without a remark: %(names)s"),
        ),
        (
            [one for one in lines if needs_remark(one.task, one.verdict) and not one.evidence],
            _("%(n)s say DONE where the records do not, and name no record that shows it: %(names)s"),
        ),
    ):
        if rows:
            names = ", ".join(one.requirement for one in rows[:NAMED]) + (" …" if len(rows) > NAMED else "")
            count = ngettext("%(n)d task", "%(n)d tasks", len(rows)) % {"n": len(rows)}
            yield words % {"n": count, "names": names}


def checked(data: Mapping[str, Any], person: Person | None) -> dict[str, Any]:
    """The answers of one line, cleaned; its evidence are records that the person may read (None: that there are).

    Raises ValidationError by field.
    """
    task, remark, evidence, level = (str(data.get(name) or "").strip() for name in ANSWERED)
    errors: dict[str, Any] = {}
    refs = [ref.upper() for ref in SEPARATED.split(evidence) if ref]
    unknown = [ref for ref in refs[:SHOWN] if pointed(ref, person) is None]
    if unknown or len(refs) > SHOWN:
        told = _("Name up to %(n)d records that you may read, by their references. Not found: %(names)s")
        errors["evidence"] = told % {"n": SHOWN, "names": ", ".join(unknown) or "–"}
    if task.lower() not in ("", *Task):
        errors["task"] = _("Enter TODO or DONE.")
    if len(remark) > 2000:
        errors["remark"] = _("At most %(n)d characters.") % {"n": 2000}
    if level not in ("", *map(str, range(TOP + 1))):
        errors["maturity"] = _("Enter a whole number from 0 to 4.")
    if errors:
        raise ValidationError(errors)
    return {"task": task.lower(), "remark": remark.replace("\x00", ""), "maturity": int(level) if level else None,
            "evidence": " ".join(refs)}  # fmt: skip


def permit(assessment: Assessment, actor: Actor) -> None:
    """Only who may edit the assessment answers, and only while it is in progress."""
    if not may(actor, assessment, "edit"):
        raise NotAllowed("edit")
    if assessment.status != Assessment.Status.IN_PROGRESS:
        raise ValidationError(_("The worksheet can only be answered while the assessment is in progress."))


@transaction.atomic
def answer(assessment: Assessment, pk: int, data: Mapping[str, Any], version: int, actor: Actor) -> Line:
    """Save one line. Raises NotAllowed, ValidationError, Changed; without a difference nothing is written."""
    permit(write.locked(Assessment.objects.all()).get(pk=assessment.pk), actor)
    line: Line = write.locked(Line.objects.filter(assessment=assessment)).get(pk=pk)
    given = {name: data.get(name, getattr(line, name)) for name in ANSWERED} | given_level(data, line)
    said = checked(given, actor.person)
    if line.version != version:
        raise Changed(line)
    if any(said[name] != getattr(line, name) for name in ANSWERED):
        save(line, said, assessment, actor)
    return line


def given_level(data: Mapping[str, Any], line: Line) -> dict[str, str]:
    """The maturity as text, for nought is an answer."""
    level = data.get("maturity", line.maturity)
    return {"maturity": "" if level is None else str(level)}


def save(line: Line, said: Mapping[str, Any], assessment: Assessment, actor: Actor) -> None:
    """Keep the answers with their line in the trail, in the caller's transaction."""
    before = _words(line)
    for name in ANSWERED:
        setattr(line, name, said[name])
    line.version += 1
    line.save()
    write.log(assessment, "worksheet", actor, changes={line.requirement: [before, _words(line)]})


def _words(line: Line) -> str:
    level = "" if line.maturity is None else f" {line.maturity}/{TOP}"
    return " ".join(filter(None, (f"{line.task.upper()}{level}", line.remark, line.evidence)))
