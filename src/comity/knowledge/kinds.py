"""The kind of this room, and the life of an article: nobody approves what he wrote himself."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop

from comity.accounts.models import Person
from comity.accounts.rights import Rights
from comity.accounts.roles import CONTACTS, Role
from comity.knowledge.models import KnowledgeArticle
from comity.parties.separation import apart, separation
from comity.records import search
from comity.records.kind import Kind, May, kind_of, register
from comity.records.models import Entry
from comity.records.trail import Actor
from comity.records.workflow import Workflow, move

S = KnowledgeArticle.Status
FIELDS = ("title", "body", "type", "audience", "language", "topic", "tags", "review_on")
KEEPERS = (Role.PROCESS_MANAGER, Role.OPERATIONS_DIRECTOR)
WRITERS = (
    Role.SERVICE_DESK, Role.COMPLAINT_HANDLER, Role.RELATIONSHIP_MANAGER, Role.PROJECT_MANAGER, Role.PROCESS_MANAGER,
)  # fmt: skip
AUTHOR = separation(
    "article", gettext_noop("The author cannot publish the article."),
    _("Whoever wrote an article does not publish it: enforced (1), or declared (0)."),
)  # fmt: skip


def _by_author(article: KnowledgeArticle, actor: Actor) -> bool:
    """Did this person write any of it since it was published before?"""
    lines = Entry.objects.filter(kind="knowledge_article", record_id=article.pk).order_by("-pk")
    done = int(article.status == S.PUBLISHED)  # then the newest such line is that of this very step
    before = lines.filter(act="publish").values_list("pk", flat=True)[done : done + 1]
    wrote = lines.filter(act__in=("create", "update", "rewrite"), actor_id=actor.person.pk, pk__gt=max([0, *before]))
    return wrote.exists()


def _reviewed(article: KnowledgeArticle, actor: Actor) -> Iterator[str | Promise]:
    if not article.body.strip():
        yield _("It has no text yet.")


def _publish(article: KnowledgeArticle, actor: Actor, data: Mapping[str, Any], at: datetime) -> None:
    article.shown_title, article.shown_body, article.shown_audience = article.title, article.body, article.audience
    article.published_at = at


def _withdraw(article: KnowledgeArticle, actor: Actor, data: Mapping[str, Any], at: datetime) -> None:
    article.shown_title, article.shown_body, article.shown_audience, article.published_at = "", "", "", None


def _index(article: KnowledgeArticle, actor: Actor, data: Mapping[str, Any]) -> None:
    search.index(kind_of(article), [article])


article_life = Workflow(
    S.DRAFT,
    (
        move("rewrite", S.DRAFT, S.DRAFT, by=WRITERS, asks=FIELDS, effect=_index, label=_("Write on")),
        move("submit", S.DRAFT, S.REVIEW, by=WRITERS, guard=_reviewed, label=_("Hand in for review"), primary=True),
        apart(
            AUTHOR, _by_author,
            move(
                "publish", S.REVIEW, S.PUBLISHED, by=KEEPERS, requires=("review_on",), apply=_publish,
                label=_("Publish"), primary=True,
            ),
        ),
        move("send_back", S.REVIEW, S.DRAFT, by=KEEPERS, note=True, label=_("Send back to the author")),
        move(
            "revise", S.PUBLISHED, S.DRAFT, by=WRITERS, label=_("Write a new version"),
            help=_("Readers go on seeing the published text until the new one is approved."),
        ),
        move(
            "retire", (S.DRAFT, S.REVIEW, S.PUBLISHED), S.RETIRED, by=KEEPERS, note=True, apply=_withdraw,
            label=_("Retire"),
        ),
    ),
    stages=(S.DRAFT, S.REVIEW, S.PUBLISHED),
    bookkeeping={"use": _("was used")},
)  # fmt: skip


def _seen(rows: QuerySet[Any], person: Person, rights: Rights) -> QuerySet[Any]:
    """Contacts of outside parties read what everybody reads."""
    if rights.roles <= CONTACTS:
        return rows.filter(status=S.PUBLISHED, audience=KnowledgeArticle.Audience.PUBLIC)
    return rows


article = register(
    Kind(
        model=KnowledgeArticle,
        ref="KNA",
        may=May(create="risk", handle="definition"),  # written by all staff, kept like a procedure
        workflow=article_life,
        narrow=_seen,
        fields=FIELDS,
        columns=("ref", "title", "audience", "language", "topic", "status", "review_on", "published_at"),
        filters=("status", "type", "audience", "language", "topic", "review_on"),
        search=("ref", "title", "body", "tags"),
        own=("owner", "entered_by"),
        due="review_on",
        icon="book-open-text",
        group=_("Knowledge"),
    )
)
