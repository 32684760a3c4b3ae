"""What the catalogue's own document rules ask of a document, beside what its version says (CSMS:2003 4.3, 4.6, 10)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from comity.compliance import catalogue
from comity.compliance.families import many
from comity.compliance.operations.scope import scope_of
from comity.compliance.pages.access import reads
from comity.compliance.pages.words import text
from comity.documents import starters
from comity.documents.models import Document, DocumentVersion
from comity.records.access import readable
from comity.records.kind import kind_of
from comity.web.gate import person_of
from comity.web.panels import panel

RULE = "document_in_force"


@dataclass(frozen=True)
class Asked:
    """What one requirement asks of documents of a type."""

    requirement: catalogue.Requirement
    arguments: Mapping[str, Any]

    @property
    def sections(self) -> list[str]:
        return many(self.arguments.get("sections"))

    @property
    def fields(self) -> list[str]:
        return many(self.arguments.get("section_fields"))


@dataclass
class Point:
    """One section: who asks for it, and whether the version has it with all that it has to state."""

    label: str
    asked_by: list[catalogue.Requirement]
    written: bool
    missing: list[str]

    @property
    def good(self) -> bool:
        return self.written and not self.missing


def asked_of(document: Document, among: Iterable[catalogue.Requirement] | None = None) -> list[Asked]:
    """Every use of the document rule, among these requirements or all, that is about such a type and process."""
    return [
        Asked(requirement, use)
        for requirement in (catalogue.requirements().values() if among is None else among)
        for use in _uses(requirement.use.rule, requirement.use.arguments)
        if document.type in many(use.get("type")) and use.get("process", document.process) == document.process
    ]


def _uses(rule: str, arguments: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    if rule == RULE:
        yield arguments
    for part in arguments.get("parts", ()):
        yield from _uses(part["rule"], part["with"] or {})


def points(version: DocumentVersion, asked: Iterable[Asked]) -> list[Point]:
    """The sections asked for, in the order of the type, as this version has them."""
    by: dict[str, list[catalogue.Requirement]] = {}
    stated: dict[str, dict[str, None]] = {}
    for one in asked:
        for tag in one.sections:
            by.setdefault(tag, []).append(one.requirement)
            stated.setdefault(tag, {}).update(dict.fromkeys(one.fields))
    titles = {section.tag: section.label for section in starters.sections_of(version.document.type)}
    found = []
    for tag in (*(tag for tag in titles if tag in by), *(tag for tag in by if tag not in titles)):
        said = version.sections.get(tag, {})
        lacking = [str(starters.FIELDS.get(name, name)) for name in stated[tag] if not said.get("fields", {}).get(name)]
        found.append(Point(titles.get(tag, tag), _once(by[tag]), bool(said.get("text")), lacking))
    return found


def _once(requirements: Iterable[catalogue.Requirement]) -> list[catalogue.Requirement]:
    return list({one.id: one for one in requirements}.values())


def _measured(version: DocumentVersion, request: HttpRequest) -> dict[str, Any] | None:
    scope = scope_of(person_of(request))
    asked = [one for one in asked_of(version.document) if scope is None or one.requirement.standard in scope]
    if not asked:
        return None
    found = points(version, asked)
    others = _once(one.requirement for one in asked if not one.sections)
    return {
        "measured": version, "points": found, "good": sum(one.good for one in found),
        "others": [(one, text(one)) for one in others], "leads": reads(person_of(request)),
    }  # fmt: skip


@panel("document", "compliance/checklist.html", place="main", order=30, label=_("What requirements ask of it"))
def asked_of_document(record: Document, request: HttpRequest) -> dict[str, Any] | None:
    """Measured is what holds, or else the newest version that the reader may see; without any, all of it is open."""
    rows = readable(kind_of(DocumentVersion), person_of(request)).filter(document=record).select_related("document")
    held = rows.filter(status=DocumentVersion.Status.EFFECTIVE)
    version = held.first() or rows.order_by("-version_no").first()
    return _measured(version or DocumentVersion(document=record), request)


@panel("document_version", "compliance/checklist.html", place="main", order=30, label=_("What requirements ask of it"))
def asked_of_version(record: DocumentVersion, request: HttpRequest) -> dict[str, Any] | None:
    """Measured is this version, so that its author sees what is still to be written."""
    return _measured(record, request)
