"""A column for one of our people."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models


def person(label: Any, **options: Any) -> models.ForeignKey[Any, Any]:
    """Somebody of the provider's own staff, empty at first; who is named is not deleted."""
    return models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=label, **options
    )
