"""On paper: a version that says until when its copy is valid, and the master list of revisions (CSMS:2003 13.1)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from itertools import groupby

from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from comity.accounts.models import Person
from comity.clocks import parameters
from comity.communications import markdown
from comity.documents.models import DocumentVersion
from comity.documents.operations import COPY_DAYS
from comity.documents.reading import parts
from comity.records.access import readable
from comity.records.kind import kind_named
from comity.reports.blocks import Block, Heading, Report, Table, Text


def valid_until(version: DocumentVersion, on: date) -> date | None:
    """Until when a copy printed on that day may be used; None where the version is not in force."""
    if version.status != DocumentVersion.Status.EFFECTIVE:
        return None
    end = on + timedelta(days=int(parameters.number(COPY_DAYS)))
    return min(end, version.review_due_on) if version.review_due_on else end


def printed(version: DocumentVersion) -> Report:
    """The version as a document; each page says which version it is and until when the copy is valid."""
    today = timezone.localdate()
    end = valid_until(version, today)
    if end is None:
        validity = _("This copy is not valid: the version is not in force (%(state)s).") % {
            "state": version.get_status_display()
        }
    else:
        validity = _("This copy is valid until %(day)s") % {"day": end.isoformat()}
    facts = [
        (_("Document"), f"{version.document.ref} · {version.document.get_type_display()}"),
        (_("Version"), f"v{version.version_no} · {version.ref}"),
        (_("Author"), str(version.author)),
        (_("Approved"), f"{version.approver} · {_day(version.approved_at)}" if version.approver else "–"),
        (_("Effective on"), _day(version.effective_on)),
        (_("Classification"), version.document.get_classification_display()),
        (_("Printed"), today.isoformat()),
    ]
    return Report(
        str(version.document), validity, version.ref, get_language() or "en", list(_blocks(version)), facts,
        {"page": _("Page # of #")}, today,
    )  # fmt: skip


def reference(version: DocumentVersion) -> str:
    """What stands on top of every page but the first."""
    end = valid_until(version, timezone.localdate())
    until = _("valid until %(day)s") % {"day": end.isoformat()} if end else _("not valid")
    return f"{version.ref} · v{version.version_no} · {until}"


def _day(moment: date | None) -> str:
    return moment.isoformat()[:10] if moment else "–"


def _blocks(version: DocumentVersion) -> Iterator[Block]:
    for part in parts(version):
        if part.heading:
            yield Heading(part.heading)
        yield from blocks(part.text, 2 if part.heading else 1)
        if part.stated:
            yield Table("", (_("Stated"), ""), part.stated)
    for file in version.files:
        yield Text(_("File: %(name)s, SHA-256 %(sum)s") % {"name": file["name"], "sum": file["sha256"]}, note=True)


def blocks(text: str, level: int) -> Iterator[Block]:
    """Markdown as blocks of a report; its headings stand on that level."""
    for is_row, group in groupby(markdown.parts(text), lambda part: part[0] == "row"):
        if is_row:
            heads, *rows = (cells for _kind, cells in group)
            yield Table("", heads, rows)
            continue
        for kind, (words,) in group:
            yield Heading(words, level) if kind == "heading" else Text(f"• {words}" if kind == "item" else words)


def master_list(person: Person) -> Report:
    """Every revision of every document that the person may read, those in force first."""
    rows = readable(kind_named("document_version"), person).filter(archived_at=None, document__archived_at=None)
    versions = list(
        rows.select_related("document", "author", "approver").order_by("document__ref", "-version_no").defer("body")
    )
    held = [one for one in versions if one.status == DocumentVersion.Status.EFFECTIVE]
    return Report(
        _("Master list of documents"), _("What is in force, and every revision of it."), "master-list",
        get_language() or "en",
        [Heading(_("Documents")), _listed(_("In force"), held), _listed(_("All revisions"), versions)],
        [(_("As of"), timezone.localdate().isoformat())], {"page": _("Page # of #")}, timezone.localdate(),
    )  # fmt: skip


def _listed(title: str, versions: Iterable[DocumentVersion]) -> Table:
    rows = list(versions)
    heads = (
        _("Reference"), _("Document"), _("Version"), _("Status"), _("Author"), _("Approver"), _("Effective on"),
        _("Review due"), _("Reason for this version"),
    )  # fmt: skip
    cells = [
        (
            one.ref, f"{one.document.ref} {one.document}", one.version_no,
            one.get_status_display(), str(one.author), str(one.approver or "–"),
            _day(one.effective_on), _day(one.review_due_on), one.change_reason or "–",
        )
        for one in rows
    ]  # fmt: skip
    widths = (11, 22, 5, 9, 9, 10, 11, 11, 13)
    return Table(title, heads, cells, (), [one.url for one in rows], widths, _("No version is in force yet."))
