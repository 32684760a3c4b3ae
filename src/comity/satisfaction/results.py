"""What the answers of a survey say, and how far they carry (ISO20000-7.1-29, PG-004-35, PG-004-36).

Plain figures, put together in as many questions to the database however many were asked: live while people answer, kept
with the survey once it is analysed. Scores stand on the scale of five; of fewer than five answers none is shown.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from statistics import fmean
from typing import Any

from django.db.models import Count
from django.utils import timezone

from comity.clocks.parameters import number
from comity.improvement.models import Action, Improvement
from comity.records.kind import kind_of
from comity.records.models import Entry, Link
from comity.satisfaction import drawing, rules
from comity.satisfaction.models import Invitation, Survey, SurveyQuestion, SurveyResponse, SurveySample
from comity.satisfaction.rules import FEW, Estimate
from comity.satisfaction.scales import ENDS, of_five

Figures = dict[str, Any]
Score = Mapping[str, Any]  # value, low, high, n
T = SurveyQuestion.Tag
TOUCH_POINTS = ("request", T.SUPPORT.value, T.COMMUNICATION.value, T.HANDLING.value, T.OUTCOME.value)
ANSWERED = SurveyResponse.Type.ANSWERED.value


def figures_of(survey: Survey) -> Figures:
    """As they were kept when it was analysed, else as they are now."""
    return survey.figures or compute(survey)


def compute(survey: Survey) -> Figures:
    """All figures of a survey, from its sample, its invitations and its answers."""
    confidence, gap = number("sample_confidence"), number("nonresponse_share_gap")
    sample = SurveySample.objects.filter(survey=survey).first()
    questions = survey.questionnaire.asked() if survey.questionnaire else []
    asked, answers = _counted(survey)
    frame = {one["name"]: one["frame"] for one in sample.strata} if sample else dict(asked)
    rows = list(
        SurveyResponse.objects.filter(survey=survey, type=ANSWERED, archived_at=None)
        .order_by("answered_at", "pk").values_list("stratum", "scores", "overall")
    )  # fmt: skip
    scales = {str(one.pk): one for one in questions if one.scored}
    weight = _weights(frame, asked, rows)
    scored = [(stratum, float(value)) for stratum, _scores, value in rows if value is not None]
    by_stratum: dict[str, list[float]] = defaultdict(list)
    for stratum, value in scored:
        by_stratum[stratum].append(value)
    told = {one["name"]: one for one in sample.strata} if sample else {}
    strata: list[Figures] = [
        {
            "name": name, "of": told.get(name, {}).get("of", ""), "role": told.get(name, {}).get("role", ""),
            "frame": n, "asked": asked.get(name, 0), "answered": answers.get(name, 0),
            "rate": _rate(answers.get(name, 0), asked.get(name, 0)),
            "margin": rules.achieved_margin(answers.get(name, 0), n, confidence),
            "score": _score(rules.mean(by_stratum.get(name, ()), confidence)),
        }
        for name, n in frame.items()
    ]  # fmt: skip
    if survey.anonymous:
        _hide_the_one_left(strata)
    values, weighed = [v for _s, v in scored], [weight.get(s, 1.0) for s, _v in scored]
    total, everybody = sum(answers.values()), sample.frame_size if sample else sum(asked.values())
    found: Figures = {
        "at": timezone.now().isoformat(), "frame": everybody, "asked": sum(asked.values()), "answered": total,
        "wanted": sample.wanted if sample else 0, "exclusions": dict(sample.exclusions) if sample else {},
        "rate": _rate(total, sum(asked.values())), "margin": rules.achieved_margin(total, everybody, confidence),
        "score": _score(rules.mean(values, confidence, weighed)),
        "top_two": _score(rules.top_two(values, confidence, weighed), (0, 1)), "strata": strata,
        "questions": _by_question(scales, rows, weight, confidence),
        "unlike": rules.unlike(frame, answers, gap) if sample and total else [],
        "late": not survey.anonymous and rules.late_differ(values, confidence),
    }  # fmt: skip
    found["rate_low"] = found["rate"] is not None and found["rate"] < number("response_rate_min")
    found["touch_points"] = touched = _touch_points(found["questions"])
    found["weakest"] = sorted(tag for tag, score in touched.items() if score == min(touched.values()))
    found["previous"] = _before(survey, found)
    return found


def _counted(survey: Survey) -> tuple[dict[str, int], dict[str, int]]:
    """How many were asked and how many answered, by stratum; without invitations (interviews), by what is on record."""
    asked: Counter[str] = Counter()
    answers: Counter[str] = Counter()
    told = Invitation.objects.filter(survey=survey).order_by().values_list("stratum", "state").annotate(Count("pk"))
    if not (found := list(told)):
        rows = SurveyResponse.objects.filter(survey=survey, archived_at=None).order_by()
        found = list(rows.values_list("stratum", "type").annotate(Count("pk")))
    for stratum, state, n in found:
        asked[stratum] += n
        answers[stratum] += n if state == ANSWERED else 0
    return dict(asked), dict(answers)


def _weights(
    frame: Mapping[str, int], asked: Mapping[str, int], rows: Iterable[tuple[str, Any, Any]]
) -> dict[str, float]:
    """How many one answer stands for. Answers without a name from small strata are told together, without theirs."""
    given = Counter(stratum for stratum, _scores, _overall in rows)
    sizes = dict(frame)
    if given.get("") and "" not in sizes:
        sizes[""] = sum(n for name, n in frame.items() if asked.get(name, 0) < FEW)
    return rules.weights(sizes, given)


def _value(question: SurveyQuestion, value: Any) -> int | None:
    """The answer, if it is one on the scale: a zero on one to five says that the question does not apply."""
    low, high = ENDS[question.type]
    return value if isinstance(value, int) and low <= value <= high else None


def _by_question(
    scales: Mapping[str, SurveyQuestion],
    rows: Sequence[tuple[str, Any, Any]],
    weight: Mapping[str, float],
    confidence: float,
) -> list[Figures]:
    """Each question on its own scale: the mean, beside it the share of the contented or promoters less detractors."""
    found = []
    for pk, one in scales.items():
        given = [(stratum, v) for stratum, scores, _overall in rows if (v := _value(one, scores.get(pk))) is not None]
        values, weighed = [v for _s, v in given], [weight.get(s, 1.0) for s, _v in given]
        mean = rules.mean(values, confidence, weighed)
        other = rules.nps if one.type == SurveyQuestion.Type.NPS else rules.top_two
        beside = other(values, confidence, weighed) if one.type != SurveyQuestion.Type.EFFORT else None
        of = round(of_five(one.type, mean.value), 3) if mean and len(values) >= FEW else None
        found.append(
            {
                "pk": one.pk, "ref": one.ref, "tag": one.tag, "type": one.type, "n": len(values),
                "mean": _score(mean, ENDS[one.type]), "beside": _score(beside, (-1, 1)), "of_five": of,
            }
        )  # fmt: skip
    return found


def _touch_points(questions: Iterable[Figures]) -> dict[str, float]:
    """The mean score of each touch point that was asked about, of five (PG-004-36)."""
    found: dict[str, list[float]] = defaultdict(list)
    for one in questions:
        if one["tag"] in TOUCH_POINTS and one["of_five"] is not None:
            found[one["tag"]].append(one["of_five"])
    return {tag: round(fmean(values), 3) for tag, values in found.items()}


def _before(survey: Survey, found: Figures) -> Figures | None:
    """The survey before it; compared only where the same was asked in the same words."""
    before = drawing.previous(survey)
    if before is None:
        return None
    score = (before.figures or {}).get("score")
    same = before.questionnaire_id == survey.questionnaire_id
    change = found["score"]["value"] - score["value"] if same and score and found["score"] else None
    return {"ref": before.ref, "comparable": same, "score": score, "change": change}


def unseen(survey: Survey) -> list[SurveyResponse]:
    """Answers with a low score that led to nothing, and of which nobody said with a reason why (PG-001-10)."""
    low = SurveyResponse.objects.filter(survey=survey, lowest__lte=number("low_score"), archived_at=None)
    found = {one.pk: one for one in low.order_by("pk")}
    by_ref = {one.ref: one.pk for one in found.values()}
    kind, seen = kind_of(SurveyResponse).name, set[int]()
    for model in (Action, Improvement):
        sources = model.objects.filter(source_ref__in=by_ref).values_list("source_ref", flat=True)
        seen |= {by_ref[ref] for ref in sources}
    seen |= set(Link.objects.filter(from_kind=kind, from_id__in=found).values_list("from_id", flat=True))
    seen |= set(Link.objects.filter(to_kind=kind, to_id__in=found).values_list("to_id", flat=True))
    said = Entry.objects.filter(kind=kind, record_id__in=found, act="none", note__gt="")
    seen |= set(said.values_list("record_id", flat=True))
    return [one for pk, one in found.items() if pk not in seen]


def _rate(answered: int, asked: int) -> float | None:
    return answered / asked if asked else None


def _score(found: Estimate | None, ends: tuple[float, float] = (1, 5)) -> Score | None:
    """A figure to keep, its interval within the scale; of fewer than five answers nothing but their number is told."""
    if found is None or found.answers < FEW:
        return None
    low, high = max(found.low, ends[0]), min(found.high, ends[1])
    return {"value": round(found.value, 4), "low": round(low, 4), "high": round(high, 4), "n": found.answers}


def _hide_the_one_left(strata: list[Figures]) -> None:
    """Where a single stratum is hidden, it follows from the whole and the others: then the smallest other goes too."""
    hidden = [one for one in strata if one["answered"] and one["score"] is None]
    shown = [one for one in strata if one["score"] is not None]
    if len(hidden) == 1 and shown:
        min(shown, key=lambda one: one["answered"])["score"] = None
