"""What should have happened and did not, as it was seen last."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class Silence(models.Model):
    """One thing that did not happen: a record that waits for it, or a thing that should be there (then without kind).

    Derived from the records by the worker, never entered; gone as soon as it has happened.
    """

    rule = models.CharField(max_length=64)  # which check with which arguments
    requirements = models.JSONField(_("requirements"), default=list)
    standards = models.CharField(max_length=400)  # their codes, each between commas
    kind = models.CharField(max_length=40, blank=True)
    record_id = models.BigIntegerField(default=0)
    ref = models.CharField(_("reference"), max_length=20, blank=True)
    label = models.CharField(_("what"), max_length=200)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, null=True, related_name="+")
    customer = models.ForeignKey("parties.Customer", models.CASCADE, null=True, related_name="+")
    since = models.DateTimeField(_("since"), default=timezone.now)

    class Meta:
        verbose_name, verbose_name_plural = _("silence"), _("silences")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["rule", "kind", "record_id", "label"], name="silence_once")
        ]
        indexes: ClassVar = [
            models.Index(fields=["since", "id"], name="silence_oldest"),
            models.Index(fields=["owner", "since"], name="silence_of_person"),
        ]

    def __str__(self) -> str:
        return f"{self.ref} {self.label}".strip()

    @property
    def key(self) -> tuple[str, str, int, str]:
        """The same silence has the same key as long as it lasts."""
        return (self.rule, self.kind, self.record_id, self.label)
