"""Indicators and targets with values in time: kpi_measured."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, OuterRef, Q
from django.utils.translation import gettext as _

from comity.compliance.columns import NOTHING, among, bound, is_empty
from comity.compliance.compiler import members
from comity.compliance.families import Arguments, family, many, over, targets
from comity.compliance.families.fields import filled
from comity.compliance.families.moments import between, own_intervals, stretch
from comity.compliance.inquiry import Inquiry
from comity.compliance.names import called
from comity.compliance.outcome import Fault, Lot, Outcome, Single, judged
from comity.compliance.reasons import later, on
from comity.compliance.ties import Members, linked, pairs
from comity.records.facts import Rows, Unrecorded, spoken

WINDOW = "evidence_window_days"
SHARED = {"target": "target", "kpi": "kpi", "clause": "obligation"}  # by which name a measurement has its indicator


@family(
    "of category per every default_every grace since periods type horizon with_target computed_from fields at_least "
    "or_not_falling or_linked flag_below"
)
def kpi_measured(inquiry: Inquiry, arguments: Arguments) -> Outcome:
    """Indicators, targets or obligations have values in time; of each category, for each subject."""
    categories = many(arguments.get("category"))
    if "per" in arguments:
        return over(
            inquiry, arguments["per"], lambda part: _per(inquiry, part, arguments), flagged=_flagged(inquiry, arguments)
        )
    if "of" in arguments:
        return over(inquiry, arguments["of"], lambda part: _of(inquiry, part, arguments))
    return Outcome(singles=tuple(_category(inquiry, one, arguments) for one in categories))


def _category(inquiry: Inquiry, category: str, arguments: Arguments) -> Single:
    """There is an indicator of the category, and one with a value in time."""
    kpis = _kpis(inquiry, category)
    if not kpis.rows.exists():
        return Single(category, later(lambda: _("no such indicator")))
    if kpis.rows.filter(_measured(inquiry, kpis, arguments)).exists():
        return Single(category)
    last = _last(kpis, None)
    return Single(category, later(lambda: _("no value in time; last: %(day)s") % {"day": on(last)}))


def _kpis(inquiry: Inquiry, category: str | None) -> Members:
    vocabulary = spoken("kpi")
    rows = vocabulary.rows.filter(among(vocabulary, vocabulary.fact("status"), ["active"]))
    if category:
        rows = rows.filter(among(vocabulary, vocabulary.fact("category"), [category]))
    return Members("kpi", rows)


def _of(inquiry: Inquiry, part: Members, arguments: Arguments) -> Lot:
    """Each indicator has its values, and a target where one is asked for."""
    if arguments.get("category") and part.kind == "kpi":
        part = part.where(among(part.vocabulary, part.vocabulary.fact("category"), many(arguments["category"])))
    faults = [Fault(~_measured(inquiry, part, arguments), _words(part))]
    if arguments.get("with_target"):
        aim = part.vocabulary.fact("target")
        faults.append(Fault(is_empty(part.vocabulary, aim), lambda row: _("no target")))
    return judged(part.kind, part.rows, faults)


def _words(part: Members) -> Any:
    def words(row: Any) -> str:
        same = Members(part.kind, type(row)._default_manager.filter(pk=row.pk))
        return _("no value in time; last: %(day)s") % {"day": on(_last(same, None))}

    return words


def _last(part: Members, values: Members | None) -> Any:
    """The end of the last period with a value."""
    vocabulary = spoken("measurement")
    ends = vocabulary.fact("period_end").path
    rows = (values or Members("measurement", vocabulary.rows)).rows
    return rows.filter(linked("measurement", part)).order_by(f"-{ends}").values_list(ends, flat=True).first()


def _values(inquiry: Inquiry, arguments: Arguments) -> Members:
    """Measurements that fit in type, fields and origin, whenever their period ended."""
    vocabulary = spoken("measurement")
    question = filled(vocabulary, arguments.get("fields"))
    if "type" in arguments:
        question &= among(vocabulary, vocabulary.fact("type"), many(arguments["type"]))
    if sources := many(arguments.get("computed_from")):
        question &= among(vocabulary, vocabulary.fact("computed_from"), sources)
    return Members("measurement", vocabulary.rows.filter(question))


def _ended(inquiry: Inquiry, part: Members, since: datetime | None, arguments: Arguments) -> Members:
    """Of a period that ended after that moment; forecasts, those that reach far enough ahead."""
    path = part.vocabulary.fact("period_end").path
    if horizon := arguments.get("horizon"):
        reach = bound(part.vocabulary.model, path, inquiry.after(horizon))
        return part.where(Q(**{f"{path}__gte": reach}))
    if "forecast" in many(arguments.get("type")):
        return part.where(Q(**{f"{path}__gt": bound(part.vocabulary.model, path, inquiry.as_of)}))
    return between(part, path, since, inquiry.as_of)


def _measured(inquiry: Inquiry, part: Members, arguments: Arguments) -> Q:
    """Indicators with a value in time: their own, or that of the arguments, in one period or in all of them."""
    values, grace = _values(inquiry, arguments), timedelta(0)
    if "grace" in arguments:
        grace = stretch(inquiry, arguments["grace"])
    if "every" in arguments and arguments["every"] != "own":
        since = inquiry.as_of - stretch(inquiry, arguments["every"]) - grace
        return linked(part.kind, _ended(inquiry, values, since, arguments))
    if "every" not in arguments and not arguments.get("periods"):
        return linked(part.kind, _ended(inquiry, values, None, arguments))
    good = NOTHING
    for whom, interval in own_intervals(inquiry, part, arguments.get("default_every")):
        if periods := arguments.get("periods"):
            good |= whom & _in_every_period(inquiry, part, values, interval, grace, periods)
        else:
            good |= whom & linked(part.kind, _ended(inquiry, values, inquiry.as_of - interval - grace, arguments))
    return good


def _in_every_period(
    inquiry: Inquiry, part: Members, values: Members, interval: timedelta, grace: timedelta, periods: str
) -> Q:
    """A value for each period that was completed in the window since there is the indicator, or for each of two."""
    window = stretch(inquiry, WINDOW) if periods == "all_in_window" else 2 * interval + grace
    path, name = values.vocabulary.fact("period_end").path, SHARED.get(part.kind, part.kind)
    recent = between(values, path, inquiry.as_of - window, inquiry.as_of)
    way = recent.vocabulary.fact(name).path
    counted = recent.rows.order_by().values(way).annotate(periods=Count(path, distinct=True))
    found: dict[Any, int] = {one[way]: one["periods"] for one in counted}
    good = []
    for pk, begun in part.rows.order_by().values_list("pk", part.vocabulary.fact("entered_at").path):
        span = window if periods == "last_two" else min(window, inquiry.as_of - begun)
        wanted = 2 if periods == "last_two" else int((span - grace) / interval)
        if found.get(pk, 0) >= wanted:
            good.append(pk)
    return Q(pk__in=good)


def _per(inquiry: Inquiry, part: Members, arguments: Arguments) -> Lot:
    """Each subject, for each category, or for at least one of the indicators named."""
    categories = many(arguments.get("category")) or [""]
    faults = [Fault(~_subject(inquiry, part, one, arguments), _subject_words(one)) for one in categories]
    if "at_least" in arguments:
        low = _below(inquiry, part, arguments, arguments["at_least"])
        faults.append(Fault(Q(pk__in=list(low)), lambda row: low[row.pk]))
    return judged(part.kind, part.rows, faults)


def _subject_words(category: str) -> Any:
    return lambda row: _("no value in time: %(what)s") % {"what": called(category) or _("indicator")}


def _indicators(inquiry: Inquiry, category: str, arguments: Arguments) -> list[Members]:
    found = targets(inquiry, arguments["of"]) if "of" in arguments else [_kpis(inquiry, category or None)]
    if arguments.get("with_target"):
        found = [one.where(~is_empty(one.vocabulary, one.vocabulary.fact("target"))) for one in found]
    return found


def _subject(inquiry: Inquiry, part: Members, category: str, arguments: Arguments) -> Q:
    """Subjects of which an indicator is measured, or of which a value of the indicator is told."""
    held = NOTHING
    so = None
    if since := arguments.get("since"):
        so = Q(**{f"{spoken('measurement').fact('period_end').path}__gte": OuterRef(part.vocabulary.fact(since).path)})
    for kpis in _indicators(inquiry, category, arguments):
        timely = _timely(inquiry, kpis, arguments)
        if so is None:
            held |= _try(part.kind, kpis.where(linked(kpis.kind, timely)))
        held |= _try(part.kind, timely.where(linked("measurement", kpis)), so)
    return held


def _try(kind: str, part: Members, so: Q | None = None) -> Q:
    """Tied, where these kinds can be; a subject has values of its own or indicators of its own."""
    try:
        return linked(kind, part, so)
    except Unrecorded:
        return NOTHING


def _timely(inquiry: Inquiry, kpis: Members, arguments: Arguments) -> Members:
    """The values of these indicators that are in time for each of them."""
    values, grace = _values(inquiry, arguments), timedelta(0)
    if "since" in arguments or ("every" not in arguments and "periods" not in arguments):
        return _ended(inquiry, values, None, arguments)
    if "grace" in arguments:
        grace = stretch(inquiry, arguments["grace"])
    if arguments.get("every", "own") != "own":
        return _ended(inquiry, values, inquiry.as_of - stretch(inquiry, arguments["every"]) - grace, arguments)
    path, question = values.vocabulary.fact("period_end").path, NOTHING
    periods = 2 if arguments.get("periods") else 1
    for whom, interval in own_intervals(inquiry, kpis, arguments.get("default_every")):
        since = bound(values.vocabulary.model, path, inquiry.as_of - periods * interval - grace)
        question |= linked("measurement", kpis.where(whom)) & Q(**{f"{path}__gt": since})
    return values.where(question)


def _latest(inquiry: Inquiry, part: Members, arguments: Arguments) -> dict[int, list[tuple[Any, Any]]]:
    """Of each subject its values, newest first: (end of period, value)."""
    values = _values(inquiry, arguments)
    ends, value = (values.vocabulary.fact(name).path for name in ("period_end", "value"))
    kpis = _kpis(inquiry, (many(arguments.get("category")) or [""])[0] or None)
    values = between(values.where(linked("measurement", kpis)), ends, None, inquiry.as_of)
    told = {pk: (day, number) for pk, day, number in values.rows.order_by().values_list("pk", ends, value)}
    found: dict[int, list[tuple[Any, Any]]] = {}
    for pk, other in pairs(part, values):
        found.setdefault(pk, []).append(told[other])
    return {pk: sorted(one, reverse=True) for pk, one in found.items()}


def _below(inquiry: Inquiry, part: Members, arguments: Arguments, threshold: str) -> dict[int, str]:
    """Subjects whose latest value is too low, unless it does not fall or something linked makes up for it."""
    least, low, enough = inquiry.number(threshold), {}, bool(arguments.get("or_not_falling"))
    excused: set[int] = set()
    for name in many(arguments.get("or_linked")):
        for target in members(inquiry, name):
            rows: Rows = part.rows.filter(linked(part.kind, target))
            excused |= set(rows.order_by().values_list("pk", flat=True))
    for pk, values in _latest(inquiry, part, arguments).items():
        number = values[0][1]
        steady = enough and len(values) > 1 and number >= values[1][1]
        if number is not None and number < least and not steady and pk not in excused:
            low[pk] = later(lambda n=number: _("%(value)s is below %(least)g") % {"value": n, "least": least})  # type: ignore[misc]
    return low


def _flagged(inquiry: Inquiry, arguments: Arguments) -> tuple[Lot, ...]:
    """Values that are shown as a warning."""
    if "flag_below" not in arguments:
        return ()
    name = many(arguments.get("fields"))[0]
    values = _values(inquiry, arguments)
    low = Q(**{f"{values.vocabulary.fact(name).path}__lt": inquiry.number(arguments["flag_below"])})
    recent = _ended(inquiry, values, inquiry.before(arguments["every"]), arguments)
    return (judged("measurement", recent.rows, [Fault(low, lambda row: _("low"))]),)
