"""The columns that a case has many of: what proves something, and moments that operations set."""

from __future__ import annotations

from typing import Any

from django.db import models


def proof(label: Any) -> models.ForeignKey[Any, Any]:
    """A column that points at the logged exchange which proves something."""
    return models.ForeignKey(
        "communications.Communication", models.PROTECT, null=True, blank=True, related_name="+", editable=False,
        verbose_name=label,
    )  # fmt: skip


def moment(label: Any) -> models.DateTimeField[Any, Any]:
    """A time that an operation sets, never a person."""
    return models.DateTimeField(label, null=True, blank=True, editable=False)
