"""How standards stand, as a report for those who answer for them: of today, or frozen in a pack (CSMS:2003 16.1).

Counts, what falls short and why, what was waived, excluded or found, limits that were loosened, then every requirement.
The shares are of the same requirements as on the board: those that count and have none below them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from comity.compliance.catalogue import Standard
from comity.compliance.models.answers import EXCLUDED, word
from comity.compliance.operations.history import share
from comity.compliance.rules.verdicts import WORST_FIRST, Verdict
from comity.reports.blocks import Block, Heading, Table, Text
from comity.reports.sheets import Sheet

Cells = Sequence[Sequence[str]]


@dataclass(frozen=True)
class Line:
    """A requirement with what it answers, in the reader's language and as far as the reader may know."""

    id: str
    clause: str
    text: str
    verdict: str  # or `excluded`; empty while nothing was computed
    reason: str
    population: int = 0
    gaps: int = 0
    loosened: Cells = ()  # limit, before, after

    @property
    def counts(self) -> str:
        return f"{self.gaps}/{self.population}"


@dataclass(frozen=True)
class Stated:
    """What the report tells. Findings and documents are None where this is no place for them."""

    standards: Sequence[Standard]
    lines: Mapping[str, Line]
    decisions: Cells = ()  # waivers and exclusions: reference, requirement, reason, last day
    findings: Cells | None = None  # reference, requirement, title, state
    documents: Cells | None = None  # version, document, number, day

    def having(self, *verdicts: str) -> list[Line]:
        return [one for one in self.lines.values() if one.verdict in verdicts]

    def of(self, standard: Standard) -> list[Line]:
        return [self.lines[one.id] for one in standard.requirements]


def summary(told: Stated) -> Iterator[Block]:
    """Everything but the list of all requirements."""
    yield Heading(_("Verdicts"))
    heads = (_("Standard"), _("Share met"), *map(word, (*WORST_FIRST, EXCLUDED)))
    counts = [_counts(told, one) for one in told.standards]
    yield Table("", heads, counts, right=range(1, len(heads)), widths=(5, *[2] * (len(heads) - 1)))
    yield Text(_("All verdicts are computed from the records; nobody can set one. An empty population is never met."))
    yield Text(
        _("Counted are requirements of the kind “shall” with none below them; the share is met of those judged.")
    )
    heads = (_("Requirement"), _("What is asked"), _("Reason"))
    for verdict, title in ((Verdict.GAP, _("Gaps")), (Verdict.WAIVED, _("Waived gaps"))):
        rows = [[one.id, one.text, one.reason] for one in told.having(verdict)]
        yield _table(title, heads, rows, (2, 4, 4))
    heads = (_("Decision"), _("Requirement"), _("Reason"), _("Until"))
    yield _table(_("Waivers and exclusions"), heads, told.decisions, (2, 3, 5, 2))
    if told.findings is not None:
        heads = (_("Finding"), _("Requirement"), _("Title"), _("State"))
        yield _table(_("Open findings"), heads, told.findings, (2, 3, 5, 2))
    loosened = [[one.id, *limit] for one in told.lines.values() for limit in one.loosened]
    heads = (_("Requirement"), _("Limit"), _("Before"), _("Now"))
    yield _table(_("Met since a limit was loosened"), heads, loosened, (3, 5, 2, 2))
    if told.documents is not None:
        heads = (_("Version"), _("Document"), _("No."), _("Effective"))
        yield _table(_("Documents in force"), heads, told.documents, (3, 6, 1, 2))
    signs = [pair for one in told.standards for pair in one.proxies.items()]
    yield _table(_("Checks that measure a sign only"), (_("Requirement"), _("Why it is a sign only")), signs, (2, 8))


def every(told: Stated) -> Iterator[Block]:
    """All requirements, by standard and clause."""
    heads = (_("Requirement"), _("What is asked"), _("Verdict"), _("Gaps"), _("Reason"))
    for standard in told.standards:
        yield Heading(str(standard))
        clauses: dict[str, list[list[str]]] = {}
        for one in told.of(standard):
            rows = clauses.setdefault(one.clause, [])
            rows.append([one.id, one.text, word(one.verdict), one.counts, one.reason])
        for clause, rows in clauses.items():
            yield Table(clause, heads, rows, right=(3,), widths=(4, 7, 3, 2, 7))


def sheet(told: Stated) -> Sheet:
    """All requirements on one sheet of a workbook, to be sorted and filtered."""
    heads = (_("Standard"), _("Clause"), _("Requirement"), _("What is asked"), _("Verdict"), _("Looked at"), _("Gaps"),
             _("Reason"))  # fmt: skip
    rows = (
        (str(standard), one.clause, one.id, one.text, word(one.verdict), one.population, one.gaps, one.reason)
        for standard in told.standards
        for one in told.of(standard)
    )
    return Sheet(_("Every requirement"), heads, rows)


def _counts(told: Stated, standard: Standard) -> list[str | int]:
    found = Counter(told.lines[one.id].verdict for one in standard.counted)
    met = share(found)
    part = "–" if met is None else f"{int(100 * met)} %"
    return [str(standard), part, *(found[one] for one in (*WORST_FIRST, EXCLUDED))]


def _table(title: str, heads: Sequence[str], rows: Cells, widths: Sequence[int]) -> Table:
    return Table(title, heads, rows, widths=widths, empty=_("None."))
