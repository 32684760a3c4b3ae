"""Records that hang together: linked."""

from __future__ import annotations

from collections import Counter
from typing import Any

from django.db.models import OuterRef, Q
from django.utils.translation import gettext as _

from comity.compliance.columns import NOTHING, among, bound
from comity.compliance.compiler import knows, members, values, where
from comity.compliance.families import Arguments, family, many, over, targets
from comity.compliance.families.fields import LINKS, filled, none_stated
from comity.compliance.families.moments import happened
from comity.compliance.families.registers import unconfirmed
from comity.compliance.inquiry import Inquiry
from comity.compliance.names import called, listed
from comity.compliance.outcome import Fault, Lot, Outcome, Single, judged
from comity.compliance.reasons import later
from comity.compliance.rules.conditions import Compare
from comity.compliance.ties import Members, pairs
from comity.compliance.ties import linked as tied_to
from comity.records.facts import Unrecorded

FACETS = {
    "process_interface": ("direction", "other_process.tag"),
    "plan_line": ("topic_level",),
    "process": ("steps.facets",),
}  # fmt: skip  (by which names a record tells of which side, level or part it is)


@family("population to to_each each_of min max distinct none_allowed reconfirmed_within before at fields")
def linked(inquiry: Inquiry, arguments: Arguments) -> Outcome:
    """Members are tied to enough of what they depend on."""
    if words := values(arguments["population"]):
        return Outcome(singles=tuple(_of_word(inquiry, word, arguments) for word in words))
    return over(inquiry, arguments["population"], lambda part: _tied(inquiry, part, arguments))


def _of_word(inquiry: Inquiry, word: str, arguments: Arguments) -> Single:
    """A member that is a plain word is tied to the records of that type."""
    for target in targets(inquiry, arguments["to"]):
        vocabulary = target.vocabulary
        fitting = target.where(among(vocabulary, vocabulary.fact("type"), [word]))
        if within := arguments.get("reconfirmed_within"):
            fitting = fitting.where(~unconfirmed(inquiry, fitting, within).question)
        if fitting.rows.exists():
            return Single(word)
    return Single(word, later(lambda: _("not linked to any %(what)s") % {"what": listed(many(arguments["to"]))}))


def _tied(inquiry: Inquiry, part: Members, arguments: Arguments) -> Lot:
    faults = [_untied(inquiry, part, [name], arguments) for name in many(arguments.get("to_each"))]
    if {"min", "max", "distinct"} & set(arguments):
        faults += _miscounted(inquiry, part, arguments)
    elif facets := many(arguments.get("each_of")):
        faults += [_untied(inquiry, part, many(arguments["to"]), arguments, facet) for facet in facets]
    elif "to" in arguments:
        faults.append(_untied(inquiry, part, many(arguments["to"]), arguments))
    if arguments.get("none_allowed"):
        stated = none_stated(inquiry, part.vocabulary, LINKS)
        faults = [Fault(one.question & ~stated, one.words) for one in faults]
    if within := arguments.get("reconfirmed_within"):
        faults.append(unconfirmed(inquiry, part, within))
    return judged(part.kind, part.rows, faults)


def _untied(inquiry: Inquiry, part: Members, names: list[str], arguments: Arguments, facet: str = "") -> Fault:
    found = NOTHING
    for name in names:
        found |= _to(inquiry, part, name, arguments, facet)

    def words(row: Any) -> str:
        what = listed(names) + (f" ({called(facet)})" if facet else "")
        return _("not linked to any %(what)s") % {"what": what}

    return Fault(~found, words)


def _to(inquiry: Inquiry, part: Members, name: str, arguments: Arguments, facet: str) -> Q:
    """Tied to a member of the population as it is now; with `at`, as it was at that date of the row."""
    if at := arguments.get("at"):
        return _at_that_date(inquiry, part, name, at)
    found = NOTHING
    for target in members(inquiry, name):
        vocabulary = target.vocabulary
        good = target.where(filled(vocabulary, arguments.get("fields")))
        if facet:
            good = good.where(_facet(inquiry, target, facet))
        so = None
        if before := arguments.get("before"):
            so = Q(**{f"{happened(target.kind)}__lte": OuterRef(part.vocabulary.fact(before).path)})
        found |= tied_to(part.kind, good, so)
    return found


def _facet(inquiry: Inquiry, target: Members, facet: str) -> Q:
    """That one of the names under which records of the kind tell their facets has the value."""
    names = ("facets",) if knows(target.vocabulary, "facets") else FACETS.get(target.kind)
    if names is None:
        raise Unrecorded(f"facets of {target.kind}")
    found = NOTHING
    for path in names:
        found |= where(inquiry, target.vocabulary, Compare(path, "=", facet))
    return found


def _at_that_date(inquiry: Inquiry, part: Members, name: str, at: str) -> Q:
    """One question for each date: the population is asked as of it."""
    path, found = part.vocabulary.fact(at).path, NOTHING
    whole_days = bound(part.vocabulary.model, path, inquiry.as_of) != inquiry.as_of
    for moment in part.rows.order_by().values_list(path, flat=True).distinct():
        if moment is None:
            continue
        then = inquiry.end_of(moment) if whole_days else moment
        for target in members(inquiry.at(then), name):
            found |= Q(**{path: moment}) & tied_to(part.kind, target)
    return found


def _miscounted(inquiry: Inquiry, part: Members, arguments: Arguments) -> list[Fault]:
    """Members with too few or too many ties, counted once for each value of `distinct`."""
    seen: dict[int, set[Any]] = {}
    for target in targets(inquiry, arguments["to"]):
        value_of: dict[int, Any] = {}
        if distinct := arguments.get("distinct"):
            value_of = dict(target.rows.order_by().values_list("pk", target.vocabulary.fact(distinct).path))
        for pk, other in pairs(part, target):
            seen.setdefault(pk, set()).add(value_of.get(other, other) if value_of else (target.kind, other))
    sizes = Counter({pk: len(ties) for pk, ties in seen.items()})
    told = arguments.get("min", 0 if "max" in arguments else 1)
    least = told if isinstance(told, int) else int(inquiry.number(told))
    most = int(inquiry.number(arguments["max"])) if "max" in arguments else None
    every = list(part.rows.order_by().values_list("pk", flat=True))

    def words(row: Any) -> str:
        return _("%(count)s linked, asked for: %(least)s or more") % {"count": sizes[row.pk], "least": least}

    def too_many(row: Any) -> str:
        return _("%(count)s linked, at most: %(most)s") % {"count": sizes[row.pk], "most": most}

    faults = [Fault(Q(pk__in=[pk for pk in every if sizes[pk] < least]), words)]
    if most is not None:
        faults.append(Fault(Q(pk__in=[pk for pk in every if sizes[pk] > most]), too_many))
    return faults
