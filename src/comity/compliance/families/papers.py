"""What is written down and what was told: document_in_force, clause_covered, communicated."""

from __future__ import annotations

from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _

from comity.compliance.compiler import Members, bound, members
from comity.compliance.families import Arguments, family, many
from comity.compliance.inquiry import Inquiry
from comity.compliance.outcome import Lot, Outcome, Single
from comity.records.facts import Rows, Unrecorded, spoken

DOCUMENT = frozenset(
    {"type", "process", "per", "sections", "section_fields", "review_within", "owner", "approved_by",
     "approver_not_author", "max_words"}
)  # fmt: skip


@family
def document_in_force(inquiry: Inquiry, arguments: Arguments) -> Outcome:
    """A controlled document of the type is in force, with the sections, the approval and the owner asked for."""
    if unknown := set(arguments) - DOCUMENT:
        raise Unrecorded(f"{', '.join(sorted(unknown))} of document_version")
    if "per" in arguments:
        return Outcome(tuple(_for_each(inquiry, part, arguments) for part in members(inquiry, arguments["per"])))
    return Outcome(singles=tuple(_one(inquiry, name, arguments) for name in many(arguments["type"])))


def _held(inquiry: Inquiry, name: str, arguments: Arguments) -> Rows:
    vocabulary = spoken("document_version")
    holds = vocabulary.at("in_force", inquiry.as_of)
    rows = vocabulary.rows.filter(holds, document__type=name)
    if process := arguments.get("process"):
        rows = rows.filter(document__process=process)
    return rows.select_related("document", "author", "approver", "owner")


def _one(inquiry: Inquiry, name: str, arguments: Arguments) -> Single:
    faults = [fault(inquiry, version, arguments) for version in _held(inquiry, name, arguments)]
    if not faults:
        return Single(name, _("no version in force"))
    return Single(name, "" if "" in faults else faults[0])


def fault(inquiry: Inquiry, version: Any, arguments: Arguments) -> str:
    """What a version in force lacks; empty where nothing."""
    sections = getattr(version, "sections", None)
    if sections is None and ("sections" in arguments or "section_fields" in arguments):
        raise Unrecorded("document_version.sections")
    lacking = [name for name in many(arguments.get("sections")) if not (sections or {}).get(name, {}).get("text")]
    if lacking:
        return _("sections missing or empty: %(names)s") % {"names": ", ".join(lacking)}
    for section in many(arguments.get("sections")):
        stated = (sections or {})[section].get("fields", {})
        empty = [name for name in many(arguments.get("section_fields")) if not stated.get(name)]
        if empty:
            return _("section %(section)s does not state: %(names)s") % {"section": section, "names": ", ".join(empty)}
    if within := arguments.get("review_within"):
        approved = version.approved_at
        if approved is None or approved <= inquiry.before(within):
            return _("not approved anew in time")
    if arguments.get("approver_not_author") and version.approver_id in (None, version.author_id):
        return _("approved by its author")
    if arguments.get("owner") and not _owned(inquiry, version):
        return _("no active owner")
    if (limit := arguments.get("max_words")) and len(version.body.split()) > inquiry.number(limit):
        return _("too long")
    if roles := many(arguments.get("approved_by")):
        from comity.compliance.families.duties import holders

        if not any(holders(inquiry, role).filter(person=version.approver_id).exists() for role in roles):
            return _("approved by nobody who holds the role")
    return ""


def _owned(inquiry: Inquiry, version: Any) -> bool:
    owner = version.owner_id or version.document.owner_id
    at_work = spoken("staff").at("status", inquiry.as_of)
    return bool(owner and spoken("staff").rows.filter(at_work, pk=owner).exists())


def _for_each(inquiry: Inquiry, part: Members, arguments: Arguments) -> Lot:
    """The document that applies to a member: its own, else its group's, else the one for everybody."""
    if part.kind != "customer":
        raise Unrecorded(f"documents of a {part.kind}")
    (name,) = many(arguments["type"])
    good = [one for one in _held(inquiry, name, arguments) if not fault(inquiry, one, arguments)]
    if any(one.document.customer_id is None and one.document.segment_id is None for one in good):
        return Lot(part.kind, part.rows, part.rows.none())
    direct = {one.document.customer_id for one in good} - {None}
    groups = {one.document.segment_id for one in good} - {None}
    covered = Q(pk__in=direct) | Q(category__in=groups) | Q(segment__in=groups)
    return Lot(part.kind, part.rows, part.rows.exclude(covered))


TOLD = frozenset({"about", "to", "purpose", "topic", "within", "every", "direction", "direct", "before", "or_web"})


@family
def communicated(inquiry: Inquiry, arguments: Arguments) -> Outcome:
    """Somebody was told: about each member, or each addressee, and in time."""
    if unknown := set(arguments) - TOLD:
        raise Unrecorded(f"{', '.join(sorted(unknown))} of communication")
    vocabulary = spoken("communication")
    said = vocabulary.rows.filter(
        status="recorded", direction=arguments.get("direction", "outbound"), occurred_at__lte=inquiry.as_of
    ).order_by()
    for name in ("purpose", "topic"):
        if name in arguments:
            said = said.filter(**{name: arguments[name]})
    if every := arguments.get("every"):
        said = said.filter(occurred_at__gt=inquiry.before(every))
    if "about" not in arguments:
        return Outcome(tuple(_told(part, said) for name in many(arguments["to"]) for part in members(inquiry, name)))
    return Outcome(tuple(_about(inquiry, part, said, arguments) for part in members(inquiry, arguments["about"])))


def _told(part: Members, said: Rows) -> Lot:
    if part.kind != "customer":
        raise Unrecorded(f"what a {part.kind} was told")
    return Lot(part.kind, part.rows, part.rows.exclude(pk__in=said.filter(customer__isnull=False).values("customer")))


FACT_TIME = {"case": "closed_at", "review": "held_at", "communication": "occurred_at"}


def _about(inquiry: Inquiry, part: Members, said: Rows, arguments: Arguments) -> Lot:
    told = part.rows.filter(ref__in=said.values("subject_ref"))
    gaps = part.rows.exclude(pk__in=told.order_by().values("pk"))
    within = arguments.get("within")
    if not within:
        return Lot(part.kind, part.rows, gaps)
    path = part.vocabulary.fact(FACT_TIME.get(part.kind, "entered_at")).path
    young = Q(**{f"{path}__gt": bound(part.vocabulary.model, path, inquiry.before(within))})
    return Lot(part.kind, part.rows, gaps.exclude(young), gaps.filter(young))


@family
def clause_covered(inquiry: Inquiry, arguments: Arguments) -> Outcome:
    """Agreements and contracts have clauses on the topics."""
    spoken("clause")
    raise Unrecorded("clauses of agreements")
