"""The kinds of this room, and the life of a version."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop

from comity.accounts.models import Person
from comity.accounts.rights import Rights
from comity.accounts.roles import CONTACTS, Role
from comity.documents.models import Document, DocumentVersion
from comity.documents.operations import release
from comity.parties.separation import apart, separation
from comity.records.kind import Kind, register
from comity.records.workflow import Lack, Workflow, move
from comity.records.write import Actor

PR, OD = Role.PROCESS_MANAGER, Role.OPERATIONS_DIRECTOR
D, V = Document.Status, DocumentVersion.Status
GROUP = _("Rules")


AUTHOR = separation(
    "document", gettext_noop("The author cannot approve the version."),
    _("The author of a document does not approve it: enforced (1), or declared (0)."),
)  # fmt: skip


def _by_author(version: DocumentVersion, actor: Actor) -> bool:
    return version.author_id == actor.person.pk


def _fit_to_approve(version: DocumentVersion, actor: Actor) -> Iterator[str | Promise | Lack]:
    if version.effective_on is None:
        yield Lack(_("It needs the day on which it takes effect."), "effective_on")
    elif version.approved_at and version.effective_on < timezone.localdate(version.approved_at):
        yield Lack(_("It cannot take effect before it is approved."), "effective_on")


def _approve(version: DocumentVersion, actor: Actor, data: Mapping[str, Any], at: datetime) -> None:
    version.approver, version.approved_at = actor.person, at


def _release_if_due(version: DocumentVersion, actor: Actor, data: Mapping[str, Any]) -> None:
    if version.effective_on and version.effective_on <= timezone.localdate():
        release(version)


def _stamp(column: str) -> Any:
    def apply(version: DocumentVersion, actor: Actor, data: Mapping[str, Any], at: datetime) -> None:
        setattr(version, column, at)

    return apply


def _beyond_draft(rows: QuerySet[Any], person: Person, rights: Rights) -> QuerySet[Any]:
    """Contacts see what was approved for them, not our drafts."""
    return rows.exclude(status=V.DRAFT) if rights.roles <= CONTACTS else rows


version_life = Workflow(
    V.DRAFT,
    (
        apart(AUTHOR, _by_author, move(
            "approve", V.DRAFT, V.APPROVED, by=(OD,), requires=("effective_on",), asks=("review_due_on",),
            guard=_fit_to_approve, apply=_approve, effect=_release_if_due, label=_("Approve"), primary=True,
        )),
        move("release", V.APPROVED, V.EFFECTIVE, system=True, apply=_stamp("released_at"), label=_("Take effect")),
        move("supersede", V.EFFECTIVE, V.SUPERSEDED, system=True, apply=_stamp("superseded_at"), label=_("Supersede")),
        move(
            "withdraw", (V.DRAFT, V.APPROVED, V.EFFECTIVE), V.WITHDRAWN, by=(OD,), apply=_stamp("withdrawn_at"),
            note=True, label=_("Withdraw"),
        ),
    ),
    stages=(V.DRAFT, V.APPROVED, V.EFFECTIVE, V.SUPERSEDED),
)  # fmt: skip

document = register(
    Kind(
        model=Document,
        ref="DOC",
        may="definition",
        workflow=Workflow(
            D.ACTIVE,
            (
                move("retire", D.ACTIVE, D.RETIRED, by=(OD,), note=True, label=_("Retire")),
                move("resume", D.RETIRED, D.ACTIVE, by=(OD,), label=_("Resume")),
            ),
        ),
        fields=(
            "title", "type", "customer", "segment", "process", "classification", "review_interval", "distribution",
        ),
        columns=("ref", "title", "type", "customer", "segment", "status"),
        filters=("type", "customer", "segment", "status"),
        search=("ref", "title"),
        party="customer__contacts__person",
        icon="book-text",
        group=GROUP,
    )
)  # fmt: skip

document_version = register(
    Kind(
        model=DocumentVersion,
        ref="DOV",
        may="definition",
        workflow=version_life,
        narrow=_beyond_draft,
        fields=("document", "version_no", "body", "change_reason", "author", "effective_on", "review_due_on"),
        columns=("ref", "document", "version_no", "status", "author", "approver", "effective_on", "review_due_on"),
        filters=("status", "document", "author", "effective_on"),
        search=("ref", "document__title", "body"),
        party="document__customer__contacts__person",
        own=("owner", "author"),
        due="next_due",
        icon="file-check",
        group=GROUP,
    )
)
