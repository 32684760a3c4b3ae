"""The state of a standard, or of all that a person may see, as a report to take away: for management, at any moment."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from django.http import FileResponse, Http404, HttpRequest, HttpResponseBase
from django.utils import formats, timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from comity.accounts.models import Person
from comity.compliance import catalogue
from comity.compliance.catalogue import Standard
from comity.compliance.models import Computation, Exclusion, Waiver
from comity.compliance.models.answers import EXCLUDED
from comity.compliance.names import loosened
from comity.compliance.operations import computing
from comity.compliance.operations.decided import decided_on
from comity.compliance.pages import access, findings, words
from comity.compliance.rules.verdicts import Verdict
from comity.compliance.stated import Line, Stated, every, sheet, summary
from comity.records.access import may, readable
from comity.records.kind import kind_of
from comity.reports import pdf
from comity.reports.blocks import Report, for_press, for_workbook
from comity.reports.models import Letterhead
from comity.reports.sheets import workbook
from comity.web.gate import person_of


def stated(person: Person, standards: Sequence[Standard]) -> Stated:
    """What is kept of these standards, as far as the person may know it."""
    codes = {one.code for one in standards}
    answers = {name: one for name, one in computing.latest().items() if one.standard in codes}
    reasons = words.reasons(person, answers.values())
    lines = {one.id: one for standard in standards for one in _lines(standard, answers, reasons)}
    found = findings.by_requirement(person)
    told = [(one.ref, name, one.title, one.get_status_display()) for name in lines for one in found.get(name, ())]
    return Stated(standards, lines, list(_decisions(person, lines)), told)


def _lines(standard: Standard, answers: dict[str, Any], reasons: dict[str, str]) -> Iterator[Line]:
    clauses = words.clauses(standard)
    for one in standard.requirements:
        clause, text, answer = clauses[one.clause], words.text(one), answers.get(one.id)
        if answer is None:
            yield Line(one.id, clause, text, "", _("Not computed yet."))
        else:
            yield Line(one.id, clause, text, words.shown(answer), reasons[one.id], answer.population, answer.gaps,
                       loosened(answer.loosened))  # fmt: skip


def _decisions(person: Person, lines: Mapping[str, Line]) -> Iterator[Sequence[str]]:
    """What was waived and excluded. Each is told to everybody who reads verdicts; why, to those who may read that."""
    told: set[str] = set()
    on = {name: decided_on(catalogue.requirements()[name]) for name in lines}
    for model in (Waiver, Exclusion):
        kind = kind_of(model)
        if may(person, kind, "read"):
            rows = readable(kind, person).filter(model.in_force(timezone.now()), requirement__in={*on.values()})
            for one in rows.order_by("requirement", "pk"):
                told.add(one.requirement)
                yield one.ref, one.requirement, one.reason, str(getattr(one, "ends_on", ""))
    for one in lines.values():
        if one.verdict in (Verdict.WAIVED, EXCLUDED) and not told & {one.id, on[one.id]}:
            yield words.word(one.verdict), one.id, _("Decided by senior managers; you may not read why."), ""


def report(told: Stated) -> Report:
    """The report without its blocks: what it is of, whose, and when the records were looked at last."""
    last = Computation.objects.order_by("-as_of").values_list("as_of", flat=True).first()
    moment = formats.date_format(timezone.localtime(last), "DATETIME_FORMAT") if last else "–"
    facts = [(_("Organisation"), Letterhead.current().name or "–"), (_("Evidence as of"), moment)]
    facts += [(_("Standard"), str(one)) for one in told.standards]
    anchor = f"conformity-{told.standards[0].code if len(told.standards) == 1 else 'all'}-{timezone.localdate()}"
    page = {"page": _("Page # of #")}
    return Report(_("State of conformity"), "", anchor, get_language() or "en", [], facts, page, timezone.localdate())


@require_GET
@access.readers
def take(request: HttpRequest, standard: str = "") -> HttpResponseBase:
    """Of one standard, or of all: as a document for word processors, as a workbook, or on paper."""
    person = person_of(request)
    known = [access.standard_at(person, standard)] if standard else list(access.standards_of(person).values())
    asked = request.GET.get("format")
    if asked not in ("docx", "xlsx", "pdf"):
        raise Http404
    told = stated(person, known)
    made = report(told)
    made.blocks += summary(told)
    if asked == "xlsx":
        file = workbook([*for_workbook(made), sheet(told)])
    else:
        made.blocks += every(told)
        if asked == "pdf":
            return pdf.answer(pdf.printed("report", for_press(made)), made.anchor, download=True)
        from comity.compliance import word  # 8 MB that a server at rest need not hold

        file = word.document(made, Letterhead.current().name)
    answer = FileResponse(file, as_attachment=True, filename=f"{made.anchor}.{asked}")
    answer["Cache-Control"] = "private, no-store"
    return answer
