"""Facts that got a reaction: followed_up."""

from __future__ import annotations

from typing import Any

from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext as _

from comity.compliance import catalogue
from comity.compliance.columns import NOTHING, among, bound, is_empty
from comity.compliance.compiler import knows
from comity.compliance.families import Arguments, family, many, over, targets
from comity.compliance.families.fields import LINKS, filled, none_stated
from comity.compliance.families.moments import happened, in_time, younger
from comity.compliance.families.occurrences import held_words
from comity.compliance.families.people import by_role
from comity.compliance.inquiry import Inquiry
from comity.compliance.outcome import Fault, Lot, Outcome, judged
from comity.compliance.reasons import length
from comity.compliance.rules.conditions import Group
from comity.compliance.ties import Members, linked
from comity.records.facts import Unrecorded, spoken

ADDRESSEE = ("person", "recipients", "owner")
OPEN = ("closed_at", "completed_at", "implemented_on")  # names that are filled once a reaction is done


@family("population by within via none_allowed none_by not_overdue fields topics to_role bundle")
def followed_up(inquiry: Inquiry, arguments: Arguments) -> Outcome:
    """Each member got a reaction that is tied to it, or names it as its source, and in time."""
    return over(inquiry, arguments["population"], lambda part: _reacted(inquiry, part, arguments))


def _reacted(inquiry: Inquiry, part: Members, arguments: Arguments) -> Lot:
    done, overdue, young = NOTHING, NOTHING, None
    start, within = happened(part.kind), arguments.get("within")
    for reaction in targets(inquiry, arguments["by"]):
        fitting = reaction.where(_fitting(inquiry, reaction, arguments))
        so = in_time(inquiry, part, start, spoken(reaction.kind).fact("entered_at").path, within) if within else None
        done |= linked(part.kind, fitting, so)
        if arguments.get("not_overdue"):
            overdue |= linked(part.kind, reaction.where(_overdue(inquiry, reaction)))
    if arguments.get("bundle"):
        done |= _bundled(part, arguments, done)
    if arguments.get("none_allowed"):
        done |= none_stated(inquiry, part.vocabulary, LINKS, arguments.get("none_by", ""))
    if within:
        young = younger(part.vocabulary, start, inquiry.before(within))
    faults = [Fault(~done, _words(inquiry, within)), Fault(overdue, lambda row: _("the reaction is overdue"))]
    return judged(part.kind, part.rows, faults, young)


def _words(inquiry: Inquiry, within: str | None) -> Any:
    def words(row: Any) -> str:
        return (
            _("no reaction within %(time)s") % {"time": length(inquiry.limit(within))} if within else _("no reaction")
        )

    return words


def _fitting(inquiry: Inquiry, reaction: Members, arguments: Arguments) -> Q:
    """What a reaction has to be: complete, on the topic, addressed to the role, decided in the review."""
    vocabulary = reaction.vocabulary
    question = filled(vocabulary, arguments.get("fields"))
    for topic in many(arguments.get("topics")):
        question &= among(vocabulary, vocabulary.fact("topic"), [topic])
    if role := arguments.get("to_role"):
        name = next((one for one in ADDRESSEE if knows(vocabulary, one)), ADDRESSEE[0])
        question &= by_role(inquiry, vocabulary, name, role)
    if kind := arguments.get("via"):
        reviews = spoken("review")
        held = reviews.rows.filter(
            among(reviews, reviews.fact("status"), list(held_words(reviews))),
            among(reviews, reviews.fact("type"), [kind]),
        )
        question &= Q() if reaction.kind == "review" else linked(reaction.kind, Members("review", held))
        if reaction.kind == "review":
            question &= among(reviews, reviews.fact("type"), [kind])
    return question


def _overdue(inquiry: Inquiry, reaction: Members) -> Q:
    """Past its date and not done; what has no date at all cannot be."""
    vocabulary = reaction.vocabulary
    if not knows(vocabulary, "due_on"):
        raise Unrecorded(f"{reaction.kind}.due_on")
    path = vocabulary.fact("due_on").path
    past = Q(**{f"{path}__lt": bound(vocabulary.model, path, inquiry.as_of)})
    for name in OPEN:
        if knows(vocabulary, name):
            past &= is_empty(vocabulary, vocabulary.fact(name))
    return past


def _bundled(part: Members, arguments: Arguments, done: Q) -> Q:
    """A reaction to any record of the same group is one to all of them."""
    conditions = catalogue.words().populations[arguments["population"]].conditions
    group = next((one for one in conditions if isinstance(one, Group)), None)
    if group is None:
        raise Unrecorded(f"groups of {arguments['population']}")
    same = {path: OuterRef(path) for path in (part.vocabulary.fact(name).path for name in group.fields)}
    return Q(Exists(part.vocabulary.rows.order_by().filter(done, **same)))
