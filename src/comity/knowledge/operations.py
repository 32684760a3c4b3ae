"""What readers find, what fits a record, what was used, and what readers say."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from comity.accounts.models import Person
from comity.knowledge import rules
from comity.knowledge.models import Feedback, KnowledgeArticle
from comity.records import write
from comity.records.access import readable
from comity.records.kind import kind_of
from comity.records.models import Link
from comity.records.search import tokens
from comity.records.trail import Actor

USED = "answered_with"
LOOKED_AT, SHOWN = 500, 5


def public(language: str = "", words: str = "") -> list[KnowledgeArticle]:
    """The articles for everybody, in one language or all, that hold all of these words; newest first."""
    rows = KnowledgeArticle.objects.filter(published_at__isnull=False, shown_audience="public", archived_at=None)
    if language:
        rows = rows.filter(language=language)
    for word in words[:200].split()[:8]:
        rows = rows.filter(Q(shown_title__icontains=word) | Q(shown_body__icontains=word) | Q(tags__icontains=word))
    return list(rows.order_by("-published_at")[:100])


def public_one(ref: str) -> KnowledgeArticle | None:
    """An article for everybody; None where there is none, or none for everybody."""
    rows = KnowledgeArticle.objects.filter(published_at__isnull=False, shown_audience="public", archived_at=None)
    return rows.filter(ref=ref).first()


def suggested(record: Any, person: Person) -> list[KnowledgeArticle]:
    """The published articles that fit a record best: same topic, its service and words."""
    parts = (getattr(record, name, None) for name in ("title", "description", "service", "summary"))
    words = set(tokens(" ".join(str(part) for part in parts if part)[:5000]))
    topic = getattr(record, "topic_id", None)
    rows = readable(kind_of(KnowledgeArticle), person).filter(published_at__isnull=False, archived_at=None)
    scored = [
        (rules.fit(words, tokens(f"{one.shown_title} {one.tags}"), bool(topic) and one.topic_id == topic), one)
        for one in rows.order_by("-published_at").defer("body", "shown_body")[:LOOKED_AT]
    ]
    return [one for score, one in sorted(scored, key=lambda two: -two[0]) if score >= 2][:SHOWN]


def use(record: Any, article: KnowledgeArticle, actor: Actor) -> None:
    """Remember that the record was answered with the article; the trail of both says so."""
    write.link(record, USED, article, actor=actor)
    write.assign(article, {"used_at": timezone.now()}, actor=actor.by("CSMS-8.8.1-s1"), act="use")


def times_used(article: KnowledgeArticle) -> int:
    return Link.objects.filter(to_kind=article.kind.name, to_id=article.pk, verb=USED).count()


def told(article: KnowledgeArticle, helped: bool, comment: str) -> Feedback:
    """Keep what a reader says."""
    return Feedback.objects.create(article=article, helped=helped, comment=comment.replace("\x00", "").strip()[:2000])


def open_feedback(person: Person) -> QuerySet[Feedback]:
    """What readers of articles that this person may read have said and nobody has followed up."""
    seen = readable(kind_of(KnowledgeArticle), person).values("pk")
    waits = Q(helped=False) | ~Q(comment="")
    return Feedback.objects.filter(waits, settled_at=None, article__in=seen).select_related("article").order_by("-id")


@transaction.atomic
def settle(one: Feedback, note: str, actor: Actor) -> None:
    """Say what came of it, on the article's timeline. Raises ValidationError."""
    if not note.strip():
        raise ValidationError({"note": _("Say what came of it.")})
    if Feedback.objects.filter(pk=one.pk, settled_at=None).update(settled_at=timezone.now(), settled_by=actor.person):
        said = one.comment or _("It did not help.")
        write.post(one.article, f"> {said}\n\n{note.strip()}", actor=actor)
