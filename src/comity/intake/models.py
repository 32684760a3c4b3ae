"""What the room keeps: each import and what it said about rows, keys of other systems, secret addresses."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from comity.intake.public.tracking import Tracking

__all__ = ["Import", "Remark", "SourceKey", "Tracking"]


class Import(models.Model):
    """One import of one file. `done` is the checkpoint: it moves in the transaction that wrote the batch before it."""

    class State(models.TextChoices):
        CHECKING = "checking", _("Checking")
        CHECKED = "checked", _("Checked")
        APPLYING = "applying", _("Applying")
        DONE = "done", _("Done")
        STOPPED = "stopped", _("Stopped")
        FAILED = "failed", _("Failed")

    kind = models.CharField(_("kind"), max_length=40)
    name = models.CharField(_("file"), max_length=200)
    path = models.CharField(max_length=500)
    sha256 = models.CharField(max_length=64)
    mapping = models.CharField(_("mapping"), max_length=80, blank=True)
    mapping_text = models.TextField(blank=True)
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", null=True, verbose_name=_("by")
    )
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.CHECKING)
    done = models.PositiveIntegerField(_("done"), default=0)
    total = models.PositiveIntegerField(_("total"), null=True)
    created = models.PositiveIntegerField(_("created"), default=0)
    updated = models.PositiveIntegerField(_("updated"), default=0)
    unchanged = models.PositiveIntegerField(_("unchanged"), default=0)
    refused = models.PositiveIntegerField(_("refused"), default=0)
    flagged = models.PositiveIntegerField(_("flagged"), default=0)
    rows = models.PositiveIntegerField(_("rows"), default=0)
    error = models.TextField(_("error"), blank=True)
    job_id = models.BigIntegerField(null=True)
    at = models.DateTimeField(_("started"), auto_now_add=True)
    finished_at = models.DateTimeField(_("finished"), null=True)

    class Meta:
        verbose_name = _("import")
        verbose_name_plural = _("imports")
        ordering = ("-id",)
        indexes = (models.Index(fields=["sha256", "kind"], name="import_of_file"),)

    def __str__(self) -> str:
        return f"{self.name} {self.pk}"

    @property
    def file(self) -> Path:
        return Path(self.path)

    @property
    def counts(self) -> dict[str, int]:
        return {name: getattr(self, name) for name in COUNTS}


COUNTS = ("created", "updated", "unchanged", "refused", "flagged")


class Remark(models.Model):
    """What an import had to say about one row: refused and why, taken with a remark, changed from what to what."""

    class Outcome(models.TextChoices):
        REFUSED = "refused", _("Refused")
        FLAGGED = "flagged", _("Taken, with a remark")
        UPDATED = "updated", _("Changed")

    run = models.ForeignKey(Import, models.CASCADE, related_name="remarks")
    dry = models.BooleanField(default=False)
    line = models.PositiveIntegerField(_("line"))
    key = models.CharField(_("key"), max_length=120, blank=True)
    outcome = models.CharField(_("outcome"), max_length=8, choices=Outcome)
    ref = models.CharField(_("record"), max_length=20, blank=True)
    fields: Any = models.JSONField(_("fields"), default=dict)  # {field: [reasons]} or {field: [old, new]}

    class Meta:
        verbose_name = _("remark")
        verbose_name_plural = _("remarks")
        ordering = ("id",)
        indexes = (models.Index(fields=["run", "dry", "outcome", "id"], name="remark_of_import"),)

    def __str__(self) -> str:
        return f"{self.line} {self.outcome}"


class SourceKey(models.Model):
    """The name of a record in another system: a second import changes the record instead of doubling it."""

    source = models.CharField(max_length=60)
    key = models.CharField(max_length=120)
    kind = models.CharField(max_length=40)
    record_id = models.BigIntegerField()
    digest = models.CharField(max_length=32)  # of what the source said last time
    steps = models.PositiveIntegerField(default=0)  # how much of the past has been taken over

    class Meta:
        verbose_name = _("key of another system")
        verbose_name_plural = _("keys of other systems")
        constraints = (models.UniqueConstraint(fields=["source", "kind", "key"], name="source_key_once"),)
        indexes = (models.Index(fields=["kind", "record_id"], name="source_key_of_record"),)

    def __str__(self) -> str:
        return f"{self.source}: {self.key}"
