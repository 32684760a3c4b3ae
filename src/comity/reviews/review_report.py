"""The report of a review: what was found and concluded, then the figures of its period (ISO/IEC 20000-1:2011 7.1)."""

from __future__ import annotations

from collections.abc import Iterator

from django.utils import formats
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from comity.accounts.models import Person
from comity.reports.blocks import Block, Cell, Fact, Facts, Heading, Report, Table, Text
from comity.reviews.analysis import Analysis
from comity.reviews.asking import Question
from comity.reviews.models import Review, ReviewPoint
from comity.reviews.workflows import TOPICS


def of_review(review: Review, person: Person) -> Report:
    """The report for a reader who may see the figures. Raises PermissionDenied for others."""
    first, last = review.months
    analysis = Analysis(Question.of(person, {"from": f"{first:%Y-%m}", "to": f"{last:%Y-%m}"}), person)
    report = analysis.report()
    report.title, report.anchor = str(review), review.ref
    people = ", ".join(str(one) for one in review.participants.order_by("name"))
    told: list[tuple[str, str]] = [
        (_("Led by"), str(review.leader)), (_("Participants"), people or "–"),
        (_("Held"), formats.date_format(review.held_at.date()) if review.held_at else "–"),
        (_("Next one on"), formats.date_format(review.next_on) if review.next_on else "–"),
        (_("Goes to"), review.audience or "–"),
    ]  # fmt: skip
    report.facts += told
    report.blocks = [*_findings(review), *report.blocks]
    return report


def _findings(review: Review) -> Iterator[Block]:
    yield Heading(_("Findings and conclusions"))
    points = review.points.all()
    open_ones = points.filter(status=ReviewPoint.Status.OPEN).count()
    yield Facts([
        Fact(_("Complaints in the period"), review.complaints or 0),
        Fact(_("Points looked at"), points.count()),
        Fact(_("Without conclusion"), open_ones),
        Fact(_("Improvements"), points.filter(improvement__isnull=False).count()),
    ])  # fmt: skip
    for name in ("conclusions", *TOPICS):
        if text := getattr(review, name):
            yield Heading(str(Review._meta.get_field(name).verbose_name).capitalize(), 2)  # type: ignore[union-attr]
            yield Text(text)
    yield Heading(_("Points and what was concluded"))
    for value, label in ReviewPoint.List.choices:
        yield _list(review, value, str(label))


def _list(review: Review, value: str, label: str) -> Table:
    rows: list[list[Cell]] = []
    found = review.points.filter(list=value).select_related("case", "service", "topic", "improvement").order_by("pk")
    for one in found:
        outcome = str(one.get_outcome_display() or "–")
        outcome += f"\n{one.improvement.ref}" if one.improvement else ""
        often = ngettext("%(n)d complaint", "%(n)d complaints", one.number) % {"n": one.number}
        rows.append([str(one), _(one.why) if one.why else often, one.conclusion or "–", outcome])
    heads = (_("Point"), _("Why"), _("Conclusion"), _("Outcome"))
    links = [one.url for one in found]
    return Table(label, heads, rows, links=links, widths=(3, 2, 5, 3), empty=_("Nothing was on this list."))
