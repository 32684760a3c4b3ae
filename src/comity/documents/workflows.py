"""From, to, by whom: the life of documents, of their versions, and of record classes (CSMS:2003 13.1)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop

from comity.accounts.rights import rights_of
from comity.accounts.roles import STAFF, Role
from comity.documents import operations, rules
from comity.documents.models import APPROVERS, HERE, Document, DocumentVersion, RecordClass
from comity.parties.separation import apart, separation
from comity.records.models import Entry
from comity.records.workflow import Lack, Workflow, move
from comity.records.write import Actor

PR, OD, SN = Role.PROCESS_MANAGER, Role.OPERATIONS_DIRECTOR, Role.SENIOR_MANAGER
READERS = tuple(role for role in Role if role in STAFF and role != Role.AUDITOR)
C, D, V = RecordClass.Status, Document.Status, DocumentVersion.Status

AUTHOR = separation(
    "document", gettext_noop("The author cannot approve the version."),
    _("The author of a document does not approve it: enforced (1), or declared (0)."),
)  # fmt: skip


def _by_author(version: DocumentVersion, actor: Actor) -> bool:
    """Is this person named as author, or did he write of the text, or attach a file that is approved with it?"""
    lines = Entry.objects.filter(kind="document_version", record_id=version.pk, actor_id=actor.person.pk)
    lines = lines.filter(act__in=("create", "update", Entry.FILE))
    wrote = (set(one.fields_changed) & {"body", "sections", "file"} for one in lines)
    return version.author_id == actor.person.pk or any(wrote)


def _complete(version: DocumentVersion, actor: Actor) -> Iterator[str | Promise | Lack]:
    """What a version lacks to be judged."""
    held = operations.content_files(version)
    if not version.whole.strip() and not held:
        yield _("It has no text yet, and no file.")
    for name in operations.unsafe(held):
        yield _("“%(name)s” is no document, or not the sort of file that its name says.") % {"name": name}
    if not version.change_reason.strip():
        yield Lack(_("Say what is new in this version; of the first, why there is one."), "change_reason")


def _fit_to_approve(version: DocumentVersion, actor: Actor) -> Iterator[str | Promise | Lack]:
    wanted = version.document.approver_role
    if wanted and wanted not in rights_of(actor.person).roles:
        yield _("This document is approved by the role: %(role)s") % {"role": Role(wanted).label}
    if version.effective_on is None:
        yield Lack(_("It needs the day on which it takes effect."), "effective_on")
    elif version.approved_at and version.effective_on < timezone.localdate(version.approved_at):
        yield Lack(_("It cannot take effect before it is approved."), "effective_on")
    yield from _complete(version, actor)


def _approve(version: DocumentVersion, actor: Actor, data: Mapping[str, Any], at: datetime) -> None:
    """From now on the content stays as it is; the checksum proves it."""
    version.approver, version.approved_at = actor.person, at
    version.files = operations.content_files(version)
    version.checksum = version.digest()
    if version.review_due_on is None and version.effective_on and (months := version.document.review_interval):
        version.review_due_on = rules.months_later(version.effective_on, months)


def _release_if_due(version: DocumentVersion, actor: Actor, data: Mapping[str, Any]) -> None:
    if version.effective_on and version.effective_on <= timezone.localdate():
        operations.release(version)


def _stamp(column: str) -> Any:
    def apply(version: DocumentVersion, actor: Actor, data: Mapping[str, Any], at: datetime) -> None:
        setattr(version, column, at)

    return apply


def _release(version: DocumentVersion, actor: Actor, data: Mapping[str, Any], at: datetime) -> None:
    version.released_at = at
    if HERE in version.document.points:
        version.published = {**version.published, HERE: at.isoformat()}


class Places(forms.Form):
    """Where a version was laid out."""

    places = forms.CharField(
        label=_("places"), required=False, widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("One a line. Empty: everywhere where the document has to lie."),
    )  # fmt: skip


def _publish(version: DocumentVersion, actor: Actor, data: Mapping[str, Any], at: datetime) -> None:
    places = rules.lines(data["places"]) or version.document.points
    version.published = {**version.published, **dict.fromkeys(places, at.isoformat())}


def _has_points(version: DocumentVersion, actor: Actor) -> Iterator[str | Promise]:
    if not version.document.points:
        yield _("The document does not say yet where it has to lie.")


def _due_later(version: DocumentVersion, actor: Actor) -> Iterator[str | Promise | Lack]:
    if version.review_due_on is None or version.review_due_on <= timezone.localdate():
        yield Lack(_("Name the day of the next review; it lies ahead."), "review_due_on")


def _unread(version: DocumentVersion, actor: Actor) -> Iterator[str | Promise]:
    if operations.reading_of(version, actor.person):
        yield _("You have confirmed that you read this version.")


def _read(version: DocumentVersion, actor: Actor, data: Mapping[str, Any]) -> None:
    operations.confirm_reading(version, actor)


version_life = Workflow(
    V.DRAFT,
    (
        move(
            "submit", V.DRAFT, V.REVIEW, by=(PR,), asks=("change_reason",), guard=_complete,
            label=_("Hand in for review"), primary=True,
        ),
        move("send_back", V.REVIEW, V.DRAFT, by=(OD, SN, PR), note=True, label=_("Send back to the author")),
        apart(AUTHOR, _by_author, move(
            "approve", V.REVIEW, V.APPROVED, by=APPROVERS, requires=("effective_on",), asks=("review_due_on",),
            guard=_fit_to_approve, apply=_approve, effect=_release_if_due, label=_("Approve"), primary=True,
        )),
        move("release", V.APPROVED, V.EFFECTIVE, system=True, apply=_release, label=_("Take effect")),
        move("supersede", V.EFFECTIVE, V.SUPERSEDED, system=True, apply=_stamp("superseded_at"), label=_("Supersede")),
        move(
            "confirm_reading", V.EFFECTIVE, V.EFFECTIVE, by=READERS, guard=_unread, effect=_read,
            label=_("I have read and understood it"),
        ),
        move(
            "publish", V.EFFECTIVE, V.EFFECTIVE, by=(PR, OD), form=Places, guard=_has_points, apply=_publish,
            label=_("Laid out"), help=_("The version lies where its readers look for it."),
        ),
        move(
            "reconfirm", V.EFFECTIVE, V.EFFECTIVE, by=(PR, OD), requires=("review_due_on",), guard=_due_later,
            apply=_stamp("reviewed_at"), note=True, label=_("Reviewed, stays as it is"),
        ),
        move(
            "take_back", V.SUPERSEDED, V.WITHDRAWN, by=(PR, OD), apply=_stamp("withdrawn_at"), primary=True,
            label=_("Taken back"), help=_("The old version no longer lies anywhere where the document was laid out."),
        ),
        move(
            "withdraw", (V.DRAFT, V.REVIEW, V.APPROVED, V.EFFECTIVE), V.WITHDRAWN, by=(OD,),
            apply=_stamp("withdrawn_at"), note=True, label=_("Withdraw"),
        ),
    ),
    stages=(V.DRAFT, V.REVIEW, V.APPROVED, V.EFFECTIVE, V.SUPERSEDED),
)  # fmt: skip

document_life = Workflow(
    D.ACTIVE,
    (
        move("retire", D.ACTIVE, D.RETIRED, by=(OD,), note=True, label=_("Retire")),
        move("resume", D.RETIRED, D.ACTIVE, by=(OD,), label=_("Resume")),
    ),
)

class_life = Workflow(
    C.ACTIVE,
    (
        move("retire", C.ACTIVE, C.RETIRED, by=(PR, OD), note=True, label=_("Retire")),
        move("resume", C.RETIRED, C.ACTIVE, by=(PR, OD), label=_("Resume")),
    ),
)
