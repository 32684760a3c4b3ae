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
from comity.records.remembered import Remembered
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


def _words() -> list[tuple[int, int | None, list[str]]]:
    """The newest published articles, each with its topic and the words of its title and tags."""
    rows = KnowledgeArticle.objects.filter(published_at__isnull=False, archived_at=None).order_by("-published_at")
    asked = rows.values_list("pk", "topic", "shown_title", "tags")[:LOOKED_AT]
    return [(pk, topic, tokens(f"{title} {tags}")) for pk, topic, title, tags in asked]


_published = Remembered(_words, "knowledge_article")


def suggested(record: Any, person: Person) -> list[KnowledgeArticle]:
    """The published articles that fit a record best: same topic, its service and words."""
    parts = (getattr(record, name, None) for name in ("title", "description", "service", "summary"))
    words = set(tokens(" ".join(str(part) for part in parts if part)[:5000]))
    topic = getattr(record, "topic_id", None)
    fit = {pk: rules.fit(words, of, topic is not None and topic == its) for pk, its, of in _published()}
    best = sorted((pk for pk, score in fit.items() if score >= 2), key=lambda pk: -fit[pk])
    rows = readable(kind_of(KnowledgeArticle), person).filter(pk__in=best)
    known = {one.pk: one for one in rows.defer("body", "shown_body")} if best else {}
    return [known[pk] for pk in best if pk in known][:SHOWN]


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
