"""What agreements and contracts say: clause_covered."""

from __future__ import annotations

from django.db.models import Q
from django.utils.translation import gettext as _

from comity.compliance.columns import NOTHING, among, is_empty
from comity.compliance.compiler import knows
from comity.compliance.families import Arguments, family, many, over, targets
from comity.compliance.inquiry import Inquiry
from comity.compliance.names import called, joined
from comity.compliance.outcome import Fault, Lot, Outcome, judged
from comity.compliance.ties import Members, linked, pairs
from comity.records.facts import Rows, spoken


@family("commitment topics per any_topic fields none_allowed reference_allowed links links_all")
def clause_covered(inquiry: Inquiry, arguments: Arguments) -> Outcome:
    """Agreements or contracts contain clauses on the topics; with `per`, those of a party taken together do."""
    if "per" not in arguments:
        return over(inquiry, arguments["commitment"], lambda part: _each(inquiry, part, arguments))
    return over(inquiry, arguments["per"], lambda part: _per(inquiry, part, arguments))


def _each(inquiry: Inquiry, part: Members, arguments: Arguments) -> Lot:
    faults = []
    for topic in many(arguments["topics"]):
        good = Members("clause", _good(inquiry, topic, arguments)).settled()
        faults.append(_without(~linked(part.kind, good) | _unlinked(inquiry, part, good, arguments), topic))
    return judged(part.kind, part.rows, _suffices(faults, arguments))


def _per(inquiry: Inquiry, part: Members, arguments: Arguments) -> Lot:
    faults = []
    for topic in many(arguments["topics"]):
        good, covered = Members("clause", _good(inquiry, topic, arguments)).settled(), NOTHING
        for commitment in targets(inquiry, arguments["commitment"]):
            saying = commitment.where(linked(commitment.kind, good))
            saying = saying.where(~_unlinked(inquiry, commitment, good, arguments))
            covered |= linked(part.kind, saying.settled())
        faults.append(_without(~covered, topic))
    return judged(part.kind, part.rows, _suffices(faults, arguments))


def _without(question: Q, topic: str) -> Fault:
    return Fault(question, lambda row: _("no sufficient clause on %(topic)s") % {"topic": called(topic)})


def _suffices(faults: list[Fault], arguments: Arguments) -> list[Fault]:
    """One of the topics is enough where the arguments say so."""
    if not arguments.get("any_topic"):
        return faults
    none = Q()
    for one in faults:
        none &= one.question
    return [Fault(none, lambda row: joined(one.words(row) for one in faults))]


def _good(inquiry: Inquiry, topic: str, arguments: Arguments) -> Rows:
    """Clauses on the topic with text, with every attribute asked for, and linked as asked."""
    vocabulary = spoken("clause")
    told = ~is_empty(vocabulary, vocabulary.fact("text"))
    if knows(vocabulary, "none"):
        none = Q(**{vocabulary.fact("none").path: True})
        told &= ~none
    else:
        none = NOTHING
    for name in many(arguments.get("fields")):
        told &= _states(name)
    if arguments.get("reference_allowed"):
        told |= ~is_empty(vocabulary, vocabulary.fact("reference"))
    if names := many(arguments.get("links")):
        found = NOTHING
        for target in targets(inquiry, names):
            found |= linked("clause", target)
        told &= found
    if arguments.get("none_allowed"):
        told |= none & ~is_empty(vocabulary, vocabulary.fact("text"))
    return vocabulary.rows.filter(among(vocabulary, vocabulary.fact("topic"), [topic])).filter(told)


def _states(name: str) -> Q:
    """That the attribute of the clause has something in it."""
    vocabulary = spoken("clause")
    path = vocabulary.fact("attributes").path
    return Q(**{f"{path}__has_key": name}) & ~Q(**{f"{path}__{name}": ""}) & ~Q(**{f"{path}__{name}": None})


def _unlinked(inquiry: Inquiry, part: Members, clauses: Members, arguments: Arguments) -> Q:
    """Commitments of which no clause is linked to every member in their scope; without ties all members are."""
    names = many(arguments.get("links_all"))
    if not names:
        return NOTHING
    of_clause = pairs(part, clauses)
    lacking: set[int] = set()
    for target in targets(inquiry, names):
        scope = set(target.rows.values_list("pk", flat=True))
        shown: dict[int, set[int]] = {}
        for clause, pk in pairs(clauses, target):
            shown.setdefault(clause, set()).add(pk)
        by_commitment: dict[int, list[int]] = {}
        for commitment, clause in of_clause:
            by_commitment.setdefault(commitment, []).append(clause)
        lacking |= {
            pk for pk, own in by_commitment.items() if not any(scope <= shown.get(clause, set()) for clause in own)
        }
    return Q(pk__in=lacking)
