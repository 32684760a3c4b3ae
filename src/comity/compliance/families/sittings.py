"""What reviews dealt with: review_covered."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _

from comity.compliance.columns import NOTHING, among, bound, is_empty
from comity.compliance.compiler import knows, members
from comity.compliance.families import Arguments, family, many, over, targets
from comity.compliance.families.fields import LINKS, none_stated
from comity.compliance.families.moments import between, happened
from comity.compliance.families.occurrences import SPEAKING, cites, held_words, points_on
from comity.compliance.families.people import by_role
from comity.compliance.inquiry import Inquiry
from comity.compliance.names import called, joined
from comity.compliance.outcome import Fault, Lot, Outcome, Single, judged
from comity.compliance.reasons import later, length, listed, on
from comity.compliance.ties import Members, linked
from comity.records.facts import Rows, spoken

WINDOW = "evidence_window_days"


@family(
    "type which within process topics entry cites cites_mode cites_all categories min periods names yields "
    "none_allowed led_by attended_by input_by"
)
def review_covered(inquiry: Inquiry, arguments: Arguments) -> Outcome:
    """Reviews dealt with what they have to: the latest one, each of the window, or the one after each named record."""
    held = _held(inquiry, arguments)
    if arguments["which"] == "next":
        parts = [over(inquiry, name, lambda part: _followed(inquiry, part, held)) for name in many(arguments["names"])]
        return parts[0] if len(parts) == 1 else Outcome(parts=tuple((one, False) for one in parts))
    if arguments["which"] == "each":
        recent = between(held, happened("review"), inquiry.before(WINDOW), inquiry.as_of)
        return Outcome((_judge(inquiry, recent, arguments),))
    path = happened("review")
    newest = held.rows.order_by(f"-{path}", "-pk").values_list("pk", path).first()
    label = ", ".join(many(arguments["type"]))
    limit = arguments.get("within")
    if newest is None:
        return Outcome(singles=(Single(label, later(lambda: _("none was held"))),))
    if limit and newest[1] <= bound(held.vocabulary.model, path, inquiry.before(limit)):
        return Outcome(singles=(Single(label, later(lambda: _old(inquiry, newest[1], limit))),))
    return Outcome((_judge(inquiry, held.where(Q(pk=newest[0])), arguments),))


def _old(inquiry: Inquiry, day: Any, limit: str) -> str:
    told = {"day": on(day), "time": length(inquiry.limit(limit))}
    return _("held last on %(day)s, asked for within %(time)s") % told


def _held(inquiry: Inquiry, arguments: Arguments) -> Members:
    """Reviews of the types, and of the process, that were held by then."""
    vocabulary = spoken("review")
    held = among(vocabulary, vocabulary.fact("status"), list(held_words(vocabulary)))
    held &= among(vocabulary, vocabulary.fact("type"), many(arguments["type"]))
    if "process" in arguments:
        held &= among(vocabulary, vocabulary.fact("process"), [arguments["process"]])
    return between(Members("review", vocabulary.rows.filter(held)), happened("review"), None, inquiry.as_of)


def _judge(inquiry: Inquiry, reviews: Members, arguments: Arguments) -> Lot:
    return judged("review", reviews.rows, list(_faults(inquiry, reviews, arguments)))


def _faults(inquiry: Inquiry, reviews: Members, arguments: Arguments) -> Iterator[Fault]:
    vocabulary = reviews.vocabulary
    entries = (arguments["entry"],) if "entry" in arguments else SPEAKING
    none_allowed = bool(arguments.get("none_allowed"))

    def none(name: str) -> Q:
        return none_stated(inquiry, vocabulary, name) if none_allowed else NOTHING

    for topic in many(arguments.get("topics")):
        said = points_on(topic, entries) | _own_entry(vocabulary, topic)
        yield Fault(~said & ~none(topic), _about(topic))
    if "entry" in arguments and "topics" not in arguments and not {"cites_all", "names"} & set(arguments):
        yield Fault(~_any_entry(entries) & ~none(LINKS), lambda row: _("no entry of the kind asked for"))
    for held, name, words in _roles(arguments):
        yield Fault(~by_role(inquiry, vocabulary, name, held), words)
    if role := arguments.get("input_by"):
        yield Fault(
            ~_input_by(inquiry, role, arguments),
            lambda row: _("no input by the role %(role)s") % {"role": called(role)},
        )
    if names := many(arguments.get("yields")):
        led = NOTHING
        for target in targets(inquiry, names):
            led |= cites("review", target)
        yield Fault(~led & ~none(LINKS), lambda row: _("nothing came of it"))
    if {"cites", "cites_all", "names", "categories"} & set(arguments):
        yield from _one_by_one(inquiry, reviews, arguments, entries, none(LINKS))


def _about(name: str) -> Callable[[Any], str]:
    return lambda row: _("nothing on %(what)s") % {"what": called(name)}


def _own_entry(vocabulary: Any, topic: str) -> Q:
    """A review may have a field of its own for the topic."""
    return ~is_empty(vocabulary, vocabulary.fact(topic)) if knows(vocabulary, topic) else NOTHING


def _any_entry(entries: tuple[str, ...]) -> Q:
    points = spoken("review_point")
    said = NOTHING
    for name in entries:
        if knows(points, name):
            said |= ~is_empty(points, points.fact(name))
    return Q(pk__in=points.rows.filter(said).order_by().values(points.fact("review").path))


def _roles(arguments: Arguments) -> Iterator[tuple[str, str, Any]]:
    if role := arguments.get("led_by"):
        yield role, "leader", lambda row: _("not led by the role %(role)s") % {"role": called(role)}
    if who := arguments.get("attended_by"):
        yield who, "attendees", lambda row: _("nobody of the role %(role)s attended") % {"role": called(who)}


def _input_by(inquiry: Inquiry, role: str, arguments: Arguments) -> Q:
    points = spoken("review_point")
    mine = points.rows.filter(by_role(inquiry, points, "author", role)).exclude(
        is_empty(points, points.fact(arguments.get("entry", "input_report")))
    )
    return Q(pk__in=mine.order_by().values(points.fact("review").path))


def _one_by_one(
    inquiry: Inquiry, reviews: Members, arguments: Arguments, entries: tuple[str, ...], none: Q
) -> Iterator[Fault]:
    """What depends on the period of each review: what it cites, and whom it names."""
    told: dict[int, list[str]] = {}
    for review in reviews.rows.order_by("pk"):
        this = Members("review", reviews.rows.filter(pk=review.pk))
        with inquiry.examining(*_period(inquiry, reviews, review)):
            lacking = list(_uncited(inquiry, this, arguments, entries))
        if lacking:
            told[review.pk] = lacking
    yield Fault(Q(pk__in=list(told)) & ~none, lambda row: joined(told.get(row.pk, ())))


def _period(inquiry: Inquiry, reviews: Members, review: Any) -> tuple[datetime, datetime]:
    """From the first to the last day that a review says it looks at; else from the one before it until it was held."""
    first, last = (getattr(review, name, None) for name in ("period_from", "period_to"))
    if first and last:
        return inquiry.start_of(first), inquiry.end_of(last)
    path = happened("review")
    held = getattr(review, path)
    before = _others(review).filter(**{f"{path}__lt": held}).order_by(f"-{path}").values_list(path, flat=True).first()
    return before or inquiry.before(WINDOW), held


def _others(review: Any) -> Rows:
    vocabulary = spoken("review")
    stored = held_words(vocabulary)
    return vocabulary.rows.filter(type=review.type, **{f"{vocabulary.fact('status').path}__in": stored})


def _uncited(inquiry: Inquiry, this: Members, arguments: Arguments, entries: tuple[str, ...]) -> Iterator[str]:
    cited = [name for name in many(arguments.get("cites")) if not _is_cited(inquiry, this, name)]
    if cited and (arguments.get("cites_mode") == "each" or len(cited) == len(many(arguments.get("cites")))):
        yield later(lambda: _("cites none of: %(names)s") % {"names": listed(cited)})
    for name in many(arguments.get("cites_all")):
        for target in members(inquiry, name):
            missing = target.rows.exclude(_cited_by(this, target, entries if "entry" in arguments else None))
            if missing.exists():
                yield _missing(lambda: _("not dealt with: %(names)s"), missing)
    for name in many(arguments.get("names")):
        for target in members(inquiry, name):
            missing = target.rows.exclude(_cited_by(this, target, ("conclusion",)))
            if missing.exists():
                yield _missing(lambda: _("not named with a conclusion: %(names)s"), missing)
    if "categories" in arguments:
        yield from _uncategorised(inquiry, this, arguments)


def _missing(words: Callable[[], str], rows: Rows) -> str:
    names = [str(getattr(row, "ref", row)) for row in rows.order_by("pk")[:50]]
    return later(lambda: words() % {"names": listed(names)})


def _is_cited(inquiry: Inquiry, this: Members, name: str) -> bool:
    return any(this.rows.filter(cites("review", target)).exists() for target in members(inquiry, name))


def _cited_by(this: Members, target: Members, entries: tuple[str, ...] | None) -> Q:
    """The records that the review or one of its points is tied to; with entries, a point in which one is filled."""
    points = spoken("review_point")
    own = points.rows.filter(**{f"{points.fact('review').path}__in": this.rows.order_by().values("pk")})
    if entries is None:
        return linked(target.kind, this) | linked(target.kind, Members("review_point", own))
    said = NOTHING
    for name in entries:
        if knows(points, name):
            said |= ~is_empty(points, points.fact(name))
    return linked(target.kind, Members("review_point", own.filter(said)))


def _uncategorised(inquiry: Inquiry, this: Members, arguments: Arguments) -> Iterator[str]:
    """A measurement of each category is cited, or of so many of them; of so many periods where they are compared."""
    vocabulary, kpi = spoken("measurement"), spoken("kpi")
    path, ends = vocabulary.fact("kpi").path, vocabulary.fact("period_end").path
    measured = Members("measurement", vocabulary.rows)
    cited = measured.where(_cited_by(this, measured, None)).rows
    wanted, periods = many(arguments["categories"]), int(arguments.get("periods", 1))
    lacking = []
    for category in wanted:
        of_category = kpi.rows.filter(among(kpi, kpi.fact("category"), [category])).values("pk")
        days = cited.filter(**{f"{path}__in": of_category}).order_by().values(ends).distinct().count()
        if days < periods:
            lacking.append(category)
    least = int(inquiry.number(arguments["min"])) if "min" in arguments else len(wanted)
    if len(wanted) - len(lacking) < least:
        yield later(lambda: _("no values cited of: %(names)s") % {"names": listed(lacking)})


def _followed(inquiry: Inquiry, part: Members, held: Members) -> Lot:
    """Each named record is concluded on by a review whose period reaches it; until one was held it has time."""
    named = linked(part.kind, Members("review_point", _concluded(held)))
    path = happened(part.kind)
    last = _last_period(inquiry, held)
    reached = Q(**{f"{path}__lte": bound(part.vocabulary.model, path, last)}) if last else NOTHING
    fault = Fault(~named, lambda row: _("no review concluded on it"))
    return judged(part.kind, part.rows, [fault], ~reached)


def _concluded(held: Members) -> Rows:
    points = spoken("review_point")
    rows = points.rows.filter(**{f"{points.fact('review').path}__in": held.rows.order_by().values("pk")})
    return rows.exclude(is_empty(points, points.fact("conclusion")))


def _last_period(inquiry: Inquiry, held: Members) -> datetime | None:
    """The end of the last period that a review looked at."""
    name = "period_to" if knows(held.vocabulary, "period_to") else ""
    path = held.vocabulary.fact(name).path if name else happened("review")
    last = held.rows.exclude(**{f"{path}__isnull": True}).order_by(f"-{path}").values_list(path, flat=True).first()
    return last if last is None or isinstance(last, datetime) else inquiry.end_of(last)
