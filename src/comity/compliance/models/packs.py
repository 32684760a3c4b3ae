"""Evidence packs that were made, and the standards to which an auditor from outside is held."""

from __future__ import annotations

from pathlib import Path

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class Pack(models.Model):
    """One evidence pack. The file lies below the data folder; what is in it follows the rights of `reader`."""

    standard = models.CharField(_("standard"), max_length=60, blank=True)  # empty: all
    as_of = models.DateTimeField(_("as of"))
    language = models.CharField(_("language"), max_length=10, default="en")
    maker = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", null=True, verbose_name=_("made by")
    )
    reader = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", null=True, verbose_name=_("with the rights of")
    )
    asked_at = models.DateTimeField(_("asked for"), default=timezone.now)
    made_at = models.DateTimeField(_("made"), null=True)
    seal = models.CharField(_("seal"), max_length=64, blank=True)
    size = models.PositiveBigIntegerField(_("size"), default=0)
    counts = models.JSONField(_("counts"), default=dict)

    class Meta:
        verbose_name, verbose_name_plural = _("evidence pack"), _("evidence packs")
        ordering = ("-id",)

    def __str__(self) -> str:
        return self.name

    @property
    def name(self) -> str:
        """What the file is called where it is taken to."""
        return f"evidence-{self.standard or 'all'}-{self.as_of:%Y-%m-%d}-{self.pk}.zip"

    @property
    def path(self) -> Path:
        return Path(settings.DATA) / "packs" / f"{self.pk}.zip"

    @property
    def ready(self) -> bool:
        return self.made_at is not None and self.path.is_file()


class AuditScope(models.Model):
    """A standard that an auditor from outside may see; without any row he sees all of them."""

    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    standard = models.CharField(_("standard"), max_length=60)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["person", "standard"], name="audit_scope_once")]

    def __str__(self) -> str:
        return self.standard
