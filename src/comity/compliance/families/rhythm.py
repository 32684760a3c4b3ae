"""What recurs often enough: planned_interval."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _

from comity.compliance.columns import NOTHING
from comity.compliance.compiler import values
from comity.compliance.families import Arguments, family, many, over, targets
from comity.compliance.families.moments import happened, made, own_intervals, stretch, younger
from comity.compliance.families.occurrences import deals_with, occurrences, planned
from comity.compliance.inquiry import Inquiry
from comity.compliance.outcome import Fault, Lot, Outcome, Single, judged
from comity.compliance.reasons import later, on
from comity.compliance.ties import Members, concerning, linked, pairs
from comity.records.facts import Unrecorded

OWN = "own"
ONLY = "only"


@family(
    "kind per type every own_interval next tags topics purpose direction two_way direct participation shared_with "
    "confirmed_by attended_by by sent_to fields none_allowed linked_to cites cites_all covers previous answers_min"
)
def planned_interval(inquiry: Inquiry, arguments: Arguments) -> Outcome:
    """The last occurrence is recent enough, and where it is asked for the next one is dated."""
    per = arguments.get("per")
    if per is None:
        return Outcome(singles=(_alone(inquiry, arguments, None),))
    if words := values(per):
        return Outcome(singles=tuple(_alone(inquiry, arguments, word) for word in words))
    return over(inquiry, per, lambda part: _each(inquiry, part, arguments))


def _alone(inquiry: Inquiry, arguments: Arguments, word: str | None) -> Single:
    """The organisation as a whole, or one of the plain words, which an occurrence names as its topic."""
    label = word or ", ".join(many(arguments["kind"]) + many(arguments.get("type")) + many(arguments.get("purpose")))
    if {"own_interval", "cites_all", "two_way", "previous"} & set(arguments) or arguments["every"] == OWN:
        raise Unrecorded("an interval of the organisation's own")
    interval = stretch(inquiry, arguments["every"])

    def any_of(parts: list[Members]) -> list[Members]:
        found = [part.where(deals_with(part.vocabulary, word)) if word else part for part in parts]
        return [part for part in found if part.rows.exists()]

    wanted = arguments.get("next")
    if wanted != ONLY and not any_of(occurrences(inquiry, arguments, inquiry.as_of - interval)):
        last = _last(occurrences(inquiry, arguments, None), word)
        return Single(label, later(lambda: _too_old(last, interval)))
    if wanted and not any_of(planned(inquiry, arguments, inquiry.as_of + interval)):
        return Single(label, later(lambda: _("the next one has no date")))
    return Single(label)


def _last(parts: list[Members], word: str | None = None) -> Any:
    """The day of the newest of these."""
    days = []
    for part in parts:
        rows = part.rows.filter(deals_with(part.vocabulary, word)) if word else part.rows
        path = happened(part.kind)
        if (day := rows.order_by(f"-{path}").values_list(path, flat=True).first()) is not None:
            days.append(day if not isinstance(day, datetime) else day.date())
    return max(days, default=None)


def _too_old(last: Any, interval: timedelta) -> str:
    told = {"day": on(last), "days": interval.days or 1}
    return _("last: %(day)s; asked for every %(days)s days") % told


def _each(inquiry: Inquiry, part: Members, arguments: Arguments) -> Lot:
    """Each member by the interval that holds for it: the one asked for, its own, or the shorter of both.

    A young member may still wait for its first occurrence, but where a next one must be dated, that one must be.
    """
    faults, young, undated = [], NOTHING, NOTHING
    for whom, interval in _intervals(inquiry, part, arguments):
        since, wanted = inquiry.as_of - interval, arguments.get("next")
        if wanted:
            undated |= whom & ~_tied(part, planned(inquiry, arguments, inquiry.as_of + interval))
        if wanted != ONLY:
            late = whom & ~_had(inquiry, part, arguments, since)
            faults.append(Fault(late, _words(inquiry, part, arguments, interval)))
            young |= late & younger(part.vocabulary, made(part.vocabulary), since)
    if arguments.get("next"):
        faults.append(Fault(undated, lambda row: _("the next one has no date")))
    return judged(part.kind, part.rows, faults, young & ~undated)


def _intervals(inquiry: Inquiry, part: Members, arguments: Arguments) -> list[tuple[Q, timedelta]]:
    if arguments["every"] == OWN:
        return own_intervals(inquiry, part)
    longest = stretch(inquiry, arguments["every"])
    if not arguments.get("own_interval"):
        return [(Q(), longest)]
    return [(whom, min(own, longest)) for whom, own in own_intervals(inquiry, part, arguments["every"])]


def _had(inquiry: Inquiry, part: Members, arguments: Arguments, since: datetime) -> Q:
    """Members with an occurrence after that moment that fits in every respect."""
    found = occurrences(inquiry, arguments, since)
    if arguments.get("two_way"):
        recent = _both_ways(part, found)
    elif names := arguments.get("cites_all"):
        recent = _showing_all(inquiry, part, found, names)
    else:
        recent = _tied(part, found)
    if arguments.get("previous"):
        recent &= Q(pk__in=_repeated(part, occurrences(inquiry, arguments, None)))
    return recent


def _tied(part: Members, found: list[Members]) -> Q:
    tied = NOTHING
    for one in found:
        tied |= linked(part.kind, one)
    return tied


def _both_ways(part: Members, found: list[Members]) -> Q:
    """Inbound and outbound, or a review that was held."""
    said = [one for one in found if one.kind == "communication"]
    inbound, outbound = (_tied(part, [one.where(Q(direction=way)) for one in said]) for way in ("inbound", "outbound"))
    return (inbound & outbound) | _tied(part, [one for one in found if one.kind != "communication"])


def _repeated(part: Members, found: list[Members]) -> set[int]:
    """Members with more than one occurrence ever."""
    seen: set[int] = set()
    twice: set[int] = set()
    for one in found:
        for pk, _other in pairs(part, one):
            (twice if pk in seen else seen).add(pk)
    return twice


def _showing_all(inquiry: Inquiry, part: Members, found: list[Members], names: Any) -> Q:
    """Members with an occurrence that is tied to every record of these which belongs to the member."""
    needed: dict[int, set[tuple[str, int]]] = {}
    goals = targets(inquiry, names)
    for goal in goals:
        for pk, other in pairs(part, goal):
            needed.setdefault(pk, set()).add((goal.kind, other))
    good: set[int] = set()
    for one in found:
        shown: dict[int, set[tuple[str, int]]] = {}
        for goal in goals:
            for occurrence, other in pairs(one, goal):
                shown.setdefault(occurrence, set()).add((goal.kind, other))
        good |= {pk for pk, occurrence in pairs(part, one) if needed.get(pk, set()) <= shown.get(occurrence, set())}
    return Q(pk__in=good)


def _words(inquiry: Inquiry, part: Members, arguments: Arguments, interval: timedelta) -> Any:
    def words(row: Any) -> str:
        same = Members(part.kind, type(row)._default_manager.filter(pk=row.pk))
        found = [one.where(concerning(one.kind, same)) for one in occurrences(inquiry, arguments, None)]
        return _too_old(_last(found), interval)

    return words
