"""How the company's directory names the people whom it gave us."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models.functions import Lower

from comity.accounts.models import Person


class Listed(models.Model):
    """Somebody in the directory. Who was taken away there is gone for it; the person stays, with all they did."""

    person = models.OneToOneField(settings.AUTH_USER_MODEL, models.PROTECT, related_name="listed")
    user_name = models.CharField(max_length=254)
    external_id = models.CharField(max_length=254, blank=True, default="", db_index=True)
    gone = models.BooleanField(default=False)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(Lower("user_name"), name="listed_once")]

    @classmethod
    def of(cls, person: Person) -> Listed:
        """The row of this person, unsaved where the directory has never spoken of them."""
        return cls.objects.filter(person=person).first() or cls(person=person, user_name=person.email)
