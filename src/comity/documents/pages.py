"""What this room adds to the pages of documents and versions."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from comity.accounts.rights import rights_of
from comity.documents import operations
from comity.documents.kinds import AT_WORK
from comity.documents.models import Document, DocumentVersion
from comity.documents.reading import parts
from comity.records.access import may, readable
from comity.records.kind import kind_of
from comity.web.pages import panel, person_of, place

GROUP = _("Rules")
Context = dict[str, Any] | None

place(_("Master list"), "/documents/master-list/", icon="library", group=GROUP, order=59)
place(
    _("New from starter"), "/documents/starters/", icon="file-plus", group=GROUP, order=60,
    visible=lambda person: may(person, kind_of(Document), "create"),
)  # fmt: skip


def _in_force(document: Document) -> DocumentVersion | None:
    return document.versions.filter(status=DocumentVersion.Status.EFFECTIVE).select_related("document").first()


@panel("document", "documents/text.html", place="main", order=5, label=_("In force"))
def in_force(record: Document, request: HttpRequest) -> Context:
    """The text that holds, for whoever may read it."""
    version = _in_force(record)
    if version is None or not readable(version.kind, person_of(request)).filter(pk=version.pk).exists():
        return {"version": None}
    return {"version": version, "parts": parts(version), "held": operations.content_files(version)}


@panel("document", "documents/versions.html", place="main", order=20, label=_("Versions"))
def versions(record: Document, request: HttpRequest) -> Context:
    """Its history, newest first, as far as the reader may see it."""
    person = person_of(request)
    rows = readable(kind_of(DocumentVersion), person).filter(document=record).select_related("author", "approver")
    return {
        "versions": list(rows.order_by("-version_no").defer("body", "sections")),
        "may_draft": may(person, kind_of(DocumentVersion), "create") and record.status == Document.Status.ACTIVE,
    }  # fmt: skip


@panel("document", "documents/readings.html", place="side", order=10, label=_("Read and understood"))
def readings_of_document(record: Document, request: HttpRequest) -> Context:
    version = _in_force(record)
    return _readings(version, request) if version and record.readers else None


@panel("document_version", "documents/text.html", place="main", order=5)
def text(record: DocumentVersion, request: HttpRequest) -> Context:
    """The version as it is read."""
    return {
        "version": record, "parts": parts(record), "held": operations.content_files(record),
        "draft": record.status in (DocumentVersion.Status.DRAFT, DocumentVersion.Status.REVIEW),
    }  # fmt: skip


@panel("document_version", "documents/papers.html", place="side", order=5, label=_("This version"))
def papers(record: DocumentVersion, request: HttpRequest) -> Context:
    """On paper, beside the one before it, and where it was laid out."""
    rows = readable(record.kind, person_of(request)).filter(document=record.document_id).exclude(pk=record.pk)
    points = [(point, record.published.get(point, "")[:10]) for point in record.document.points]
    return {"others": list(rows.order_by("-version_no").defer("body", "sections")), "points": points}


@panel("document_version", "documents/readings.html", place="side", order=10, label=_("Read and understood"))
def readings_of_version(record: DocumentVersion, request: HttpRequest) -> Context:
    if record.status not in (DocumentVersion.Status.EFFECTIVE, DocumentVersion.Status.SUPERSEDED):
        return None
    return _readings(record, request)


def _readings(version: DocumentVersion, request: HttpRequest) -> Context:
    """Who confirmed having read it; to those whose work it is, also who still has to."""
    person, done = person_of(request), list(operations.readings(version))
    asked = list(operations.must_read(version.document))
    known = {one.person_id for one in done}
    if not asked and not done:
        return None
    return {
        "version": version, "done": done, "mine": person.pk in known, "asked": len(asked),
        "read": sum(one.pk in known for one in asked), "me_asked": person in asked,
        "open": [one for one in asked if one.pk not in known] if rights_of(person).roles & AT_WORK else [],
    }  # fmt: skip
