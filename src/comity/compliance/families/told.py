"""What somebody was told: communicated."""

from __future__ import annotations

from typing import Any

from django.db.models import Exists, F, OuterRef, Q
from django.utils.translation import gettext as _

from comity.compliance import catalogue
from comity.compliance.columns import NOTHING
from comity.compliance.compiler import holders_of, knows
from comity.compliance.families import Arguments, family, many, over, targets
from comity.compliance.families.fields import filled
from comity.compliance.families.moments import happened, in_time, younger
from comity.compliance.families.named import everybody
from comity.compliance.families.papers import in_force
from comity.compliance.families.people import addressed, holders, is_role
from comity.compliance.inquiry import Inquiry
from comity.compliance.names import called
from comity.compliance.outcome import Fault, Lot, Outcome, Single, judged
from comity.compliance.reasons import later, length, on
from comity.compliance.ties import Members, linked
from comity.records.facts import Rows, Unrecorded, spoken

SINCE = {"complaints_closed": "closed_at", "improvements_customer_done": "implemented_on"}
"""When the time to tell of members of a population begins, where that is not when they happened."""
PUBLISHED = "web_content"
EVERYBODY = "public"
NAMED = {"attendees": ("contacts", ""), "named_parties": ("party_contacts", "own_people")}
"""Addressees whom each member names by itself: the names of its contacts, and of our own people."""


@family("about to purpose topic carries within before since every by direction direct fields or_web or_linked")
def communicated(inquiry: Inquiry, arguments: Arguments) -> Outcome:
    """Somebody was told: about each member, or each addressee, and in time."""
    said = _said(inquiry, arguments)
    if arguments["to"] == EVERYBODY:
        return Outcome(singles=(_to_everybody(inquiry, said, arguments),))
    if "about" in arguments:
        return over(inquiry, arguments["about"], lambda part: _about(inquiry, part, said, arguments))
    found = [
        over(inquiry, name, lambda part: _reached(inquiry, part, said, arguments)) for name in many(arguments["to"])
    ]
    return found[0] if len(found) == 1 else Outcome(parts=tuple((one, False) for one in found))


def _said(inquiry: Inquiry, arguments: Arguments) -> Members:
    """The communications that fit, whomever they went to."""
    vocabulary = spoken("communication")
    moment = vocabulary.fact("occurred_at").path
    said = vocabulary.rows.filter(
        status="recorded", direction=arguments.get("direction", "outbound"), **{f"{moment}__lte": inquiry.as_of}
    ).order_by()
    for name in ("purpose", "topic"):
        if name in arguments:
            said = said.filter(**{vocabulary.fact(name).path: arguments[name]})
    if every := arguments.get("every"):
        said = said.filter(**{f"{moment}__gt": inquiry.before(every)})
    if arguments.get("direct"):
        said = said.filter(**{vocabulary.fact("bulk").path: False})
    return Members("communication", said.filter(filled(vocabulary, arguments.get("fields"))))


def _loads(inquiry: Inquiry, arguments: Arguments) -> list[tuple[str, Q]]:
    """What must be carried, each in its version in force; one empty load where nothing must."""
    vocabulary, found = spoken("communication"), []
    for name in many(arguments.get("carries")):
        path = vocabulary.fact("version_carried").path
        found.append((name, Q(**{f"{path}__in": _carried(inquiry, name).order_by().values("ref")})))
    return found or [("", Q())]


def _carried(inquiry: Inquiry, name: str) -> Rows:
    if name in catalogue.words().tags["document_types"]:
        return in_force(inquiry, name)
    vocabulary = spoken(name)
    return vocabulary.rows.filter(vocabulary.at("in_force", inquiry.as_of))


def _reached(inquiry: Inquiry, part: Members, said: Members, arguments: Arguments) -> Lot:
    """Each addressee was told, by whichever communication fits."""
    faults = []
    for name, carrying in _loads(inquiry, arguments):
        good = linked(part.kind, said.where(carrying)) | _otherwise(inquiry, part, arguments, name)
        faults.append(Fault(~good, _untold(inquiry, part, said, arguments, name)))
    young = None
    if within := arguments.get("within"):
        young = _recent_load(inquiry, within, arguments)
    return judged(part.kind, part.rows, faults, young)


def _to_everybody(inquiry: Inquiry, said: Members, arguments: Arguments) -> Single:
    """The public is told by a page that is published, or by what went to many at once."""
    label = called(arguments.get("topic") or EVERYBODY)
    bulk = said.rows.filter(**{said.vocabulary.fact("bulk").path: True})
    if bulk.exists() or (arguments.get("or_web") and _published(inquiry, arguments, "")):
        return Single(label)
    return Single(label, later(lambda: _("nothing that is in force tells everybody of it")))


def _recent_load(inquiry: Inquiry, within: str, arguments: Arguments) -> Q | None:
    """While what shall be told is younger than the time, everybody may still be told."""
    since = inquiry.before(within)
    fresh = any(
        _carried(inquiry, name).filter(released_at__gt=since).exists() for name in many(arguments.get("carries"))
    )
    return Q(pk__isnull=False) if fresh else None


def _about(inquiry: Inquiry, part: Members, said: Members, arguments: Arguments) -> Lot:
    """Each member: every addressee heard of it, by the sender asked for, at the time asked for."""
    vocabulary = spoken("communication")
    moment, path = vocabulary.fact("occurred_at").path, part.vocabulary.fact
    so, faults = Q(), []
    if before := arguments.get("before"):
        if not knows(part.vocabulary, before):
            return _before_each(inquiry, part, said, arguments)
        so &= Q(**{f"{moment}__lte": OuterRef(path(before).path)})
    if since := arguments.get("since"):
        so &= Q(**{f"{moment}__gte": OuterRef(path(since).path)})
    start, young = _start(part, arguments["about"]), None
    if within := arguments.get("within"):
        so &= in_time(inquiry, part, start, moment, within)
        young = younger(part.vocabulary, start, inquiry.before(within))
    if who := arguments.get("by"):
        so &= _by(inquiry, part, who)
    for to in many(arguments["to"]):
        for name, carrying in _loads(inquiry, arguments):
            if to in NAMED:
                good = everybody(inquiry, part, said.where(carrying), NAMED[to], arguments)
                faults.append(Fault(~good, _untold(inquiry, part, said, arguments, to)))
                continue
            heard = said.where(carrying).where(addressed(inquiry, vocabulary, to))
            good = linked(part.kind, heard, so or None) | _otherwise(inquiry, part, arguments, name)
            faults.append(Fault(~good, _untold(inquiry, part, said, arguments, to)))
    return judged(part.kind, part.rows, faults, young)


def _before_each(inquiry: Inquiry, part: Members, said: Members, arguments: Arguments) -> Lot:
    """Each member was told before the date of every record that it is an entry of: customers of a new version, say."""
    vocabulary, faults = spoken("communication"), []
    whole, entry = holders_of(inquiry, arguments["about"])
    party, moment = vocabulary.fact("party").path, vocabulary.fact("occurred_at").path
    until = whole.vocabulary.fact(arguments["before"]).path
    for to in many(arguments["to"]):
        heard = said.where(addressed(inquiry, vocabulary, to)).rows
        told = heard.filter(**{party: OuterRef("entry"), f"{moment}__date__lte": OuterRef(until)})
        untold = whole.rows.order_by().annotate(entry=F(entry)).filter(~Exists(told)).values("entry")
        faults.append(Fault(Q(pk__in=untold), _untold(inquiry, part, said, arguments, to)))
    return judged(part.kind, part.rows, faults)


def _start(part: Members, about: str) -> str:
    return part.vocabulary.fact(SINCE[about]).path if about in SINCE else happened(part.kind)


def _by(inquiry: Inquiry, part: Members, who: str) -> Q:
    sender = spoken("communication").fact("owner").path
    if is_role(who):
        return Q(**{f"{sender}__in": holders(inquiry, who)})
    return Q(**{sender: OuterRef(part.vocabulary.fact(who).path)})


def _otherwise(inquiry: Inquiry, part: Members, arguments: Arguments, carried: str) -> Q:
    """Published content that everybody can open also satisfies, and so does a record that is linked."""
    found = NOTHING
    for target in targets(inquiry, arguments.get("or_linked")):
        found |= linked(part.kind, target)
    if arguments.get("or_web") and _published(inquiry, arguments, carried):
        found |= Q(pk__isnull=False)
    return found


def _published(inquiry: Inquiry, arguments: Arguments, carried: str) -> bool:
    """Whether a page in force is about the topic, or what shall be carried is itself for everybody."""
    vocabulary = spoken("document_version")
    pages = in_force(inquiry, PUBLISHED)
    if "topic" not in arguments:
        public = in_force(inquiry, carried) if carried in catalogue.words().tags["document_types"] else pages.none()
        return public.filter(document__classification="public").exists()
    if not knows(vocabulary, "sections"):
        raise Unrecorded("document_version.sections")
    path, topic = vocabulary.fact("sections").path, arguments["topic"]
    pages = pages.filter(**{f"{path}__has_key": topic})
    if names := many(arguments.get("fields")):
        pages = pages.filter(**{f"{path}__{topic}__fields__has_keys": names})
    return pages.exists()


def _untold(inquiry: Inquiry, part: Members, said: Members, arguments: Arguments, whom: str) -> Any:
    def words(row: Any) -> str:
        same = Members(part.kind, part.rows.filter(pk=row.pk))
        path = said.vocabulary.fact("occurred_at").path
        last = said.rows.filter(linked("communication", same)).order_by(f"-{path}").values_list(path, flat=True).first()
        who = called(whom) or _("the addressee")
        if limit := arguments.get("within") or arguments.get("every"):
            told = {"who": who, "day": on(last), "time": length(inquiry.limit(limit))}
            return _("%(who)s told last: %(day)s; asked for within %(time)s") % told
        return _("%(who)s told last: %(day)s") % {"who": who, "day": on(last)}

    return words
