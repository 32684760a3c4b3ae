"""What the pages keep: an act over many records, from the click to the list of what became of each."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class Bulk(models.Model):
    """One act over many records. `done` is the checkpoint: it moves in the transaction that did what lies before it."""

    class State(models.TextChoices):
        RUNNING = "running", _("Running")
        STOPPED = "stopped", _("Stopped")
        DONE = "done", _("Done")

    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("by"))
    kind = models.CharField(_("kind"), max_length=40)
    act = models.CharField(_("act"), max_length=100)  # step:NAME or edit:FIELD
    label = models.CharField(_("act"), max_length=200)  # as its person read it
    values = models.JSONField(default=dict)
    note = models.TextField(_("note"), blank=True)
    query = models.TextField(blank=True)
    refs = models.JSONField(default=list)
    done = models.PositiveIntegerField(_("done"), default=0)
    failed: Any = models.JSONField(default=list)  # [reference, [reasons]] of each that was left as it is
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.RUNNING)
    job_id = models.BigIntegerField(null=True)
    at = models.DateTimeField(_("started"), auto_now_add=True)
    finished_at = models.DateTimeField(_("finished"), null=True)

    class Meta:
        verbose_name, verbose_name_plural = _("act on many"), _("acts on many")
        ordering = ("-id",)
        indexes = (models.Index(fields=["person", "-id"], name="bulk_of_person"),)

    def __str__(self) -> str:
        return f"{self.label} {self.pk}"

    @property
    def total(self) -> int:
        return len(self.refs)

    @property
    def changed(self) -> int:
        return self.done - len(self.failed)
