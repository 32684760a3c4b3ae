"""The kinds of this room."""

from collections.abc import Iterator
from typing import Any, cast

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from comity.accounts.matrix import MATRIX, parse
from comity.records.kind import Asked, Kind, register
from comity.satisfaction.models import Questionnaire, Survey, SurveyQuestion, SurveyResponse, SurveySample
from comity.satisfaction.workflows import questionnaire_life, survey_life

GROUP = _("Satisfaction")
RESULTS = "survey_results"
"""A row of the matrix: who reads surveys reads their results. Nobody enters them: chance draws, and people answer."""

MATRIX[RESULTS] = {
    role: {"all": "R", "own": "Ro", "": "–"}[parse(cell).read] for role, cell in MATRIX["survey"].items()
}


class Strata:
    """The strata of all samples, read anew whenever somebody asks for one: name, and what it was called."""

    def __iter__(self) -> Iterator[tuple[str, str]]:
        for strata in SurveySample.objects.order_by("-pk").values_list("strata", flat=True):
            yield from ((one["name"], f"{one['of']} · {one['role']}") for one in strata)


OF_STRATUM = Asked(
    "stratum", _("stratum"), "choice", lambda name: Q(stratum=name), choices=cast(Any, Strata()), quiet=True
)

survey = register(
    Kind(
        model=Survey,
        ref="SVY",
        may="survey",
        workflow=survey_life,
        fields=(
            "title", "raised_by", "topic", "audience", "method", "questionnaire", "population", "share", "anonymous",
            "planned_on", "closes_on", "analysis", "next_on", "owner",
        ),
        columns=("ref", "title", "raised_by", "audience", "status", "opened_on", "closes_on", "next_due", "owner"),
        filters=("status", "raised_by", "audience", "topic", "owner"),
        search=("ref", "title", "population", "analysis"),
        due="next_due",
        icon="thumbs-up",
        group=GROUP,
    )
)  # fmt: skip

survey_sample = register(
    Kind(
        model=SurveySample,
        ref="SMP",
        may=RESULTS,
        fields=("survey", "type", "frozen_on", "frame_size", "wanted", "selected", "seed", "strata", "exclusions"),
        columns=("ref", "survey", "type", "frozen_on", "frame_size", "wanted", "selected", "seed"),
        own=("survey__owner",),
        icon="split",
    )
)

survey_response = register(
    Kind(
        model=SurveyResponse,
        ref="ANS",
        may=RESULTS,
        fields=(
            "survey", "contact", "case", "stratum", "type", "scores", "answers", "wants_answer", "answered_at",
        ),
        columns=("ref", "survey", "type", "contact", "case", "lowest", "answered_at"),
        filters=("survey", "type", "answered_at", OF_STRATUM),
        search=("ref",),
        party="contact__person",
        own=("contact__customer__owner",),
        icon="message-square",
        group=GROUP,
    )
)  # fmt: skip

questionnaire = register(
    Kind(
        model=Questionnaire,
        ref="QST",
        may="survey",
        workflow=questionnaire_life,
        fields=(
            "title", "title_zh", "introduction", "introduction_zh", "thanks", "thanks_zh", "anonymous_allowed",
            "replaces",
        ),
        columns=("ref", "title", "status", "document_version", "anonymous_allowed"),
        filters=("status",),
        search=("ref", "title", "title_zh"),
        icon="clipboard-list",
        group=GROUP,
    )
)  # fmt: skip

survey_question = register(
    Kind(
        model=SurveyQuestion,
        ref="SQN",
        may="survey",
        fields=("questionnaire", "type", "tag", "text", "text_zh", "options", "required", "position"),
        columns=("ref", "questionnaire", "position", "text", "type", "tag", "required"),
        filters=("questionnaire",),
        search=("ref", "text", "text_zh"),
        order="position",
        icon="message-circle-question-mark",
    )
)
