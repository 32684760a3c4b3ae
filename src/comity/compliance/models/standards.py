"""Standards, and licensed texts of shipped ones, that the organisation has added."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class StandardFile(models.Model):
    """One version of an added file, as it was read. A newer version of the same code retires the one before.

    Rows are never deleted, so that answers of the past can be read with the words of their time.
    """

    class Type(models.TextChoices):
        STANDARD = "standard", _("Standard")
        TEXTS = "texts", _("Licensed texts")

    code = models.SlugField(_("code"), max_length=60)
    type = models.CharField(_("type"), max_length=10, choices=Type)
    version = models.CharField(_("version"), max_length=64)  # SHA-256 of what it says
    told = models.JSONField(_("content"))
    added_at = models.DateTimeField(_("added"), default=timezone.now)
    added_by = models.CharField(_("added by"), max_length=150)
    retired_at = models.DateTimeField(_("retired"), null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["code", "type"], condition=Q(retired_at=None), name="standard_file_once")
        ]

    def __str__(self) -> str:
        return self.code
