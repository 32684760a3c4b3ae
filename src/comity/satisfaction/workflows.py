"""From, to, by whom: the life of a questionnaire and of a survey (PG-001-09 to -11, ISO/IEC 20000-1:2011 7.1)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Any

from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from comity.accounts.roles import Role
from comity.communications.models import Communication
from comity.documents.models import APPROVERS
from comity.improvement.models import Improvement
from comity.records.models import Entry
from comity.records.trail import Actor
from comity.records.workflow import Lack, Workflow, move
from comity.satisfaction import answering, approving, drawing, results
from comity.satisfaction.models import Questionnaire, Survey, SurveyQuestion

PR, RM = Role.PROCESS_MANAGER, Role.RELATIONSHIP_MANAGER
Q, S = Questionnaire.Status, Survey.Status
NAMED = 5  # answers named in a refusal
Data = Mapping[str, Any]
Words = Iterator[str | Promise | Lack]


def _stamp(column: str) -> Callable[[Survey, Actor, Data, datetime], None]:
    def apply(survey: Survey, actor: Actor, data: Data, at: datetime) -> None:
        setattr(survey, column, at)

    return apply


def _fit_to_hand_in(questionnaire: Questionnaire, actor: Actor) -> Words:
    """A result can be compared only where the whole is asked for, and speaks only where words are possible."""
    tags = {question.tag for question in questionnaire.asked() if question.scored}
    if SurveyQuestion.Tag.OVERALL not in tags:
        yield _("It has no question about the whole that is answered on a scale.")
    if not any(question.type == SurveyQuestion.Type.TEXT for question in questionnaire.asked()):
        yield _("It has no question that is answered in words.")


questionnaire_life = Workflow(
    Q.DRAFT,
    (
        move(
            "hand_in", Q.DRAFT, Q.REVIEW, by=(PR,), guard=_fit_to_hand_in, effect=approving.hand_in, primary=True,
            label=_("Hand in for review"), help=_("It becomes a version of a document, which somebody else approves."),
        ),
        move("send_back", Q.REVIEW, Q.DRAFT, by=(PR, *APPROVERS), note=True, effect=approving.send_back,
             label=_("Send back to the author")),
        move(
            "approve", Q.REVIEW, Q.IN_FORCE, by=APPROVERS, guard=approving.apart_from_author,
            effect=approving.approve, label=_("Approve"), primary=True, help=_("From today people are asked with it."),
        ),
        move("supersede", Q.IN_FORCE, Q.SUPERSEDED, by=(PR,), note=True, label=_("Supersede")),
    ),
    stages=(Q.DRAFT, Q.REVIEW, Q.IN_FORCE),
)  # fmt: skip


def _fit_to_sample(survey: Survey, actor: Actor) -> Words:
    if survey.standing:
        yield _("Whoever is asked is drawn each time when a complaint was closed.")
    yield from drawing.may_draw(survey, actor)
    if not survey.population.strip():
        yield Lack(_("Say who is meant."), "population")


def _fit_to_open(survey: Survey, actor: Actor) -> Words:
    """What is asked is approved, and holds, when the first is asked (PG-001-11)."""
    asked = survey.questionnaire
    if survey.method == Survey.Method.QUESTIONNAIRE and (asked is None or asked.status != Q.IN_FORCE):
        yield Lack(_("Name a questionnaire that is approved and in force."), "questionnaire")
    if survey.closes_on < timezone.localdate():
        yield Lack(_("The day of its end is over."), "closes_on")
    if survey.status == S.PLANNED and not survey.standing:
        yield _("Draw the sample first.")


def _open(survey: Survey, actor: Actor, data: Data, at: datetime) -> None:
    survey.opened_on = timezone.localtime(at).date()


def _early(survey: Survey, actor: Actor) -> Words:
    """Before its day only a person ends it."""
    if actor.rule and survey.closes_on >= timezone.localdate():
        yield _("Its day has not come.")


def _analyse(survey: Survey, actor: Actor, data: Data, at: datetime) -> None:
    """The figures are kept as they are now, so that the next survey can be compared with them."""
    survey.analysed_at, survey.figures = at, results.compute(survey)


def _disposed(survey: Survey, actor: Actor) -> Words:
    """Low scores are seen to, and something becomes better, or somebody said why nothing has to (ISO20000-7.1-30)."""
    open_ones = results.unseen(survey)
    if open_ones:
        yield _("Nobody sees to %(n)d low scores: %(refs)s.") % {
            "n": len(open_ones), "refs": ", ".join(one.ref for one in open_ones[:NAMED]),
        }  # fmt: skip
    if not Improvement.objects.filter(source_ref=survey.ref).exists() and not said_none(survey):
        yield _("Raise an improvement from it, or say with a reason that there is none.")


def _told(survey: Survey, actor: Actor) -> Words:
    """The results went to those who are named in a communication (ISO/IEC 20000-1:2018 8.3.2)."""
    purpose = Communication.Purpose.SATISFACTION_REPORT
    if not Communication.objects.filter(subject_ref=survey.ref, purpose=purpose).exists():
        yield _("No communication with the purpose “satisfaction report” is about this survey.")


def said_none(survey: Survey) -> bool:
    """Did somebody say, with a reason, that nothing follows from it?"""
    said = Entry.objects.filter(kind=survey.kind.name, record_id=survey.pk, act="none", note__gt="")
    return said.exists()


def _dated(survey: Survey, actor: Actor) -> Words:
    if survey.next_on is None or survey.next_on <= timezone.localdate():
        yield Lack(_("Name the day of the next survey; it lies ahead."), "next_on")


survey_life = Workflow(
    S.PLANNED,
    (
        move(
            "sample", S.PLANNED, S.SAMPLED, by=(PR,), asks=("population",), guard=_fit_to_sample,
            effect=drawing.draw, label=_("Draw the sample"), primary=True,
            help=_("Who is in the frame is settled as of today; chance draws, from a seed that is kept."),
        ),
        move(
            "open", (S.PLANNED, S.SAMPLED), S.OPEN, by=(PR,), asks=("questionnaire", "closes_on"),
            guard=_fit_to_open, apply=_open, label=pgettext_lazy("survey", "Open"), primary=True,
            help=_("From now on people are asked; whether answers have names no longer changes."),
        ),
        move(
            "close", S.OPEN, S.CLOSED, by=(PR,), note=True, guard=_early, apply=_stamp("closed_at"),
            effect=answering.settle,
            label=pgettext_lazy("survey", "Close"), help=_("Nobody can answer any more."),
        ),
        move(
            "analyse", S.CLOSED, S.ANALYSED, by=(PR,), requires=("analysis",), apply=_analyse,
            label=_("Analyse"), primary=True,
        ),
        move(
            "review", S.ANALYSED, S.REVIEWED, by=(PR, RM), note=True, guard=_disposed, apply=_stamp("reviewed_at"),
            label=_("Review"), primary=True, help=_("Say what shall become better, or why nothing has to."),
        ),
        move(
            "report", S.REVIEWED, S.REPORTED, by=(PR,), note=True, guard=_told, apply=_stamp("reported_at"),
            label=_("Reported"), primary=True, help=_("Say to whom, and what those who answered were told."),
        ),
        move(
            "close_out", S.REPORTED, S.CLOSED_OUT, by=(PR,), requires=("next_on",), guard=_dated,
            label=_("Finish"), primary=True,
        ),
    ),
    stages=(S.PLANNED, S.SAMPLED, S.OPEN, S.CLOSED, S.ANALYSED, S.REVIEWED, S.REPORTED, S.CLOSED_OUT),
)  # fmt: skip
