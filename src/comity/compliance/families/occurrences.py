"""Things that recur: those of a kind that fit what the arguments ask of them."""

from __future__ import annotations

from collections import Counter
from datetime import datetime

from django.db.models import Q

from comity.compliance.columns import NOTHING, among, is_empty
from comity.compliance.compiler import knows
from comity.compliance.families import Arguments, many, targets
from comity.compliance.families.fields import LINKS, none_stated
from comity.compliance.families.moments import PLANNED, between, happened
from comity.compliance.families.people import with_party
from comity.compliance.inquiry import Inquiry
from comity.compliance.ties import Members, linked, pairs
from comity.records.facts import Unrecorded, Vocabulary, spoken

RELATIONS = ("participation", "attended_by", "shared_with", "sent_to", "confirmed_by", "by")
OF_COMMUNICATION = ("purpose", "direction", "sent_to")  # asked of communications; other kinds have none of it
SPEAKING = ("notes", "conclusion", "decision", "verdict", "direction", "input_report")


def occurrences(inquiry: Inquiry, arguments: Arguments, since: datetime | None) -> list[Members]:
    """Those of each kind that happened after the one moment and not after the question's, and fit."""
    return [_happened(inquiry, kind, arguments, since) for kind in many(arguments["kind"])]


def _happened(inquiry: Inquiry, kind: str, arguments: Arguments, since: datetime | None) -> Members:
    vocabulary = spoken(kind)
    part = Members(kind, vocabulary.rows)
    if kind == "review":
        part = part.where(among(vocabulary, vocabulary.fact("status"), list(held_words(vocabulary))))
    part = between(part, happened(kind), since, inquiry.as_of)
    if kind == "communication" and knows(vocabulary, "status"):
        part = part.where(~Q(status="withdrawn"))
    return _fitting(inquiry, part, arguments)


def held_words(vocabulary: Vocabulary) -> tuple[str, ...]:
    """What is stored for a review that was held."""
    return tuple(vocabulary.fact("status").words.get("held", ("held",)))


def planned(inquiry: Inquiry, arguments: Arguments, until: datetime) -> list[Members]:
    """Those that have a date from now until then; with the party invited where its participation is asked for."""
    found = []
    for kind in many(arguments["kind"]):
        vocabulary = spoken(kind)
        name = PLANNED.get(kind, "planned_on")
        if not knows(vocabulary, name):
            continue
        path = vocabulary.fact(name).path
        part = between(Members(kind, vocabulary.rows), path, inquiry.as_of.replace(hour=0, minute=0), until)
        part = part.where(_typed(vocabulary, arguments))
        if arguments.get("next") == "only" and "participation" in arguments and kind == "review":
            invited = f"invited_{arguments['participation']}"
            part = part.where(with_party(inquiry, vocabulary, invited, arguments["participation"]))
        found.append(part)
    if not found:
        raise Unrecorded(f"planned {', '.join(many(arguments['kind']))}")
    return found


def _typed(vocabulary: Vocabulary, arguments: Arguments) -> Q:
    """Of one of the types, if the kind has types at all that are named."""
    types = many(arguments.get("type"))
    several = len(many(arguments.get("kind"))) > 1
    if not types or (several and not knows(vocabulary, "type")):
        return Q()
    fact = vocabulary.fact("type")
    stored = [value for word in types for value in fact.words.get(word, (word,))]
    if several and not _has_choice(vocabulary, fact.path, stored):
        return Q()  # the types are those of another of the kinds
    return among(vocabulary, fact, stored)


def _has_choice(vocabulary: Vocabulary, path: str, stored: list[str]) -> bool:
    choices = getattr(vocabulary.model._meta.get_field(path.split("__")[0]), "choices", None) or ()
    return any(value in stored for value, _label in choices)


def _fitting(inquiry: Inquiry, part: Members, arguments: Arguments) -> Members:
    vocabulary, kind = part.vocabulary, part.kind
    question = _typed(vocabulary, arguments)
    for name in ("purpose", "direction"):
        if name in arguments and (kind == "communication" or len(many(arguments["kind"])) == 1):
            question &= among(vocabulary, vocabulary.fact(name), [arguments[name]])
    if tags := many(arguments.get("tags")):
        question &= among(vocabulary, vocabulary.fact("tags"), tags)
    for topic in many(arguments.get("topics")):
        question &= deals_with(vocabulary, topic)
    if arguments.get("direct") and kind == "communication":
        question &= Q(**{vocabulary.fact("bulk").path: False})
    for relation in RELATIONS:
        if relation in arguments and not (relation in OF_COMMUNICATION and kind != "communication"):
            question &= with_party(inquiry, vocabulary, relation, arguments[relation])
    question &= _filled(inquiry, vocabulary, arguments) & _pointing(inquiry, part, arguments)
    if "covers" in arguments:
        question &= vocabulary.at("covers", inquiry.as_of)
    if "answers_min" in arguments:
        question &= _answered(inquiry, part, int(inquiry.number(arguments["answers_min"])))
    return part.where(question)


def _filled(inquiry: Inquiry, vocabulary: Vocabulary, arguments: Arguments) -> Q:
    question = Q()
    for name in many(arguments.get("fields")):
        given = ~is_empty(vocabulary, vocabulary.fact(name))
        question &= given | none_stated(inquiry, vocabulary, name) if arguments.get("none_allowed") else given
    return question


def _pointing(inquiry: Inquiry, part: Members, arguments: Arguments) -> Q:
    """It links, and it cites, at least one of those asked for."""
    question = Q()
    if names := arguments.get("linked_to"):
        tied = _any_of(inquiry, part.kind, names)
        question &= tied | none_stated(inquiry, part.vocabulary, LINKS) if arguments.get("none_allowed") else tied
    if names := arguments.get("cites"):
        question &= _any_of(inquiry, part.kind, names)
    return question


def _any_of(inquiry: Inquiry, kind: str, names: object) -> Q:
    found = NOTHING
    for target in targets(inquiry, names):
        found |= cites(kind, target)
    return found


def cites(kind: str, target: Members) -> Q:
    """The records of the kind that are tied to one of these; a review also by one of its points."""
    found = linked(kind, target)
    if kind == "review" and knows_kind("review_point"):
        points = spoken("review_point")
        pointing = points.rows.filter(linked("review_point", target)).order_by()
        found |= Q(pk__in=pointing.values(points.fact("review").path))
    return found


def knows_kind(kind: str) -> bool:
    """Whether the installation has such records."""
    try:
        spoken(kind)
    except Unrecorded:
        return False
    return True


def deals_with(vocabulary: Vocabulary, topic: str) -> Q:
    """That a record is about the topic: a review by a point with something said, others by their topic or topics."""
    if vocabulary.kind == "review":
        return points_on(topic, SPEAKING)
    name = "topics" if knows(vocabulary, "topics") else "topic"
    return among(vocabulary, vocabulary.fact(name), [topic])


def points_on(topic: str, entries: tuple[str, ...]) -> Q:
    """Reviews with a point on the topic in which one of the entries is filled."""
    points = spoken("review_point")
    said = NOTHING
    for name in entries:
        if knows(points, name):
            said |= ~is_empty(points, points.fact(name))
    on_topic = points.rows.filter(among(points, points.fact("topic"), [topic])).filter(said).order_by()
    return Q(pk__in=on_topic.values(points.fact("review").path))


def _answered(inquiry: Inquiry, part: Members, least: int) -> Q:
    """Surveys with so many answers, or those of all who were asked."""
    vocabulary = spoken("survey_response")
    asked = Members("survey_response", vocabulary.rows)
    every = Counter(pk for pk, _other in pairs(part, asked))
    answers = Counter(pk for pk, _other in pairs(part, asked.where(Q(type="answered"))))
    return Q(pk__in=[pk for pk, count in answers.items() if count >= min(least, every[pk])])
