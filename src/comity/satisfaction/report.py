"""The results of a survey as one report: a page, on paper, as a workbook (ISO/IEC 20000-1:2011 7.1, 2018 8.3.2).

Every number leads to the records behind it; a score says how far it carries, and in words when it does not.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

from django.utils import formats
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from comity.accounts.models import Person
from comity.clocks.parameters import number
from comity.communications.models import Communication
from comity.improvement.models import Action
from comity.parties.models import Contact
from comity.records.access import readable
from comity.records.kind import kind_named, kind_of
from comity.reports.blocks import Block, Cell, Fact, Facts, Heading, Report, Table, Text
from comity.reports.charts import Mark
from comity.satisfaction.drawing import REASONS
from comity.satisfaction.models import Survey, SurveyQuestion, SurveyResponse
from comity.satisfaction.results import Figures, Score, figures_of
from comity.satisfaction.rules import FEW

LONGEST = 200  # strata, follow-ups


class Results:
    """The report of one survey, for one reader."""

    def __init__(self, survey: Survey, person: Person) -> None:
        self.survey, self.person = survey, person
        self.figures: Figures = figures_of(survey)

    def report(self) -> Report:
        """All of it."""
        found, title = self.figures, str(self.survey)
        ended = self.survey.closed_at or self.survey.closes_on
        facts = [(_("Survey"), self.survey.ref), (_("Status"), self.survey.get_status_display())]
        facts += [(_("Until"), formats.date_format(ended, "DATE_FORMAT")), (_("Asked"), str(found["asked"]))]
        return Report(
            _("Results of a survey"), title, self.survey.ref, get_language() or "en", list(self.blocks()), facts,
            {"page": _("Page # of #"), "contents": ""},
        )  # fmt: skip

    def blocks(self) -> Iterator[Block]:
        """What one looks at first, how far it carries, then the parts."""
        if not self.figures["asked"]:
            yield Text(_("Nobody has been asked yet."), True)
            return
        yield self.numbers()
        for words in self.warnings():
            yield Text(words, True)
        if self.survey.analysis.strip():
            yield Heading(_("What the answers say"))
            yield Text(self.survey.analysis)
        yield Heading(_("How satisfied"))
        yield self.questions()
        yield self.strata()
        yield self.exclusions()
        if not self.survey.anonymous:
            yield self.followed()

    def records(self, **more: Any) -> str:
        """The register of answers with exactly those of this survey that are meant."""
        return f"{kind_of(SurveyResponse).url}?{urlencode({'survey': self.survey.ref, **more})}"

    def telling(self) -> str:
        """The form of a communication that begins with what has to be reported (ISO/IEC 20000-1:2018 8.3.2)."""
        found = self.figures
        score = f"{_value(found['score'])} ({_reach(found['score'])})"
        told = {
            "direction": Communication.Direction.OUTBOUND, "purpose": Communication.Purpose.SATISFACTION_REPORT,
            "subject_ref": self.survey.ref, "summary": str(self.survey), "score": score,
            "response_rate": _share(found["rate"]), "conclusions": self.survey.analysis,
        }  # fmt: skip
        return f"{kind_of(Communication).url}new/?{urlencode(told)}"

    def numbers(self) -> Facts:
        """Score, share of the contented, answers and how sure that makes us."""
        found = self.figures
        answered = self.records(type="answered")
        least = number("sample_margin")
        return Facts(
            [
                Fact(_("Overall, of five"), _value(found["score"]), _reach(found["score"]), answered),
                Fact(_("Satisfied (4 or 5)"), _percent(found["top_two"]), _reach(found["top_two"], 100), answered),
                Fact(_("Answered"), found["answered"], _("of %(n)d asked") % {"n": found["asked"]}, answered),
                Fact(_("Response rate"), _share(found["rate"]), _("at least %(share)s are asked for")
                     % {"share": _share(number("response_rate_min"))}),
                Fact(_("Margin"), _points(found["margin"]), _("%(points)s are asked for") % {"points": _points(least)}),
                Fact(_("In the frame"), found["frame"], _("people of whom the answers speak")),
            ]
        )  # fmt: skip

    def warnings(self) -> Iterator[str]:
        """Where the result does not carry the conclusion."""
        found = self.figures
        if found["answered"] < FEW:
            yield _("Fewer than %(n)d have answered: no score is shown.") % {"n": FEW}
        if found["wanted"] and found["answered"] < found["wanted"]:
            yield _(
                "%(answers)d answers are too few for the margin that is asked for; %(wanted)d are wanted. The true "
                "figure may lie further away than it seems."
            ) % {"answers": found["answered"], "wanted": found["wanted"]}
        if found["rate_low"]:
            yield _("Few of those asked have answered (%(rate)s). Those who are silent may think otherwise.") % {
                "rate": _share(found["rate"])
            }
        if found["unlike"]:
            names = {one["name"]: label_of(one) for one in found["strata"]}
            yield _("Those who answered are not made up as those who were to be spoken for: %(names)s.") % {
                "names": ", ".join(names.get(one, one) for one in found["unlike"])
            }
        if found["late"]:
            yield _("Those who answered late scored otherwise than those who answered early; so may the silent ones.")
        if found["previous"] and not found["previous"]["comparable"]:
            yield _("The survey before (%(ref)s) asked in other words: the two are not compared.") % found["previous"]
        elif found["previous"] and found["previous"]["change"] is not None:
            change = {"ref": found["previous"]["ref"], "change": f"{found['previous']['change']:+.2f}"}
            yield _("Against the survey before (%(ref)s): %(change)s.") % change

    def questions(self) -> Table:
        """Each question with its mean and what stands beside it; the weakest touch points are named."""
        known = SurveyQuestion.objects.in_bulk([one["pk"] for one in self.figures["questions"]])
        rows: list[list[Cell]] = []
        for one in self.figures["questions"]:
            question = known.get(one["pk"])
            weak = one["tag"] in self.figures["weakest"] and len(self.figures["touch_points"]) > 1
            nps = one["type"] == SurveyQuestion.Type.NPS
            rows.append(
                [
                    question.said_text if question else one["ref"],
                    (f"{question.get_tag_display()}" if question else one["tag"]) + (_(" (weakest)") if weak else ""),
                    Mark(one["n"], self.records(type="answered")), _value(one["mean"]), _reach(one["mean"]),
                    _value(one["beside"], 100) if nps else _percent(one["beside"]),
                ]
            )  # fmt: skip
        heads = (_("Question"), _("About"), _("Answers"), _("Mean"), _("Between"), _("Satisfied, or NPS"))
        return Table(_("By question"), heads, rows, right=(2, 3, 4, 5), empty=_("Nothing was asked on a scale."))

    def strata(self) -> Table:
        """Each stratum: who it is, how many, and what they say."""
        rows: list[list[Cell]] = []
        for one in self.figures["strata"][:LONGEST]:
            url = (
                self.records(type="answered", stratum=one["name"]) if one["name"] and not self.survey.anonymous else ""
            )
            few = f"n < {FEW}" if one["answered"] < FEW else "–"
            rows.append(
                [
                    label_of(one), one["frame"], one["asked"], Mark(one["answered"], url), _share(one["rate"]),
                    _points(one["margin"]), _value(one["score"]) if one["score"] else few, _reach(one["score"]),
                ]
            )  # fmt: skip
        heads = (_("Stratum"), _("Frame"), _("Asked"), _("Answered"), _("Rate"), _("Margin"), _("Score"), _("Between"))
        return Table(_("By stratum"), heads, rows, right=tuple(range(1, 8)))

    def exclusions(self) -> Table:
        """Coverage: who of the frame was left out, counted by the reason."""
        rows: list[list[Cell]] = [[str(REASONS.get(why, why)), n] for why, n in self.figures["exclusions"].items()]
        return Table(
            _("Who could not be asked"), (_("Reason"), _("People")), rows, right=(1,), empty=_("Nobody was left out.")
        )

    def followed(self) -> Table:
        """Answers with a low score, and who talks to them by when (F-053)."""
        low = readable(kind_of(SurveyResponse), self.person).filter(survey=self.survey, lowest__lte=number("low_score"))
        found = list(low.select_related("contact").order_by("lowest", "pk")[:LONGEST])
        actions = readable(kind_named("action"), self.person).filter(source_ref__in=[one.ref for one in found])
        talks: dict[str, Action] = {one.source_ref: one for one in actions.select_related("owner")}
        rows: list[list[Cell]] = []
        for one in found:
            talk = talks.get(one.ref)
            due = talk.due_on.isoformat() if talk and talk.due_on else "–"
            score = f"{one.lowest:.1f}" if one.lowest is not None else "–"
            rows.append([one.ref, str(one.contact or "–"), score, talk.ref if talk else _("none"),
                         str(talk.owner or "–") if talk else "–", due])  # fmt: skip
        heads = (_("Answer"), _("Contact"), _("Lowest score"), _("Follow-up"), _("Owner"), _("Due"))
        none = _("No score was low.")
        return Table(
            _("Low scores and what follows"), heads, rows, right=(2,), links=[one.url for one in found], empty=none
        )


def label_of(stratum: Figures) -> str:
    """What a stratum was called when the frame was frozen, with the role in the reader's language."""
    role = dict(Contact.Type.choices).get(stratum["role"], stratum["role"])
    return f"{stratum['of']} · {role}" if stratum["of"] else stratum["name"] or _("All")


def _value(score: Score | None, times: int = 1) -> str:
    return "–" if score is None else f"{score['value'] * times:.{0 if times > 1 else 2}f}"


def _percent(score: Score | None) -> str:
    return "–" if score is None else f"{score['value']:.0%}"


def _reach(score: Score | None, times: int = 1) -> str:
    if score is None:
        return f"n < {FEW}"
    if times > 1:
        return f"{score['low']:.0%} – {score['high']:.0%}"
    return f"{score['low']:.2f} – {score['high']:.2f}"


def _share(value: float | None) -> str:
    return "–" if value is None else f"{value:.0%}"


def _points(value: float | None) -> str:
    return "–" if value is None else f"± {value * 100:.1f}"
