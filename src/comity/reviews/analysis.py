"""The analysis of complaints: one report, read as a page, on paper and as a workbook (BRM-3.3-16 to 3.3-23, PG-004-34).

Every number leads to the records behind it. Internal complaints are not in it; the reclassified are told beside it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from typing import Any
from urllib.parse import urlencode

from django.utils import formats, timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from comity.accounts.models import Person
from comity.agreements.models import Service
from comity.cases.figures.facts import begin_of, day_of
from comity.cases.figures.filters import STAGES, STANDINGS
from comity.cases.figures.reading import Figures, read
from comity.cases.models import PublicForm, choices
from comity.cases.rules import figures as rules
from comity.cases.rules.deadlines import Figure
from comity.clocks.parameters import number
from comity.records.access import readable
from comity.records.kind import kind_named
from comity.records.models import Term
from comity.reports.blocks import Block, Cell, Fact, Facts, Heading, Report, Table, Text
from comity.reports.charts import Chart, Mark, Series, line, ranked, stacked
from comity.reviews.asking import Question
from comity.reviews.trends import trends
from comity.reviews.words import heading, share, span
from comity.satisfaction.handling import handling

TONES = {Figure.IN_TIME: 0, Figure.LATE: 1, Figure.OPEN: 2, Figure.OPEN_LATE: 3, Figure.WAITING: 4}
TOP = 12  # bars of a ranking; what is less frequent stands together
WEEKLY = 4  # up to so many months are also shown by week
BUNDLES = 20
Known = Mapping[str, tuple[str, Mapping[str, Any]]]  # value to its label, and how the register asks for it


class Analysis:
    """The report of one question, for one reader."""

    def __init__(self, question: Question, person: Person) -> None:
        self.question, self.person = question, person
        self.scope = question.scope
        self.back = max(len(self.scope.months), 3)
        self.figures: Figures = read(self.scope, self.back)
        of = self.figures.of
        self.trends = trends(self.scope)
        services = {int(value) for value in of("service")} | {*self.trends.counts["service"]}
        terms = {int(value) for name in ("topic", "cause") for value in of(name)} | {*self.trends.counts["topic"]}
        self.services = Service.objects.only("ref", "name").in_bulk(services)
        self.terms = Term.objects.in_bulk(terms)

    def report(self) -> Report:
        """All of it."""
        begin, end = (formats.date_format(day) for day in self.question.ends)
        period = _("%(first)s to %(last)s") % {"first": begin, "last": end}
        facts = [(_("Period"), period)]
        for label, value in ((_("Customer"), self.question.customer), (_("Service"), self.question.service)):
            facts += [(label, str(value))] if value else []
        if self.figures.as_of:
            facts.append((_("Counted"), formats.date_format(timezone.localtime(self.figures.as_of), "DATETIME_FORMAT")))
        return Report(
            _("Analysis of complaints"), period, f"complaints-{self.scope.first:%Y-%m}-{self.scope.last:%Y-%m}",
            get_language() or "en", list(self.blocks()), facts, {"page": _("Page # of #"), "contents": _("Contents")},
            day_of(timezone.now()),
        )  # fmt: skip

    def blocks(self) -> Iterator[Block]:
        """The blocks in their order; nothing but a word where there is nothing to show."""
        if not self.figures.complete:
            yield Text(_("The figures are being counted for the first time, or anew; they are not complete yet."), True)
        if not self.figures.total and not self.figures.reclassified:
            yield Text(_("No complaint was received in this period. That proves that nothing came in, no more."), True)
            return
        yield self.numbers()
        yield Heading(_("Volume and time"))
        yield self.volume()
        if len(self.scope.months) <= WEEKLY:
            yield self.weeks()
        yield self.ages()
        yield self.times()
        yield Heading(_("What it is about"))
        yield from self.rankings()
        if not (self.question.customer and self.question.service):
            yield self.trend()
        yield Heading(_("What comes again"))
        yield self.recurring()
        yield self.bundles()
        yield Heading(_("How it ended"))
        yield self.results()
        yield self.satisfaction()

    def satisfaction(self) -> Facts | Text:
        """What customers said of the handling in this period, with how sure that makes us."""
        scope, url = self.scope, ""
        begin, end = begin_of(scope.first), begin_of(rules.after(scope.last))
        found = handling(begin, end, scope.customer, scope.service, scope.units)
        if not found.surveys:
            return Text(
                _("Satisfaction with the handling: not asked yet. Answers will stand here once surveys are sent.")
            )
        if not (scope.customer or scope.service):
            first, last = self.question.ends
            days = {"answered_at_from": str(first), "answered_at_to": str(last)}
            url = f"/survey-responses/?{urlencode({'survey': found.surveys, 'type': 'answered', **days}, doseq=True)}"
        note = _("answers that reached us in this period")
        items = [Fact(_("Answers on the handling"), found.answers, note, url)]
        few, mean, contented = found.few, found.mean, found.contented
        score = "–" if few or mean is None else f"{mean.value:.2f}"
        between = _("fewer than five answers") if few or mean is None else f"{mean.low:.2f} – {mean.high:.2f}"
        items.append(Fact(_("Satisfaction with the handling, of five"), score, between))
        part = "–" if few or contented is None else f"{contented.value:.0%}"
        between = "" if few or contented is None else f"{contented.low:.0%} – {contented.high:.0%}"
        return Facts([*items, Fact(_("Satisfied with the handling (4 or 5)"), part, between)])

    def numbers(self) -> Facts:
        """What one looks at first. Counts where there are few, and no direction below five."""
        found, question = self.figures, self.question
        standing, total = found.of("standing"), found.total
        before = sum(found.received(month) for month in rules.months(*self._before()))
        judged = sum(standing.get(name, 0) for name in (Figure.IN_TIME, Figure.LATE, Figure.OPEN_LATE))
        upheld, decided = self._upheld()
        items = [
            Fact(_("Complaints received"), total, self._than_before(before, total), question.records()),
            Fact(_("Resolved in time"), share(standing.get(Figure.IN_TIME, 0), judged),
                 _("of those resolved or late"), question.records(standing=Figure.IN_TIME.value)),
            Fact(_("Late"), standing.get(Figure.LATE, 0), _("resolved after their time"),
                 question.records(standing=Figure.LATE.value)),
            Fact(_("Open, late"), standing.get(Figure.OPEN_LATE, 0), "",
                 question.records(standing=Figure.OPEN_LATE.value)),
            Fact(_("Waiting for an improvement"), standing.get(Figure.WAITING, 0), _("neither late nor in time"),
                 question.records(standing=Figure.WAITING.value)),
            Fact(_("Upheld"), share(upheld, decided), _("wholly or partly, of those decided"),
                 question.records(upheld=["upheld", "partly"])),
            Fact(_("Reopened"), found.of("reopened").get("yes", 0), "", question.records(reopened="yes")),
            Fact(_("Escalated"), found.of("escalated").get("yes", 0), "", question.records(escalated="yes")),
            Fact(_("Reclassified"), found.reclassified, _("left the figures in this period"), question.left()),
        ]  # fmt: skip
        return Facts(items)

    def _before(self) -> tuple[date, date]:
        months = len(self.scope.months)
        return rules.after(self.scope.first, -months), rules.after(self.scope.first, -1)

    def _than_before(self, before: int, now: int) -> str:
        direction = rules.direction(before, now)
        said = _("%(n)d in the period before") % {"n": before}
        return f"{said}, {heading(direction)}" if direction else said

    def _upheld(self) -> tuple[int, int]:
        found = self.figures.of("upheld")
        upheld = found.get(choices.Upheld.YES, 0) + found.get(choices.Upheld.PARTLY, 0)
        return upheld, upheld + found.get(choices.Upheld.NO, 0)

    def volume(self) -> Chart:
        """Month by month, by how they stand on the resolution clock."""
        series = [Series(str(label), TONES[Figure(value)]) for value, label in STANDINGS]
        columns = []
        for month in self.scope.months:
            last = date.fromordinal(rules.after(month).toordinal() - 1)
            found = self.figures.months.get(month, {})
            marks = [
                Mark(found.get(value, 0), self.question.records(month, last, standing=value)) for value, _l in STANDINGS
            ]
            columns.append((f"{month:%Y-%m}" if len(self.scope.months) < 8 else f"{month:%y-%m}", marks))
        note = _("Complaints by month of receipt, and how they stand on the resolution clock.")
        return stacked(_("Received by month"), note, _("Month"), series, columns)

    def weeks(self) -> Chart:
        """Week by week, for short periods."""
        found = self.figures.of("week")
        points = []
        for start in sorted(found):
            first = date.fromisoformat(start)
            url = self.question.records(first, date.fromordinal(first.toordinal() + 6))
            points.append((f"{first:%m-%d}", Mark(found[start], url)))
        note = _("Complaints by week of receipt, each named by its Monday.")
        return line(_("Received by week"), note, (_("Week of"), _("Complaints")), points)

    def ages(self) -> Chart:
        """How old those are that are not resolved."""
        today, found, columns = day_of(timezone.now()), self.figures.of("age"), []
        for of, label in enumerate(_ages()):
            first, last = rules.age_span(of, today)
            url = self.question.records(first, last, unresolved="yes")
            columns.append((label, [Mark(found.get(str(of), 0), url)]))
        note = _("Complaints of this period that are not resolved, by age today.")
        return stacked(_("Age of what is open"), note, _("Age"), [Series(_("Complaints"))], columns)

    def times(self) -> Table:
        """How long it took to each stage, from when dissatisfaction was first expressed, on the clock on the wall."""
        rows: list[list[Cell]] = []
        links = [self.question.records(reached=stage) for stage, _label in STAGES]
        for (stage, label), url in zip(STAGES, links, strict=True):
            steps = self.figures.steps(stage)
            times = [span(rules.percentile(steps, one)) for one in (0.5, 0.9, 0.95)]
            rows.append([str(label), Mark(sum(steps.values()), url), *times])
        heads = (_("Time to"), _("Complaints"), _("Half within"), _("90 % within"), _("95 % within"))
        return Table(_("Time to each stage"), heads, rows, right=(1, 2, 3, 4), links=links)

    def rankings(self) -> Iterator[Chart]:
        """The most frequent first, with what they make up together (Pareto)."""
        services = {str(pk): (str(row), {"service": row.ref}) for pk, row in self.services.items()}
        topics = {str(pk): (str(row), {"topic": row.code}) for pk, row in self.terms.items()}
        causes = {str(pk): (str(row), {"cause_category": row.code}) for pk, row in self.terms.items()}
        none = _("not named")
        yield self._ranked("topic", _("Topics"), topics | {"0": (none, {"topic": "none"})})
        if not self.question.service:
            yield self._ranked("service", _("Services"), services | {"0": (none, {"service": "none"})})
        unknown = {"0": (_("not found yet"), {"cause_category": "none"})}
        yield self._ranked("cause", _("Causes"), causes | unknown)
        areas = _coded("cause_area", choices.CauseArea.choices, _("not said yet"))
        yield self._ranked("area", _("Areas of the cause"), areas)
        yield self._ranked("channel", _("Channels"), _coded("channel", choices.Channel.choices, none))
        if forms := PublicForm.objects.only("ref", "title").in_bulk([int(value) for value in self.figures.of("form")]):
            known = {str(pk): (str(row), {"public_form": row.ref}) for pk, row in forms.items()}
            yield self._ranked("form", _("Public forms"), known)
        yield self._ranked("severity", _("Severity"), _coded("severity", choices.Severity.choices, none))

    def _ranked(self, dimension: str, title: str, known: Known) -> Chart:
        found = sorted(self.figures.of(dimension).items(), key=lambda item: (-item[1], item[0]))
        rows = []
        for value, n in found[:TOP]:
            label, asked = known.get(value, (value, {}))
            rows.append((label, Mark(n, self.question.records(**asked))))
        if rest := sum(n for _value, n in found[TOP:]):
            others = [known.get(value, (value, {}))[1] for value, _n in found[TOP:]]
            asked = {name: [one[name] for one in others] for name in others[0]} if all(others) else {}
            rows.append((_("all others"), Mark(rest, self.question.records(**asked) if asked else "")))
        enough = self.figures.total >= rules.SMALL and len(rows) > 2
        heads = [title, _("Complaints"), *([_("so far")] if enough else [])]
        note = _("The most frequent first; at the right, what they make up together.") if enough else ""
        return ranked(title, note or _("The most frequent first."), heads, rows, enough)

    def trend(self) -> Table:
        """Services and topics over this period and the three before it, with a direction where there are enough."""
        heads = (_("Service or topic"), *(f"{first:%Y-%m}" for first, _last in self.trends.periods), _("Direction"))
        found = self.trends.rows(self.services, self.terms, TOP)
        ends = [(first, date.fromordinal(rules.after(last).toordinal() - 1)) for first, last in self.trends.periods]
        rows: list[list[Cell]] = []
        for label, asked, counts, direction in found:
            urls = [self.question.received(begin, end, **asked) for begin, end in ends]
            rows.append([label, *map(Mark, counts, urls), heading(direction)])
        return Table(_("Where it is heading"), heads, rows, right=tuple(range(1, len(heads) - 1)),
                     empty=_("Nothing in four periods."))  # fmt: skip

    def recurring(self) -> Table:
        """Service and topic that reached the number which makes them repeated."""
        least, rows, links = round(number("repeat_count")), list[list[Cell]](), list[str]()
        points = sorted(self.figures.of("point").items(), key=lambda item: (-item[1], item[0]))
        for value, n in (point for point in points if point[1] >= least):
            service, topic = (int(one) for one in value.split(":"))
            if service in self.services and topic in self.terms and len(rows) < BUNDLES:
                named: dict[str, Any] = {"service": self.services[service].ref, "topic": self.terms[topic].code}
                links.append(self.question.records(**named))
                rows.append([str(self.services[service]), str(self.terms[topic]), Mark(n, links[-1])])
        heads = (_("Service"), _("Topic"), _("Complaints"))
        none = _("No service and topic reached %(n)d complaints in this period.") % {"n": least}
        return Table(_("Recurring points"), heads, rows, right=(2,), links=links, empty=none)

    def bundles(self) -> Table:
        """What was put to the operations director as a bundle, and what was decided (BRM-3.3-23)."""
        begin, end = begin_of(self.scope.first), begin_of(rules.after(self.scope.last))
        rows = readable(kind_named("escalation"), self.person).filter(type=choices.EscalationType.TOPIC_BUNDLE)
        rows = rows.filter(raised_at__gte=begin, raised_at__lt=end)
        if self.question.customer:
            rows = rows.filter(customer=self.question.customer)
        if self.question.service:
            rows = rows.filter(service=self.question.service)
        found = list(rows.select_related("service", "topic", "customer").order_by("-raised_at", "-pk")[:BUNDLES])
        lines: list[list[Cell]] = [
            [one.ref, str(one.topic or "–"), str(one.service or one.customer or "–"), day_of(one.raised_at).isoformat(),
             one.get_status_display()]
            for one in found
        ]  # fmt: skip
        heads = (_("Bundle"), _("Topic"), _("Service or customer"), _("Raised"), _("Status"))
        none = _("No bundle was raised in this period.")
        return Table(_("Topic bundles"), heads, lines, links=[one.url for one in found], empty=none)

    def results(self) -> Chart:
        """What the investigations found."""
        known = _coded("upheld", choices.Upheld.choices, _("not decided yet"))
        return self._ranked("upheld", _("Upheld or not"), known)


def _ages() -> list[str]:
    limits = (0, *rules.AGES)
    spans = [_("up to %(n)d days") % {"n": rules.AGES[0]}]
    spans += [f"{first + 1}–{last}" for first, last in zip(limits[1:], rules.AGES[1:], strict=False)]
    return [*spans, _("over %(n)d") % {"n": rules.AGES[-1]}]


def _coded(name: str, known: Iterable[tuple[Any, Any]], none: str) -> Known:
    """Labels and register filters of a field with choices, and of none of them."""
    found = {str(code): (str(label), {name: str(code)}) for code, label in known}
    return found | {"": (none, {name: "none"})}
