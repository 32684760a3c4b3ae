"""A questionnaire is approved as a version of a controlled document, by the rules of documents (PG-001-11)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from comity.documents.models import Document, DocumentVersion
from comity.documents.types import DocumentType
from comity.documents.workflows import version_life
from comity.records import write
from comity.records.kind import kind_of
from comity.records.trail import Actor
from comity.satisfaction.models import Questionnaire, SurveyQuestion

RULE = "PG-001-11"
Data = Mapping[str, Any]
V = DocumentVersion.Status


def hand_in(questionnaire: Questionnaire, actor: Actor, data: Data) -> None:
    """Its questions become a version under review: of the document of what it replaces, or of a new one."""
    version = questionnaire.document_version
    content = {"body": _body(questionnaire), "sections": _sections(questionnaire)}
    if version is None:
        version = write.create(
            kind_of(DocumentVersion),
            {
                **content, "document": _document(questionnaire, actor), "author": actor.person,
                "change_reason": _("The questions of %(title)s") % {"title": questionnaire.title},
            },
            actor=actor.by(RULE), unit=questionnaire.unit,
        )  # fmt: skip
        write.assign(questionnaire, {"document_version": version}, actor=actor.by(RULE))
    else:
        version = write.update(version, content, actor=actor.by(RULE))
    write.transition(version, "submit", actor=actor.by(RULE), happened_at=questionnaire.moved_at)


def send_back(questionnaire: Questionnaire, actor: Actor, data: Data) -> None:
    version = questionnaire.document_version
    if version is not None and version.status == V.REVIEW:
        write.transition(version, "send_back", actor=actor, note=data["note"])


def apart_from_author(questionnaire: Questionnaire, actor: Actor) -> Any:
    """What stands in the way of approving the version stands in the way of approving the questionnaire."""
    version, guard = questionnaire.document_version, version_life["approve"].guard
    if version is not None and version.status == V.REVIEW and guard is not None:
        version.effective_on = timezone.localdate()  # as it would become
        yield from guard(version, actor)


def approve(questionnaire: Questionnaire, actor: Actor, data: Data) -> None:
    """The version takes effect on the day of the approval, and what it replaces is superseded."""
    version = questionnaire.document_version
    if version is not None and version.status == V.REVIEW:
        since = {"effective_on": timezone.localdate(questionnaire.moved_at)}
        write.transition(version, "approve", since, actor=actor, happened_at=questionnaire.moved_at)
    old = questionnaire.replaces
    if old is not None and old.status == Questionnaire.Status.IN_FORCE:
        write.transition(old, "supersede", actor=actor.by(RULE), note=str(questionnaire))


def _document(questionnaire: Questionnaire, actor: Actor) -> Document:
    before = questionnaire.replaces
    if before is not None and before.document_version is not None:
        return before.document_version.document
    values = {"title": questionnaire.title, "type": DocumentType.QUESTIONNAIRE}
    return write.create(kind_of(Document), values, actor=actor.by(RULE), unit=questionnaire.unit)  # type: ignore[no-any-return]


def _body(questionnaire: Questionnaire) -> str:
    """All that people read, in both languages."""
    said = [(questionnaire.introduction, questionnaire.introduction_zh)]
    for number, question in enumerate(questionnaire.asked(), 1):
        said.append((f"{number}. {question.text} ({question.get_type_display()})", question.text_zh))
        said += [(f"- {line}", "") for line in question.options.splitlines() if line.strip()]
    said.append((questionnaire.thanks, questionnaire.thanks_zh))
    return "\n\n".join(part for pair in said for part in pair if part)


def _sections(questionnaire: Questionnaire) -> dict[str, Any]:
    """One section for each thing that is asked about, under its tag."""
    found: dict[str, list[str]] = {}
    for question in questionnaire.asked():
        if question.tag == SurveyQuestion.Tag.OPEN:  # about nothing that a requirement names
            continue
        found.setdefault(question.tag, []).append(question.text)
    return {tag: {"text": "\n".join(texts)} for tag, texts in found.items()}
