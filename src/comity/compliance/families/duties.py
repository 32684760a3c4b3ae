"""Who answers, who agreed, who may not be one person: responsibility_filled, accepted, separated, attested."""

from __future__ import annotations

from typing import Any

from django.db.models import Count, F, OuterRef, Q, Subquery
from django.utils.translation import gettext as _

from comity.compliance import catalogue
from comity.compliance.compiler import Members, bound, is_empty, members
from comity.compliance.families import Arguments, family, many
from comity.compliance.inquiry import Inquiry
from comity.compliance.outcome import Lot, Outcome, Single
from comity.records.facts import Rows, Unrecorded, code, spoken

NOT_YET = frozenset({"side", "department", "reports_to", "holder_is"})


@family
def responsibility_filled(inquiry: Inquiry, arguments: Arguments) -> Outcome:
    """A duty is held on that day by somebody who is there, as the arguments ask."""
    if unknown := NOT_YET & set(arguments):
        raise Unrecorded(f"{', '.join(sorted(unknown))} of responsibility")
    vocabulary = spoken("responsibility")
    rows = vocabulary.rows.filter(vocabulary.at("status", inquiry.as_of))
    if role := arguments.get("role"):
        rows = rows.filter(**{vocabulary.fact("role").path: role})
    if process := arguments.get("process"):
        rows = rows.filter(**{vocabulary.fact("process").path: process})
    duties = many(arguments.get("duty"))
    if duties:
        raise Unrecorded("responsibility.duties, one by one")
    if "per" in arguments:
        return Outcome(tuple(_over(inquiry, part, rows, arguments) for part in members(inquiry, arguments["per"])))
    wrong = _faulty(inquiry, rows, arguments)
    lot = Lot("responsibility", rows, rows.filter(wrong))
    singles: list[Single] = []
    if holders := arguments.get("holders"):
        count = rows.exclude(deputy=True).count()
        name = ", ".join(str(arguments[one]) for one in ("role", "process") if one in arguments)
        missing = _("nobody holds it") if not count else ""
        if holders == "exactly_one" and count > 1:
            missing = _("%(count)s people hold it directly") % {"count": count}
        singles.append(Single(name, missing))
    return Outcome((lot,), tuple(singles))


def _faulty(inquiry: Inquiry, rows: Rows, arguments: Arguments) -> Q:
    """Responsibilities that lack what is asked of them."""
    vocabulary = spoken("responsibility")
    at_work = spoken("staff").at("status", inquiry.as_of)
    wrong = ~Q(**{f"{vocabulary.fact('holder').path}__in": spoken("staff").rows.filter(at_work).values("pk")})
    for name in many(arguments.get("fields")):
        wrong |= is_empty(vocabulary, vocabulary.fact(name))
    if within := arguments.get("accepted_within"):
        accepted, begun = vocabulary.fact("accepted_at").path, vocabulary.fact("starts_on").path
        since = bound(vocabulary.model, begun, inquiry.before(within))
        wrong |= Q(**{f"{accepted}__isnull": True, f"{begun}__lte": since})
    if approver := arguments.get("approved_by"):
        wrong |= ~Q(pk__in=code("predicate", "approved by a holder")(inquiry.as_of, rows, role=approver))
    return wrong


def _over(inquiry: Inquiry, part: Members, rows: Rows, arguments: Arguments) -> Lot:
    """Each subject by whoever holds the duty over it, else over its group, else over everything."""
    if part.kind != "customer":
        raise Unrecorded(f"who answers for a {part.kind}")
    good = rows.exclude(_faulty(inquiry, rows, arguments)).exclude(deputy=True).order_by()
    whole = good.filter(customer__isnull=True, segment__isnull=True, subject_ref="").exists()
    groups = good.filter(segment__isnull=False).values("segment")
    direct = Q(pk__in=good.filter(customer__isnull=False).values("customer"))
    held = direct | Q(category__in=groups) | Q(segment__in=groups)
    wrong = Q(pk__in=[]) if whole else ~held
    if arguments.get("holders") == "exactly_one":
        twice = good.filter(customer__isnull=False).values("customer").annotate(holders=Count("person", distinct=True))
        wrong |= Q(pk__in=twice.filter(holders__gt=1).values("customer"))
    return Lot(part.kind, part.rows, part.rows.filter(wrong))


@family
def accepted(inquiry: Inquiry, arguments: Arguments) -> Outcome:
    """Those concerned accepted the exact version now in force: one lot for each version, of the people it concerns."""
    kinds = many(arguments["kind"])
    share = inquiry.number(arguments["share"]) if "share" in arguments else None
    versions = _versions(inquiry, arguments)
    given = spoken("acceptance").rows.filter(type__in=kinds, status="given", accepted_at__lte=inquiry.as_of).order_by()
    if arguments.get("signing_authority"):
        given = given.filter(Q(contact__signing_authority=True) | Q(contact__isnull=True))
    if arguments["by"] == "both_parties":
        raise Unrecorded("acceptance by both parties")
    lots = []
    for version in versions:
        mine = given.filter(version_ref=version.ref)
        for part in members(inquiry, arguments["by"]):
            rows = _concerned(part, version)
            yes = _accepting(part, mine)
            young = _young(inquiry, arguments, version)
            lots.append(
                Lot(part.kind, rows, rows.none() if young else rows.exclude(yes), rows.exclude(yes) if young else None)
            )
    return Outcome(tuple(lots), share=share)


def _versions(inquiry: Inquiry, arguments: Arguments) -> list[Any]:
    found: list[Any] = []
    for name in many(arguments["what"]):
        if name in catalogue.words().populations:
            for part in members(inquiry, name):
                found += list(part.rows)
            continue
        vocabulary = spoken("document_version")
        holds = vocabulary.at("in_force", inquiry.as_of)
        rows = vocabulary.rows.filter(holds, document__type=name)
        if process := arguments.get("process"):
            rows = rows.filter(document__process=process)
        found += list(rows.select_related("document"))
    return found


def _concerned(part: Members, version: Any) -> Rows:
    """A version for one customer, or for some, concerns those only."""
    document = getattr(version, "document", None)
    agreement = getattr(version, "agreement", None)
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
    if part.kind == "customer":
        return Q(pk__in=given.filter(contact__isnull=False).values("contact__customer"))
    if part.kind == "contact":
        return Q(pk__in=given.filter(contact__isnull=False).values("contact"))
    if part.kind == "staff":
        return Q(pk__in=given.filter(person__isnull=False).values("person"))
    raise Unrecorded(f"acceptance by a {part.kind}")


def _young(inquiry: Inquiry, arguments: Arguments, version: Any) -> bool:
    within = arguments.get("within")
    if not within:
        return False
    since = getattr(version, "released_at", None) or version.entered_at
    return bool(since > inquiry.before(within))


ACTS = {
    "review_frequency_acceptance": ("customer", "frequency_accepter"),
    "review_frequency_proposal": ("customer", "frequency_proposer"),
    "document_approval": ("document_version", "approver"),
    "document_authoring": ("document_version", "author"),
    "case_handling": ("case", "handler"),
    "case_investigation": ("case", "investigator"),
    "person_complained_about": ("case", "about"),
}


@family
def separated(inquiry: Inquiry, arguments: Arguments) -> Outcome:
    """Two acts on a record were not done by the same person."""
    lots = []
    for part in members(inquiry, arguments["population"]):
        kind, column = ACTS.get(arguments["act"], ("", ""))
        if kind != part.kind:
            raise Unrecorded(f"{arguments['act']} of {part.kind}")
        done = part.rows.filter(**{f"{column}__isnull": False})
        wrong = Q(pk__in=[])
        for other in many(arguments["not_by"]):
            kind, path = ACTS.get(other, ("", ""))
            if kind != part.kind:
                raise Unrecorded(f"{other} of {part.kind}")
            same = part.vocabulary.rows.filter(**{path: F(column)}).order_by().values("pk")
            wrong |= Q(pk__in=same)
        for name, path in (("by_role", column), ("other_role", ACTS[many(arguments["not_by"])[0]][1])):
            if role := arguments.get(name):
                wrong |= ~Q(**{f"{path}__in": holders(inquiry, role)})
        lots.append(Lot(part.kind, done, done.filter(wrong)))
    return Outcome(tuple(lots))


def holders(inquiry: Inquiry, role: str) -> Rows:
    """Ids of the people who hold a duty on that day."""
    vocabulary = spoken("responsibility")
    holds = vocabulary.at("status", inquiry.as_of)
    return vocabulary.rows.filter(holds, role=role).order_by().values("person")


@family
def attested(inquiry: Inquiry, arguments: Arguments) -> Outcome:
    """A named person stated it, not too long ago."""
    vocabulary = spoken("assessment")
    given = vocabulary.rows.filter(type="attestation", statement=arguments["statement"])
    if within := arguments.get("validity"):
        given = given.filter(concluded_at__gt=inquiry.before(within), concluded_at__lte=inquiry.as_of)
    for name in many(arguments.get("fields")):
        given = given.exclude(is_empty(vocabulary, vocabulary.fact(name)))
    lots = []
    for part in members(inquiry, arguments["population"]):
        refs = Subquery(given.filter(subject_ref=OuterRef("ref")).values("pk")[:1])
        rows = part.rows.annotate(attested=refs)
        lots.append(Lot(part.kind, part.rows, rows.filter(attested__isnull=True)))
    return Outcome(tuple(lots))
