"""What was raised from something: the reference of any record, and its kind."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from comity.parties import standing_in
from comity.parties.pointers import kind_name
from comity.records.models import Record

PERSON = "accounts.Person"
OF_REVIEWS = ("review", "review_point")
DECIDED = _("This is decided; what was decided on no longer changes.")


def rating(label: Any) -> models.PositiveSmallIntegerField[Any, Any]:
    """A column for a rating from 1 to 5, empty at first."""
    limits = (MinValueValidator(1), MaxValueValidator(5))
    return models.PositiveSmallIntegerField(label, null=True, blank=True, validators=limits, help_text=_("1 to 5."))


class Sourced(Record):
    """Raised from a record of any kind, or from a requirement of a standard. Work of who is away goes to a stand-in."""

    source_ref = models.CharField(_("source"), max_length=20, blank=True, db_index=True)
    source_kind = models.CharField(max_length=40, blank=True, editable=False)
    requirement = models.CharField(
        _("requirement"), max_length=60, blank=True, db_index=True, help_text=_("Of a standard, by its number.")
    )

    class Meta:
        abstract = True

    def derive(self, changed: set[str]) -> None:
        self.source_kind = kind_name(self.source_ref)

    @classmethod
    def registered(cls, records: Sequence[Any], actor: Any) -> None:
        for record in records:
            standing_in.hand_over(record, actor)

    def updated(self, changed: set[str], actor: Any) -> None:
        if "owner" in changed:
            standing_in.hand_over(self, actor)
