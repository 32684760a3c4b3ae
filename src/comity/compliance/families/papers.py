"""What is written down: document_in_force."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, datetime
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _

from comity.clocks.rules import Duration
from comity.compliance.families import Arguments, family, many, over, targets
from comity.compliance.families.people import at_work, confirmed, holders
from comity.compliance.inquiry import Inquiry
from comity.compliance.names import called, joined, section
from comity.compliance.outcome import Fault, Lot, Outcome, Single, judged
from comity.compliance.reasons import later, length, listed, on
from comity.compliance.ties import Members, linked, pairs
from comity.records.facts import Rows, Unrecorded, kind_of_model, spoken
from comity.records.kind import kind_of

REFERENCE = re.compile(r"\b[A-Z]{2,5}-\d+\b")


@family(
    "type process per sections section_fields review_within owner owner_role approved_by approver_not_author "
    "department confirmed_by confirmed_within links_any links_all cited_in_force max_words horizon"
)
def document_in_force(inquiry: Inquiry, arguments: Arguments) -> Outcome:
    """A controlled document of the type is in force, with the sections, approvals, links and owner asked for."""
    if "per" in arguments:
        return over(inquiry, arguments["per"], lambda part: _for_each(inquiry, part, arguments))
    return Outcome(singles=tuple(_one(inquiry, name, arguments) for name in many(arguments["type"])))


def in_force(inquiry: Inquiry, types: Any, process: str | None = None) -> Rows:
    """The versions in force of documents of these types."""
    vocabulary = spoken("document_version")
    rows = vocabulary.rows.filter(vocabulary.at("in_force", inquiry.as_of), document__type__in=many(types))
    return rows.filter(document__process=process) if process else rows


def _held(inquiry: Inquiry, name: str, arguments: Arguments) -> Rows:
    found = in_force(inquiry, name, arguments.get("process"))
    return found.select_related("document", "author", "approver", "owner").order_by("pk")


def _one(inquiry: Inquiry, name: str, arguments: Arguments) -> Single:
    held = list(_held(inquiry, name, arguments))
    faults = [list(faults_of(inquiry, version, arguments)) for version in held]
    if not faults:
        return Single(name, later(lambda: _("no version in force")))
    if [] in faults:
        return Single(name)
    return Single(name, later(lambda: f"{held[0].ref}: {joined(faults[0])}"))


def faults_of(inquiry: Inquiry, version: Any, arguments: Arguments, only: Rows | None = None) -> Iterator[str]:
    """What a version in force lacks. `only` narrows the records to which it must be linked."""
    yield from _content(inquiry, version, arguments)
    yield from _approval(inquiry, version, arguments)
    yield from _owner(inquiry, version, arguments)
    yield from _links(inquiry, version, arguments, only)
    if "confirmed_by" in arguments or "confirmed_within" in arguments:
        asked = confirmed(inquiry, arguments.get("confirmed_by", ""), arguments.get("confirmed_within"))
        if not type(version)._default_manager.filter(asked, pk=version.pk).exists():
            yield later(lambda: _("not confirmed as asked"))


def _content(inquiry: Inquiry, version: Any, arguments: Arguments) -> Iterator[str]:
    names = many(arguments.get("sections"))
    fields, horizon = many(arguments.get("section_fields")), arguments.get("horizon")
    sections: dict[str, Any] = getattr(version, "sections", None) or {}
    of_type = version.document.type
    if (names or fields or horizon) and not hasattr(version, "sections"):
        raise Unrecorded("document_version.sections")
    lacking = [name for name in names if not sections.get(name, {}).get("text")]
    if lacking:
        yield later(
            lambda: (
                _("sections missing or empty: %(names)s") % {"names": listed(section(of_type, one) for one in lacking)}
            )
        )
    for name in [one for one in names if one not in lacking] or ([] if names else list(sections)):
        stated = sections[name].get("fields", {})
        empty = [one for one in fields if not stated.get(one)]
        if empty:
            yield later(lambda name=name, empty=empty: _("section %(section)s does not state: %(names)s") % {  # type: ignore[misc]
                "section": section(of_type, name), "names": listed(empty),
            })  # fmt: skip
        if horizon and not _reaches(stated.get("until"), inquiry.after(horizon).date()):
            yield later(lambda name=name: _("section %(section)s does not reach %(time)s ahead") % {  # type: ignore[misc]
                "section": section(of_type, name), "time": length(inquiry.limit(horizon)),
            })  # fmt: skip
    if fields and not names and not sections:
        yield later(lambda: _("sections missing or empty: %(names)s") % {"names": listed(fields)})
    if (limit := arguments.get("max_words")) and len(version.body.split()) > (most := inquiry.number(limit)):
        yield later(lambda: _("longer than %(most)g words") % {"most": most})
    if arguments.get("cited_in_force"):
        yield from _cited(inquiry, version, [sections.get(name, {}).get("text", "") for name in names])


def _reaches(until: Any, day: date) -> bool:
    try:
        return bool(until) and date.fromisoformat(str(until)) >= day
    except ValueError:
        return False


def _cited(inquiry: Inquiry, version: Any, texts: list[str]) -> Iterator[str]:
    """The sections cite documents by reference, and each of them has a version in force."""
    prefixes = {kind_of(spoken(kind).model).ref for kind in ("document", "document_version")}
    cited = {ref for text in texts for ref in REFERENCE.findall(text) if ref.partition("-")[0] in prefixes}
    vocabulary = spoken("document_version")
    valid = vocabulary.rows.filter(vocabulary.at("in_force", inquiry.as_of))
    good = set(valid.values_list("ref", flat=True)) | set(valid.values_list("document__ref", flat=True))
    if not cited:
        yield later(lambda: _("cites no document"))
    if lost := sorted(cited - good):
        yield later(lambda: _("cites what is not in force: %(names)s") % {"names": listed(lost)})


def _approval(inquiry: Inquiry, version: Any, arguments: Arguments) -> Iterator[str]:
    approved = version.approved_at
    within = arguments.get("review_within")
    if within and (approved is None or approved <= inquiry.before(within)):
        limit = inquiry.limit(within)
        yield later(lambda: _too_old(approved, limit))
    if arguments.get("approver_not_author") and version.approver_id in (None, version.author_id):
        yield later(lambda: _("approved by its author"))
    roles = many(arguments.get("approved_by"))
    if roles and not _approved_by(inquiry, version, roles, arguments.get("department")):
        yield later(lambda: _("approved by nobody who held the role %(roles)s") % {"roles": listed(roles)})


def _too_old(approved: datetime | None, limit: Duration) -> str:
    return _("approved on %(day)s, asked for within %(time)s") % {"day": on(approved), "time": length(limit)}


def _approved_by(inquiry: Inquiry, version: Any, roles: list[str], department: str | None) -> bool:
    """Whether the approver held one of the roles at that time, or belongs to the department."""
    then = inquiry.at(version.approved_at or inquiry.as_of)
    staff = spoken("staff")
    approver = staff.rows.filter(pk=version.approver_id)
    if any(approver.filter(pk__in=holders(then, role)).exists() for role in roles):
        return True
    return bool(department) and approver.filter(**{staff.fact("department").path: department}).exists()


def _owner(inquiry: Inquiry, version: Any, arguments: Arguments) -> Iterator[str]:
    owner = version.owner_id or version.document.owner_id
    people = spoken("staff").rows.filter(pk=owner)
    if arguments.get("owner") and not people.filter(pk__in=at_work(inquiry)).exists():
        yield later(lambda: _("no active owner"))
    if (role := arguments.get("owner_role")) and not people.filter(pk__in=holders(inquiry, role)).exists():
        yield later(lambda: _("the owner does not hold the role %(role)s") % {"role": called(role)})


def _links(inquiry: Inquiry, version: Any, arguments: Arguments, only: Rows | None) -> Iterator[str]:
    """The links of the version and of its document."""
    this = Members("document_version", type(version)._default_manager.filter(pk=version.pk))
    head = Members("document", spoken("document").rows.filter(pk=version.document_id))
    for name in many(arguments.get("links_any")):
        found = any(
            one.rows.filter(linked(one.kind, target)).exists()
            for target in targets(inquiry, name)
            for one in (this, head)
        )
        if not found:
            yield later(lambda name=name: _("not linked to any %(what)s") % {"what": called(name)})  # type: ignore[misc]
    for name in many(arguments.get("links_all")):
        for target in targets(inquiry, name):
            tied_ones = linked(target.kind, this) | linked(target.kind, head)
            rows = target.rows if only is None else _concerning(target, only)
            missing = [str(getattr(row, "ref", row)) for row in rows.exclude(tied_ones).order_by("pk")]
            if missing and not _all_listed(version, missing):
                yield later(lambda missing=missing: _("not linked: %(names)s") % {"names": listed(missing)})  # type: ignore[misc]


def _all_listed(version: Any, refs: list[str]) -> bool:
    """Whether the text or a section names every reference."""
    told = version.body + " ".join(
        str(one.get("text", "")) for one in (getattr(version, "sections", None) or {}).values()
    )
    return set(refs) <= set(REFERENCE.findall(told))


def _concerning(target: Members, subject: Rows) -> Rows:
    return target.rows.filter(linked(target.kind, Members(kind_of_model(subject.model), subject)))


def _for_each(inquiry: Inquiry, part: Members, arguments: Arguments) -> Lot:
    """The document that applies to a member: its own, else that of its category or segment, else the one for all."""
    versions = list(_held(inquiry, many(arguments["type"])[0], arguments))
    scoped = bool(arguments.get("links_all"))
    good, whole = [], False
    told: dict[int, str] = {}
    of_version = _subjects(part, versions)
    for version in versions:
        subjects = of_version.get(version.pk)
        only = part.rows.filter(pk__in=subjects) if scoped and subjects else None
        faults = list(faults_of(inquiry, version, arguments, only))
        if not faults:
            good.append(version)
            whole |= subjects is None and _general(version)
        else:
            told.update(dict.fromkeys(subjects or (), later(lambda faults=faults: joined(faults))))  # type: ignore[misc]
    covered = Q(pk__isnull=False) if whole else _covered(part, good, of_version)
    none = later(lambda: _("no version in force"))
    return judged(part.kind, part.rows, [Fault(~covered, lambda row: told.get(row.pk) or str(none))])


def _subjects(part: Members, versions: list[Any]) -> dict[int, set[int]]:
    """Which members each version is about, by the ties of the version or of its document."""
    found: dict[int, set[int]] = {}
    documents = {version.document_id: version.pk for version in versions}
    heads = Members("document", spoken("document").rows.filter(pk__in=documents))
    for member, head in pairs(part, heads):
        found.setdefault(documents[head], set()).add(member)
    return found


def _general(version: Any) -> bool:
    return version.document.customer_id is None and version.document.segment_id is None


def _covered(part: Members, good: list[Any], of_version: dict[int, set[int]]) -> Q:
    covered = Q(pk__in={pk for version in good for pk in of_version.get(version.pk, ())})
    groups = {version.document.segment_id for version in good} - {None}
    if part.kind == "customer" and groups:
        covered |= Q(category__in=groups) | Q(segment__in=groups)
    return covered
