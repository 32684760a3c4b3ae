"""Who agreed, and who stated something: accepted, attested."""

from __future__ import annotations

from datetime import datetime
from functools import partial
from typing import Any

from django.db.models import F, OuterRef, Q
from django.utils.translation import gettext as _

from comity.compliance import catalogue
from comity.compliance.columns import NOTHING, among, bound, is_empty
from comity.compliance.compiler import knows, members, values
from comity.compliance.families import Arguments, family, many, over
from comity.compliance.families.fields import filled
from comity.compliance.families.moments import between, happened
from comity.compliance.families.papers import in_force
from comity.compliance.families.people import holders, is_role
from comity.compliance.inquiry import Inquiry
from comity.compliance.outcome import Fault, Lot, Outcome, Single, judged
from comity.compliance.reasons import later, length, on
from comity.compliance.ties import Members, linked
from comity.records.facts import Rows, Unrecorded, spoken

BOTH = "both_parties"
ACCEPTING = {"customer": "contact__customer", "contact": "contact", "staff": "person"}
SIGNED = {"own": "person", "other": "contact"}  # which name of an acceptance tells the side


@family("what by kind process within not_after share signing_authority")
def accepted(inquiry: Inquiry, arguments: Arguments) -> Outcome:
    """Those concerned accepted the exact version now in force: one lot for each version, of the people it concerns."""
    share = inquiry.number(arguments["share"]) if "share" in arguments else None
    if arguments["by"] == BOTH:
        parts = [part for name in many(arguments["what"]) for part in _versions(inquiry, name, arguments)]
        return Outcome(tuple(_by_both(inquiry, part, arguments) for part in parts), share=share)
    of_version = [
        (over(inquiry, arguments["by"], partial(_of, inquiry, arguments, version), share=share), False)
        for name in many(arguments["what"])
        for part in _versions(inquiry, name, arguments)
        for version in part.rows.order_by("pk")
    ]
    if not of_version:
        return Outcome()
    return of_version[0][0] if len(of_version) == 1 else Outcome(parts=tuple(of_version))


def _versions(inquiry: Inquiry, name: str, arguments: Arguments) -> list[Members]:
    """Documents of a type in force, or the members of a population of versioned records."""
    if name in catalogue.words().populations:
        return list(members(inquiry, name))
    return [Members("document_version", in_force(inquiry, name, arguments.get("process")))]


def _given(inquiry: Inquiry, arguments: Arguments) -> Rows:
    vocabulary = spoken("acceptance")
    given = vocabulary.rows.filter(
        status="given",
        type__in=many(arguments["kind"]),
        **{f"{vocabulary.fact('accepted_at').path}__lte": inquiry.as_of},
    ).order_by()
    if arguments.get("signing_authority"):
        given = given.filter(Q(contact__signing_authority=True) | Q(contact__isnull=True))
    return given


def _of(inquiry: Inquiry, arguments: Arguments, version: Any, part: Members) -> Lot | None:
    """The people whom one version concerns."""
    rows = _concerned(inquiry, part, version)
    mine = _given(inquiry, arguments).filter(version_ref=version.ref)
    since = getattr(version, "released_at", None) or version.entered_at
    young = None
    if within := arguments.get("within"):
        if since > inquiry.before(within):
            young = Q()
        elif part.kind == "staff":
            young = Q(starts_on__gt=bound(part.vocabulary.model, "starts_on", inquiry.before(within)))
        mine = mine.filter(_in_time(inquiry, part, since, within))
    words = later(lambda: _("%(version)s not accepted") % {"version": version.ref})
    fault = Fault(~_accepting(part, mine), lambda row: words)
    return judged(part.kind, rows, [fault], Q(pk__isnull=False) if young == Q() else young)


def _in_time(inquiry: Inquiry, part: Members, since: datetime, within: str) -> Q:
    """Within the time from the release; whoever came later is not held to it."""
    vocabulary = spoken("acceptance")
    early = Q(**{f"{vocabulary.fact('accepted_at').path}__lte": inquiry.due(since, within)})
    if part.kind != "staff":
        return early
    return early | Q(person__starts_on__gt=bound(part.vocabulary.model, "starts_on", since))


def _concerned(inquiry: Inquiry, part: Members, version: Any) -> Rows:
    """A version that is tied to members concerns those, one for a segment its customers, any other everybody."""
    document, agreement = getattr(version, "document", None), getattr(version, "agreement", None)
    if part.kind != "customer":
        return part.rows
    if document is not None and document.customer_id:
        return part.rows.filter(pk=document.customer_id)
    if document is not None and document.segment_id:
        return part.rows.filter(Q(category=document.segment_id) | Q(segment=document.segment_id))
    if agreement is not None and agreement.customers.exists():
        return part.rows.filter(pk__in=agreement.customers.values("pk"))
    return part.rows


def _accepting(part: Members, given: Rows) -> Q:
    if (path := ACCEPTING.get(part.kind)) is None:
        raise Unrecorded(f"acceptance by a {part.kind}")
    return Q(pk__in=given.filter(**{f"{path}__isnull": False}).values(path))


def _by_both(inquiry: Inquiry, part: Members, arguments: Arguments) -> Lot:
    """Each version by our side and by the other: in an acceptance, or in the version's own signature."""
    given, faults = _given(inquiry, arguments), []
    for side, name in SIGNED.items():
        so = ~is_empty(spoken("acceptance"), spoken("acceptance").fact(name))
        signed = linked(part.kind, Members("acceptance", given.filter(so)))
        if limit := arguments.get("not_after"):
            timely = Q(accepted_at__date__lte=OuterRef(part.vocabulary.fact(limit).path))
            signed = linked(part.kind, Members("acceptance", given.filter(so)), timely)
        if knows(part.vocabulary, f"{side}_signature"):
            own = ~is_empty(part.vocabulary, part.vocabulary.fact(f"{side}_signature"))
            if limit:
                moment, last = (part.vocabulary.fact(one).path for one in ("signed_on", limit))
                own &= Q(**{f"{moment}__lte": F(last)})
            signed |= own
        faults.append(Fault(~signed, _unsigned(side)))
    return judged(part.kind, part.rows, faults)


def _unsigned(side: str) -> Any:
    if side == "own":
        return lambda row: _("not signed in time by us")
    return lambda row: _("not signed in time by the other party")


@family("statement population by validity fields or_kind")
def attested(inquiry: Inquiry, arguments: Arguments) -> Outcome:
    """A named person stated it, not too long ago."""
    vocabulary = spoken("assessment")
    given = vocabulary.rows.filter(type="attestation", statement=arguments["statement"])
    moment = vocabulary.fact("concluded_at").path
    given = given.filter(**{f"{moment}__lte": bound(vocabulary.model, moment, inquiry.as_of)})
    if within := arguments.get("validity"):
        given = given.filter(**{f"{moment}__gt": bound(vocabulary.model, moment, inquiry.before(within))})
    given = given.filter(filled(vocabulary, arguments.get("fields")))
    if words := values(arguments["population"]):
        said = given.filter(_said_by(inquiry, None, arguments))
        return Outcome(singles=tuple(_of_word(word, said) for word in words))
    return over(inquiry, arguments["population"], lambda part: _stated(inquiry, part, given, arguments))


def _of_word(word: str, given: Rows) -> Single:
    vocabulary = spoken("assessment")
    if given.filter(among(vocabulary, vocabulary.fact("area"), [word])).exists():
        return Single(word)
    return Single(word, later(lambda: _("not stated by the person named")))


def _stated(inquiry: Inquiry, part: Members, given: Rows, arguments: Arguments) -> Lot:
    good = linked(part.kind, Members("assessment", given), _said_by(inquiry, part, arguments))
    if other := arguments.get("or_kind"):
        since = inquiry.before(arguments["validity"]) if "validity" in arguments else None
        answers = Members(other, spoken(other).rows.filter(filled(spoken(other), arguments.get("fields"))))
        if since is not None:
            answers = between(answers, happened(other), since, inquiry.as_of)
        good |= linked(part.kind, answers)
    last = spoken("assessment").rows.filter(type="attestation", statement=arguments["statement"])
    limit = arguments.get("validity")

    def words(row: Any) -> str:
        same = Members(part.kind, part.rows.filter(pk=row.pk))
        path = spoken("assessment").fact("concluded_at").path
        day = last.filter(linked("assessment", same)).order_by(f"-{path}").values_list(path, flat=True).first()
        if day is None or limit is None:
            return _("not stated by the person named")
        return _("stated last on %(day)s, asked for within %(time)s") % {
            "day": on(day),
            "time": length(inquiry.limit(limit)),
        }

    return judged(part.kind, part.rows, [Fault(~good, words)])


def _said_by(inquiry: Inquiry, part: Members | None, arguments: Arguments) -> Q:
    """To ask of a statement: it is by whom the arguments name, beside the member that is looked at."""
    path = spoken("assessment").fact("assessor").path
    found = NOTHING
    for who in many(arguments["by"]):
        if is_role(who):
            found |= Q(**{f"{path}__in": holders(inquiry, who)})
        elif part is None:
            raise Unrecorded(f"{who} of {arguments['population']}")
        else:
            name = {"confirming_manager": "manager"}.get(who, who)
            found |= Q(**{path: OuterRef(part.vocabulary.fact(name).path)})
    return found
