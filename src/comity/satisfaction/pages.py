"""What this room adds to pages: the questions of a questionnaire, what was answered, that a case was asked about."""

from __future__ import annotations

from typing import Any

from django.db.models import Count, OuterRef
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from comity.parties.pages import parts
from comity.records.access import readable, readable_of
from comity.records.hanging import hangs, has
from comity.records.kind import kind_of
from comity.satisfaction.drawing import REASONS
from comity.satisfaction.models import Invitation, SurveyResponse, SurveySample
from comity.satisfaction.report import Results, label_of
from comity.satisfaction.scales import ENDS
from comity.web.gate import person_of
from comity.web.panels import panel

Context = dict[str, Any] | None
hangs("asked", lambda _kind: Invitation.objects.filter(case=OuterRef("pk")), of="case")

parts(
    "questionnaire", "survey_question", "questionnaire", _("Questions"),
    lambda one: (f"{one.position}. {one}", one.text_zh, one.get_type_display(), one.required and _("must be answered")),
    "position",
)  # fmt: skip


@panel("questionnaire", "satisfaction/approved.html", place="side", order=2, label=_("Approved as"))
def approved(record: Any, request: HttpRequest) -> Context:
    """The version of a document as which it was approved, to whoever may read it."""
    version = record.document_version
    return {"version": version} if version and readable_of([version], person_of(request)) else None


@panel("survey_response", "satisfaction/answer.html", place="main", order=10, label=_("What was answered"))
def answered(record: SurveyResponse, request: HttpRequest) -> Context:
    """Each question with its answer, in the reader's language, and for which part of the frame it speaks."""
    given = record.scores | record.answers
    asked = record.survey.questionnaire.asked() if record.survey.questionnaire else []
    found = [(one, given[str(one.pk)], ENDS.get(one.type, (0, 0))[1]) for one in asked if str(one.pk) in given]
    samples = readable(kind_of(SurveySample), person_of(request)).filter(survey=record.survey)
    drawn = samples.first() if record.stratum else None
    of = next((label_of(one) for one in drawn.strata if one["name"] == record.stratum), "") if drawn else ""
    return {"answers": found, "stratum": of} if found or of else None


@panel("survey_sample", "satisfaction/strata.html", place="main", order=10, label=_("Strata"))
def strata(record: SurveySample, request: HttpRequest) -> Context:
    """Each stratum with its people and those drawn of them; who was left out, by the reason."""
    return {"strata": [(label_of(one), one) for one in record.strata], "left_out": _left_out(record)}


@panel("case", "satisfaction/of_case.html", place="side", order=26, label=_("Asked how it was handled"))
def of_case(record: Any, request: HttpRequest) -> Context:
    """That a letter went out; and, to whoever may read answers, what was answered with a name."""
    if not has(record, "asked"):
        return None
    person, rows = (
        person_of(request),
        list(Invitation.objects.filter(case=record).select_related("survey").order_by("pk")),
    )
    responses = readable(kind_of(SurveyResponse), person).filter(case=record).select_related("survey").order_by("pk")
    led = readable_of((one.survey for one in rows), person)
    return {"asked": [(one, one.survey in led) for one in rows], "responses": list(responses)}


@panel("survey", "satisfaction/reached.html", place="side", order=10, label=_("Who was asked"))
def reached(record: Any, request: HttpRequest) -> Context:
    """How many were asked, and how many of them answered, refused or kept silent; never who."""
    rows = Invitation.objects.filter(survey=record).order_by().values_list("state").annotate(Count("pk"))
    counts = dict(rows)
    if not counts:
        return None
    words = {Invitation.State.SENT: _("Waiting for an answer")}
    states = [(words.get(state, state.label), counts[state]) for state in Invitation.State if state in counts]
    return {"total": sum(counts.values()), "states": states}


@panel("survey", "satisfaction/score.html", place="side", order=8, label=_("Results"))
def score(record: Any, request: HttpRequest) -> Context:
    """The score with its interval, what speaks against it, and the way to all figures."""
    made = Results(record, person_of(request))
    if not made.figures["asked"]:
        return None
    first, *_others = made.numbers().items
    tell = made.telling() if record.status == record.Status.REVIEWED else ""
    shown = {"score": f"{first.label}: {first.value}", "between": first.note, "tell": tell}
    return shown | {"warnings": list(made.warnings())}


@panel("survey", "satisfaction/sample.html", place="side", order=12, label=_("Sample"))
def sample(record: Any, request: HttpRequest) -> Context:
    """How many were drawn of how many, who was left out why, and the draw done again."""
    found = readable(kind_of(SurveySample), person_of(request)).filter(survey=record).first()
    return {"sample": found, "left_out": _left_out(found)} if found else None


def _left_out(drawn: SurveySample) -> list[tuple[Any, int]]:
    return [(REASONS.get(why, why), n) for why, n in drawn.exclusions.items()]
