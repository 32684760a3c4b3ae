"""An article, and what its readers say of it."""

from __future__ import annotations

from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from comity.records.models import Record, term


class KnowledgeArticle(Record):
    """Something that helps to answer, or to need no answer (CSMS:2003 8.8.1).

    What readers see is the text that was last approved; it stays while a new one is being written.
    """

    meaning = _("How something is done or answered, written once and used often: for the desk, or for everybody.")

    class Type(models.TextChoices):
        ARTICLE = "article", _("Article")
        INTELLECTUAL_PROPERTY = "intellectual_property", _("Intellectual property")

    class Audience(models.TextChoices):
        INTERNAL = "internal", _("Ourselves")
        PUBLIC = "public", _("Everybody")

    class Language(models.TextChoices):
        ENGLISH = "en", "English"
        CHINESE = "zh-hans", "简体中文"

    class Status(models.TextChoices):
        DRAFT = "draft", _("Draft")
        REVIEW = "review", _("In review")
        PUBLISHED = "published", _("Published")
        RETIRED = "retired", _("Retired")

    title = models.CharField(_("title"), max_length=200)
    body = models.TextField(
        _("text"), max_length=50_000, help_text=_("Markdown: # headings, * lists, **bold**, links.")
    )
    type = models.CharField(_("type"), max_length=25, choices=Type, default=Type.ARTICLE)
    audience = models.CharField(_("for whom"), max_length=10, choices=Audience, default=Audience.INTERNAL)
    language = models.CharField(_("language"), max_length=10, choices=Language, default=Language.ENGLISH)
    topic = term("case_topic", null=True, blank=True, verbose_name=_("topic"))
    tags = models.CharField(
        _("words for it"), max_length=300, blank=True, help_text=_("Services and words that people use for it.")
    )
    review_on = models.DateField(_("review due"), null=True, blank=True, db_index=True)
    status = models.CharField(_("status"), max_length=10, choices=Status, default=Status.DRAFT, editable=False)
    shown_title = models.CharField(max_length=200, blank=True, editable=False)
    shown_body = models.TextField(blank=True, editable=False)
    shown_audience = models.CharField(max_length=10, choices=Audience, blank=True, editable=False)
    published_at = models.DateTimeField(_("published"), null=True, editable=False)
    used_at = models.DateTimeField(_("last used"), null=True, editable=False)

    class Meta:
        verbose_name, verbose_name_plural = _("article"), _("articles")
        indexes: ClassVar = [
            models.Index(fields=["status"], name="article_status"),
            models.Index(fields=["-published_at"], condition=Q(published_at__isnull=False), name="article_shown"),
        ]

    def __str__(self) -> str:
        return self.title

    def editable(self, person: Any) -> bool:
        return self.status == self.Status.DRAFT


class Feedback(models.Model):
    """Whether an article helped one reader. Who that was is not kept."""

    article = models.ForeignKey(KnowledgeArticle, models.CASCADE, related_name="feedback")
    at = models.DateTimeField(default=timezone.now)
    helped = models.BooleanField(_("it helped"))
    comment = models.TextField(_("comment"), max_length=2000, blank=True)
    settled_at = models.DateTimeField(null=True)
    settled_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")

    class Meta:
        verbose_name, verbose_name_plural = _("feedback"), _("feedback")
        indexes: ClassVar = [models.Index(fields=["article", "-id"], name="feedback_of_article")]

    def __str__(self) -> str:
        return f"{self.article_id}: {self.helped}"
