"""How surveys, samples and answers answer to the words of requirements, and the questions that no rule family asks."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Q

from comity.clocks.parameters import number
from comity.parties.passed import passed
from comity.records.facts import Fact, Part, Rows, population, predicate, tie, vocabulary
from comity.satisfaction import rules
from comity.satisfaction.models import Survey, SurveyQuestion, SurveyResponse, SurveySample

STANDING = Q(raised_by=Survey.Trigger.CASE_CLOSED)
TAG, TYPE = SurveyQuestion.Tag, SurveyQuestion.Type


def asking(**what: Any) -> Q:
    """Surveys whose questionnaire has such a question."""
    found = SurveyQuestion.objects.filter(archived_at=None, **what).order_by()
    return Q(questionnaire__in=found.values("questionnaire"))


def figured(name: str) -> Q:
    """Surveys whose figures, as they were kept at the analysis, have something under that name."""
    return Q(figures__has_key=name) & ~Q(**{f"figures__{name}": {}}) & ~Q(**{f"figures__{name}": []})


vocabulary(
    "survey", Survey, Q(archived_at=None),
    questionnaire_version=Fact("questionnaire__document_version", to="document_version"),
    sampling_method=Fact("sample__type", filled=Q(sample__isnull=False) | STANDING),
    open_question=Fact("questionnaire", filled=asking(type=TYPE.TEXT)),
    trust_question=Fact("questionnaire", filled=asking(tag=TAG.TRUST)),
    answer=Fact(
        "pk", to="survey",
        filled=Q(pk__in=SurveyResponse.objects.filter(type="answered").order_by().values("survey")),
    ),
    touch_point_scores=Fact("figures", filled=figured("touch_points")),
    weakest_touch_points=Fact("pk", to="survey", filled=figured("weakest")),  # the survey stands for what it found weak
)  # fmt: skip
vocabulary("survey_sample", SurveySample, Q(archived_at=None), survey=Fact("survey", to="survey"))
vocabulary(
    "survey_response", SurveyResponse, Q(archived_at=None),
    survey=Fact("survey", to="survey"), contact=Fact("contact", to="contact"), rating="overall",
    answers=Fact("pk", to="survey_response"),  # what one person answered is seen to as one
)  # fmt: skip

tie("survey", "customer", "sample__customers")
tie("survey", "service", "sample__customers__services")
tie("survey", "document_version", "questionnaire__document_version")
tie("survey_sample", "survey", "survey")
tie("survey_response", "survey", "survey")
tie("survey_response", "customer", "contact__customer")
tie("survey_response", "service", "case__service")


@population("survey_remarks")
def survey_remarks(as_of: datetime, rows: Rows, **_more: Any) -> Rows:
    """Answers with a low score, or in which the person said to be dissatisfied and wants an answer.

    Whether other words are substantive, a person judges: they are read with the survey (PG-001-10).
    """
    return rows.filter(Q(lowest__lte=number("low_score", as_of)) | Q(wants_answer=True))


@population("surveys_of_period")
def surveys_of_period(as_of: datetime, rows: Rows, *, inquiry: Any, **_more: Any) -> Rows:
    """Those that ended in the period under examination."""
    since, until = inquiry.period
    return rows.filter(closed_at__gt=since, closed_at__lte=until)


@predicate("sample_representative")
def sample_representative(
    as_of: datetime, rows: Rows, *, census_max: float, sample_confidence: float, sample_margin: float,
    strata: Sequence[str] = (), **_more: Any,
) -> Part:  # fmt: skip
    """Drawn by chance within strata of which none is empty, and large enough; all strata named are covered.

    A standing survey, which asks about single cases after their end, speaks of these and of nobody else, and is not
    looked at (ISO/IEC 20000-1:2011 7.1).
    """
    if rows.model is not Survey:
        return rows, rows
    scope = rows.exclude(STANDING)
    samples = SurveySample.objects.filter(survey__in=scope.order_by().values("pk"))
    fitting, covered = [], set[str]()
    for one in samples:
        wanted = rules.required(one.frame_size, sample_confidence, sample_margin, int(census_max))
        covered |= {part["role"] for part in one.strata if part["selected"]}
        if one.selected >= wanted and one.strata and all(part["selected"] for part in one.strata):
            fitting.append(one.survey_id)
    return scope, scope.exclude(pk__in=fitting if covered >= {*strata} else [])


@predicate("survey_analysed")
def survey_analysed(as_of: datetime, rows: Rows | None, *, survey_analysis_days: float, **_more: Any) -> Part:
    """Of surveys that ended some time ago, figures are kept: scores by stratum, response rate with its flags, and the
    comparison with the survey before; and somebody said what they mean (ISO/IEC 20000-1:2011 7.1)."""
    since, until = (
        as_of - timedelta(days=days) for days in (number("evidence_window_days", as_of), survey_analysis_days)
    )
    scope = Survey.objects.filter(archived_at=None, closed_at__gt=since, closed_at__lte=until)
    kept = Q(analysed_at__lte=as_of, analysis__gt="")
    for name in ("strata", "rate", "rate_low", "unlike", "previous"):
        kept &= Q(figures__has_key=name)
    return scope, scope.exclude(kept)


@predicate("path of survey")
def path(as_of: datetime, rows: Rows, *, states: Sequence[str]) -> Part:
    """Through all its states, in order; a standing survey has no sample to be drawn beforehand."""
    drawn, standing = rows.exclude(STANDING), rows.filter(STANDING)
    late = Q(pk__in=passed(drawn, states)[1].order_by().values("pk"))
    shorter = [state for state in states if state != Survey.Status.SAMPLED]
    return rows, rows.filter(late | Q(pk__in=passed(standing, shorter)[1].order_by().values("pk")))
