"""A copy of what we hold about a contact, asked for in the portal; it lapses by itself."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from comity.clocks.parameters import declare

declare("own_data_days", 7, "d", 1, 92, _("Days that a contact has to fetch the copy of their own data."))


class Copies(models.QuerySet[Any]):
    def lapsed(self) -> Copies:
        return self.filter(lapses_at__lte=timezone.now())

    def of(self, person: Any) -> Copies:
        """Those that still can be fetched, or are being prepared; what failed for a day is asked for anew."""
        now = timezone.now()
        rows = self.filter(person=person).exclude(lapses_at__lte=now)
        return rows.exclude(lapses_at=None, asked_at__lte=now - timedelta(days=1)).order_by("-asked_at")


class OwnData(models.Model):
    """No record and no evidence: the request that it answers is. Until it is prepared, `content` is empty."""

    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    request_ref = models.CharField(max_length=20)
    asked_at = models.DateTimeField(default=timezone.now)
    lapses_at = models.DateTimeField(null=True, db_index=True)
    content = models.BinaryField(null=True)

    objects = Copies.as_manager()

    def __str__(self) -> str:
        return self.request_ref
